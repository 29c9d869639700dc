// inventory: a hash table, a heap, a tokenizer and a matrix of fixed-point numbers, with the C library
// for memory and output only (the standard library of Zig changes with each version).

const c = struct {
    extern fn malloc(size: usize) ?[*]u8;
    extern fn free(memory: ?[*]u8) void;
    extern fn puts(text: [*:0]const u8) c_int;
    extern fn printf(format: [*:0]const u8, ...) c_int;
};

const Slot = struct { key: u64 = 0, count: u32 = 0, price: i64 = 0 };

// Open addressing, doubled when three quarters are taken.
const Table = struct {
    slots: []Slot,
    used: usize = 0,

    fn init(capacity: usize) Table {
        const bytes = c.malloc(capacity * @sizeOf(Slot)) orelse unreachable;
        const slots: [*]Slot = @ptrCast(@alignCast(bytes));
        for (slots[0..capacity]) |*slot| slot.* = .{};
        return .{ .slots = slots[0..capacity] };
    }

    fn at(table: *Table, key: u64) *Slot {
        if ((table.used + 1) * 4 > table.slots.len * 3) table.grow();
        var place: usize = @truncate((key *% 0x9E3779B97F4A7C15) >> 32);
        while (true) {
            place &= table.slots.len - 1;
            const slot = &table.slots[place];
            if (slot.key == key) return slot;
            if (slot.key == 0) {
                slot.key = key;
                table.used += 1;
                return slot;
            }
            place += 1;
        }
    }

    fn grow(table: *Table) void {
        var larger = Table.init(table.slots.len * 2);
        for (table.slots) |slot| {
            if (slot.key != 0) larger.at(slot.key).* = slot;
        }
        c.free(@ptrCast(table.slots.ptr));
        table.* = larger;
    }
};

const Token = union(enum) { word: u64, number: i64, sign: u8 };

const Tokens = struct {
    text: []const u8,
    place: usize = 0,

    fn next(tokens: *Tokens) ?Token {
        while (tokens.place < tokens.text.len and tokens.text[tokens.place] == ' ') tokens.place += 1;
        if (tokens.place == tokens.text.len) return null;
        const first = tokens.text[tokens.place];
        switch (first) {
            'a'...'z', 'A'...'Z', '_' => {
                var key: u64 = 1;
                while (tokens.place < tokens.text.len and tokens.text[tokens.place] >= 'A') : (tokens.place += 1)
                    key = key *% 131 +% tokens.text[tokens.place];
                return .{ .word = key };
            },
            '0'...'9' => {
                var value: i64 = 0;
                while (tokens.place < tokens.text.len and tokens.text[tokens.place] -% '0' < 10) : (tokens.place += 1)
                    value = value *% 10 +% (tokens.text[tokens.place] - '0');
                return .{ .number = value };
            },
            else => {
                tokens.place += 1;
                return .{ .sign = first };
            },
        }
    }
};

const orders = "take 12 lamp at 395; take 7 rope at 120; give 3 lamp; take 40 nail at 2; swap rope nail; " ++
    "give 1 rope; take 5 oil_can at 850; swap lamp oil_can; give 2 nail; take 9 wick at 15;";

fn follow(table: *Table, salt: u64) i64 {
    var tokens = Tokens{ .text = orders };
    var balance: i64 = 0;
    var amount: i64 = 0;
    var words: [3]u64 = undefined;
    var count: usize = 0;
    var priced = false;
    while (tokens.next()) |token| switch (token) {
        .number => |value| {
            if (count > 1) {
                table.at(words[1] +% salt).price = value;
                priced = true;
            } else amount = value;
        },
        .word => |key| {
            if (count < 3) words[count] = key;
            count += 1;
        },
        .sign => {
            const slot = table.at(words[1] +% salt);
            if (priced) {
                slot.count +%= @intCast(amount);
                balance -= slot.price * amount;
            } else if (count == 3) {
                const other = table.at(words[2] +% salt);
                const kept = table.at(words[1] +% salt);
                const price = kept.price;
                kept.price = other.price;
                other.price = price;
            } else {
                slot.count -%= @intCast(amount);
                balance += @divTrunc(slot.price * amount * 9, 10);
            }
            count = 0;
            priced = false;
        },
    };
    return balance;
}

fn sift(heap: []Slot, start: usize) void {
    var parent = start;
    while (true) {
        var child = 2 * parent + 1;
        if (child >= heap.len) return;
        if (child + 1 < heap.len and heap[child + 1].price > heap[child].price) child += 1;
        if (heap[parent].price >= heap[child].price) return;
        const kept = heap[parent];
        heap[parent] = heap[child];
        heap[child] = kept;
        parent = child;
    }
}

// The largest prices first, out of a heap made of the table itself.
fn dearest(table: *Table, wanted: usize) i64 {
    var heap = table.slots;
    var start = heap.len / 2;
    while (start > 0) {
        start -= 1;
        sift(heap, start);
    }
    var sum: i64 = 0;
    for (0..wanted) |rank| {
        sum += heap[0].price * @as(i64, @intCast(rank + 1));
        heap[0] = heap[heap.len - 1];
        heap = heap[0 .. heap.len - 1];
        sift(heap, 0);
    }
    return sum;
}

// A damped wave on a grid, in fixed point with rounding and clamping.
fn wave(steps: usize) i32 {
    const side = 48;
    var now: [side][side]i32 = @splat(@splat(0));
    var before: [side][side]i32 = @splat(@splat(0));
    now[side / 2][side / 3] = 1 << 20;
    for (0..steps) |_| {
        for (1..side - 1) |y| for (1..side - 1) |x| {
            const around = now[y - 1][x] + now[y + 1][x] + now[y][x - 1] + now[y][x + 1];
            const next = (around >> 1) - before[y][x];
            before[y][x] = @min(@max(next - (next >> 6), -(1 << 24)), 1 << 24);
        };
        const kept = now;
        now = before;
        before = kept;
    }
    var sum: i32 = 0;
    for (now) |row| for (row) |cell| {
        sum +%= if (cell < 0) -cell else cell;
    };
    return sum;
}

// What WASI's C library calls `main`, which C compilers know.
export fn __main_argc_argv(_: c_int, _: ?[*]?[*:0]u8) c_int {
    var table = Table.init(16);
    var balance: i64 = 0;
    for (1..3000) |round| balance +%= follow(&table, @as(u64, round) *% 0x100000001B3);
    _ = c.printf("%zu slots used, balance %lld\n", table.used, balance);
    _ = c.printf("dearest %lld\n", dearest(&table, 2000));
    _ = c.printf("wave %d\n", wave(120));
    return c.puts("done") >> 31;
}
