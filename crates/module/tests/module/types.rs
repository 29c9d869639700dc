//! Types are written as in the text format, and match at a link as the specification says.

use curta_module::{
    ArrayType, ExternType, FieldType, FuncType, GlobalType, HeapType, MemoryType, RefType,
    StorageType, StructType, SubType, TableType, TagType, TypeRegistry, ValType,
};

#[test]
fn function_types_are_what_they_are_made_of_whatever_that_is() {
    let alike = |count| vec![ValType::I32; count];
    let mut all = Vec::new();
    for params in [0, 1, 5, 15, 16, 17, 40] {
        for results in [0, 1, 2, 20] {
            all.push((alike(params), alike(results)));
            for at in [0, params / 2, params.saturating_sub(1)] {
                let mut other = alike(params.max(1));
                other[at] = ValType::I64;
                all.push((other.clone(), alike(results)));
                all.push((alike(results), other));
            }
        }
    }
    for (params, results) in &all {
        let make = || FuncType::new(params.iter().copied(), results.iter().copied());
        let ty = make();
        assert_eq!((ty.params(), ty.results()), (&**params, &**results));
        for (other_params, other_results) in &all {
            let other = FuncType::new(other_params.clone(), other_results.clone());
            let same = (params, results) == (other_params, other_results);
            assert_eq!(ty == other, same, "{ty} {other}");
        }
        let registry = TypeRegistry::new();
        assert_eq!(registry.intern_func(&ty), registry.intern_func(&make()));
    }
}

#[test]
fn types_are_written_as_in_the_text_format() {
    let func = FuncType::new([ValType::I32, ValType::F32], [ValType::V128]);
    assert_eq!(func.to_string(), "(func (param i32 f32) (result v128))");
    assert_eq!(FuncType::new([], []).to_string(), "(func)");
    assert_eq!(
        FuncType::new([], [ValType::EXTERNREF]).to_string(),
        "(func (result externref))"
    );

    let id = TypeRegistry::new().intern_func(&func);
    for (ty, text) in [
        (RefType::FUNCREF, "funcref"),
        (RefType::NULLFUNCREF, "nullfuncref"),
        (RefType::EXTERNREF, "externref"),
        (RefType::NULLEXTERNREF, "nullexternref"),
        (RefType::ANYREF, "anyref"),
        (RefType::NULLREF, "nullref"),
        (RefType::EQREF, "eqref"),
        (RefType::I31REF, "i31ref"),
        (RefType::STRUCTREF, "structref"),
        (RefType::ARRAYREF, "arrayref"),
        (RefType::EXNREF, "exnref"),
        (RefType::NULLEXNREF, "nullexnref"),
        (RefType::new(false, HeapType::Func), "(ref func)"),
        (RefType::new(false, HeapType::None), "(ref none)"),
        (RefType::new(false, HeapType::Concrete(id)), "(ref $type1)"),
        (
            RefType::new(true, HeapType::Concrete(id)),
            "(ref null $type1)",
        ),
    ] {
        assert_eq!(ValType::from(ty).to_string(), text);
    }

    let field = |storage, mutable| FieldType { storage, mutable };
    let fields = [
        field(StorageType::I8, true),
        field(StorageType::Val(ValType::I64), false),
    ];
    assert_eq!(
        StructType::new(fields).to_string(),
        "(struct (field (mut i8)) (field i64))"
    );
    let array = ArrayType {
        element: field(StorageType::I16, true),
    };
    assert_eq!(array.to_string(), "(array (mut i16))");
    let plain = SubType::from(func.clone());
    assert_eq!(plain.to_string(), func.to_string());
    let open = SubType {
        is_final: false,
        supertype: Some(id),
        ..SubType::from(func.clone())
    };
    assert_eq!(open.to_string(), format!("(sub $type1 {func})"));
    let root = SubType {
        is_final: false,
        ..SubType::from(func.clone())
    };
    assert_eq!(root.to_string(), format!("(sub {func})"));

    assert_eq!(
        GlobalType::new(ValType::F64, true).to_string(),
        "(global (mut f64))"
    );
    assert_eq!(
        GlobalType::new(ValType::F64, false).to_string(),
        "(global f64)"
    );
    assert_eq!(
        TableType::new(RefType::FUNCREF, 1, None).to_string(),
        "(table 1 funcref)"
    );
    let table = TableType {
        table64: true,
        ..TableType::new(RefType::ANYREF, 1, Some(9))
    };
    assert_eq!(table.to_string(), "(table i64 1 9 anyref)");
    assert_eq!(MemoryType::new(0, None).to_string(), "(memory 0)");
    let memory = MemoryType {
        memory64: true,
        shared: true,
        page_size_log2: 0,
        ..MemoryType::new(1, Some(2))
    };
    assert_eq!(memory.to_string(), "(memory i64 1 2 shared (pagesize 1))");
    let tag = TagType {
        func: FuncType::new([ValType::I32], []),
    };
    assert_eq!(ExternType::Tag(tag).to_string(), "(tag (param i32))");
}

#[test]
fn what_is_written_can_be_read() {
    // Every kind of external type, from text to module to text to module.
    let imports = [
        "(func (param i32 f64) (result i64))",
        "(table 3 7 externref)",
        "(memory 1 2)",
        "(global (mut funcref))",
        "(global f32)",
    ];
    for text in imports {
        let module = format!("(module (import \"m\" \"n\" {text}))");
        let bytes = wat::parse_str(&module).expect("valid text");
        let registry = TypeRegistry::new();
        let module = curta_module::Module::decode(
            bytes,
            &curta_module::Features::WASM2,
            &curta_module::Limits::default(),
            &registry,
        )
        .expect("valid");
        assert_eq!(module.import_type(&module.imports()[0]).to_string(), text);
    }
}

#[test]
fn limits_match_when_the_provided_ones_are_within() {
    let registry = TypeRegistry::new();
    let memory = |minimum, maximum| ExternType::from(MemoryType::new(minimum, maximum));
    let table =
        |minimum, maximum| ExternType::from(TableType::new(RefType::FUNCREF, minimum, maximum));
    for (provided, expected, matches) in [
        ((1, None), (1, None), true),
        ((2, None), (1, None), true),
        ((0, None), (1, None), false),
        ((1, Some(3)), (1, None), true),
        ((1, None), (1, Some(3)), false),
        ((1, Some(3)), (1, Some(3)), true),
        ((1, Some(2)), (1, Some(3)), true),
        ((1, Some(4)), (1, Some(3)), false),
    ] {
        let pair =
            |limits: (u64, Option<u64>)| (memory(limits.0, limits.1), table(limits.0, limits.1));
        let (provided, expected) = (pair(provided), pair(expected));
        assert_eq!(
            provided.0.matches(&expected.0, &registry),
            matches,
            "{provided:?}"
        );
        assert_eq!(
            provided.1.matches(&expected.1, &registry),
            matches,
            "{provided:?}"
        );
    }
}

#[test]
fn what_differs_in_kind_or_form_does_not_match() {
    let registry = TypeRegistry::new();
    let memory = MemoryType::new(1, Some(1));
    let all = [
        ExternType::from(FuncType::new([], [])),
        ExternType::from(FuncType::new([ValType::I32], [])),
        ExternType::from(FuncType::new([], [ValType::I32])),
        ExternType::from(TableType::new(RefType::FUNCREF, 1, Some(1))),
        ExternType::from(TableType::new(RefType::EXTERNREF, 1, Some(1))),
        ExternType::from(TableType {
            table64: true,
            ..TableType::new(RefType::FUNCREF, 1, Some(1))
        }),
        ExternType::from(memory),
        ExternType::from(MemoryType {
            memory64: true,
            ..memory
        }),
        ExternType::from(MemoryType {
            shared: true,
            ..memory
        }),
        ExternType::from(MemoryType {
            page_size_log2: 0,
            ..memory
        }),
        ExternType::from(GlobalType::new(ValType::I32, false)),
        ExternType::from(GlobalType::new(ValType::I32, true)),
        ExternType::from(GlobalType::new(ValType::I64, false)),
        ExternType::from(TagType {
            func: FuncType::new([], []),
        }),
        ExternType::from(TagType {
            func: FuncType::new([ValType::I32], []),
        }),
    ];
    for (i, provided) in all.iter().enumerate() {
        for (j, expected) in all.iter().enumerate() {
            assert_eq!(
                provided.matches(expected, &registry),
                i == j,
                "{provided} {expected}"
            );
        }
    }
}

#[test]
fn a_global_that_is_only_read_may_hold_a_subtype() {
    let registry = TypeRegistry::new();
    let global = |content: RefType, mutable| {
        ExternType::from(GlobalType::new(ValType::Ref(content), mutable))
    };
    let (narrow, wide) = (RefType::new(false, HeapType::Func), RefType::FUNCREF);
    assert!(global(narrow, false).matches(&global(wide, false), &registry));
    assert!(!global(wide, false).matches(&global(narrow, false), &registry));
    assert!(!global(narrow, true).matches(&global(wide, true), &registry));
    assert!(!global(narrow, false).matches(&global(wide, true), &registry));
}

#[test]
fn sizes_of_memories_do_not_overflow() {
    assert_eq!(MemoryType::new(65_536, None).minimum_bytes(), Some(1 << 32));
    let huge = MemoryType {
        memory64: true,
        ..MemoryType::new(1 << 48, Some(1 << 48))
    };
    assert_eq!((huge.minimum_bytes(), huge.maximum_bytes()), (None, None));
    let bytes = MemoryType {
        page_size_log2: 0,
        ..huge
    };
    assert_eq!(bytes.minimum_bytes(), Some(1 << 48));
}
