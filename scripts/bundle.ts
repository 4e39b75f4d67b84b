/**
 * Joins the modules of the program in a few files, dist/cli: Node takes about half a millisecond to find and load a module, on
 * every thread, so that loading 180 of them would take longer than most commands work.
 *
 * What finds a file by its place (`import.meta.url`) must find it from the bundle too. All such places are named relative to
 * dist/bin or a folder as deep, and the bundle has the same shape one level down:
 *   dist/cli/bin/exrpipe.js        the program, and the chunks it is made of
 *   dist/cli/bin/worker.js         './worker.js' of lib/codecs/pool
 *   dist/cli/bin/frame-thread.js   './frame-thread.js' of lib/sequence/frame-threads
 *   dist/cli/filters/index.js      '../filters/index.js' of bin/sequence
 *   dist/cli/openexr.wasm          '../openexr.wasm' of openexr-wasm
 *   package.json                   '../../../package.json' of lib/io/version
 */
import { chmod, copyFile, rm } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';

const dist = fileURLToPath(new URL('../', import.meta.url));
const out = `${dist}cli`;

await rm(out, { recursive: true, force: true });
await build({
  entryPoints: {
    'bin/exrpipe': `${dist}bin/exrpipe.js`,
    'bin/worker': `${dist}lib/codecs/worker.js`,
    'bin/frame-thread': `${dist}lib/sequence/frame-thread.js`,
    'filters/index': `${dist}filters/index.js`,
  },
  chunkNames: 'bin/[name]-[hash]',
  outdir: out,
  bundle: true,
  splitting: true,
  format: 'esm',
  platform: 'node',
  target: 'node20',
  // Our own package is part of the program; those of others stay as they were installed.
  external: ['murmurhash3js-revisited', 'picomatch', 'tinyglobby', 'yaml', 'yargs', 'yargs-parser'],
  logLevel: 'warning',
});
await copyFile(fileURLToPath(import.meta.resolve('openexr-wasm/openexr.wasm')), `${out}/openexr.wasm`);
await chmod(`${out}/bin/exrpipe.js`, 0o755);
