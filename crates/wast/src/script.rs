//! One script: its directives executed in order on one store.
//!
//! A script sees the module `spectest` and whatever it registers itself. A directive that fails, or in
//! which the engine panics, is one failure; the next one goes on with what is there. After a module
//! that did not come to be there is no current module, so that no later call is answered by an older
//! one by mistake.

use std::collections::HashMap;

use curta::{
    Engine, Error, ErrorKind, Extern, Instance, Linker, Module, ModuleErrorKind, Store, Val,
};
use wast::token::Id;
use wast::{QuoteWat, QuoteWatTest, WastDirective, WastExecute, WastInvoke};

use crate::message::Phase;
use crate::{directive, message, mode, panics, pattern, spectest};

/// Native stack that a thread which runs scripts should have, in bytes.
///
/// `wast` recurses over nested text; the engine itself does with far less, whatever a guest does.
/// Fixed, so that a run does not depend on the machine's settings.
pub const NATIVE_STACK: usize = 8 << 20;

/// A script.
#[derive(Clone, Debug)]
pub struct Script<'t> {
    /// Its file's name.
    pub name: String,
    /// What it says.
    pub text: &'t str,
}

/// What became of a script.
#[derive(Debug)]
pub struct ScriptOutcome {
    /// The script's name.
    pub script: String,
    /// How many directives it has.
    pub directives: usize,
    /// Those that failed, in order.
    pub failures: Vec<Failure>,
}

/// A directive that failed.
#[derive(Debug)]
pub struct Failure {
    /// Where it starts, counted from 1.
    pub line: usize,
    /// What it is, such as `assert_return of invoke "add"`.
    pub directive: String,
    /// What should have happened.
    pub expected: String,
    /// What happened.
    pub got: String,
    /// What kind of failure it is.
    pub cause: Cause,
}

/// What kind of failure a directive's is: how much of it an entry of the expectations may excuse.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cause {
    /// The module, or a value, needs what the engine refuses by name because it is not built.
    NotBuilt,
    /// An earlier failure: the module that is meant does not exist, or one cannot be linked after
    /// a module of the same script was not built.
    Consequence,
    /// Something else happened than should have.
    Wrong,
    /// The engine panicked.
    Panic,
}

impl Script<'_> {
    /// Runs every directive on a store of `engine`.
    ///
    /// A script that cannot be parsed counts as one directive, failed.
    #[must_use]
    pub fn run(&self, engine: &Engine) -> ScriptOutcome {
        let mut world = panics::catch(|| World::new(engine))
            .and_then(|world| world.map_err(|error| describe(&error)))
            .map_err(|words| format!("no directive can run: {words}"));
        let parsed = directive::parse(self.text, |directives| {
            let failures = directives
                .iter_mut()
                .filter_map(|directive| self.failure(world.as_mut(), directive))
                .collect();
            (directives.len(), failures)
        });
        let (directives, failures) = parsed.unwrap_or_else(|(line, words)| {
            let failure = Failure {
                line,
                directive: "the script".to_owned(),
                expected: "the syntax of scripts".to_owned(),
                got: words,
                cause: Cause::Wrong,
            };
            (1, vec![failure])
        });
        ScriptOutcome {
            script: self.name.clone(),
            directives,
            failures,
        }
    }

    fn failure(
        &self,
        world: Result<&mut World, &mut String>,
        directive: &mut WastDirective<'_>,
    ) -> Option<Failure> {
        let (cause, got) = match world {
            Ok(world) => match panics::catch(|| world.execute(directive)) {
                Ok(Ok(())) => return None,
                Ok(Err(stop)) => (world.cause(&stop), stop.words()),
                Err(words) => (Cause::Panic, words),
            },
            Err(words) => (Cause::Wrong, words.clone()),
        };
        Some(Failure {
            line: directive::line_of(self.text, directive.span()),
            directive: directive::name(directive),
            expected: directive::expectation(directive),
            got,
            cause,
        })
    }
}

/// Why a directive did not do what it should.
enum Stop {
    /// The engine's error.
    Engine(Error),
    /// A value of a type that the engine does not let out or in yet.
    NoSuchValue(String),
    /// Something that an earlier directive should have left is not there.
    Missing(String),
    /// Everything else, in words.
    Words(String),
}

impl Stop {
    fn words(self) -> String {
        match self {
            Stop::Engine(error) => describe(&error),
            Stop::NoSuchValue(words) | Stop::Missing(words) | Stop::Words(words) => words,
        }
    }
}

impl From<Error> for Stop {
    fn from(error: Error) -> Stop {
        Stop::Engine(error)
    }
}

impl From<String> for Stop {
    fn from(words: String) -> Stop {
        Stop::Words(words)
    }
}

/// An error with its kind in front.
fn describe(error: &Error) -> String {
    let words = if let Some(trap) = error.trap() {
        format!("trap: {trap}")
    } else if let Some(error) = error.link_error() {
        format!("link error: {error}")
    } else if let Some(error) = error.module_error() {
        error.to_string()
    } else {
        format!("error: {error}")
    };
    words.lines().collect::<Vec<_>>().join(" / ")
}

/// What the directives of one script share.
struct World {
    engine: Engine,
    store: Store<()>,
    linker: Linker<()>,
    /// The module that an action without a name means: the last one instantiated.
    current: Option<Instance>,
    instances: HashMap<String, Instance>,
    /// The definition that an instance without a name means: the last one.
    definition: Option<Module>,
    definitions: HashMap<String, Module>,
    /// Whether a module of the script was refused because it needs what is not built.
    incomplete: bool,
}

impl World {
    fn new(engine: &Engine) -> Result<World, Error> {
        let mut store = Store::new(engine, ());
        let mut linker = Linker::new(engine);
        linker.allow_shadowing(true);
        spectest::define(&mut linker, &mut store)?;
        Ok(World {
            engine: engine.clone(),
            store,
            linker,
            current: None,
            instances: HashMap::new(),
            definition: None,
            definitions: HashMap::new(),
            incomplete: false,
        })
    }

    /// What kind of failure a directive's is.
    fn cause(&mut self, stop: &Stop) -> Cause {
        match stop {
            Stop::Engine(error) if not_built(error) => {
                self.incomplete = true;
                Cause::NotBuilt
            }
            Stop::Engine(error) if error.link_error().is_some() && self.incomplete => {
                Cause::Consequence
            }
            Stop::NoSuchValue(_) => Cause::NotBuilt,
            Stop::Missing(_) => Cause::Consequence,
            Stop::Engine(_) | Stop::Words(_) => Cause::Wrong,
        }
    }

    fn execute(&mut self, directive: &mut WastDirective<'_>) -> Result<(), Stop> {
        match directive {
            WastDirective::Module(module) => {
                let id = module.name();
                self.current = None;
                let module = self.define(module)?;
                self.instantiate_as(id, &module)
            }
            WastDirective::ModuleDefinition(module) => self.define(module).map(|_| ()),
            WastDirective::ModuleInstance {
                instance, module, ..
            } => {
                let module = self.definition(*module)?;
                self.instantiate_as(*instance, &module)
            }
            WastDirective::Register { name, module, .. } => {
                let instance = self.instance(*module)?;
                self.linker.instance(&mut self.store, name, instance)?;
                Ok(())
            }
            WastDirective::Invoke(invoke) => self.invoke(invoke).map(|_| ()),
            WastDirective::AssertReturn { exec, results, .. } => {
                let values = self.action(exec)?;
                if pattern::all_match(&self.store, results, &values) {
                    Ok(())
                } else {
                    Err(pattern::describe_values(&self.store, &values).into())
                }
            }
            WastDirective::AssertTrap { exec, message, .. } => {
                let outcome = self.action(exec);
                self.traps(outcome, message)
            }
            WastDirective::AssertExhaustion { call, message, .. } => {
                let outcome = self.invoke(call);
                self.traps(outcome, message)
            }
            WastDirective::AssertUnlinkable {
                module, message, ..
            } => {
                let bytes = module.encode().map_err(text_words)?;
                let module = self.module(&bytes)?;
                match self.linker.instantiate(&mut self.store, &module) {
                    Ok(_) => Err("the module was instantiated".to_owned().into()),
                    Err(error) => match error.link_error() {
                        Some(link) if message::unlinkable(message, link) => Ok(()),
                        _ => Err(error.into()),
                    },
                }
            }
            WastDirective::AssertMalformed {
                module, message, ..
            }
            | WastDirective::AssertMalformedCustom {
                module, message, ..
            } => self.malformed(module, message),
            WastDirective::AssertInvalid {
                module, message, ..
            }
            | WastDirective::AssertInvalidCustom {
                module, message, ..
            } => {
                let bytes = module.encode().map_err(text_words)?;
                self.refused(&bytes, Phase::Invalid, message)
            }
            WastDirective::AssertException { exec, .. } => match self.action(exec) {
                Err(Stop::Engine(error)) if error.kind() == ErrorKind::Exception => Ok(()),
                Err(other) => Err(other),
                Ok(values) => Err(self.returned(&values)),
            },
            WastDirective::AssertSuspension { .. }
            | WastDirective::Thread(_)
            | WastDirective::Wait { .. } => Err("a directive that this harness does not know yet"
                .to_owned()
                .into()),
        }
    }

    /// Makes a definition of a module; it becomes the current definition.
    fn define(&mut self, module: &mut QuoteWat<'_>) -> Result<Module, Stop> {
        self.definition = None;
        let id = module.name();
        let bytes = module.encode().map_err(text_words)?;
        let module = self.module(&bytes)?;
        self.definition = Some(module.clone());
        if let Some(id) = id {
            self.definitions
                .insert(id.name().to_owned(), module.clone());
        }
        Ok(module)
    }

    /// Makes a module, which is valid as a whole even where the engine would look at its bodies later.
    fn module(&self, bytes: &[u8]) -> Result<Module, Error> {
        if mode::validates_at_the_first_call(&self.engine) {
            Module::validate(&self.engine, bytes)?;
        }
        Module::new(&self.engine, bytes)
    }

    fn definition(&self, id: Option<Id<'_>>) -> Result<Module, Stop> {
        match id {
            Some(id) => self
                .definitions
                .get(id.name())
                .cloned()
                .ok_or_else(|| missing(format!("module definition ${}", id.name()))),
            None => self
                .definition
                .clone()
                .ok_or_else(|| missing("module definition")),
        }
    }

    /// Makes an instance; it becomes the current one, and known by its name.
    fn instantiate_as(&mut self, id: Option<Id<'_>>, module: &Module) -> Result<(), Stop> {
        self.current = None;
        if let Some(id) = id {
            self.instances.remove(id.name());
        }
        let instance = self.linker.instantiate(&mut self.store, module)?;
        self.current = Some(instance);
        if let Some(id) = id {
            self.instances.insert(id.name().to_owned(), instance);
        }
        Ok(())
    }

    fn instance(&self, id: Option<Id<'_>>) -> Result<Instance, Stop> {
        match id {
            Some(id) => self
                .instances
                .get(id.name())
                .copied()
                .ok_or_else(|| missing(format!("module ${}", id.name()))),
            None => self.current.ok_or_else(|| missing("current module")),
        }
    }

    fn action(&mut self, action: &mut WastExecute<'_>) -> Result<Vec<Val>, Stop> {
        match action {
            WastExecute::Invoke(invoke) => self.invoke(invoke),
            WastExecute::Wat(module) => {
                let bytes = module.encode().map_err(text_words)?;
                let module = self.module(&bytes)?;
                self.linker.instantiate(&mut self.store, &module)?;
                Ok(Vec::new())
            }
            WastExecute::Get { module, global, .. } => {
                let instance = self.instance(*module)?;
                match instance.get_export(&self.store, global) {
                    Some(Extern::Global(global)) => Ok(vec![global.get(&self.store)]),
                    _ => Err(format!("no global {global:?} is exported").into()),
                }
            }
        }
    }

    fn invoke(&mut self, invoke: &WastInvoke<'_>) -> Result<Vec<Val>, Stop> {
        let instance = self.instance(invoke.module)?;
        let func = instance
            .get_func(&self.store, invoke.name)
            .ok_or_else(|| format!("no function {:?} is exported", invoke.name))?;
        let arguments = invoke
            .args
            .iter()
            .map(|argument| pattern::argument(&mut self.store, argument))
            .collect::<Result<Vec<_>, _>>()
            .map_err(Stop::NoSuchValue)?;
        let mut results = vec![Val::I32(0); func.ty(&self.store).results().len()];
        func.call(&mut self.store, &arguments, &mut results)?;
        Ok(results)
    }

    /// Passes when an action has trapped with these words.
    fn traps(&self, outcome: Result<Vec<Val>, Stop>, expected: &str) -> Result<(), Stop> {
        match outcome {
            Ok(values) => Err(self.returned(&values)),
            Err(Stop::Engine(error)) => match error.trap() {
                Some(trap) if message::matches(expected, &trap.to_string()) => Ok(()),
                _ => Err(error.into()),
            },
            Err(other) => Err(other),
        }
    }

    /// A return of values where none should have been.
    fn returned(&self, values: &[Val]) -> Stop {
        let values = pattern::describe_values(&self.store, values);
        format!("a return of {values}").into()
    }

    /// Passes when a module's text or its bytes are refused.
    fn malformed(&self, module: &mut QuoteWat<'_>, expected: &str) -> Result<(), Stop> {
        // Text is the work of `wast`; if it lets a text pass, it made bytes of it, and these have to be
        // refused by the engine in the words of the suite.
        let bytes = match module.to_test() {
            Ok(QuoteWatTest::Binary(bytes)) => bytes,
            Ok(QuoteWatTest::Text(_)) => match module.encode() {
                Ok(bytes) => bytes,
                Err(_refused) => return Ok(()),
            },
            Err(_refused) => return Ok(()),
        };
        self.refused(&bytes, Phase::Malformed, expected)
    }

    /// Passes when bytes are refused in this phase and in these words, both when they are only
    /// validated and when a module is made of them.
    ///
    /// An engine that validates a body at its first call may make a module of bytes that are no
    /// valid one; if it refuses them, then in the same words.
    fn refused(&self, bytes: &[u8], phase: Phase, expected: &str) -> Result<(), Stop> {
        let Err(validated) = Module::validate(&self.engine, bytes) else {
            return Err("accepted by Module::validate".to_owned().into());
        };
        let compiled = match Module::new(&self.engine, bytes) {
            Err(compiled) => Some(compiled),
            Ok(_) if mode::validates_at_the_first_call(&self.engine) => None,
            Ok(_) => return Err("accepted by Module::new".to_owned().into()),
        };
        for error in [Some(validated), compiled].into_iter().flatten() {
            match error.module_error() {
                Some(refusal) if message::refused(phase, expected, refusal) => {}
                _ => return Err(error.into()),
            }
        }
        Ok(())
    }
}

/// Whether a module was refused because it needs what is not built.
fn not_built(error: &Error) -> bool {
    error
        .module_error()
        .is_some_and(|refusal| refusal.kind() == ModuleErrorKind::NotBuilt)
}

fn missing(what: impl std::fmt::Display) -> Stop {
    Stop::Missing(format!("there is no {what}"))
}

fn text_words(error: wast::Error) -> String {
    format!("text refused: {}", error.message())
}
