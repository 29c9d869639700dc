//! Rhai, a script interpreter that walks a tree, on a script with loops, functions, arrays and maps.

const SCRIPT: &str = r#"
fn collatz(n) { let steps = 0; while n != 1 { n = if n % 2 == 0 { n / 2 } else { 3 * n + 1 }; steps += 1; } steps }
fn join(list, by) { let out = ""; for part in list { if out != "" { out += by; } out += part; } out }
let longest = 0;
for n in 1..400 { let s = collatz(n); if s > longest { longest = s; } }
let stock = #{};
for i in 0..600 {
    let key = "item" + (i * 7 % 23);
    if key in stock { stock[key].count += i; } else { stock[key] = #{ count: i, tags: [] }; }
    if i % 5 == 0 { stock[key].tags.push(i.to_string()); }
}
let lines = [];
for key in stock.keys() { lines.push(key + ": " + stock[key].count + " " + join(stock[key].tags, "+")); }
lines.sort();
let numbers = [];
for i in 0..300 { numbers.push(i); }
let squares = numbers.filter(|x| x % 3 == 0).map(|x| x * x).reduce(|sum, x| sum + x, 0);
let text = "the quick onyx goblin jumps over the lazy dwarf";
let vowels = 0;
for c in text.chars() { switch c { 'a' | 'e' | 'i' | 'o' | 'u' => vowels += 1, _ => () } }
let angle = 0.0;
for i in 0..2000 { angle += (i * 0.01).sin() * 0.5; }
`${longest} ${squares} ${vowels} ${angle} ${lines.len()} ${lines[3]}`
"#;

fn main() {
    let engine = rhai::Engine::new();
    let tree = engine.compile(SCRIPT).expect("a script");
    for _ in 0..2 {
        println!("{}", engine.eval_ast::<String>(&tree).expect("a result"));
    }
}
