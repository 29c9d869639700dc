//! Families of fused handlers: what each takes and what it is good for can be measured.

use core::ops::Range;

use crate::{
    api::{config::Config, engine::Engine},
    code::catalog::HandlerId,
    exec,
};

/// A family of fused handlers, as `exec/fusion.rs` has them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Family {
    /// What it is called.
    pub name: &'static str,
    /// The numbers of its handlers among the fused ones.
    numbers: Range<usize>,
}

impl Family {
    /// Each of them.
    pub fn all() -> impl Iterator<Item = Family> {
        let mut end = 0;
        exec::catalog::families().iter().map(move |&(name, count)| {
            let begin = end;
            end += count;
            Family {
                name,
                numbers: begin..end,
            }
        })
    }

    /// That of a handler, if it is fused.
    pub(super) fn of(id: HandlerId) -> Option<Family> {
        let number = usize::from(id.0).checked_sub(HandlerId::SINGLES)?;
        Family::all().find(|family| family.numbers.contains(&number))
    }

    /// How many sequences have a handler.
    pub fn count(&self) -> usize {
        self.numbers.len()
    }

    /// An engine that runs code without these handlers, and without longer ones that are made from them.
    pub fn engine_without(&self, config: &Config) -> Engine {
        Engine::without(config, self.numbers.clone())
    }
}
