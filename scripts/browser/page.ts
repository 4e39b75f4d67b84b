/** The code that check-browser.ts runs in its page: examines files, given the compiled openexr.wasm and zstd.wasm. */
import { createCodecs } from 'openexr-wasm/core';
import { look } from './look.js';

/** JSON of the reports on all files. */
async function lookAtAll(module: object, zstd: object, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const deflate = (): Uint8Array => {
    throw new Error('nothing is written here');
  };
  const found: Record<string, object> = {};
  for (const [name, file] of Object.entries(files))
    found[name] = await look(name, file, () => createCodecs({ module, zstd, entropy: { deflate } }));
  return JSON.stringify(found);
}

Object.assign(globalThis, { lookAtAll });
