//! Nothing: this package only names the crates whose C sources `profile.sh` builds.
