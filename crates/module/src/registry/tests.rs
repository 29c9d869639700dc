//! Recursive groups and subtyping, which no module can use yet, and interning from many threads.

use alloc::vec;
use alloc::vec::Vec;

use super::{TypeId, TypeRegistry};
use crate::{
    ArrayType, CompositeType, FieldType, FuncType, HeapType, RefType, StorageType, StructType,
    SubType, ValType,
};

/// Interns a group and gives the numbers of its members.
fn intern(registry: &TypeRegistry, group: &[SubType]) -> Vec<TypeId> {
    let mut ids = Vec::new();
    registry
        .intern_group(group, |id, _| ids.push(id))
        .expect("there is room");
    ids
}

fn reference(to: TypeId) -> ValType {
    ValType::Ref(RefType::new(true, HeapType::Concrete(to)))
}

fn field(value: ValType) -> FieldType {
    FieldType {
        storage: StorageType::Val(value),
        mutable: false,
    }
}

fn structure(supertype: Option<TypeId>, fields: &[ValType]) -> SubType {
    let fields = StructType::new(fields.iter().copied().map(field));
    SubType {
        is_final: false,
        supertype,
        composite: CompositeType::Struct(fields),
    }
}

/// A list: a value and the rest of the list, which is the group's own member.
fn list(of: ValType) -> SubType {
    structure(None, &[of, reference(TypeId::member(0))])
}

#[test]
fn few_groups_and_many_are_found_again() {
    let registry = TypeRegistry::new();
    let groups: Vec<_> = (0..4 * super::FEW)
        .map(|number| {
            let many = vec![ValType::I32; number / 2];
            match number % 2 {
                0 => SubType::from(FuncType::new(many, [])),
                _ => structure(None, &many),
            }
        })
        .collect();
    let ids: Vec<_> = groups
        .iter()
        .map(|ty| intern(&registry, core::slice::from_ref(ty)))
        .collect();
    assert_eq!(registry.len(), groups.len());
    for (ty, id) in groups.iter().zip(&ids) {
        assert_eq!(&intern(&registry, core::slice::from_ref(ty)), id);
    }
    assert_eq!(registry.len(), groups.len());
}

#[test]
fn equal_groups_have_equal_numbers_and_others_have_not() {
    let registry = TypeRegistry::new();
    let one = intern(&registry, &[list(ValType::I32)]);
    assert_eq!(intern(&registry, &[list(ValType::I32)]), one);
    assert_ne!(intern(&registry, &[list(ValType::I64)]), one);
    let final_one = SubType {
        is_final: true,
        ..list(ValType::I32)
    };
    assert_ne!(intern(&registry, &[final_one]), one);
    assert_eq!(registry.len(), 3);
}

#[test]
fn a_member_refers_to_the_stored_group() {
    let registry = TypeRegistry::new();
    registry.intern_func(&FuncType::new([], []));
    let [id] = intern(&registry, &[list(ValType::F64)])[..] else {
        panic!("one")
    };
    let stored = registry.sub_type(id).expect("it is stored");
    assert_eq!(stored, structure(None, &[ValType::F64, reference(id)]));
}

#[test]
fn a_reference_to_the_own_group_is_not_one_to_an_equal_type_before_it() {
    let registry = TypeRegistry::new();
    let [first] = intern(&registry, &[list(ValType::I32)])[..] else {
        panic!("one")
    };
    // A structure of an `i32` and a list is not itself a list.
    let [other] = intern(
        &registry,
        &[structure(None, &[ValType::I32, reference(first)])],
    )[..] else {
        panic!("one")
    };
    assert_ne!(first, other);
}

#[test]
fn the_order_and_the_number_of_members_count() {
    let registry = TypeRegistry::new();
    let (a, b) = (structure(None, &[]), structure(None, &[ValType::I32]));
    let ab = intern(&registry, &[a.clone(), b.clone()]);
    let ba = intern(&registry, &[b.clone(), a.clone()]);
    let alone = intern(&registry, core::slice::from_ref(&a));
    assert_eq!(registry.len(), 5);
    assert!(ab[0] != ba[1] && ab[0] != alone[0] && ab[1] != ba[0]);
    assert_eq!(intern(&registry, &[a, b]), ab);
}

#[test]
fn an_empty_group_has_no_members() {
    let registry = TypeRegistry::new();
    assert_eq!(intern(&registry, &[]), []);
    assert_eq!(intern(&registry, &[]), []);
    assert_eq!(intern(&registry, &[list(ValType::I32)]).len(), 1);
}

#[test]
fn subtyping_follows_the_declared_chain() {
    let registry = TypeRegistry::new();
    let mut chain = intern(&registry, &[structure(None, &[])]);
    for depth in 1..64 {
        let parent = chain[depth - 1];
        chain.extend(intern(
            &registry,
            &[structure(Some(parent), &vec![ValType::I32; depth])],
        ));
    }
    let [other] = intern(&registry, &[structure(Some(chain[0]), &[ValType::I64])])[..] else {
        panic!("one")
    };
    for (below, &sub) in chain.iter().enumerate() {
        for (above, &sup) in chain.iter().enumerate() {
            assert_eq!(
                registry.is_subtype(sub, sup),
                above <= below,
                "{below} {above}"
            );
        }
        assert_eq!(registry.is_subtype(other, sub), below == 0);
        assert!(!registry.is_subtype(sub, other));
    }
}

#[test]
fn subtyping_works_within_a_group() {
    let registry = TypeRegistry::new();
    let group = [
        structure(None, &[]),
        structure(Some(TypeId::member(0)), &[ValType::I32]),
        structure(
            Some(TypeId::member(1)),
            &[ValType::I32, reference(TypeId::member(0))],
        ),
    ];
    let ids = intern(&registry, &group);
    assert!(registry.is_subtype(ids[2], ids[0]));
    assert!(registry.is_subtype(ids[2], ids[1]));
    assert!(!registry.is_subtype(ids[0], ids[2]));
    assert_eq!(intern(&registry, &group), ids);
}

#[test]
fn a_number_of_no_type_is_nothing() {
    let registry = TypeRegistry::new();
    let known = registry.intern_func(&FuncType::new([], []));
    let unknown = TypeId::from_u32(77).expect("not zero");
    assert_eq!(registry.func_type(unknown), None);
    assert_eq!(registry.sub_type(TypeId::member(3)), None);
    assert!(!registry.is_subtype(known, unknown) && !registry.is_subtype(unknown, known));
    assert_eq!(TypeId::from_u32(0), None);
    assert_eq!(TypeId::from_u32(known.as_u32()), Some(known));
}

/// Every abstract heap type, hierarchy by hierarchy.
const ABSTRACT: [HeapType; 12] = [
    HeapType::Func,
    HeapType::NoFunc,
    HeapType::Extern,
    HeapType::NoExtern,
    HeapType::Exn,
    HeapType::NoExn,
    HeapType::Any,
    HeapType::Eq,
    HeapType::I31,
    HeapType::Struct,
    HeapType::Array,
    HeapType::None,
];

/// The direct steps of the specification's hierarchies, from below.
const STEPS: [(HeapType, HeapType); 10] = [
    (HeapType::NoFunc, HeapType::Func),
    (HeapType::NoExtern, HeapType::Extern),
    (HeapType::NoExn, HeapType::Exn),
    (HeapType::Eq, HeapType::Any),
    (HeapType::I31, HeapType::Eq),
    (HeapType::Struct, HeapType::Eq),
    (HeapType::Array, HeapType::Eq),
    (HeapType::None, HeapType::I31),
    (HeapType::None, HeapType::Struct),
    (HeapType::None, HeapType::Array),
];

/// Whether steps lead from one type up to another: the definition, without wit.
fn leads(from: HeapType, to: HeapType, steps: &[(HeapType, HeapType)]) -> bool {
    from == to
        || steps
            .iter()
            .any(|&(low, high)| low == from && leads(high, to, steps))
}

#[test]
fn heap_types_match_as_the_steps_lead() {
    let registry = TypeRegistry::new();
    let function = registry.intern_func(&FuncType::new([], []));
    let structure = intern(&registry, &[structure(None, &[])])[0];
    let element = field(ValType::I32);
    let array = intern(
        &registry,
        &[SubType {
            is_final: true,
            supertype: None,
            composite: CompositeType::Array(ArrayType { element }),
        }],
    )[0];
    let concrete = [function, structure, array].map(HeapType::Concrete);
    let [function, structure, array] = concrete;
    let mut steps = STEPS.to_vec();
    steps.extend([
        (function, HeapType::Func),
        (HeapType::NoFunc, function),
        (structure, HeapType::Struct),
        (HeapType::None, structure),
        (array, HeapType::Array),
        (HeapType::None, array),
    ]);
    let all: Vec<HeapType> = ABSTRACT.into_iter().chain(concrete).collect();
    for &a in &all {
        for &b in &all {
            assert_eq!(a.matches(b, &registry), leads(a, b, &steps), "{a} <: {b}");
            for (nullable_a, nullable_b) in
                [(false, false), (false, true), (true, false), (true, true)]
            {
                let matches =
                    RefType::new(nullable_a, a).matches(RefType::new(nullable_b, b), &registry);
                assert_eq!(matches, leads(a, b, &steps) && (nullable_b || !nullable_a));
            }
        }
    }
}

#[cfg(feature = "std")]
#[test]
fn threads_agree_on_the_numbers() {
    let registry = TypeRegistry::new();
    let types: Vec<FuncType> = (0..200)
        .map(|number| {
            FuncType::new(
                vec![ValType::I32; number % 100],
                vec![ValType::I64; number / 100],
            )
        })
        .collect();
    let numbers = |reverse: bool| -> Vec<TypeId> {
        let mut numbered: Vec<(usize, TypeId)> = Vec::new();
        let count = types.len();
        for step in 0..count {
            let at = if reverse { count - 1 - step } else { step };
            numbered.push((at, registry.intern_func(&types[at])));
        }
        numbered.sort_unstable_by_key(|&(at, _)| at);
        numbered.into_iter().map(|(_, id)| id).collect()
    };
    let all: Vec<Vec<TypeId>> = std::thread::scope(|scope| {
        let threads: Vec<_> = (0..4)
            .map(|thread| scope.spawn(move || numbers(thread % 2 == 0)))
            .collect();
        threads
            .into_iter()
            .map(|thread| thread.join().expect("no panic"))
            .collect()
    });
    assert!(all.iter().all(|numbers| *numbers == all[0]));
    assert_eq!(registry.len(), 200);
    for (ty, &id) in types.iter().zip(&all[0]) {
        assert_eq!(registry.func_type(id).as_ref(), Some(ty));
    }
}
