//! Nothing: this package only names the crates whose C sources `run.sh` builds.
