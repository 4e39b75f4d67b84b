/** Many looks drawn together are the same as each drawn by itself. */
import t from 'tap';
import { makeLimits } from '../../lib/format/limits.js';
import { type ChunkRef, type ChunkSource, openExr } from '../../lib/index.js';
import { drawLooks } from '../../lib/io/draw-looks.js';
import { makePreview, type PreviewOptions, previewSize } from '../../lib/io/preview.js';
import { sizePerView } from '../../lib/look/fit.js';
import { type Look, looksOf } from '../../lib/look/looks.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { sharedRunners } from '../../lib/node/runners.js';
import { fixturePath } from '../support.js';

const options: PreviewOptions = {
  exposure: 0,
  background: 'grey',
  ramp: 'viridis',
  log: false,
  window: 'display',
  size: { width: 20, height: 20 },
  runners: sharedRunners,
  kernels: loadKernels,
  limits: makeLimits(),
};
const size = options.size as { width: number; height: number };

/** The rows of each look's image, drawn together. */
async function together(document: Parameters<typeof drawLooks>[0], looks: readonly Look[]) {
  const rows = looks.map(() => new Map<number, Uint8Array>());
  const failures = await drawLooks(document, looks, options, ({ look: at, x, row, line }) => {
    const look = looks[at] as Look;
    const { columns } = previewSize(document.header, look, { ...options, size: sizePerView(size, look.views.length) });
    const pixels = rows[at]?.get(row) ?? new Uint8Array(columns * 3);
    pixels.set(line, x * 3);
    rows[at]?.set(row, pixels);
  });
  return { rows, failures };
}

for (const name of [
  'blender/b2_main_dot.0001.exr',
  'cases/01_nuke_parts.exr',
  'cases/oiio_multipart_ranks.exr',
  'reference/parts.exr',
  'reference/tiles_mipmap.exr',
  'reference/scan_decreasing.exr',
  'htj2k/mixed.htj2k32.exr',
])
  t.test(`${name}: each look is as if it were alone`, async (t) => {
    const document = await openExr(fixturePath(name), { holes: true });
    t.teardown(() => document.source.close());
    const looks = looksOf(document.header);
    const { rows, failures } = await together(document, looks);
    t.equal(failures.size, 0);
    for (const [at, look] of looks.entries()) {
      const preview = await makePreview(document, look, { ...options, size: sizePerView(size, look.views.length) });
      let row = 0;
      for await (const line of preview.lines()) t.strictSame(rows[at]?.get(row++), line, `${look.layer} ${row}`);
      t.equal(rows[at]?.size, row);
    }
  });

t.test('views of a look stand side by side', async (t) => {
  const document = await openExr(fixturePath('blender/b2_main_dot.0001.exr'));
  t.teardown(() => document.source.close());
  const [look] = looksOf(document.header);
  if (!look) return t.fail('no look');
  const both = { ...look, views: [...look.views, ...look.views] };
  const { rows } = await together(document, [both]);
  t.ok(rows[0]?.size);
  for (const row of rows[0]?.values() ?? [])
    t.strictSame(row.subarray(0, row.length / 2), row.subarray(row.length / 2));
});

t.test('all layers of a part come out of one pass over its chunks', async (t) => {
  const document = await openExr(fixturePath('blender/b2_main_dot.0001.exr'));
  t.teardown(() => document.source.close());
  let reads = 0;
  const source: ChunkSource = new Proxy(document.source, {
    get(target, name: keyof ChunkSource) {
      const value = target[name];
      if (typeof value !== 'function') return value;
      return (...words: unknown[]) => {
        if (name === 'read') reads += 1;
        if (name === 'readTogether') reads += (words[0] as readonly ChunkRef[]).length;
        return Reflect.apply(value, target, words);
      };
    },
  });
  const looks = looksOf(document.header);
  t.ok(looks.length > 3);
  await together({ ...document, source }, looks);
  t.equal(reads, source.order.length * 2, 'and those that are normalised are read once more');
});

t.test('a look that cannot be drawn leaves the others alone', async (t) => {
  const document = await openExr(fixturePath('cases/01_nuke_parts.exr'));
  t.teardown(() => document.source.close());
  const looks = looksOf(document.header);
  const { source } = document;
  const read = source.read.bind(source);
  const [bad] = looks;
  const part = bad?.views[0]?.part;
  Object.assign(source, {
    read: (...[chunk, ...words]: Parameters<typeof read>) => {
      if (chunk.part === part) throw new Error('the disk is gone');
      return read(chunk, ...words);
    },
  });
  const { failures, rows } = await together(document, looks);
  t.match(failures.get(0), { message: 'the disk is gone' });
  t.ok(failures.size < looks.length);
  for (const [at, own] of rows.entries()) t.equal(own.size === 0, failures.has(at), `look ${at}`);
});
