//! Resolving paths where the file system does not do it: in memory and in unions.

use crate::abi::Errno;

/// How many links one path may lead through.
const MAX_LINKS: usize = 40;

/// What a name in a directory is, as far as a walk has to know.
pub(super) enum Step<N> {
    /// A directory, to go on in.
    Directory(N),
    /// A link with this target.
    Link(N, String),
    /// Something else.
    Other(N),
}

/// Where a path ends.
pub(super) enum Place<N> {
    /// At the directory where the walk began, or at one on the way back from deeper.
    Directory(N),
    /// At a name in a directory; what has it, if anything.
    Name {
        /// The directory.
        parent: N,
        /// The name.
        name: String,
        /// What has it.
        found: Option<Step<N>>,
    },
}

/// Walks `path` from the directory `start`. `look` tells what a name in a directory is.
///
/// A link in the last component is followed if `follow` says so; the place is then where
/// it leads, also if nothing is there.
///
/// # Errors
/// [`Errno::Perm`] where it leads above `start`, [`Errno::Loop`], [`Errno::Notdir`],
/// [`Errno::Noent`], and what `look` says.
pub(super) fn walk<N: Clone>(
    start: &N,
    path: &str,
    follow: bool,
    mut look: impl FnMut(&N, &str) -> Result<Option<Step<N>>, Errno>,
) -> Result<Place<N>, Errno> {
    // The directories on the way, the current one last.
    let mut way = vec![start.clone()];
    // Components to come, the next one last.
    let mut ahead: Vec<String> = Vec::new();
    push(&mut ahead, path)?;
    let mut links = 0;
    while let Some(name) = ahead.pop() {
        let Some(here) = way.last() else {
            return Err(Errno::Perm);
        };
        if name == "." {
            continue;
        }
        if name == ".." {
            if way.len() == 1 {
                return Err(Errno::Perm);
            }
            way.pop();
            continue;
        }
        let last = ahead.is_empty();
        let found = look(here, &name)?;
        match found {
            Some(Step::Link(_, target)) if follow || !last => {
                links += 1;
                if links > MAX_LINKS {
                    return Err(Errno::Loop);
                }
                push(&mut ahead, &target)?;
            }
            found if last => {
                return Ok(Place::Name {
                    parent: here.clone(),
                    name,
                    found,
                });
            }
            Some(Step::Directory(node)) => way.push(node),
            Some(Step::Link(..) | Step::Other(_)) => return Err(Errno::Notdir),
            None => return Err(Errno::Noent),
        }
    }
    way.pop().map(Place::Directory).ok_or(Errno::Perm)
}

/// Adds the components of a path. What can only be a directory's name ends in `.` then.
fn push(ahead: &mut Vec<String>, path: &str) -> Result<(), Errno> {
    if path.starts_with('/') {
        return Err(Errno::Perm);
    }
    if path.is_empty() {
        return Err(Errno::Noent);
    }
    if path.ends_with('/') {
        ahead.push(".".to_owned());
    }
    for name in path.split('/').rev().filter(|name| !name.is_empty()) {
        if name.len() > MAX_NAME {
            return Err(Errno::Nametoolong);
        }
        ahead.push(name.to_owned());
    }
    Ok(())
}

/// The longest name in a directory, in bytes, as on most hosts.
const MAX_NAME: usize = 255;
