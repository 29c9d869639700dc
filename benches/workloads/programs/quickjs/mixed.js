// Classes, closures, array methods, maps, typed arrays, regular expressions, JSON.

class Random {
  constructor(seed) { this.seed = seed; }
  below(limit) {
    this.seed = this.seed * 16807 % 2147483647;
    return this.seed % limit;
  }
}

class Tree {
  insert(key) {
    if (this.key === undefined) this.key = key;
    else if (key < this.key) (this.left ??= new Tree()).insert(key);
    else (this.right ??= new Tree()).insert(key);
    return this;
  }
  *[Symbol.iterator]() {
    if (this.left) yield* this.left;
    if (this.key !== undefined) yield this.key;
    if (this.right) yield* this.right;
  }
}

const random = new Random(42);
const word = () => Array.from({ length: 1 + random.below(3) },
  () => ["ka", "si", "to", "re", "mu", "na", "li"][random.below(7)]).join("");

function records(count) {
  return Array.from({ length: count }, (_, id) => ({ id, name: word(), price: random.below(9999) / 100, tags: [word(), word()] }));
}

function summary(records) {
  const byName = new Map();
  for (const { name, price } of records) byName.set(name, (byName.get(name) ?? 0) + price);
  return [...byName].filter(([name]) => /^(ka|si).*[aeiou]$/.test(name))
    .sort(([a, x], [b, y]) => y - x || (a < b ? -1 : 1))
    .slice(0, 4)
    .map(([name, sum]) => `${name}=${sum.toFixed(2)}`)
    .join(" ");
}

function sieve(limit) {
  const composite = new Uint8Array(limit);
  let primes = 0;
  for (let i = 2; i < limit; i++) {
    if (composite[i]) continue;
    primes++;
    for (let j = i * i; j < limit; j += i) composite[j] = 1;
  }
  return primes;
}

let lines = [];
for (let round = 0; round < n; round++) {
  const before = records(60);
  const after = JSON.parse(JSON.stringify(before));
  const tree = new Tree();
  after.forEach(({ price }) => tree.insert(price));
  const sorted = [...tree];
  const text = after.map(({ tags }) => tags.join("-")).join(",");
  const replaced = text.replace(/(\w+)-(\w+)/g, (_, a, b) => b + a.toUpperCase());
  lines.push([summary(after), sorted[7], replaced.length, sieve(500 + round)].join("; "));
}
lines[0] + "\n" + lines.join("").split("").reduce((sum, c) => (sum * 31 + c.charCodeAt(0)) >>> 0, 17);
