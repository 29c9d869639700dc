//! Making an instance: allocation, constants and segments, in the specification's order.
//!
//! <https://webassembly.github.io/spec/core/exec/modules.html#instantiation>. Imports are matched
//! before (`link`), and `start` is run after, by the API, which can call functions. What a trap
//! in the middle finds written stays written, and the instance stays in the store: its functions
//! may have escaped through a shared table.

use super::{
    const_eval::Constants,
    func::{FuncEntry, FuncHandle, Results},
    global::{GlobalData, GlobalHome},
    instance::{CompiledModule, InstanceData, InstanceId},
    limiter::{Limiter, ask_for_number},
    link::Item,
    mapping::Image,
    memory::{Memory, MemoryId},
    segment::ElementState,
    store::StoreInner,
    table::{Table, TableId},
};
use crate::error::Error;
use alloc::{format, sync::Arc, vec, vec::Vec};
use curta_module::{ConstExpr, DataMode, ElementItems, ElementMode, Module, TagType};
use smallvec::SmallVec;

impl StoreInner {
    /// Makes an instance of a module of this store's engine from matched imports; `start` has not
    /// run.
    ///
    /// # Errors
    /// When a memory or table cannot be allocated (nothing has changed then), or a trap when an
    /// active segment does not fit.
    pub(crate) fn instantiate(
        &mut self,
        compiled: &Arc<CompiledModule>,
        imports: &[Item],
        limiter: Limiter<'_>,
    ) -> Result<InstanceId, Error> {
        let id = InstanceId(self.instances.len() as u32);
        let module = &compiled.module;
        let mut instance = InstanceData {
            module: Arc::clone(compiled),
            globals: Vec::new(),
            global_cells: Vec::new(),
            functions: Vec::with_capacity(module.functions().len()),
            tables: Vec::new(),
            memories: Vec::new(),
            global_ids: Vec::new(),
            tags: Vec::with_capacity(module.tags().len()),
            elements: Vec::new(),
            dropped_data: vec![false; module.data().len()],
        };
        for import in imports {
            match *import {
                Item::Func(handle) => instance.functions.push(handle),
                Item::Table(table) => instance.tables.push(table),
                Item::Memory(memory) => instance.memories.push(memory),
                Item::Global(global) => instance.global_ids.push(global),
                Item::Tag(tag) => instance.tags.push(tag),
            }
        }
        let images = compiled.images.for_instance(module);
        self.allocate_memories_and_tables(module, images, &mut instance, limiter)?;
        self.allocate_functions(compiled, id, &mut instance);
        self.allocate_tags(module, &mut instance);
        self.allocate_globals(module, id, &mut instance);
        self.fill_tables(module, &instance);
        instance.elements = self.evaluate_elements(module, &instance);
        let globals = instance.global_ids.clone();
        self.instances.push(instance);
        let cells = globals
            .iter()
            .map(|global| self.global_address(*global))
            .collect();
        self.instance_mut(id).global_cells = cells;
        self.apply_segments(compiled, images, id)?;
        Ok(id)
    }

    /// The only step that may fail before anything of the store is changed.
    fn allocate_memories_and_tables(
        &mut self,
        module: &Module,
        images: &[Option<Arc<Image>>],
        instance: &mut InstanceData,
        mut limiter: Limiter<'_>,
    ) -> Result<(), Error> {
        let own_memories = &module.memories()[module.imported_memories()..];
        let defined = &module.tables()[module.imported_tables()..];
        self.ask_for_numbers(&limiter, 1, own_memories.len(), defined.len())?;
        let mut memories = SmallVec::<[Memory; 1]>::new();
        for (own, ty) in own_memories.iter().enumerate() {
            let image = images.get(own).and_then(Option::as_ref);
            memories.push(self.new_memory(*ty, image, &mut limiter)?);
        }
        let elements = defined.iter().map(|table| table.ty.minimum);
        self.check_table_budget(elements.fold(0, u64::saturating_add))?;
        let mut tables = Vec::new();
        for table in defined {
            tables.push(self.new_table(table.ty, 0, &mut limiter)?);
        }
        for memory in memories {
            instance.memories.push(self.push_memory(memory));
        }
        for table in tables {
            instance.tables.push(self.push_table(table));
        }
        Ok(())
    }

    /// Refuses more instances, memories and tables than the limiter lets the store have.
    pub(crate) fn ask_for_numbers(
        &self,
        limiter: &Limiter<'_>,
        instances: usize,
        memories: usize,
        tables: usize,
    ) -> Result<(), Error> {
        let have = (self.instances.len(), self.memories.len(), self.tables.len());
        ask_for_number(limiter, |l| l.instances(), have.0, instances, "instances")?;
        ask_for_number(limiter, |l| l.memories(), have.1, memories, "memories")?;
        ask_for_number(limiter, |l| l.tables(), have.2, tables, "tables")
    }

    fn allocate_functions(
        &mut self,
        compiled: &CompiledModule,
        id: InstanceId,
        instance: &mut InstanceData,
    ) {
        let (module, code) = (&compiled.module, &compiled.code);
        let imported = module.imported_functions();
        let own = &module.functions()[imported..];
        self.functions.reserve(own.len());
        for (defined, ty) in own.iter().enumerate() {
            let func_type = module.func_type_at(*ty);
            instance.functions.push(self.functions.push(FuncEntry {
                code: code.entry(defined),
                signature: module.type_id(*ty).as_u32(),
                locals: code.locals_bytes(defined),
                instance: id.0,
                // Function indices are 32 bits wide in every module.
                index: (imported + defined) as u32,
                params: func_type.params().len() as u32,
                results: Results::of(func_type.results()),
            }));
        }
    }

    fn allocate_tags(&mut self, module: &Module, instance: &mut InstanceData) {
        for ty in &module.tags()[module.imported_tags()..] {
            let func = module.func_type_at(*ty).clone();
            instance.tags.push(self.push_tag(TagType { func }));
        }
    }

    fn allocate_globals(&mut self, module: &Module, id: InstanceId, instance: &mut InstanceData) {
        let own = &module.globals()[module.imported_globals()..];
        instance.globals.reserve_exact(own.len());
        for (index, global) in own.iter().enumerate() {
            let init = global
                .init
                .as_ref()
                .expect("validated: a defined global has a value");
            let word = self.evaluate(module, instance, init);
            instance.globals.push(word);
            let home = GlobalHome::Instance {
                instance: id,
                own: index as u32,
            };
            instance.global_ids.push(self.push_global(GlobalData {
                ty: global.ty,
                home,
            }));
        }
    }

    /// Tables whose definition gives a value start out full of it.
    fn fill_tables(&mut self, module: &Module, instance: &InstanceData) {
        let imported = module.imported_tables();
        for (table, id) in module.tables()[imported..]
            .iter()
            .zip(&instance.tables[imported..])
        {
            if let Some(init) = &table.init {
                let word = self.evaluate(module, instance, init);
                self.tables[id.index()].fill_all(word);
            }
        }
    }

    fn evaluate_elements(&self, module: &Module, instance: &InstanceData) -> Vec<ElementState> {
        let segments = module.elements().iter();
        segments
            .map(|segment| match (&segment.mode, &segment.items) {
                (ElementMode::Declared, _) => ElementState::Dropped,
                (_, ElementItems::Functions(_)) => ElementState::Functions,
                (_, ElementItems::Expressions(items)) => ElementState::Words(
                    items
                        .iter()
                        .map(|item| self.evaluate(module, instance, item))
                        .collect(),
                ),
            })
            .collect()
    }

    /// Writes the active segments, each dropped afterwards: elements first, then data.
    fn apply_segments(
        &mut self,
        compiled: &CompiledModule,
        images: &[Option<Arc<Image>>],
        id: InstanceId,
    ) -> Result<(), Error> {
        let module = &compiled.module;
        let elements = self.apply_elements(module, id);
        let mut laid = Vec::new();
        for (image, index) in images.iter().zip(module.imported_memories()..) {
            let memory = self.instance(id).memories[index].index();
            match (&elements, image) {
                // A memory may have come with its image, but data is not written after this.
                (Err(_), _) => self.memories[memory].bare(),
                (Ok(()), Some(image)) if self.memories[memory].lay(image) => laid.push(index),
                (Ok(()), _) => {}
            }
        }
        elements?;
        self.apply_data(module, &laid, id)
    }

    fn apply_elements(&mut self, module: &Module, id: InstanceId) -> Result<(), Error> {
        for (elem, segment) in (0u32..).zip(module.elements()) {
            let ElementMode::Active { table, offset } = &segment.mode else {
                continue;
            };
            let offset = self.evaluate(module, self.instance(id), offset);
            let wide = module.tables()[table.index()].ty.table64;
            let len = self.instance(id).element_segment(elem).len() as u64;
            self.table_init(id, table.as_u32(), elem, address(offset, wide), 0, len)?;
            self.elem_drop(id, elem);
        }
        Ok(())
    }

    /// All but the segments of memories that have them from an image already.
    fn apply_data(&mut self, module: &Module, laid: &[usize], id: InstanceId) -> Result<(), Error> {
        for (data, segment) in (0u32..).zip(module.data()) {
            let DataMode::Active { memory, offset } = &segment.mode else {
                continue;
            };
            if laid.contains(&memory.index()) {
                self.data_drop(id, data);
                continue;
            }
            let offset = self.evaluate(module, self.instance(id), offset);
            let wide = module.memories()[memory.index()].memory64;
            let len = segment.range.len() as u64;
            self.memory_init(id, memory.as_u32(), data, address(offset, wide), 0, len)?;
            self.data_drop(id, data);
        }
        Ok(())
    }

    /// The word of a constant expression of an instance that may still be incomplete: its own
    /// globals are there as far as they were allocated.
    fn evaluate(&self, module: &Module, instance: &InstanceData, expr: &ConstExpr) -> u64 {
        let imported = module.imported_globals();
        let constants = Constants {
            global: |index: usize| match index.checked_sub(imported) {
                Some(own) => instance.globals[own],
                None => self.global_word(instance.global_ids[index]),
            },
            func: |index: usize| -> FuncHandle { instance.functions[index] },
        };
        constants.evaluate(expr.ops())
    }

    /// Adds a memory.
    pub(crate) fn push_memory(&mut self, memory: Memory) -> MemoryId {
        let id = MemoryId(self.memories.len() as u32);
        self.memories.push(memory);
        id
    }

    /// Adds a table for which there is room in the store's budget.
    pub(crate) fn push_table(&mut self, table: Table) -> TableId {
        self.table_elements = self.table_elements.saturating_add(table.size());
        let id = TableId(self.tables.len() as u32);
        self.tables.push(table);
        id
    }

    /// Refuses tables of so many elements together when the store's budget does not allow them.
    pub(crate) fn check_table_budget(&self, elements: u64) -> Result<(), Error> {
        let most = self.limits.all_table_elements;
        match self.table_elements.checked_add(elements) {
            Some(all) if all <= most => Ok(()),
            _ => Err(Error::limit(format!(
                "cannot allocate tables of {elements} elements: the tables of a store may have \
                 {most} together, and have {} already",
                self.table_elements
            ))),
        }
    }
}

/// An offset as an address: of a 32-bit one only the lower half of the word counts.
fn address(word: u64, wide: bool) -> u64 {
    if wide { word } else { u64::from(word as u32) }
}
