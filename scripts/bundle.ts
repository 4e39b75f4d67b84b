/**
 * Joins the modules of the program into a few files, dist/cli: two for each thing that is started, what starts it and everything else. Node
 * takes about half a millisecond to find and load a module, on every thread, so that loading 180 of them would take longer than
 * most commands work. They are CommonJS, since Node starts its loader for ECMAScript modules only when one is imported, which
 * costs every command and every thread ten milliseconds. A module that is imported on demand is still run on demand.
 *
 * Code that finds a file relative to itself (`import.meta.url`) must find it from the bundle too. All such places are named
 * relative to
 * dist/bin or a folder as deep, and the bundle has the same shape one level down:
 *   dist/cli/bin/exrpipe.js                what is started: bin/start
 *   dist/cli/bin/program.js                './program.js' of bin/start: the program, bin/exrpipe
 *   dist/cli/bin/worker.js                 './worker.js' of lib/node/worker-pool: bin/start-thread
 *   dist/cli/bin/worker-program.js         what that runs: lib/node/worker
 *   dist/cli/bin/frame-thread.js           './frame-thread.js' of lib/sequence/frame-threads: bin/start-thread
 *   dist/cli/bin/frame-thread-program.js   what that runs: lib/sequence/frame-thread
 *   dist/cli/bin/import.cjs                './import.cjs' of lib/node/program-files
 *   dist/cli/filters/index.js              '../filters/index.js' of bin/filters
 *   dist/cli/openexr.wasm                  '../openexr.wasm' of openexr-wasm
 *   dist/cli/zstd.wasm                     '../zstd.wasm' of openexr-wasm
 *   package.json                           '../../../package.json' of lib/node/version
 */
import { chmod, copyFile, readFile, rm, writeFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';
import { build } from 'esbuild';
import { apiEntries, directImports } from './bundle/direct-imports.js';
import { licences, packagesOf } from './bundle/licences.js';
import { bundleOptions, dist } from './bundle-options.js';

const out = `${dist}cli`;

await rm(out, { recursive: true, force: true });
const { metafile } = await build({
  ...bundleOptions,
  entryPoints: {
    'bin/exrpipe': `${dist}bin/start.js`,
    'bin/program': `${dist}bin/exrpipe.js`,
    'bin/worker': `${dist}bin/start-thread.js`,
    'bin/worker-program': `${dist}lib/node/worker.js`,
    'bin/frame-thread': `${dist}bin/start-thread.js`,
    'bin/frame-thread-program': `${dist}lib/sequence/frame-thread.js`,
    'filters/index': `${dist}filters/index.js`,
  },
  outdir: out,
  metafile: true,
  plugins: [await directImports(apiEntries(dist))],
});
// The program is run with what V8 had compiled of it before, and cannot import (bin/terminal/compiled-code.ts).
for (const name of ['program', 'worker-program', 'frame-thread-program'])
  if (/(?<![.\w])import\(/.test(await readFile(`${out}/bin/${name}.js`, 'utf8')))
    throw new Error(`${name} imports at run time: have lib/node/import.cts do that, or "process.getBuiltinModule"`);
await copyFile(`${dist}lib/node/import.cjs`, `${out}/bin/import.cjs`);
await writeFile(`${out}/package.json`, '{ "type": "commonjs" }\n');
for (const name of ['openexr.wasm', 'zstd.wasm'])
  await copyFile(fileURLToPath(import.meta.resolve(`openexr-wasm/${name}`)), `${out}/${name}`);
// What others have written comes with its licence.
await writeFile(`${out}/LICENSE.packages`, await licences(packagesOf([metafile])));
await copyFile(new URL('../../LICENSE.zstd', import.meta.resolve('openexr-wasm')), `${out}/LICENSE.zstd`);
await chmod(`${out}/bin/exrpipe.js`, 0o755);
