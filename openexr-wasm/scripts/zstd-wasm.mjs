// Puts the zstd library (zstd/build.sh) where the built package has it.
import { copyFileSync, mkdirSync } from 'node:fs';

const dist = new URL('../dist/', import.meta.url);
mkdirSync(dist, { recursive: true });
copyFileSync(new URL('../zstd/zstd.wasm', import.meta.url), new URL('zstd.wasm', dist));
