/** What check-browser.ts runs in its page: looks at files, given the compiled openexr.wasm and zstd.wasm. */
import { createSampleDecoder, openExrBlob } from '../../lib/browser/index.js';
import { look } from './look.js';

/** JSON of what is told of every file. */
async function lookAtAll(codecs: object, zstd: object, files: Readonly<Record<string, Uint8Array>>): Promise<string> {
  const decoder = createSampleDecoder({ codecs, zstd });
  const found: Record<string, object> = {};
  for (const [name, file] of Object.entries(files)) {
    const blob = new Blob([file as Uint8Array<ArrayBuffer>]);
    found[name] = await look(await openExrBlob(blob, { name }), decoder.readSamples);
  }
  return JSON.stringify(found);
}

Object.assign(globalThis, { lookAtAll });
