import t from 'tap';
import { compress, drop, layout, rename } from '../../filters/index.js';
import { makeLimits } from '../../lib/format/limits.js';
import { openExr, readSamples, runFrame } from '../../lib/index.js';
import { compareFiles } from '../../lib/node/difference.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { sharedRunners } from '../../lib/node/runners.js';
import { fixturePath, temporaryFolder } from '../support.js';

async function compared(pathA: string, pathB: string, tolerance?: number) {
  const a = await openExr(pathA, { holes: true });
  const b = await openExr(pathB, { holes: true });
  try {
    return await compareFiles(a, b, { tolerance, runners: sharedRunners, kernels: loadKernels, limits: makeLimits() });
  } finally {
    await a.source.close();
    await b.source.close();
  }
}

const frame = fixturePath('blender/b2_main_dot.0001.exr');
const scan = fixturePath('reference/scan_zip.exr');

t.test('codec, tiles and parts do not matter', async (t) => {
  const folder = await temporaryFolder(t);
  const other = `${folder}/other.exr`;
  await runFrame([frame], [layout({ to: 'parts' }), compress({ to: 'piz' })], other);
  const found = await compared(frame, other);
  t.match(found, { same: 41, identical: 41, different: [], moved: [], onlyA: [], onlyB: [], deep: 0 });
});

t.test('a renamed layer is found by its pixels, and one that is gone is named', async (t) => {
  const folder = await temporaryFolder(t);
  const other = `${folder}/other.exr`;
  await runFrame([frame], [rename({ map: ['main.Combined=beauty'] }), drop({ layer: ['main.Depth'] })], other);
  const { moved, onlyA, onlyB, different } = await compared(frame, other);
  t.same(
    moved.map((one) => [one.a.channel.name, one.b.channel.name, one.isGuess]),
    ['A', 'B', 'G', 'R'].map((component) => [`main.Combined.${component}`, `beauty.${component}`, false]),
  );
  t.same(
    onlyA.map(({ channel }) => channel.name),
    ['main.Depth.V'],
  );
  t.same([onlyB, different], [[], []]);
});

t.test('what a lossy codec changes, as the samples say themselves', async (t) => {
  const folder = await temporaryFolder(t);
  const other = `${folder}/other.exr`;
  await runFrame([scan], [compress({ to: 'b44' })], other, { allowLossy: true });
  const { different } = await compared(scan, other);
  t.same(
    different.map(({ a }) => a.channel.name),
    ['A', 'B', 'G', 'R'],
  );
  const [before, after] = [await samplesOf(scan, 'R'), await samplesOf(other, 'R')];
  const apart = before.map((value, at) => Math.abs(value - (after[at] ?? 0)));
  const red = different.find(({ a }) => a.channel.name === 'R');
  t.equal(red?.count, apart.filter((one) => one > 0).length);
  t.equal(red?.largest, Math.max(...apart));
  t.equal(red?.of, before.length);
  t.equal((await compared(scan, other, Math.max(...different.map(({ largest }) => largest)))).different.length, 0);
});

t.test('tiles, lines in another order, and windows that lie elsewhere', async (t) => {
  const folder = await temporaryFolder(t);
  for (const name of ['scan_decreasing', 'tiles_mipmap', 'tiles_decreasing']) {
    const file = fixturePath(`reference/${name}.exr`);
    await runFrame([file], [compress({ to: 'rle' })], `${folder}/${name}.exr`);
    t.match(await compared(file, `${folder}/${name}.exr`), { different: [], same: 8 }, name);
  }
  const shifted = await compared(scan, fixturePath('reference/scan_shifted.exr'));
  t.ok(shifted.different.length > 0);
  t.ok(shifted.different.every(({ first, of, count }) => first !== undefined && count <= of));
});

t.test('deep channels are counted, not compared', async (t) => {
  const deep = fixturePath('reference/deep_scan_none.exr');
  const { deep: count, same } = await compared(deep, deep);
  t.ok(count > 0);
  t.equal(same, 0);
});

async function samplesOf(path: string, channel: string): Promise<number[]> {
  const document = await openExr(path);
  const found: number[] = [];
  const [part] = document.header.parts;
  if (part) for await (const { samples } of readSamples(document, part, [channel])) found.push(...(samples[0] ?? []));
  await document.source.close();
  return found;
}
