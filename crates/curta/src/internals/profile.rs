//! Which sequences of micro-ops a program dispatched, how often.

use alloc::{collections::BTreeMap, string::String, vec::Vec};

use crate::{api::module::Module, exec, translate};

/// Micro-ops that follow each other in a module's code, with no label between them, and how often this thread dispatched
/// the last one. The types that make their handlers, without paths. One, two or three of them; often ones first.
pub fn profile(module: &Module) -> Vec<(u64, Vec<String>)> {
    let names = exec::catalog::names();
    let compiled = &module.compiled;
    let mut groups: BTreeMap<Vec<u16>, u64> = BTreeMap::new();
    for defined in 0..compiled.module.bodies() {
        let Some(cells) = translate::cells(&compiled.module, &compiled.code, defined) else {
            continue;
        };
        for (last, cell) in cells.iter().enumerate() {
            let times = exec::profile::dispatched(cell.address);
            if times == 0 {
                continue;
            }
            let mut first = last;
            loop {
                let ids = cells[first..=last].iter().map(|cell| cell.id.0).collect();
                *groups.entry(ids).or_default() += times;
                if cells[first].joined || first == 0 || last - first == 2 {
                    break;
                }
                first -= 1;
            }
        }
    }
    let mut groups: Vec<(u64, Vec<String>)> = groups
        .into_iter()
        .map(|(ids, times)| {
            let ids = ids.into_iter().map(usize::from);
            (times, ids.map(|id| names[id].clone()).collect())
        })
        .collect();
    groups.sort_by(|a, b| b.cmp(a));
    groups
}
