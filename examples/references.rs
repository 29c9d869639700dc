// Objects of the host's that a guest keeps and hands back, without looking into them.

use curta::{Caller, Engine, Error, ExternRef, Linker, Module, Store};

/// What the guest never sees the inside of.
struct Account {
    balance: i64,
}

fn balance(caller: Caller<'_, ()>, account: Option<ExternRef>) -> Result<i64, Error> {
    let object = account.as_ref().and_then(|account| account.data(&caller));
    let account = object.and_then(|object| object.downcast_ref::<Account>());
    let account = account.ok_or_else(|| Error::msg("an account is expected"))?;
    Ok(account.balance)
}

fn main() -> Result<(), Error> {
    let engine = Engine::default();
    let module = Module::new(
        &engine,
        r#"(module
            (import "bank" "balance" (func $balance (param externref) (result i64)))
            (func (export "rich") (param externref) (result i32)
                (i64.gt_s (call $balance (local.get 0)) (i64.const 1000))))"#,
    )?;
    let mut linker = Linker::new(&engine);
    linker.func_wrap("bank", "balance", balance)?;
    let mut store = Store::new(&engine, ());
    let instance = linker.instantiate(&mut store, &module)?;
    let rich = instance.get_typed_func::<Option<ExternRef>, i32>(&store, "rich")?;

    let account = ExternRef::new(&mut store, Account { balance: 5000 });
    assert_eq!(rich.call(&mut store, Some(account))?, 1);

    let error = rich.call(&mut store, None).unwrap_err();
    assert_eq!(error.to_string(), "an account is expected");
    Ok(())
}
