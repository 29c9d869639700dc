//! What a module says about itself comes out of it as plain data.

use curta_module::{
    ConstOp, DataMode, ElementItems, ElementMode, ExportItem, Features, FuncIdx, HeapType,
    ImportKind, Limits, Module, RefType, SectionId, TypeIdx, TypeRegistry, ValType,
};

fn everything() -> Module {
    let bytes = wat::parse_file("tests/modules/everything.wat").expect("valid text");
    Module::decode(
        bytes,
        &Features::WASM2,
        &Limits::default(),
        &TypeRegistry::new(),
    )
    .expect("a valid module")
}

#[test]
fn a_module_can_cross_threads() {
    fn is_shared<T: Send + Sync>() {}
    is_shared::<Module>();
    is_shared::<TypeRegistry>();
    is_shared::<curta_module::ModuleError>();
}

#[test]
fn an_error_is_one_pointer_wide() {
    assert_eq!(size_of::<curta_module::ModuleError>(), size_of::<usize>());
    assert_eq!(size_of::<Option<curta_module::TypeId>>(), 4);
}

#[test]
fn types_are_canonical() {
    let module = everything();
    assert_eq!(module.types().len(), 4, "the fourth is that of `$split`");
    assert_eq!(
        module.func_type_at(TypeIdx::new(0)).to_string(),
        "(func (param i32) (result i32))"
    );
    assert_eq!(
        module.func_type_at(TypeIdx::new(2)).to_string(),
        "(func (param i64 f32) (result f64 externref))"
    );
    let registry = TypeRegistry::new();
    let bytes = wat::parse_str("(module (type (func)) (type (func (param i32))) (type (func)))")
        .expect("valid text");
    let decode = || {
        let bytes = bytes.clone();
        Module::decode(bytes, &Features::WASM1, &Limits::default(), &registry).expect("valid")
    };
    let (one, other) = (decode(), decode());
    for index in [0, 1, 2].map(TypeIdx::new) {
        assert_eq!(one.type_id(index), other.type_id(index));
    }
    assert_eq!(one.type_id(TypeIdx::new(0)), one.type_id(TypeIdx::new(2)));
    assert_ne!(one.type_id(TypeIdx::new(0)), one.type_id(TypeIdx::new(1)));
    assert_eq!(registry.len(), 2);
}

#[test]
fn imports_come_with_their_types() {
    let module = everything();
    let text: Vec<String> = module
        .imports()
        .iter()
        .map(|import| {
            format!(
                "{}.{} {}",
                import.module,
                import.name,
                module.import_type(import)
            )
        })
        .collect();
    assert_eq!(
        text,
        [
            "env.call (func (param i32) (result i32))",
            "env.table (table 1 10 funcref)",
            "env.memory (memory 1 4)",
            "env.base (global i32)",
            "env.counter (global (mut i64))",
        ]
    );
    assert_eq!(module.imports()[0].ty, ImportKind::Func(TypeIdx::new(0)));
    assert_eq!(module.imported_functions(), 1);
    assert_eq!(module.imported_tables(), 1);
    assert_eq!(module.imported_memories(), 1);
    assert_eq!(module.imported_globals(), 2);
    assert_eq!(module.imported_tags(), 0);
}

#[test]
fn exports_are_found_by_name() {
    let module = everything();
    assert_eq!(module.exports().len(), 7);
    assert_eq!(
        module.export("twice"),
        Some(ExportItem::Func(FuncIdx::new(2)))
    );
    assert_eq!(
        module.export("call"),
        Some(ExportItem::Func(FuncIdx::new(0)))
    );
    assert_eq!(module.export(""), Some(ExportItem::Func(FuncIdx::new(1))));
    assert_eq!(module.export("twic"), None);
    for export in module.exports() {
        assert_eq!(module.export(&export.name), Some(export.item));
    }
    let snowman = module.export("naïve ☃").expect("it is exported");
    assert_eq!(
        module.export_type(snowman).to_string(),
        "(global (mut f64))"
    );
    let own = module.export("own").expect("it is exported");
    assert_eq!(module.export_type(own).to_string(), "(table 4 externref)");
}

#[test]
fn globals_hold_their_constant_expressions() {
    let module = everything();
    let ops: Vec<Option<&[ConstOp]>> = module
        .globals()
        .iter()
        .map(|global| global.init.as_ref().map(|init| init.ops()))
        .collect();
    assert_eq!(
        ops,
        [
            None,
            None,
            Some(&[ConstOp::I32Const(42)][..]),
            Some(&[ConstOp::GlobalGet(0.into())][..]),
            Some(&[ConstOp::F64Const((-0.5f64).to_bits())][..]),
            Some(&[ConstOp::RefFunc(2.into())][..]),
            Some(&[ConstOp::RefNull(HeapType::Extern)][..]),
        ]
    );
    assert_eq!(
        module.globals()[5]
            .init
            .as_ref()
            .and_then(|i| i.as_ref_func()),
        Some(2.into())
    );
}

#[test]
fn element_segments_have_modes_and_items() {
    let module = everything();
    let [active, moved, passive, declared] = module.elements() else {
        panic!("four segments, not {}", module.elements().len());
    };
    let ElementMode::Active { table, offset } = &active.mode else {
        panic!("active")
    };
    assert_eq!(table.index(), 0);
    assert_eq!(offset.ops(), [ConstOp::I32Const(0)]);
    assert_eq!(
        active.items,
        ElementItems::Functions([FuncIdx::new(2)].into())
    );
    let ElementItems::Expressions(items) = &moved.items else {
        panic!("expressions")
    };
    assert_eq!(items[0].ops(), [ConstOp::RefFunc(1.into())]);
    assert_eq!(items[1].ops(), [ConstOp::RefNull(HeapType::Func)]);
    assert_eq!(moved.ty, RefType::FUNCREF);
    assert_eq!(
        (&passive.mode, passive.items.len()),
        (&ElementMode::Passive, 2)
    );
    assert_eq!(
        (&declared.mode, declared.items.len()),
        (&ElementMode::Declared, 1)
    );
}

#[test]
fn data_segments_are_places_in_the_bytes() {
    let module = everything();
    let bytes: Vec<&[u8]> = module
        .data()
        .iter()
        .map(|data| &module.bytes()[data.range.clone()])
        .collect();
    assert_eq!(bytes, [&b"at eight"[..], b"passive", b"\0\xff"]);
    let DataMode::Active { memory, offset } = &module.data()[2].mode else {
        panic!("active")
    };
    assert_eq!(
        (memory.index(), offset.ops()),
        (0, &[ConstOp::GlobalGet(0.into())][..])
    );
    assert_eq!(module.data()[1].mode, DataMode::Passive);
}

#[test]
fn bodies_know_their_functions_and_places() {
    let module = everything();
    assert_eq!(module.functions().len(), 5);
    assert_eq!(module.bodies(), 4);
    assert_eq!(module.start(), Some(FuncIdx::new(1)));
    let mut allocations = wasmparser::FuncValidatorAllocations::default();
    for defined in 0..module.bodies() {
        let body = module.body(defined);
        assert_eq!(body.func().index(), defined + 1);
        assert_eq!(body.ty(), module.func_type(body.func()));
        assert_eq!(
            body.reader().range(),
            body.offset() as u64..body.range().end as u64
        );
        assert_eq!(body.bytes().last(), Some(&0x0b));
        allocations = body.validate(allocations).expect("a valid body");
    }
    let split = module.body(2);
    assert_eq!(split.ty().results(), [ValType::I32, ValType::I32]);
}

#[test]
fn sections_are_listed_in_order() {
    let module = everything();
    let names: Vec<&str> = module
        .sections()
        .iter()
        .map(|section| section.id.name())
        .collect();
    assert_eq!(
        names,
        [
            "type",
            "import",
            "function",
            "table",
            "global",
            "export",
            "start",
            "element",
            "data count",
            "code",
            "data",
            "custom",
            "custom",
            "custom",
        ]
    );
    let custom: Vec<&str> = module.custom_sections().map(|(name, _)| name).collect();
    assert_eq!(custom, ["extra", "producers", "name"]);
    let extra = module.custom_sections().next().expect("there are three");
    assert_eq!(extra.1, [1, 2, 3]);
    let mut end = 8;
    for section in module.sections() {
        assert!(section.range.start > end, "sections do not overlap");
        end = section.range.end;
    }
    assert_eq!(end, module.bytes().len());
    assert!(
        module
            .sections()
            .iter()
            .any(|section| section.id == SectionId::DataCount)
    );
}

#[test]
fn the_empty_module_is_a_module() {
    let bytes = wat::parse_file("tests/modules/smallest.wat").expect("valid text");
    assert_eq!(bytes.len(), 8);
    let registry = TypeRegistry::new();
    let module = Module::decode(bytes, &Features::NONE, &Limits::default(), &registry)
        .expect("a valid module");
    assert_eq!(
        (module.bodies(), module.exports().len(), module.name()),
        (0, 0, None)
    );
    assert!(registry.is_empty());
}
