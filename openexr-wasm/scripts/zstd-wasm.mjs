// Takes the WebAssembly build of the zstd library out of the package that has it, to dist/zstd.wasm. The names of what it
// exports are those of this very build (src/zstd/library.ts), so the package's version is exact in package.json.
import { copyFileSync, mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';

const main = createRequire(import.meta.url).resolve('@bokuweb/zstd-wasm');
const dist = new URL('../dist/', import.meta.url);
mkdirSync(dist, { recursive: true });
copyFileSync(join(dirname(main), 'zstd.wasm'), new URL('zstd.wasm', dist));
