//! Every example runs, and does what it asserts. They are the programs that the book shows.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

macro_rules! examples {
    ($($name:ident)*) => {
        $(mod $name {
            include!(concat!("../../../examples/", stringify!($name), ".rs"));

            #[test]
            fn runs() {
                main().unwrap();
            }
        })*

        const NAMES: &[&str] = &[$(stringify!($name),)*];
    };
}

examples! {
    embed
    exports
    host_error
    imports
    limits
    load
    memory
    modules
    objects
    references
    threads
    wasi
}

#[test]
fn no_example_is_left_out() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples");
    let files = fs::read_dir(folder).unwrap();
    let names = files.map(|entry| entry.unwrap().file_name().into_string().unwrap());
    let found: BTreeSet<String> = names
        .filter_map(|name| name.strip_suffix(".rs").map(str::to_owned))
        .collect();
    let listed: BTreeSet<String> = NAMES.iter().copied().map(str::to_owned).collect();
    assert_eq!(found, listed);
}
