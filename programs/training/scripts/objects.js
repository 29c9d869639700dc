// What Duktape and QuickJS both run (ECMAScript 5): prototypes, closures, arrays, strings, numbers
// and a small parser and evaluator of expressions.

function Account(owner) { this.owner = owner; this.entries = []; }
Account.prototype.add = function (amount, note) { this.entries.push({ amount: amount, note: note }); return this; };
Account.prototype.balance = function () {
    return this.entries.reduce(function (sum, entry) { return sum + entry.amount; }, 0);
};
function Savings(owner, rate) { Account.call(this, owner); this.rate = rate; }
Savings.prototype = Object.create(Account.prototype);
Savings.prototype.interest = function () { return this.balance() * this.rate / 100; };

function tokens(text) {
    var out = [], i = 0;
    while (i < text.length) {
        var c = text.charAt(i);
        if (c === ' ') { i++; continue; }
        if (c >= '0' && c <= '9') {
            var start = i;
            while (i < text.length && (text.charAt(i) >= '0' && text.charAt(i) <= '9' || text.charAt(i) === '.')) i++;
            out.push({ kind: 'number', value: parseFloat(text.substring(start, i)) });
        } else {
            out.push({ kind: c });
            i++;
        }
    }
    return out;
}

function parse(list) {
    var at = 0;
    function primary() {
        var token = list[at++];
        if (token.kind === '(') { var inner = sum(); at++; return inner; }
        if (token.kind === '-') return { op: 'negate', of: primary() };
        return { op: 'number', value: token.value };
    }
    function product() {
        var left = primary();
        while (at < list.length && (list[at].kind === '*' || list[at].kind === '/')) left = { op: list[at++].kind, left: left, right: primary() };
        return left;
    }
    function sum() {
        var left = product();
        while (at < list.length && (list[at].kind === '+' || list[at].kind === '-')) left = { op: list[at++].kind, left: left, right: product() };
        return left;
    }
    return sum();
}

function value(tree) {
    switch (tree.op) {
    case 'number': return tree.value;
    case 'negate': return -value(tree.of);
    case '+': return value(tree.left) + value(tree.right);
    case '-': return value(tree.left) - value(tree.right);
    case '*': return value(tree.left) * value(tree.right);
    default: return value(tree.left) / value(tree.right);
    }
}

var total = 0, i, j;
for (i = 0; i < 60; i++) {
    var account = i % 2 ? new Account('o' + i) : new Savings('s' + i, 1 + i % 4);
    for (j = 0; j < 40; j++) account.add((i * 37 + j * 11) % 101 - 30, 'note ' + j);
    total += account.interest ? account.interest() : account.balance();
}
for (i = 1; i < 150; i++) {
    total += value(parse(tokens('(' + i + ' + 2.5) * ' + (i % 7) + ' - -' + i + ' / (3 + ' + i * 0.5 + ') * 8')));
}
var names = [];
for (i = 0; i < 600; i++) names.push('n' + (i * 7919 % 1000).toString(36));
names.sort();
var counts = {};
names.forEach(function (name) { counts[name.charAt(1)] = (counts[name.charAt(1)] || 0) + 1; });
var keys = Object.keys(counts).map(function (key) { return key + '=' + counts[key]; }).join('&');
var grid = [];
for (i = 0; i < 40; i++) { grid[i] = []; for (j = 0; j < 40; j++) grid[i][j] = (i * j + i) % 5 === 0; }
for (var step = 0; step < 6; step++) {
    var next = [];
    for (i = 0; i < 40; i++) {
        next[i] = [];
        for (j = 0; j < 40; j++) {
            var alive = 0;
            for (var d = 0; d < 9; d++) {
                if (d === 4) continue;
                var row = grid[(i + Math.floor(d / 3) + 39) % 40];
                if (row[(j + d % 3 + 39) % 40]) alive++;
            }
            next[i][j] = alive === 3 || grid[i][j] && alive === 2;
        }
    }
    grid = next;
}
var living = grid.map(function (row) { return row.filter(Boolean).length; }).reduce(function (a, b) { return a + b; });
print(total.toFixed(4) + ' ' + keys + ' ' + living + ' ' + names.slice(0, 5).join('/').toUpperCase());
