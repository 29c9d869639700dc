//! Runs every handler of the catalogue very often: one that leaves anything on the native stack cannot hide.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use super::{name, operands::Choice, program::Program, roles::End, world::World};
use crate::{
    api::config::Dispatch,
    code::catalog::{Group, HandlerId, Plain},
    error::{Error, ErrorKind},
};

/// What [`exercise`] has run.
#[derive(Debug, Clone)]
pub struct Exercised {
    /// How the handlers followed each other.
    pub dispatch: Dispatch,
    /// How many handlers of the catalogue were run.
    pub handlers: usize,
    /// In how many ways: a branch is run taken and not taken, a call with several callees.
    pub ways: usize,
    /// Handlers of which not every way that exists was found, by name.
    pub partly: Vec<String>,
}

/// Runs every handler of the catalogue, in each way that it can go on, `turns` times in one loop; those that end a run are
/// run that often. Which operands do this is found by trying.
///
/// # Errors
/// When the modules that it all happens in cannot be instantiated.
///
/// # Panics
/// When no operands are found that a handler runs through with, or some that did once do not again.
pub fn exercise(dispatch: Dispatch, turns: u32) -> Result<Exercised, Error> {
    let mut world = World::new(dispatch)?;
    let handlers: Vec<(HandlerId, Group)> = world.catalog.handlers().collect();
    let mut done = Exercised {
        dispatch: world.dispatch(),
        handlers: 0,
        ways: 0,
        partly: Vec::new(),
    };
    for (id, group) in handlers {
        let handler = Handler::new(&world, id, group);
        let (ways, expected) = match handler.program(&world, handler.first(&world), false).end() {
            End::Leaves => handler.leave(&mut world, turns),
            End::Falls | End::Returns => handler.turn(&mut world, turns),
        };
        assert!(ways > 0, "no operands found for `{}`", handler.name);
        done.handlers += 1;
        done.ways += ways;
        if ways < expected {
            done.partly.push(handler.name);
        }
    }
    Ok(done)
}

/// A handler, and the cell that gets to it.
struct Handler {
    name: String,
    id: HandlerId,
    group: Group,
}

/// How often trying is done.
const TRIAL: u32 = 2;

impl Handler {
    fn new(world: &World, id: HandlerId, group: Group) -> Handler {
        let name = name(&world.catalog, &group);
        // A return into another instance is no cell of anybody's code: a call of that instance gets there.
        if id == HandlerId::plain(Plain::SwitchBack) {
            let call = HandlerId::plain(Plain::CallImport);
            return Handler {
                name,
                id: call,
                group: [Some(call), None, None],
            };
        }
        Handler { name, id, group }
    }

    fn program<'w>(&self, world: &'w World, choice: Choice, other_head: bool) -> Program<'w> {
        Program {
            world,
            id: self.id,
            group: self.group,
            choice,
            other_head,
        }
    }

    fn first(&self, world: &World) -> Choice {
        Choice::all(&world.roles, &self.group)
            .next()
            .expect("there is a first choice")
    }

    /// Runs a handler that ends a run. How many ways there are, and how many there should be.
    fn leave(&self, world: &mut World, turns: u32) -> (usize, usize) {
        let words = self.program(world, self.first(world), false).once();
        let is = |op| self.id == HandlerId::plain(op);
        for _ in 0..turns {
            let kind = run(world, &words).err().map(|error| error.kind());
            let as_expected = match kind {
                None => is(Plain::Exit),
                Some(ErrorKind::Trap) => is(Plain::Unreachable),
                Some(ErrorKind::Exception) => is(Plain::Throw) || is(Plain::ThrowRef),
                Some(_) => false,
            };
            assert!(
                as_expected,
                "`{}` ends a run in a way of its own: {kind:?}",
                self.name
            );
        }
        (1, 1)
    }

    /// Runs a handler in a loop. How many ways there are, and how many there should be.
    fn turn(&self, world: &mut World, turns: u32) -> (usize, usize) {
        let probe = self.program(world, self.first(world), false);
        let other_heads = probe.may_find_other_head();
        let expected = probe.ways();
        let mut found: BTreeMap<[u64; 2], Choice> = BTreeMap::new();
        for choice in Choice::all(&world.roles, &self.group) {
            let words = self.program(world, choice, false).turns(TRIAL);
            world.reset(choice.memory);
            if let Ok(way) = run(world, &words) {
                found.entry(way).or_insert(choice);
            }
            if found.len() >= expected {
                break;
            }
        }
        for choice in found.values() {
            for other_head in [false, true] {
                if other_head && !other_heads {
                    continue;
                }
                let words = self.program(world, *choice, other_head).turns(turns);
                world.reset(choice.memory);
                if let Err(error) = run(world, &words) {
                    panic!("`{}` with {choice:?}: {error}", self.name);
                }
            }
        }
        (found.len(), expected)
    }
}

/// Runs cells of a [`Program`].
#[allow(unsafe_code, reason = "cells are written by hand here")]
fn run(world: &mut World, words: &[u64]) -> Result<[u64; 2], Error> {
    // SAFETY: a program's cells have the operands that their descriptions say. What an op's operands name is what its roles
    // want: things that the world's module has, callees with frames of their size, references that are null or the
    // world's. Targets are cells of the program, and slots lie in the part of a frame that 16 bits address.
    unsafe { world.run(words) }
}
