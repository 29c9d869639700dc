// node --no-warnings programs/node.mjs MODULE NAME ARGUMENTS…: runs a command under Node's own WASI. It has
// the standard streams and the current directory as its root, and calls itself NAME. Its exit status is ours.
import { readFile } from 'node:fs/promises';
import { WASI } from 'node:wasi';

const [file, ...args] = process.argv.slice(2);
const wasi = new WASI({ version: 'preview1', args, env: {}, preopens: { '/': '.' }, returnOnExit: true });
const module = await WebAssembly.compile(await readFile(file));
process.exitCode = wasi.start(await WebAssembly.instantiate(module, wasi.getImportObject()));
