//! In the threaded backend every handler ends in a jump and has no native frame: read from the machine code of this build.
//!
//! Stable Rust promises no tail calls. That the optimiser made one of every handler's last call is checked here, for the
//! processors that the threaded backend is built for. Along all paths from a handler's address there is no indirect call
//! and at least one indirect jump; the native stack is as it was wherever a path leaves; and nothing lies on it meanwhile,
//! unless the handler calls a function out of line.
//!
//! One concession: x86-64 has four registers that are neither the interpreter's nor to be preserved, and a handler that
//! needs more saves some. How many do is counted, and may not grow beyond a share ([`claims::MOST_SAVING`]). Among them are
//! those that save registers only where their cell turns out to be a whole loop, which is on their paths, too.
//!
//! Machine code exists for optimised builds only: `cargo test --release -p curta --features internals --test machine_code`.
//! With ` -- --nocapture` behind it says what handlers take, family by family, and with the name of a handler in the
//! variable `LIST` it shows the code of that one.

#![cfg_attr(
    not(curta_threaded),
    allow(dead_code, reason = "this build has the loop backend only")
)]

#[path = "machine_code/aarch64.rs"]
mod aarch64;
#[path = "machine_code/flow.rs"]
mod flow;
#[cfg(target_arch = "x86_64")]
#[path = "machine_code/x86_64.rs"]
mod x86_64;

#[cfg(target_arch = "aarch64")]
use aarch64 as processor;
#[cfg(target_arch = "x86_64")]
use x86_64 as processor;

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
mod claims {
    use std::{
        collections::{BTreeMap, BTreeSet},
        fmt::Write as _,
    };

    use curta::internals::HandlerCode;

    use crate::{
        flow::{self, Flow},
        processor::{self, WINDOW},
    };

    /// What is wrong with a handler's code.
    pub(crate) fn faults(handler: &HandlerCode, flow: &Flow) -> Vec<&'static str> {
        let mut faults = Vec::new();
        let mut claim = |holds: bool, fault| {
            if !holds {
                faults.push(fault);
            }
        };
        claim(
            flow.unknown.is_empty(),
            "something that this test does not understand",
        );
        claim(flow.indirect_calls.is_empty(), "an indirect call");
        claim(
            handler.jumps != flow.indirect_jumps.is_empty(),
            "a jump where none should be, or none where one should",
        );
        claim(
            handler.returns != flow.returns.is_empty(),
            "a return where none should be, or none where one should",
        );
        claim(
            flow.uses.is_empty() || !flow.calls.is_empty(),
            "something in native memory without a call",
        );
        claim(
            flow.unbalanced.is_empty(),
            "something left on the native stack",
        );
        faults
    }

    /// The code of a handler along all its paths, as text.
    pub(crate) fn listing(flow: &Flow) -> String {
        let mut text = String::new();
        let mut after = 0;
        for (&at, depth) in &flow.instructions {
            let gap = if after != 0 && after != at {
                "        …\n"
            } else {
                ""
            };
            let _ = writeln!(
                text,
                "{gap}    {at:x} [{depth:3}] {}",
                processor::text(at, bytes(at))
            );
            after = at + processor::decode(at, bytes(at)).len;
        }
        text
    }

    pub(crate) fn follow(address: usize) -> Flow {
        flow::follow(address, |at| processor::decode(at, bytes(at)))
    }

    #[allow(unsafe_code, reason = "the test reads its own machine code")]
    fn bytes(at: usize) -> [u8; WINDOW] {
        // SAFETY: code is readable; what follows it within a few bytes is at least of the same mapping, which has whole
        // pages and ends in code that no handler is.
        unsafe { std::ptr::with_exposed_provenance::<[u8; WINDOW]>(at).read_unaligned() }
    }

    /// How many in a thousand handlers may save registers on the native stack though they call nothing: of those that are not
    /// fused, which are the same in all builds, and of those that are, of which a lean build has few.
    pub(crate) const MOST_SAVING: [usize; 2] = if cfg!(target_arch = "x86_64") {
        [78, 46]
    } else {
        [0, 0]
    };

    /// How many of the wrong handlers are listed in full.
    const LISTED: usize = 12;

    /// What the handlers of a family take.
    #[derive(Default)]
    struct Size {
        handlers: usize,
        /// The addresses of its machine code, byte by byte: equal handlers may share theirs.
        code: BTreeSet<usize>,
    }

    impl Size {
        fn add(&mut self, flow: &Flow) {
            self.handlers += 1;
            for &at in flow.instructions.keys() {
                let len = processor::decode(at, bytes(at)).len;
                self.code.extend(at..at + len);
            }
        }
    }

    /// Checks all handlers, and says how many there were and which of them call out of line.
    pub(crate) fn check(handlers: &[HandlerCode]) -> String {
        let (mut wrong, mut listings) = (Vec::new(), String::new());
        let (mut framed, mut saving) = (Vec::new(), [Vec::new(), Vec::new()]);
        let mut totals = [0, 0];
        let (mut instructions, mut sizes) = (0, BTreeMap::new());
        for handler in handlers {
            let flow = follow(handler.address);
            let fused = usize::from(handler.family.is_some());
            totals[fused] += 1;
            instructions += flow.instructions.len();
            sizes
                .entry(
                    handler
                        .family
                        .as_ref()
                        .map_or("not fused", |family| family.name),
                )
                .or_insert_with(Size::default)
                .add(&flow);
            if std::env::var("LIST").is_ok_and(|name| name == handler.name) {
                println!("`{}`:\n{}", handler.name, listing(&flow));
            }
            let faults = faults(handler, &flow);
            if !faults.is_empty() {
                let title = format!("`{}`: {}", handler.name, faults.join(", "));
                if wrong.len() < LISTED {
                    let _ = writeln!(listings, "{title}\n{}", listing(&flow));
                }
                wrong.push(title);
            }
            if !flow.calls.is_empty() {
                framed.push(handler.name.as_str());
            } else if !flow.moves.is_empty() {
                saving[fused].push(handler.name.as_str());
            }
        }
        let total = handlers.len();
        assert!(
            wrong.is_empty(),
            "{} of {total} handlers are wrong:\n{}\n\n{listings}",
            wrong.len(),
            wrong.join("\n")
        );
        for (what, (saving, (total, most))) in ["not fused", "fused"]
            .iter()
            .zip(saving.iter().zip(totals.iter().zip(MOST_SAVING)))
        {
            assert!(
                saving.len() * 1000 <= total * most,
                "{} of {total} handlers that are {what} save registers, {most} in a thousand may:\n{}",
                saving.len(),
                saving.join("\n")
            );
        }
        let saving = saving.concat();
        let addresses: BTreeSet<usize> = handlers.iter().map(|handler| handler.address).collect();
        let mut families = String::new();
        for (family, size) in &sizes {
            let (handlers, bytes) = (size.handlers, size.code.len());
            let _ = writeln!(
                families,
                "{family:<18} {handlers:>5} handlers {bytes:>7} bytes"
            );
        }
        format!(
            "{total} handlers at {} addresses, {instructions} instructions\n{families}{} save registers:\n{}\n{} call out of line:\n{}",
            addresses.len(),
            saving.len(),
            saving.join("\n"),
            framed.len(),
            framed.join("\n"),
        )
    }
}

/// What the build script decides, seen from outside: without this the test below could be missing unnoticed. (A build
/// without optimisation or with instrumentation has no threaded backend, and is no release build.)
#[test]
#[cfg(all(
    not(debug_assertions),
    not(miri),
    any(target_arch = "x86_64", target_arch = "aarch64")
))]
fn a_release_build_has_the_threaded_backend() {
    assert!(curta::internals::THREADED);
    assert_eq!(
        curta::Engine::default().dispatch(),
        curta::Dispatch::Threaded
    );
}

#[test]
#[cfg(curta_threaded)]
fn every_handler_ends_in_a_jump_and_has_no_frame() {
    let handlers = curta::internals::handlers();
    assert!(
        handlers.len() > 2_000,
        "{} handlers are not all of them",
        handlers.len()
    );
    println!("{}", claims::check(&handlers));
}

/// The check can fail: code that breaks each rule is found to.
#[cfg(target_arch = "x86_64")]
mod code_that_breaks_a_rule {
    use curta::internals::HandlerCode;

    use super::{
        claims,
        flow::{Flow, follow},
        x86_64::{WINDOW, decode},
    };

    fn flow(code: &[u8]) -> Flow {
        follow(0x1000, |at| {
            let mut bytes = [0xcc; WINDOW];
            for (byte, code) in bytes
                .iter_mut()
                .zip(code.get(at - 0x1000..).unwrap_or_default())
            {
                *byte = *code;
            }
            decode(at, bytes)
        })
    }

    fn faults(code: &[u8]) -> Vec<&'static str> {
        let handler = HandlerCode {
            name: String::new(),
            family: None,
            address: 0x1000,
            jumps: true,
            returns: false,
        };
        claims::faults(&handler, &flow(code))
    }

    #[test]
    fn a_jump_is_right() {
        // add rdi, 8; jmp [rdi]
        assert!(faults(&[0x48, 0x83, 0xc7, 8, 0xff, 0x27]).is_empty());
        // test eax, eax; je +2; jmp rax; jmp rcx
        assert!(faults(&[0x85, 0xc0, 0x74, 2, 0xff, 0xe0, 0xff, 0xe1]).is_empty());
        // push rbx; call +0; pop rbx; jmp rax
        assert!(faults(&[0x53, 0xe8, 0, 0, 0, 0, 0x5b, 0xff, 0xe0]).is_empty());
    }

    #[test]
    fn a_call_in_tail_position_is_found() {
        // push rax; call [rdi]; pop rcx; ret
        let found = faults(&[0x50, 0xff, 0x17, 0x59, 0xc3]);
        assert!(found.contains(&"an indirect call"), "{found:?}");
        assert!(
            found.contains(&"a return where none should be, or none where one should"),
            "{found:?}"
        );
    }

    #[test]
    fn a_frame_is_found() {
        // mov [rsp - 8], rax; jmp rax
        let below = faults(&[0x48, 0x89, 0x44, 0x24, 0xf8, 0xff, 0xe0]);
        assert_eq!(below, ["something in native memory without a call"]);
        // sub rsp, 8; mov [rsp], rax; add rsp, 8; jmp rax
        let above = faults(&[
            0x48, 0x83, 0xec, 8, 0x48, 0x89, 4, 0x24, 0x48, 0x83, 0xc4, 8, 0xff, 0xe0,
        ]);
        assert_eq!(above, ["something in native memory without a call"]);
    }

    #[test]
    fn a_saved_register_is_seen() {
        // push rbx; pop rbx; jmp rax
        let flow = flow(&[0x53, 0x5b, 0xff, 0xe0]);
        assert_eq!(flow.moves, [0x1000, 0x1001]);
        assert!(flow.unbalanced.is_empty());
    }

    #[test]
    fn what_is_left_on_the_stack_is_found() {
        // push rbx; call +0; jmp rax
        assert_eq!(
            faults(&[0x53, 0xe8, 0, 0, 0, 0, 0xff, 0xe0]),
            ["something left on the native stack"]
        );
        // call +0; test eax, eax; je +1; push rbx; jmp rax
        let one_way = faults(&[0xe8, 0, 0, 0, 0, 0x85, 0xc0, 0x74, 1, 0x53, 0xff, 0xe0]);
        assert_eq!(one_way, ["something left on the native stack"]);
    }
}
