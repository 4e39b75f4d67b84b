import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { matte } from '../../filters/matte.js';
import { repair } from '../../filters/repair.js';
import { deriveFrom } from '../../lib/cryptomatte/derive.js';
import { bitsToFloat, nameBits } from '../../lib/cryptomatte/hash.js';
import { mattePlane } from '../../lib/cryptomatte/matte.js';
import { type FilterStep, type Header, openExr, runFrame, type Samples } from '../../lib/index.js';
import { headerSets } from '../../lib/layers/sets.js';
import { isDerived } from '../../lib/model/header.js';
import { filterContext } from '../../lib/node/pipeline.js';
import { layer, makeHeader, makePart, setStrings, single } from '../cryptomatte/fixtures.js';
import { failure, run as runStep } from './support.js';

const fixtures = fileURLToPath(new URL('../../../test/fixtures/blender/', import.meta.url));
const frame = join(fixtures, 'b2_main_dot.0001.exr');

/** All samples of some channels of a file's first part, in reading order. */
async function read(path: string, channels: readonly string[]): Promise<{ header: Header; planes: number[][] }> {
  const document = await openExr(path);
  const part = document.header.parts[0] ?? makePart([]);
  const planes: number[][] = channels.map(() => []);
  for await (const { samples } of filterContext(document, {}).samples(part, channels))
    samples.forEach((list, index) => {
      planes[index]?.push(...list);
    });
  await document.source.close();
  return { header: document.header, planes };
}

async function run(
  t: Test,
  input: string,
  steps: FilterStep[],
  channel: string,
): Promise<{ header: Header; values: number[] }> {
  const output = join(t.testdir(), 'out.exr');
  await runFrame([input], steps, output);
  const { header, planes } = await read(output, [channel]);
  return { header, values: planes[0] ?? [] };
}

/** The matte as the specification has it, from the rank channels themselves. */
async function expected(path: string, set: string, names: readonly string[]): Promise<number[]> {
  const ids = new Set(names.map((name) => bitsToFloat(nameBits(name))));
  const layers = ['00', '01', '02'].map((digits) => `${set}${digits}`);
  const { planes } = await read(
    path,
    layers.flatMap((name) => ['R', 'G', 'B', 'A'].map((slot) => `${name}.${slot}`)),
  );
  return (planes[0] ?? []).map((_, pixel) => {
    let sum = 0;
    for (let pair = 0; pair < planes.length; pair += 2)
      if (ids.has(planes[pair]?.[pixel] ?? 0)) sum = Math.fround(sum + (planes[pair + 1]?.[pixel] ?? 0));
    return Math.min(1, sum);
  });
}

t.test('a matte is the coverage of the names over all ranks', async (t) => {
  const names = ['Hero Character', 'Hero.Head', 'Hero.Arm_L'];
  const wanted = await expected(frame, 'main.CryptoObject', names);
  t.ok(wanted.some((value) => value === 1) && wanted.some((value) => value > 0 && value < 1));
  for (const name of [['Hero*'], names, ['/^Hero[ .]/'], ['/^HERO/i']]) {
    const { values, header } = await run(t, frame, [matte({ name, layer: 'main.CryptoObject' })], 'matte');
    t.strictSame(values, wanted, String(name));
    t.equal(single(header.parts).channels.length, 42);
    t.equal(headerSets(header).length, 3);
  }
});

t.test('only the matte, under a name of its own', async (t) => {
  const step = matte({ name: ['Sidekick*'], layer: 'main.CryptoObject', as: 'sidekick.Y', only: true });
  const { values, header } = await run(t, frame, [step], 'sidekick.Y');
  t.strictSame(values, await expected(frame, 'main.CryptoObject', ['Sidekick', 'Sidekick Hat.001']));
  t.strictSame(
    single(header.parts).channels.map(({ name, type }) => `${name} ${type}`),
    ['sidekick.Y float'],
  );
  t.strictSame(headerSets(header), []);
});

t.test('IDs that repair restored in the same chain are found', async (t) => {
  const rounded = join(fixtures, 'b1_direct_pxr24.0001.exr');
  const step = matte({ name: ['Hero*'], layer: 'CryptoObject', only: true });
  const { values } = await run(t, rounded, [repair({}), step], 'Y');
  t.ok(values.some((value) => value > 0.99));
  t.ok(
    (await run(t, rounded, [step], 'Y')).values.every((value) => value === 0),
    'without repair there is nothing',
  );
});

t.test('stereo files get a matte for each view', async (t) => {
  const header = makeHeader(
    makePart([...layer('ids00.left', 'rgba'), ...layer('ids00.right', 'rgba')], {
      ...setStrings('1234567', 'ids', '{"a":"00000001"}'),
      multiView: 'left',
    }),
  );
  const part = single(header.parts);
  const views = {
    type: 'stringvector',
    value: Uint8Array.from([4, 0, 0, 0, ...Buffer.from('left'), 5, 0, 0, 0, ...Buffer.from('right')]),
  };
  const stereo = { ...header, parts: [{ ...part, attributes: part.attributes.with('multiView', views) }] };
  const document = await openExr(frame);
  const result = await matte({ name: ['a'] }).header(stereo, filterContext(document, {}));
  await document.source.close();
  t.strictSame(
    single(result.parts)
      .channels.filter(({ plane }) => isDerived(plane))
      .map(({ name }) => name),
    ['left.matte', 'right.matte'],
  );
});

t.test('what cannot be chosen is refused with what there is', async (t) => {
  const header = makeHeader(
    makePart([...layer('a.CryptoObject00', 'rgba'), ...layer('b.CryptoObject00', 'rgba')], {
      ...setStrings('1111111', 'a.CryptoObject', '{"Hero":"00000001","Tree":"00000002"}'),
      ...setStrings('2222222', 'b.CryptoObject', '{"Hero":"00000001"}'),
    }),
  );
  const several = await failure(matte({ name: ['Hero'] }), header);
  t.equal(several.code, 'SEVERAL_FIT');
  t.match(several.hint, '"a.CryptoObject", "b.CryptoObject"');
  const none = await failure(matte({ name: ['Hera'] }), header);
  t.equal(none.code, 'NO_SUCH_NAME');
  t.match(none.hint, '"Hero", "Tree"');
  t.equal((await failure(matte({ name: ['Hero'], layer: 'c' }), header)).code, 'NO_SUCH_LAYER');
  t.equal((await failure(matte({ name: ['Tree'], as: 'a.CryptoObject00.r' }), header)).code, 'CHANNEL_EXISTS');
  t.equal((await failure(matte({ name: ['/(/'] }), header)).code, 'BAD_REGEX');
  t.equal((await failure(matte({ name: ['x'] }), makeHeader(makePart([{ name: 'R' }])))).code, 'NO_SUCH_LAYER');
});

t.test('coverage never adds up to more than one', async (t) => {
  const part = makePart([...layer('ids00', 'rgba')], setStrings('1234567', 'ids'));
  const { layers } = single(headerSets(makeHeader(part)));
  const plane = mattePlane(layers, new Set([1, 2]));
  const ids = (bits: number): Samples => new Float32Array(new Uint32Array([bits]).buffer);
  const out = new Float32Array([9]);
  const inputs = plane.inputs.map(
    ({ index }) => [new Float32Array([0.7]), ids(2), new Float32Array([0.7]), ids(1)][index] as Samples,
  );
  plane.compute(inputs, out);
  t.equal(out[0], 1);
});

t.test("a name whose ID differs from what Cycles' manifest shows has its matte", async (t) => {
  // The plain hash of obj45 is no float that pixels may have, and Cycles lists it all the same.
  const header = makeHeader(makePart(layer('ids00', 'rgba'), setStrings('1234567', 'ids', '{"obj45":"00734d5c"}')));
  const { header: made } = await runStep(matte({ name: ['obj45'] }), header);
  const plane = made.parts.flatMap(({ channels }) => channels).find(({ name }) => name === 'matte')?.plane;
  if (!plane || !isDerived(plane)) throw new Error('no matte was made');
  const inputs = plane.inputs.map(({ index }): Samples => {
    const name = header.parts[0]?.channels[index]?.name;
    return name === 'ids00.r' ? new Float32Array([bitsToFloat(nameBits('obj45'))]) : new Float32Array([0.25]);
  });
  const out = new Float32Array(1);
  plane.compute(inputs, out);
  t.equal(out[0], 0.25);
});

t.test('planes can be derived from derived ones', async (t) => {
  const [first, second] = makePart([{ name: 'a' }, { name: 'b' }]).channels;
  if (!first || !second) throw new Error('two channels were made');
  const sum = deriveFrom([first, second], ([a, b], out) => {
    for (let i = 0; i < out.length; i++) out[i] = (a?.[i] ?? 0) + (b?.[i] ?? 0);
  });
  const twice = deriveFrom([{ ...first, plane: sum }, second], ([a, b], out) => {
    for (let i = 0; i < out.length; i++) out[i] = (a?.[i] ?? 0) * (b?.[i] ?? 0);
  });
  t.strictSame(twice.inputs, [first.plane, second.plane, second.plane]);
  const out = new Float32Array(2);
  twice.compute([new Float32Array([1, 2]), new Float32Array([3, 4]), new Float32Array([5, 6])], out);
  t.strictSame([...out], [20, 36]);
});
