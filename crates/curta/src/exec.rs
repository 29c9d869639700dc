//! Running code: the machine and its registers, the handlers, the two dispatch backends, entry and exit.

pub(crate) mod catalog;
mod context;
mod dispatch;
pub(crate) mod frame;
mod fusion;
mod handlers;
pub(crate) mod invoke;
mod machine;
mod outline;
mod probe;
#[cfg(feature = "profile")]
pub(crate) mod profile;
