//! What a store's limiter lets guests and the host have.

use super::{message, setup};
use crate::{
    Engine, Error, ErrorKind, Func, Instance, Memory, MemoryType, Module, RefType, ResourceLimiter,
    Store, StoreLimits, StoreLimitsBuilder, Table, TableType, Val,
};

const GROWS: &str = r#"(module
    (memory (export "memory") 1 10)
    (table (export "table") 2 funcref)
    (func (export "memory.grow") (param i32) (result i32) (memory.grow (local.get 0)))
    (func (export "table.grow") (param i32) (result i32)
        (table.grow (ref.null func) (local.get 0))))"#;

fn limited(limits: StoreLimits, text: &str) -> (Store<StoreLimits>, Result<Instance, Error>) {
    let (mut store, linker, module) = setup(limits, text);
    store.limiter(|limits| limits);
    let instance = linker.instantiate(&mut store, &module);
    (store, instance)
}

#[test]
fn a_guest_gets_minus_one_and_nothing_has_changed() {
    let limits = StoreLimitsBuilder::new()
        .memory_size(3 * 65_536)
        .table_elements(5)
        .build();
    let (mut store, instance) = limited(limits, GROWS);
    let instance = instance.unwrap();
    for (export, fits, size) in [("memory.grow", 2, 1), ("table.grow", 3, 2)] {
        let grow = instance.get_typed_func::<i32, i32>(&store, export).unwrap();
        assert_eq!(grow.call(&mut store, fits + 1).unwrap(), -1);
        assert_eq!(grow.call(&mut store, 0).unwrap(), size);
        assert_eq!(grow.call(&mut store, fits).unwrap(), size);
        assert_eq!(grow.call(&mut store, 1).unwrap(), -1);
        assert_eq!(grow.call(&mut store, 0).unwrap(), size + fits);
    }
}

#[test]
fn the_host_is_told_which_limit_and_how_much_was_asked() {
    let limits = StoreLimitsBuilder::new()
        .memory_size(3 * 65_536)
        .table_elements(5)
        .build();
    let (mut store, instance) = limited(limits, GROWS);
    let instance = instance.unwrap();
    let memory = instance.get_memory(&store, "memory").unwrap();
    assert_eq!(
        message(memory.grow(&mut store, 3)),
        "cannot grow the memory (memory 1 10) of 1 pages by 3 more: \
         the store's limiter allows 196608 bytes, 262144 are asked for"
    );
    assert_eq!(
        message(memory.grow(&mut store, 10)),
        "cannot grow the memory (memory 1 10) of 1 pages by 10 more: its maximum is 10 pages"
    );
    let table = instance.get_table(&store, "table").unwrap();
    let error = table.grow(&mut store, 4, Val::FuncRef(None)).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(
        error.to_string(),
        "cannot grow the table (table 2 funcref) of 2 elements by 4 more: \
         the store's limiter allows 5 elements, 6 are asked for"
    );
    assert_eq!(
        message(table.grow(&mut store, 1 << 40, Val::FuncRef(None))),
        "cannot grow the table (table 2 funcref) of 2 elements by 1099511627776 more: \
         it may have at most 10000000 elements here"
    );
    assert_eq!((memory.size(&store), table.size(&store)), (1, 2));
}

#[test]
fn what_a_module_starts_with_counts() {
    let limits = StoreLimitsBuilder::new().memory_size(65_535).build();
    let (mut store, instance) = limited(limits, GROWS);
    assert_eq!(
        message(instance),
        "cannot allocate the memory (memory 1 10): \
         the store's limiter allows 65535 bytes, 65536 are asked for"
    );
    *store.data_mut() = StoreLimitsBuilder::new().table_elements(1).build();
    let module = Module::new(store.engine(), GROWS).unwrap();
    assert_eq!(
        message(Instance::new(&mut store, &module, &[])),
        "cannot allocate the table (table 2 funcref): \
         the store's limiter allows 1 elements, 2 are asked for"
    );
    let ty = TableType::new(RefType::FUNCREF, 2, None);
    assert!(Table::new(&mut store, ty, Val::FuncRef(None)).is_err());
    *store.data_mut() = StoreLimits::default();
    assert!(Instance::new(&mut store, &module, &[]).is_ok());
}

#[test]
fn instances_memories_and_tables_are_counted() {
    let limits = StoreLimitsBuilder::new()
        .instances(1)
        .memories(2)
        .tables(1)
        .build();
    let (mut store, instance) = limited(limits, GROWS);
    instance.unwrap();
    let module = Module::new(store.engine(), "(module)").unwrap();
    assert_eq!(
        message(Instance::new(&mut store, &module, &[])),
        "the store's limiter allows 1 instances, the store has 1 and 1 more are asked for"
    );
    assert!(Memory::new(&mut store, MemoryType::new(0, None)).is_ok());
    assert_eq!(
        message(Memory::new(&mut store, MemoryType::new(0, None))),
        "the store's limiter allows 2 memories, the store has 2 and 1 more are asked for"
    );
    let ty = TableType::new(RefType::FUNCREF, 0, None);
    assert_eq!(
        message(Table::new(&mut store, ty, Val::FuncRef(None))),
        "the store's limiter allows 1 tables, the store has 1 and 1 more are asked for"
    );
}

#[test]
fn growth_beyond_the_limits_can_end_the_call() {
    let limits = StoreLimitsBuilder::new()
        .memory_size(65_536)
        .trap_on_grow_failure(true)
        .build();
    let (mut store, instance) = limited(limits, GROWS);
    let grow = instance
        .unwrap()
        .get_typed_func::<i32, i32>(&store, "memory.grow")
        .unwrap();
    let error = grow.call(&mut store, 1).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Limit);
    assert_eq!(
        error.to_string(),
        "bytes of a memory: the store's limiter allows 65536, 131072 are asked for"
    );
    assert_eq!(error.backtrace().unwrap().frames().len(), 1);
    // What the type does not allow is no business of the limiter's.
    assert_eq!(grow.call(&mut store, 10).unwrap(), -1);
    assert_eq!(grow.call(&mut store, 0).unwrap(), 1);
}

/// Panics when a memory is to grow.
struct Touchy;

impl ResourceLimiter for Touchy {
    fn memory_growing(
        &mut self,
        _: usize,
        desired: usize,
        _: Option<usize>,
    ) -> Result<bool, Error> {
        assert!(desired <= 65_536, "the limiter has a bug");
        Ok(true)
    }

    fn table_growing(&mut self, _: usize, _: usize, _: Option<usize>) -> Result<bool, Error> {
        Ok(false)
    }
}

#[cfg(feature = "std")]
#[test]
fn a_panic_of_the_limiter_leaves_the_guest_and_the_store_usable() {
    let (mut store, linker, module) = setup(
        Touchy,
        r#"(module
            (import "host" "again" (func $again (result i32)))
            (memory 1)
            (func (export "grow") (result i32) (memory.grow (i32.const 1)))
            (func (export "size") (result i32) (memory.size)))"#,
    );
    store.limiter(|touchy| touchy);
    let again = Func::wrap(&mut store, || 3);
    let mut linker = linker;
    linker.define("host", "again", again).unwrap();
    let instance = linker.instantiate(&mut store, &module).unwrap();
    let grow = instance.get_typed_func::<(), i32>(&store, "grow").unwrap();
    let size = instance.get_typed_func::<(), i32>(&store, "size").unwrap();
    for _ in 0..3 {
        let call = std::panic::AssertUnwindSafe(|| grow.call(&mut store, ()));
        let panic = std::panic::catch_unwind(call).unwrap_err();
        assert_eq!(panic.downcast_ref(), Some(&"the limiter has a bug"));
        assert_eq!(size.call(&mut store, ()).unwrap(), 1);
    }
}

#[test]
fn a_limiter_that_does_not_say_its_bound_is_named_with_what_was_asked() {
    let mut store = Store::new(&Engine::default(), Touchy);
    store.limiter(|touchy| touchy);
    let ty = TableType::new(RefType::EXTERNREF, 0, None);
    // A limiter is asked for what a table starts with, even if that is nothing.
    assert_eq!(
        message(Table::new(&mut store, ty, Val::ExternRef(None))),
        "cannot allocate the table (table 0 externref): the store's limiter refuses 0 elements"
    );
}
