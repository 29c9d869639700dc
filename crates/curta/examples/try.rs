use curta::*;
fn main() -> Result<(), Error> {
    let mut args = std::env::args().skip(1);
    let file = args.next().unwrap();
    let name = args.next().unwrap();
    let mut config = Config::new();
    if std::env::var("LOOP").is_ok() { config.dispatch(Dispatch::Loop); }
    let engine = Engine::new(&config);
    let module = Module::new(&engine, std::fs::read(file).unwrap())?;
    if std::env::var("DIS").is_ok() { println!("{}", module.disassemble()); }
    let mut store = Store::new(&engine, ());
    let linker = Linker::new(&engine);
    let instance = linker.instantiate(&mut store, &module)?;
    let f = instance.get_func(&mut store, &name).unwrap();
    let params: Vec<Val> = args.map(|a| Val::I32(a.parse().unwrap())).collect();
    let mut results = vec![Val::I32(0); f.ty(&store).results().len()];
    let t = std::time::Instant::now();
    f.call(&mut store, &params, &mut results)?;
    println!("{results:?} {:?} {:?}", t.elapsed(), engine.dispatch());
    Ok(())
}
