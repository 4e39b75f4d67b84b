/** The portable rooms as one script without anything of Node, in a context that has only what browsers have too. */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { createContext, runInContext } from 'node:vm';
import t from 'tap';
import { openExr, readSamples } from '../../lib/index.js';
import { bundleForBrowser } from '../../scripts/browser/bundle.js';
import { look } from '../../scripts/browser/look.js';
import { fixture, fixturePath } from '../support.js';

t.test('it reports the same about a file as in Node', async (t) => {
  const { code, files, warnings } = await bundleForBrowser('dist/scripts/browser/page.js');
  t.same(warnings, []);
  t.ok(files.includes('dist/lib/io/open.js'), 'the list of files is one');
  t.same(
    files.filter((file) => /^dist\/lib\/(node|sequence)\/|^dist\/(bin|filters)\//.test(file)),
    [],
  );
  const context = createContext({ Blob, TextDecoder, TextEncoder, MessageChannel });
  runInContext(code, context);
  const [wasm, zstd] = ['openexr', 'zstd'].map((name) =>
    readFileSync(fileURLToPath(import.meta.resolve(`openexr-wasm/${name}.wasm`))),
  );
  Object.assign(context, { wasm, zstd, files: { piz: fixture('reference/scan_piz.exr') } });
  const there: unknown = await runInContext(
    'Promise.all([wasm, zstd].map((one) => WebAssembly.compile(one))).then(([module, zstd]) => lookAtAll(module, zstd, files))',
    context,
  );
  const here = { piz: await look(await openExr(fixturePath('reference/scan_piz.exr')), readSamples) };
  t.equal(there, JSON.stringify(here));
});
