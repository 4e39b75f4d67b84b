/**
 * Proves that the core of exrpipe needs nothing of Node: `npm run check:browser` bundles it for a browser, opens a page with
 * some files in it in Chromium (CHROMIUM names another program), and compares what it reports about them with Node's results.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { openExr, readSamples } from '../lib/index.js';
import { bundleForBrowser } from './browser/bundle.js';
import { chromiumResult } from './browser/chromium.js';
import { look } from './browser/look.js';

/** Several codecs, tiles, several parts, and a Cryptomatte of which something is wrong. */
const fixtures = [
  'reference/scan_piz.exr',
  'reference/scan_dwaa.exr',
  'reference/tiles_mipmap.exr',
  'zstd/interleaved_types.zstd.exr',
  'blender/b2_main_dot.0001.exr',
  'blender/b1_direct_pxr24.0001.exr',
];

const root = new URL('../../', import.meta.url);
const folder = await mkdtemp(join(tmpdir(), 'exrpipe-browser-'));
try {
  const { code, files, warnings } = await bundleForBrowser('dist/scripts/browser/page.js');
  for (const warning of warnings) throw new Error(`esbuild warns: ${warning}`);
  const foreign = files.filter((file) => file.startsWith('dist/lib/node/'));
  if (foreign.length > 0) throw new Error(`the bundle holds ${foreign.join(', ')}`);

  const inputs = await Promise.all(
    fixtures.map(async (name) => [name, await readFile(new URL(`test/fixtures/${name}`, root))] as const),
  );
  const [wasm = '', zstd = ''] = await Promise.all(
    ['openexr.wasm', 'zstd.wasm'].map((name) =>
      readFile(fileURLToPath(import.meta.resolve(`openexr-wasm/${name}`)), 'base64'),
    ),
  );
  const data = {
    wasm,
    zstd,
    files: Object.fromEntries(inputs.map(([name, bytes]) => [name, bytes.toString('base64')])),
  };
  const there = await chromiumResult(html(code, JSON.stringify(data)), folder, process.env);
  const here: Record<string, object> = {};
  for (const name of fixtures)
    here[name] = await look(await openExr(fileURLToPath(new URL(`test/fixtures/${name}`, root))), readSamples);
  if (there !== JSON.stringify(here)) {
    console.error(`in Chromium: ${there.slice(0, 2000)}\nin Node: ${JSON.stringify(here).slice(0, 2000)}`);
    throw new Error('the results in Chromium and in Node differ');
  }
  console.log(
    `${inputs.length} files: the same ${there.length} characters of JSON in Chromium and in Node, from ${files.length} modules`,
  );
} finally {
  await rm(folder, { recursive: true, force: true });
}

function html(code: string, data: string): string {
  return `<!doctype html><meta charset="utf-8"><body>
<script>${code.replaceAll('</script', '<\\/script')}</script>
<script>
const data = ${data};
const decode = (base64) => Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
const files = Object.fromEntries(Object.entries(data.files).map(([name, file]) => [name, decode(file)]));
Promise.all([data.wasm, data.zstd].map((wasm) => WebAssembly.compile(decode(wasm))))
  .then(([module, zstd]) => lookAtAll(module, zstd, files))
  .catch((error) => 'failed: ' + error.stack)
  .then((body) => fetch('/result', { method: 'POST', body }));
</script>`;
}
