//! Labels, branches and returns.
//!
//! Values that go to a label travel in the canonical slots at the label's height. A branch back to a loop's head compares
//! its target with the head that is in a register, or goes straight there when nothing can have changed that register.

use alloc::vec::Vec;

use super::{
    assigned::Assigned,
    locals::kept_as,
    stack::{Value, class},
    translator::Translator,
};
use crate::code::{
    builder::{PartRef, Pending, Word},
    catalog::{HandlerId, Plain},
    exception_table::{CatchClause, TryRange},
    op::{CompareOp, Type},
    operand::{Class, Edge, Source},
};
use curta_module::TypeIdx;
use wasmparser::{BlockType, BrTable, Catch, TryTable};

/// What a label belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Function,
    Block,
    Loop,
    /// The body of a `try_table`.
    Try,
    /// The first arm of an `if`.
    If,
    Else,
}

pub(super) struct Label {
    pub(super) kind: Kind,
    ty: BlockType,
    /// The stack's height below the parameters.
    height: usize,
    params: usize,
    results: usize,
    /// Where a loop begins.
    start: u32,
    /// Branches to the end.
    pending: Pending,
    /// The branch that skips the first arm of an `if`.
    skip: Pending,
    /// What sets the loop's head, and whether a branch relies on it.
    set_head: Option<PartRef>,
    head_used: bool,
    /// The stub that brings a `br_table`'s results here: the table's number and the stub's place.
    stub: (u32, u32),
    /// What a `try_table` catches.
    catches: Vec<Catch>,
    /// The locals that were set where it began.
    before: Assigned,
    /// Those that were set on all branches to its end.
    assigned: Assigned,
}

impl Label {
    /// How many values a branch brings.
    fn arity(&self) -> usize {
        if self.kind == Kind::Loop {
            self.params
        } else {
            self.results
        }
    }
}

impl Translator<'_> {
    /// The types of a block's parameters and results.
    fn block_arity(&self, ty: BlockType) -> (usize, usize) {
        match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(ty) => {
                let ty = self.module.func_type_at(TypeIdx::from(ty));
                (ty.params().len(), ty.results().len())
            }
        }
    }

    /// Pushes values that are in the canonical slots above the stack: a block's parameters or results.
    fn push_in_slots(&mut self, ty: BlockType, results: bool) {
        match ty {
            BlockType::Empty => {}
            BlockType::Type(ty) => {
                if results {
                    self.push_in_slot(one_type(ty));
                }
            }
            BlockType::FuncType(ty) => {
                let ty = self.module.func_type_at(TypeIdx::from(ty));
                for ty in if results { ty.results() } else { ty.params() } {
                    self.push_in_slot(kept_as(*ty));
                }
            }
        }
    }

    fn push_in_slot(&mut self, ty: Type) {
        let slot = self.canonical(self.stack.len());
        self.stack.push(ty, Value::Slot(slot));
    }

    fn open_label(&mut self, kind: Kind, ty: BlockType) -> usize {
        let (params, results) = self.block_arity(ty);
        let height = self.stack.len() - params;
        self.labels.push(Label {
            kind,
            ty,
            height,
            params,
            results,
            start: 0,
            pending: Pending::default(),
            skip: Pending::default(),
            set_head: None,
            head_used: false,
            stub: (0, 0),
            catches: Vec::new(),
            before: self.assigned,
            assigned: Assigned::ALL,
        });
        height
    }

    /// Opens the function's own label.
    pub(super) fn open_function(&mut self, results: usize) {
        self.open_label(Kind::Function, BlockType::Empty);
        if let Some(label) = self.labels.last_mut() {
            label.results = results;
        }
    }

    pub(super) fn block(&mut self, ty: BlockType) {
        self.flush();
        self.open_label(Kind::Block, ty);
    }

    pub(super) fn try_table(&mut self, table: TryTable) {
        self.flush();
        let start = self.builder.label();
        self.open_label(Kind::Try, table.ty);
        if let Some(label) = self.labels.last_mut() {
            label.start = start;
            label.catches = table.catches;
        }
    }

    /// The end of a `try_table`'s body: behind it come the places where its clauses land.
    fn end_try(&mut self) {
        let end = self.builder.label();
        if self.reachable {
            let field = self.jump(Edge::Forward);
            self.wait_for(0, field);
        }
        let Some(label) = self.labels.pop() else {
            return;
        };
        let mut catches = Vec::with_capacity(label.catches.len());
        for catch in &label.catches {
            let (tag, depth, reference) = match *catch {
                Catch::One { tag, label } => (Some(tag), label, false),
                Catch::OneRef { tag, label } => (Some(tag), label, true),
                Catch::All { label } => (None, label, false),
                Catch::AllRef { label } => (None, label, true),
            };
            self.cut(label.height);
            self.assigned = label.before;
            let landing = self.builder.label();
            catches.push(CatchClause {
                tag,
                reference,
                landing,
            });
            if let Some(tag) = tag {
                let module = self.module;
                for ty in module.func_type_at(module.tags()[tag as usize]).params() {
                    self.push_in_slot(kept_as(*ty));
                }
            }
            if reference {
                self.push_in_slot(Type::I64);
            }
            let to = self.label(depth);
            let (kind, arity) = (to.kind, to.arity());
            self.leave_for(depth, kind, arity);
        }
        self.cut(label.height);
        let values = self.canonical(label.height);
        self.builder.catches(TryRange {
            start: label.start,
            end,
            values,
            catches,
        });
        self.reachable = false;
        self.end_block(&label);
    }

    /// Throws an exception with the top values.
    pub(super) fn throw(&mut self, tag: u32) {
        let module = self.module;
        let count = module
            .func_type_at(module.tags()[tag as usize])
            .params()
            .len();
        self.settle(count);
        let first = self.canonical(self.stack.len() - count);
        self.builder
            .open(HandlerId::plain(Plain::Throw))
            .word32(tag)
            .word32(count as u32)
            .word32(first.cast_unsigned());
        self.builder.close();
        self.unreachable();
    }

    pub(super) fn throw_ref(&mut self) {
        let [slot] = self.in_slots::<1>();
        self.builder
            .open(HandlerId::plain(Plain::ThrowRef))
            .slot(slot);
        self.builder.close();
        self.unreachable();
    }

    /// Puts the top values, which a label takes, into their own slots, constants too.
    fn settle(&mut self, count: usize) {
        for index in self.stack.len() - count..self.stack.len() {
            self.canonicalize(index);
        }
    }

    pub(super) fn loop_(&mut self, ty: BlockType) {
        let (params, _) = self.block_arity(ty);
        self.settle(params);
        self.flush();
        self.builder.open(HandlerId::plain(Plain::SetHead));
        let set_head = self.builder.close();
        self.forget();
        let start = self.builder.label();
        self.head_changed = start;
        self.open_label(Kind::Loop, ty);
        if let Some(label) = self.labels.last_mut() {
            label.start = start;
            label.set_head = Some(set_head);
        }
    }

    pub(super) fn if_(&mut self, ty: BlockType) {
        let (params, _) = self.block_arity(ty);
        // The condition stays where it is: what it waits for is not moved by saving the others.
        let condition = self.stack.len() - 1;
        for index in condition - params..condition {
            self.canonicalize(index);
        }
        for index in self.stack.flushed()..condition {
            self.materialize(index);
            if !matches!(self.stack.get(index).value, Value::Const(_)) {
                self.canonicalize(index);
            }
        }
        let branch = self.branch_on_top(true, Edge::Forward);
        self.stack.set_flushed();
        self.open_label(Kind::If, ty);
        let mut skip = Pending::default();
        self.builder.wait(branch, &mut skip);
        if let Some(label) = self.labels.last_mut() {
            label.skip = skip;
        }
    }

    pub(super) fn else_(&mut self) {
        let (height, results, ty) = self.innermost();
        if self.reachable {
            self.move_to(results, height);
            let part = self.jump(Edge::Forward);
            let depth = 0;
            self.wait_for(depth, part);
        }
        let label = self.builder.label();
        let innermost = self.labels.len() - 1;
        let skip = core::mem::take(&mut self.labels[innermost].skip);
        self.labels[innermost].kind = Kind::Else;
        self.assigned = self.labels[innermost].before;
        self.builder.resolve(skip, label);
        self.cut(height);
        self.reachable = true;
        self.push_in_slots(ty, false);
    }

    fn innermost(&self) -> (usize, usize, BlockType) {
        match self.labels.last() {
            Some(label) => (label.height, label.results, label.ty),
            None => {
                unreachable!("validated: there is a label; please report this as a bug of curta")
            }
        }
    }

    pub(super) fn end(&mut self) {
        let (height, results, _) = self.innermost();
        let function = self.labels.len() == 1;
        if self.reachable && !function {
            self.move_to(results, height);
        }
        if self
            .labels
            .last()
            .is_some_and(|label| label.kind == Kind::Try)
        {
            self.end_try();
            return;
        }
        let Some(label) = self.labels.pop() else {
            return;
        };
        if function {
            self.end_function(&label);
        } else {
            self.end_block(&label);
        }
    }

    fn end_block(&mut self, label: &Label) {
        if let (Some(part), false) = (label.set_head, label.head_used) {
            self.builder.remove(part);
        }
        let merges = !label.pending.is_empty() || !label.skip.is_empty();
        if !self.reachable {
            self.assigned = Assigned::ALL;
        }
        self.assigned.meet(label.assigned);
        if !label.skip.is_empty() {
            self.assigned.meet(label.before);
        }
        if merges {
            let here = self.builder.label();
            self.builder.resolve(label.pending, here);
            self.builder.resolve(label.skip, here);
        }
        if self.reachable && !merges {
            self.pop_many(self.stack.len() - label.height);
        } else {
            self.cut(label.height);
        }
        self.reachable |= merges;
        if self.reachable {
            self.push_in_slots(label.ty, true);
        }
    }

    fn end_function(&mut self, label: &Label) {
        if self.reachable {
            self.return_(label.results);
        }
        if label.pending.is_empty() {
            return;
        }
        let here = self.builder.label();
        self.builder.resolve(label.pending, here);
        self.cut(0);
        let types = core::mem::take(&mut self.results);
        for ty in &types {
            self.push_in_slot(*ty);
        }
        self.results = types;
        self.return_(label.results);
    }

    /// Drops all values above a height, and what accumulators hold: another way leads here.
    fn cut(&mut self, height: usize) {
        while self.stack.len() > height {
            self.stack.pop();
        }
        self.forget();
    }

    /// Says that what follows cannot be reached.
    pub(super) fn unreachable(&mut self) {
        let (height, ..) = self.innermost();
        self.cut(height);
        self.reachable = false;
    }

    fn label(&mut self, depth: u32) -> &mut Label {
        let index = self.labels.len() - 1 - depth as usize;
        &mut self.labels[index]
    }

    /// Which way a branch to a label goes.
    fn edge(&mut self, depth: u32) -> Edge {
        let head_changed = self.head_changed;
        let label = self.label(depth);
        if label.kind != Kind::Loop {
            Edge::Forward
        } else if head_changed <= label.start && label.set_head.is_some() {
            label.head_used = true;
            Edge::Head
        } else {
            Edge::Back
        }
    }

    fn jump(&mut self, edge: Edge) -> u32 {
        let part = self
            .builder
            .cell(HandlerId::br(edge), Word::TARGET, Word::NONE, Word::NONE);
        if edge == Edge::Forward {
            self.builder.forward_branch(part);
        }
        self.builder.operands_of(part)
    }

    /// Points a branch's target field at a label, now or when that is placed.
    fn wait_for(&mut self, depth: u32, field: u32) {
        let index = self.labels.len() - 1 - depth as usize;
        let assigned = self.assigned;
        let label = &mut self.labels[index];
        label.assigned.meet(assigned);
        if label.kind == Kind::Loop {
            self.builder.point(field, label.start);
        } else {
            self.builder.wait(field, &mut label.pending);
        }
    }

    /// Brings the top values to the slots from a height on.
    fn move_to(&mut self, count: usize, height: usize) {
        let first = self.stack.len() - count;
        if first == height {
            self.settle(count);
            return;
        }
        if count > 3 {
            self.settle(count);
            let (to, from) = (self.canonical(height), self.canonical(first));
            self.builder
                .open(HandlerId::plain(Plain::CopyMany))
                .word32(to.cast_unsigned())
                .word32(from.cast_unsigned())
                .word32(count as u32);
            self.builder.close();
            for i in 0..count {
                let slot = self.canonical(height + i);
                self.written(slot);
            }
            return;
        }
        for i in 0..count {
            let slot = self.canonical(height + i);
            self.put_in_slot(first + i, slot);
            if let Value::Acc = self.stack.get(first + i).value {
                self.stack.set(first + i, Value::Slot(slot));
            }
        }
    }

    pub(super) fn br(&mut self, depth: u32) {
        if self.label(depth).kind == Kind::Function {
            let results = self.label(depth).results;
            self.return_(results);
        } else {
            let label = self.label(depth);
            let (arity, height) = (label.arity(), label.height);
            self.move_to(arity, height);
            let edge = self.edge(depth);
            let field = self.jump(edge);
            self.wait_for_edge(depth, edge, field);
        }
        self.unreachable();
    }

    /// A branch to the head in the register has no target to be pointed.
    fn wait_for_edge(&mut self, depth: u32, edge: Edge, field: u32) {
        if edge != Edge::Head {
            self.wait_for(depth, field);
        }
    }

    pub(super) fn br_if(&mut self, depth: u32) {
        let label = self.label(depth);
        let (kind, arity) = (label.kind, label.arity());
        if arity == 0 {
            let edge = self.edge(depth);
            let field = self.branch_on_top(false, edge);
            self.wait_for_edge(depth, edge, field);
            return;
        }
        // The values go to the label on the taken path only; both paths find them in their own slots.
        let condition = self.stack.len() - 1;
        for index in condition - arity..condition {
            self.canonicalize(index);
        }
        self.spill_below(condition);
        let skip = self.branch_on_top(true, Edge::Forward);
        let mut pending = Pending::default();
        self.builder.wait(skip, &mut pending);
        self.leave_for(depth, kind, arity);
        self.join(pending);
    }

    /// Branches when the reference on top is null, which it takes then.
    pub(super) fn br_on_null(&mut self, depth: u32) {
        let reference = self.stack.len() - 1;
        self.canonicalize(reference);
        let label = self.label(depth);
        let (kind, arity) = (label.kind, label.arity());
        for index in reference - arity..reference {
            self.canonicalize(index);
        }
        self.spill_below(reference);
        let skip = self.branch_on_reference(CompareOp::I64Ne);
        let ty = self.stack.get(reference).ty;
        let value = self.stack.get(reference).value;
        // On the way to the label the reference is gone.
        self.pop();
        self.leave_for(depth, kind, arity);
        self.stack.push(ty, value);
        self.join(skip);
    }

    /// Branches with the reference on top unless it is null, which is dropped then.
    pub(super) fn br_on_non_null(&mut self, depth: u32) {
        let label = self.label(depth);
        let (kind, arity) = (label.kind, label.arity());
        let top = self.stack.len();
        for index in top - arity..top {
            self.canonicalize(index);
        }
        self.spill_below(top);
        let skip = self.branch_on_reference(CompareOp::I64Eq);
        self.leave_for(depth, kind, arity);
        self.join(skip);
        self.pop();
    }

    /// Branches forward on how the reference on top, which is in its slot, compares with null.
    fn branch_on_reference(&mut self, op: CompareOp) -> Pending {
        let top = self.stack.len() - 1;
        let slot = self.canonical(top);
        let slot = self.near_source(slot, 0);
        let id = HandlerId::br_compare(op, Source::Slot, Source::Imm, Edge::Forward);
        self.builder.open(id).word64(0).slot(slot).word32(0);
        let part = self.builder.close();
        let field = self.builder.operands_of(part);
        let mut pending = Pending::default();
        self.builder.wait(field, &mut pending);
        pending
    }

    /// Goes to a label with the top values, which are in their own slots, leaving the stack as it is.
    fn leave_for(&mut self, depth: u32, kind: Kind, arity: usize) {
        let kept = self.accumulators;
        if kind == Kind::Function {
            self.return_(arity);
        } else {
            self.bring(depth);
            let edge = self.edge(depth);
            let field = self.jump(edge);
            self.wait_for_edge(depth, edge, field);
        }
        self.accumulators = kept;
    }

    /// Where a branch that was not taken goes on.
    fn join(&mut self, skip: Pending) {
        let here = self.builder.label();
        self.builder.resolve(skip, here);
        for class in Class::ALL {
            self.accumulator(class).producer = None;
        }
    }

    /// Copies the top values, which are in their own slots, to a label's, leaving the stack as it is.
    fn bring(&mut self, depth: u32) {
        let label = self.label(depth);
        let (arity, height) = (label.arity(), label.height);
        let first = self.stack.len() - arity;
        if first == height {
            return;
        }
        let (to, from) = (self.canonical(height), self.canonical(first));
        if arity == 1
            && let (Some(to), Some(from)) = (self.near(to), self.near(from))
        {
            self.builder
                .open(HandlerId::plain(Plain::CopySlot))
                .slot(to)
                .slot(from);
        } else {
            self.builder
                .open(HandlerId::plain(Plain::CopyMany))
                .word32(to.cast_unsigned())
                .word32(from.cast_unsigned())
                .word32(arity as u32);
        }
        self.builder.close();
    }

    pub(super) fn br_table(&mut self, table: &BrTable<'_>, targets: &[u32]) {
        let index = self.stack.len() - 1;
        self.prepare_variable(index);
        let arity = self.label(table.default()).arity();
        for value in index - arity..index {
            self.canonicalize(value);
        }
        let place = self.ready(index);
        let operand = self.operand(Type::I32, place, 0);
        self.pop();
        let id = match operand.source() {
            Source::Acc => Plain::BrTableAcc,
            Source::Slot | Source::Imm | Source::Imm16 | Source::Imm64 => Plain::BrTableSlot,
        };
        self.builder.open(HandlerId::plain(id));
        operand.write(&mut self.builder);
        self.builder.word32(table.len());
        for _ in targets {
            self.builder.word64(0);
        }
        let part = self.builder.close();
        let operands = self.builder.operands_of(part);
        let first = operands
            + if operand.source() == Source::Acc {
                4
            } else {
                6
            };
        for (number, depth) in targets.iter().enumerate() {
            let field = first + 8 * number as u32;
            // A jump to a loop's head must leave that in the register.
            let head_lost =
                self.label(*depth).kind == Kind::Loop && self.edge(*depth) == Edge::Back;
            if arity == 0 && !head_lost {
                self.wait_for(*depth, field);
            } else {
                let stub = self.stub(*depth, first);
                self.builder.point(field, stub);
            }
        }
        self.unreachable();
    }

    /// The stub through which a `br_table` with results reaches a label: one for all of its entries that go there. `table`
    /// tells one table from another.
    fn stub(&mut self, depth: u32, table: u32) -> u32 {
        let label = self.label(depth);
        if label.stub.0 == table {
            return label.stub.1;
        }
        let here = self.builder.label();
        let label = self.label(depth);
        label.stub = (table, here);
        let (kind, arity) = (label.kind, label.arity());
        // What the accumulators mirror is not known to be so at a place that a table leads to.
        self.accumulators = Default::default();
        self.leave_for(depth, kind, arity);
        here
    }

    /// Emits a conditional branch on the top entry and takes that off the stack; `negated`: taken when it is zero. The
    /// position of its target field.
    fn branch_on_top(&mut self, negated: bool, edge: Edge) -> u32 {
        let top = self.stack.len() - 1;
        let part = if let Some((op, a, b)) = self.stack.get(top).value.as_compare() {
            let op = if negated { op.negated() } else { op };
            let (op, a, b) = self.compare_operands(op, a, b);
            self.pop();
            let id = HandlerId::br_compare(op, a.source(), b.source(), edge);
            self.builder.cell(id, Word::TARGET, a.word(), b.word())
        } else {
            let place = self.prepare_variable(top);
            let operand = self.operand(Type::I32, place, 0);
            self.pop();
            let id = HandlerId::br_if(!negated, operand.source(), edge);
            self.builder
                .cell(id, Word::TARGET, operand.word(), Word::NONE)
        };
        self.builder.operands_of(part)
    }

    pub(super) fn return_current(&mut self) {
        let results = self.labels[0].results;
        self.return_(results);
        self.unreachable();
    }

    /// Returns the top values.
    fn return_(&mut self, count: usize) {
        match count {
            0 => {
                self.builder.open(HandlerId::plain(Plain::Return));
                self.builder.close();
            }
            1 => self.return_one(),
            _ => {
                self.settle(count);
                let first = self.canonical(self.stack.len() - count);
                let locals = self.locals.count() * 8;
                self.builder
                    .open(HandlerId::plain(Plain::ReturnMany))
                    .word32(count as u32)
                    .word32(locals)
                    .word32(first.cast_unsigned());
                self.builder.close();
            }
        }
    }

    fn return_one(&mut self) {
        let top = self.stack.len() - 1;
        self.prepare(top);
        let ty = self.stack.get(top).ty;
        if matches!(ty, Type::F32 | Type::F64) {
            self.const_to_slot(top);
        }
        let place = self.ready(top);
        let operand = self.operand(ty, place, 0);
        let id = match operand.source() {
            Source::Imm | Source::Imm16 => HandlerId::plain(Plain::ReturnImm),
            source => HandlerId::return_value(class(ty), source),
        };
        self.builder.open(id);
        operand.write(&mut self.builder);
        self.builder.close();
    }
}

fn one_type(ty: wasmparser::ValType) -> Type {
    match ty {
        wasmparser::ValType::I32 => Type::I32,
        wasmparser::ValType::F32 => Type::F32,
        wasmparser::ValType::F64 => Type::F64,
        wasmparser::ValType::I64 | wasmparser::ValType::Ref(_) => Type::I64,
        wasmparser::ValType::V128 => {
            unreachable!(
                "validated: vectors are refused at decoding; please report this as a bug of curta"
            )
        }
    }
}

/// Reads a table's targets, the default one last.
pub(super) fn targets(
    table: &BrTable<'_>,
    targets: &mut Vec<u32>,
) -> Result<(), wasmparser::BinaryReaderError> {
    targets.clear();
    for target in table.targets() {
        targets.push(target?);
    }
    targets.push(table.default());
    Ok(())
}
