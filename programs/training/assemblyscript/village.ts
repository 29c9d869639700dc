// village: classes, arrays, maps, strings and closures-free callbacks as AssemblyScript compiles them,
// with its own memory management. Writes through WASI itself, so that it needs no shim.

@external("wasi_snapshot_preview1", "fd_write")
declare function fd_write(fd: i32, parts: usize, count: i32, written: usize): i32;

const part = memory.data(16);

function print(text: string): void {
  const bytes = String.UTF8.encode(text + "\n");
  store<usize>(part, changetype<usize>(bytes));
  store<i32>(part, bytes.byteLength, 4);
  fd_write(1, part, 1, part + 8);
}

abstract class Creature {
  energy: f64 = 10;
  constructor(public x: i32, public y: i32, public name: string) {}
  abstract step(village: Village): void;
  get alive(): bool {
    return this.energy > 0;
  }
}

class Goat extends Creature {
  step(village: Village): void {
    this.x = (this.x + village.random(3) - 1 + village.width) % village.width;
    this.y = (this.y + village.random(3) - 1 + village.height) % village.height;
    this.energy += village.graze(this.x, this.y) - 0.3;
  }
}

class Farmer extends Creature {
  fed: Map<string, i32> = new Map<string, i32>();
  step(village: Village): void {
    this.x = (this.x + 1) % village.width;
    if (this.x == 0) this.y = (this.y + 1) % village.height;
    const near = village.near(this.x, this.y, 2);
    for (let i = 0; i < near.length; i++) {
      const other = near[i];
      if (other instanceof Goat) {
        other.energy += 1.5;
        const times = this.fed.has(other.name) ? this.fed.get(other.name) : 0;
        this.fed.set(other.name, times + 1);
      }
    }
  }
}

class Village {
  grass: StaticArray<f32>;
  creatures: Creature[] = [];
  seed: u32 = 12345;
  constructor(public width: i32, public height: i32) {
    this.grass = new StaticArray<f32>(width * height);
    this.grass.fill(1);
  }
  random(below: i32): i32 {
    this.seed = this.seed * 1664525 + 1013904223;
    return i32((this.seed >>> 8) % u32(below));
  }
  graze(x: i32, y: i32): f64 {
    const place = y * this.width + x;
    const eaten = this.grass[place] * 0.5;
    this.grass[place] -= eaten;
    return f64(eaten);
  }
  near(x: i32, y: i32, distance: i32): Creature[] {
    const out: Creature[] = [];
    for (let i = 0; i < this.creatures.length; i++) {
      const other = this.creatures[i];
      if (abs(other.x - x) <= distance && abs(other.y - y) <= distance) out.push(other);
    }
    return out;
  }
  step(): void {
    for (let i = 0; i < this.creatures.length; i++) this.creatures[i].step(this);
    this.creatures = this.creatures.filter((creature) => creature.alive);
    for (let i = 0; i < this.grass.length; i++) this.grass[i] = min<f32>(this.grass[i] * 1.05 + 0.02, 1);
  }
}

function caption(words: string[], width: i32): string {
  let line = "";
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    line += word.charAt(0).toUpperCase() + word.substring(1).padEnd(width, ".");
    if (line.includes("goat") && i % 2 == 0) line = line.replaceAll("goat", "Goat");
  }
  return line;
}

function main(): void {
  const village = new Village(40, 30);
  for (let i = 0; i < 120; i++) village.creatures.push(new Goat(village.random(40), village.random(30), "goat" + i.toString()));
  for (let i = 0; i < 6; i++) village.creatures.push(new Farmer(village.random(40), village.random(30), "farmer" + i.toString()));
  for (let round = 0; round < 250; round++) village.step();
  const names = village.creatures.map<string>((creature) => creature.name);
  names.sort();
  village.creatures.sort((a, b) => (a.energy < b.energy ? -1 : a.energy > b.energy ? 1 : 0));
  const lines = new Set<string>();
  for (let i = 0; i < 60; i++) lines.add(caption(names.slice(i % 20, i % 20 + 8), 10));
  let letters: u64 = 0;
  const all = lines.values();
  for (let i = 0; i < all.length; i++) {
    for (let j = 0; j < all[i].length; j++) letters = (letters * 131 + u64(all[i].charCodeAt(j))) % 1000000007;
  }
  let energy: f64 = 0;
  for (let i = 0; i < village.creatures.length; i++) energy += village.creatures[i].energy * (i + 1);
  print(`${names.length} alive, energy ${Math.round(energy)}, ${lines.size} lines, ${letters}`);
  print(names.join(" "));
}

main();
