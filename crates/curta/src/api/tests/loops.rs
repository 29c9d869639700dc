//! Loops whose whole body is one cell turn inside its handler: they end, trap and nest as any other.

use crate::{Config, Dispatch, Engine, Instance, Module, Store, Trap};

const MODULE: &str = r#"(module
    (memory (export "memory") 1)
    ;; Counts up to the bound, in the order of signed numbers at least once.
    (func (export "count") (param $n i32) (result i32) (local $i i32)
        (loop $again
            (local.set $i (i32.add (local.get $i) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $i) (local.get $n))))
        (local.get $i))
    ;; Down to zero, then what the counter was.
    (func (export "down") (param $n i32) (result i32)
        (loop $again
            (br_if $again (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $n))
    ;; The bound is the counter's own slot.
    (func (export "itself") (param $n i32) (result i32)
        (loop $again
            (local.set $n (i32.add (local.get $n) (i32.const 1)))
            (br_if $again (i32.lt_s (local.get $n) (local.get $n))))
        (local.get $n))
    ;; Fills bytes from an address up to another one.
    (func (export "fill") (param $at i32) (param $end i32) (param $by i32)
        (loop $again
            (i32.store8 (local.get $at) (i32.const 7))
            (local.set $at (i32.add (local.get $at) (local.get $by)))
            (br_if $again (i32.lt_u (local.get $at) (local.get $end)))))
    ;; Walks a list to its end.
    (func (export "walk") (param $at i32) (result i32)
        (loop $again
            (br_if $again (local.tee $at (i32.load (local.get $at)))))
        (local.get $at))
    ;; A loop of one cell in another loop, which it is entered from anew.
    (func (export "nested") (param $n i32) (result i32) (local $i i32) (local $sum i32)
        (loop $outer
            (local.set $i (i32.const 0))
            (loop $inner
                (local.set $i (i32.add (local.get $i) (i32.const 3)))
                (br_if $inner (i32.lt_u (local.get $i) (local.get $n))))
            (local.set $sum (i32.add (local.get $sum) (local.get $i)))
            (br_if $outer (local.tee $n (i32.sub (local.get $n) (i32.const 1)))))
        (local.get $sum))
    (func (export "halve") (param $x f64) (param $to f64) (result f64)
        (loop $again
            (local.set $x (f64.mul (local.get $x) (f64.const 0.5)))
            (br_if $again (f64.gt (local.get $x) (local.get $to))))
        (local.get $x)))"#;

fn on_both(check: impl Fn(&mut Store<()>, Instance)) {
    for dispatch in [Dispatch::Threaded, Dispatch::Loop] {
        let engine = Engine::new(Config::new().dispatch(dispatch));
        let module = Module::new(&engine, MODULE).expect("the module is valid");
        let mut store = Store::new(&engine, ());
        let instance = Instance::new(&mut store, &module, &[]).expect("nothing is imported");
        check(&mut store, instance);
    }
}

#[test]
fn they_turn_until_the_branch_is_not_taken() {
    on_both(|store, instance| {
        let mut call = |name: &str, n: i32| {
            let func = instance.get_typed_func::<i32, i32>(&*store, name);
            func.and_then(|func| func.call(&mut *store, n))
                .expect("it returns")
        };
        assert_eq!(call("count", 1_000), 1_000);
        assert_eq!(call("count", -5), 1);
        assert_eq!(call("count", 1_000_000), 1_000_000);
        assert_eq!(call("down", 1_000), 0);
        assert_eq!(call("itself", 41), 42);
        assert_eq!(call("nested", 4), 6 + 3 + 3 + 3);
    });
}

#[test]
fn they_turn_on_floats() {
    on_both(|store, instance| {
        let halve = instance.get_typed_func::<(f64, f64), f64>(&*store, "halve");
        let halved = halve.and_then(|halve| halve.call(&mut *store, (1.0, 0.1)));
        assert_eq!(halved.expect("it returns").to_bits(), 0.0625_f64.to_bits());
    });
}

#[test]
fn they_walk_through_memory() {
    on_both(|store, instance| {
        let memory = instance.get_memory(&*store, "memory").expect("exported");
        for (at, next) in [(8, 800_u32), (800, 16), (16, 0)] {
            memory
                .write(&mut *store, at, &next.to_le_bytes())
                .expect("in bounds");
        }
        let walk = instance.get_typed_func::<i32, i32>(&*store, "walk");
        let end = walk.and_then(|walk| walk.call(&mut *store, 8));
        assert_eq!(end.expect("it returns"), 0);
    });
}

#[test]
fn a_trap_in_one_leaves_what_was_done() {
    on_both(|store, instance| {
        let fill = instance
            .get_typed_func::<(i32, i32, i32), ()>(&*store, "fill")
            .expect("exported");
        fill.call(&mut *store, (0, 100, 10)).expect("in bounds");
        let error = fill.call(&mut *store, (65_000, 70_000, 1));
        let error = error.expect_err("the memory ends");
        assert_eq!(error.trap(), Some(Trap::MemoryOutOfBounds));
        let memory = instance.get_memory(&*store, "memory").expect("exported");
        let bytes = memory.data(&*store);
        assert!(bytes[..100].iter().step_by(10).all(|byte| *byte == 7));
        assert_eq!(bytes[1], 0);
        assert!(bytes[65_000..].iter().all(|byte| *byte == 7));
    });
}
