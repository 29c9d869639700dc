//! The words for a directive: what it is and what it expects.
//!
//! Only a failure asks for them, so they may cost what they like.

use wast::{QuoteWat, Wast, WastDirective, WastExecute, WastInvoke};

use crate::pattern::describe_patterns;

/// Parses a script and hands its directives to `work`, or the words of the parser.
///
/// # Errors
/// Line (from 1) and message of a script that is not in the syntax of scripts.
pub fn parse<R>(
    text: &str,
    work: impl FnOnce(&mut [WastDirective<'_>]) -> R,
) -> Result<R, (usize, String)> {
    let at = |error: wast::Error| (line_of(text, error.span()), error.message());
    // The suite holds strings with every kind of direction mark on purpose.
    let mut lexer = wast::lexer::Lexer::new(text);
    lexer.allow_confusing_unicode(true);
    let buffer = wast::parser::ParseBuffer::new_with_lexer(lexer).map_err(at)?;
    let mut script: Wast<'_> = wast::parser::parse(&buffer).map_err(at)?;
    Ok(work(&mut script.directives))
}

/// The line, counted from 1, on which a directive or an error starts.
#[must_use]
pub fn line_of(text: &str, span: wast::token::Span) -> usize {
    span.linecol_in(text).0 + 1
}

/// What a directive is: its keyword and, where it calls or reads something, its name.
#[must_use]
pub fn name(directive: &WastDirective<'_>) -> String {
    match directive {
        WastDirective::Module(module) => named_module("module", module),
        WastDirective::ModuleDefinition(module) => named_module("module definition", module),
        WastDirective::ModuleInstance { .. } => "module instance".to_owned(),
        WastDirective::AssertMalformed { .. } => "assert_malformed".to_owned(),
        WastDirective::AssertInvalid { .. } => "assert_invalid".to_owned(),
        WastDirective::AssertInvalidCustom { .. } => "assert_invalid_custom".to_owned(),
        WastDirective::AssertMalformedCustom { .. } => "assert_malformed_custom".to_owned(),
        WastDirective::AssertUnlinkable { .. } => "assert_unlinkable".to_owned(),
        WastDirective::Register { name, .. } => format!("register {name:?}"),
        WastDirective::Invoke(invoke) => invocation(invoke),
        WastDirective::AssertTrap { exec, .. } => format!("assert_trap of {}", action(exec)),
        WastDirective::AssertReturn { exec, .. } => format!("assert_return of {}", action(exec)),
        WastDirective::AssertException { exec, .. } => {
            format!("assert_exception of {}", action(exec))
        }
        WastDirective::AssertSuspension { exec, .. } => {
            format!("assert_suspension of {}", action(exec))
        }
        WastDirective::AssertExhaustion { call, .. } => {
            format!("assert_exhaustion of {}", invocation(call))
        }
        WastDirective::Thread(thread) => format!("thread ${}", thread.name.name()),
        WastDirective::Wait { thread, .. } => format!("wait ${}", thread.name()),
    }
}

fn named_module(keyword: &str, module: &QuoteWat<'_>) -> String {
    match module.name() {
        Some(id) => format!("{keyword} ${}", id.name()),
        None => keyword.to_owned(),
    }
}

fn action(action: &WastExecute<'_>) -> String {
    match action {
        WastExecute::Invoke(invoke) => invocation(invoke),
        WastExecute::Wat(_) => "a module".to_owned(),
        WastExecute::Get { global, .. } => format!("get {global:?}"),
    }
}

fn invocation(invoke: &WastInvoke<'_>) -> String {
    format!("invoke {:?}", invoke.name)
}

/// What has to happen for a directive to pass.
#[must_use]
pub fn expectation(directive: &WastDirective<'_>) -> String {
    match directive {
        WastDirective::Module(_) | WastDirective::ModuleInstance { .. } => {
            "the module is accepted and instantiated".to_owned()
        }
        WastDirective::ModuleDefinition(_) => "the module is accepted".to_owned(),
        WastDirective::AssertMalformed { message, .. }
        | WastDirective::AssertMalformedCustom { message, .. } => {
            format!("refused as malformed: {message}")
        }
        WastDirective::AssertInvalid { message, .. }
        | WastDirective::AssertInvalidCustom { message, .. } => {
            format!("refused as invalid: {message}")
        }
        WastDirective::AssertUnlinkable { message, .. } => format!("link error: {message}"),
        WastDirective::Register { .. } => "a module of that name".to_owned(),
        WastDirective::Invoke(_) => "a call that returns".to_owned(),
        WastDirective::AssertTrap { message, .. }
        | WastDirective::AssertExhaustion { message, .. } => format!("trap: {message}"),
        WastDirective::AssertReturn { results, .. } => describe_patterns(results),
        WastDirective::AssertException { .. } => "an exception".to_owned(),
        WastDirective::AssertSuspension { message, .. } => format!("suspension: {message}"),
        WastDirective::Thread(_) | WastDirective::Wait { .. } => "a thread that ends".to_owned(),
    }
}
