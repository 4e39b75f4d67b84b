/**
 * Proves that the core of exrpipe needs nothing of Node: `npm run check:browser` bundles it for a browser, opens a page with
 * some files in it in Chromium (CHROMIUM names another program), and compares what it reports about them with Node's results.
 */
import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { createCodecs } from 'openexr-wasm';
import { bundleForBrowser } from './browser/bundle.js';
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
  const page = join(folder, 'page.html');
  await writeFile(page, html(code, JSON.stringify(data)));
  const there = await chromiumResult(page, process.env);
  const here: Record<string, object> = {};
  for (const [name, bytes] of inputs) here[name] = await look(name, new Uint8Array(bytes), () => createCodecs());
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

/** What the page left in its document when it was done. */
async function chromiumResult(page: string, { CHROMIUM }: NodeJS.ProcessEnv): Promise<string> {
  const { stdout } = await promisify(execFile)(
    CHROMIUM ?? 'chromium',
    [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--disable-dev-shm-usage',
      `--user-data-dir=${join(folder, 'profile')}`,
      '--virtual-time-budget=60000',
      '--dump-dom',
      `file://${page}`,
    ],
    { maxBuffer: 1 << 28, timeout: 120_000 },
  );
  const text = /<pre id="result">([\s\S]*?)<\/pre>/.exec(stdout)?.[1];
  if (text === undefined) throw new Error(`the page has no result: ${stdout.slice(-500)}`);
  return text.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&nbsp;', '\u00a0').replaceAll('&amp;', '&');
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
  .then((text) => {
    const result = document.createElement('pre');
    result.id = 'result';
    result.textContent = text;
    document.body.append(result);
  });
</script>`;
}
