/** The one table of codecs: what it says is what the codecs do. */
import fc from 'fast-check';
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import type { CodedChannel } from '../../lib/codecs/codec.js';
import { codecOf, codecs, compressionOf, deepCodecs } from '../../lib/codecs/table.js';
import { blockLength, planeLength } from '../../lib/format/block-length.js';
import { asSamples } from '../../lib/jobs/planes.js';
import { compressionNames } from '../../lib/model/compression.js';
import { compareText } from '../../lib/model/text.js';

function channels(...names: readonly string[]): CodedChannel[] {
  return names
    .toSorted(compareText)
    .map((name) => ({ name, type: 'float', xSampling: 1, ySampling: 1, linear: false }));
}

function lost(codec: (typeof codecs)[number], own: readonly CodedChannel[]): string[] {
  return codec.loses(own).map(({ name }) => name);
}

t.test('every codec stands under its name, by its id', async (t) => {
  t.strictSame(
    codecs.map(({ id, name }) => [id, name]),
    compressionNames.map((name, id) => [id, name]),
  );
  for (const { id, name } of codecs) t.equal(codecOf(compressionOf(id)).name, name);
  t.strictSame(
    deepCodecs.map(({ name }) => name),
    ['none', 'rle', 'zips', 'zstd'],
  );
});

t.test('an unknown id has a record without functions', async (t) => {
  t.equal(compressionOf(200), 'unknown (200)');
  const { id, lines, decode, encode, splice, deep } = codecOf('unknown (200)');
  t.strictSame([id, lines, decode, encode, splice, deep], [200, undefined, undefined, undefined, undefined, undefined]);
});

const component = fc.constantFrom('R', 'G', 'B', 'A', 'r', 'g', 'b', 'a', 'Y', 'RY', 'BY', 'Z', 'red', 'green', 'X');
const channelName = fc
  .tuple(fc.constantFrom('', 'a.', 'b.c.', 'CryptoObject00.'), component)
  .map((words) => words.join(''));
const someChannels = fc
  .uniqueArray(
    fc.record({
      name: channelName,
      type: fc.constantFrom('half' as const, 'float' as const, 'uint' as const),
      xSampling: fc.constantFrom(1, 1, 1, 2),
    }),
    { selector: ({ name }) => name, minLength: 1, maxLength: 12 },
  )
  .map((list): CodedChannel[] =>
    list
      .map((one) => ({ ...one, ySampling: one.xSampling, linear: false }))
      .toSorted((a, b) => compareText(a.name, b.name)),
  );

/** Whole chunks and last ones, tiles, windows that begin anywhere. */
const region = fc.record({
  x: fc.integer({ min: -9, max: 9 }),
  y: fc.integer({ min: -9, max: 9 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 33 }),
});

t.test('property: what a codec does not declare to lose, it keeps bit by bit', async (t) => {
  const kernels = await createCodecs();
  const seen = new Map<string, number>();
  fc.assert(
    fc.property(
      fc.constantFrom(...codecs.filter(({ encode, decode }) => encode && decode)),
      someChannels,
      region,
      fc.integer(),
      ({ name, decode, encode, loses }, own, place, seed) => {
        const layout = { ...place, channels: own };
        const planes = own.map((channel) => noise(planeLength(channel, place), seed));
        const packed = encode?.(kernels, layout, Buffer.concat(planes), {}) as Uint8Array;
        if (packed.length > blockLength(own, place)) throw new Error(`${name} stores more than the samples`);
        const losing = new Set(loses(own));
        // All channels, backwards, and every other one: what is asked for comes, in that order.
        const all = own.map((_, index) => index);
        for (const wanted of [all, all.toReversed(), all.filter((index) => index % 2 === 1)]) {
          const again = decode?.(kernels, layout, packed, wanted) as Uint8Array;
          let at = 0;
          for (const index of wanted) {
            const channel = own[index] as CodedChannel;
            const plane = planes[index] as Uint8Array;
            const same = Buffer.compare(plane, again.subarray(at, at + plane.length)) === 0;
            if (!same && !losing.has(channel))
              throw new Error(`${name} changes "${channel.name}" (${channel.type}) unsaid`);
            if (!same) seen.set(name, (seen.get(name) ?? 0) + 1);
            at += plane.length;
          }
          if (at !== again.length) throw new Error(`${name} gives ${again.length} bytes for channels of ${at}`);
        }
      },
    ),
    { numRuns: 300 },
  );
  for (const codec of ['pxr24', 'b44', 'dwaa', 'dwab'])
    t.ok((seen.get(codec) ?? 0) > 0, `${codec} did lose something, so the property looks at what it means`);
});

t.test('a codec clips to the range of half what it loses, or declares that it does not', async (t) => {
  const kernels = await createCodecs();
  const place = { x: 0, y: 0, width: 32, height: 32 };
  const words = { float: [0x47c35000, 0xc7c35000, 0x7f800000, 0xff800000, 0x7fc00000], half: [0x7c00, 0xfc00, 0x7e00] };
  let clipping = 0;
  for (const { name, decode, encode, loses, clipsToHalf = false } of codecs)
    for (const type of ['float', 'half'] as const)
      for (const word of words[type]) {
        const own = [{ name: 'R', type, xSampling: 1, ySampling: 1, linear: false }];
        if (!decode || !encode || loses(own).length === 0) continue;
        const samples = new (type === 'half' ? Uint16Array : Uint32Array)(1024).fill(word);
        const layout = { ...place, channels: own };
        const packed = encode(kernels, layout, new Uint8Array(samples.buffer.slice(0)), {});
        const [back = 0] = asSamples(type, decode(kernels, layout, packed, [0]));
        const isClipped = Math.abs(back) <= 65504;
        t.equal(isClipped, clipsToHalf, `${name}, ${type} ${word.toString(16)} becomes ${back}`);
        if (isClipped) clipping += 1;
      }
  t.ok(clipping >= 8, 'some do');
});

/** Bytes that are plausible samples of any type: rough enough to lose something, smooth enough that it pays to pack them. */
function noise(length: number, seed: number): Uint8Array {
  const bytes = new Uint8Array(length);
  let state = seed >>> 0;
  for (let at = 0; at < length; at++) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    bytes[at] = at % 2 === 0 ? (state >>> 24) & 0x7f : 0x3c;
  }
  return bytes;
}

t.test('DWA: chunks may pass under names that leave components and layers as they were', async (t) => {
  const { renameObstacle } = codecOf('dwaa');
  const then = channels('a.B', 'a.G', 'a.R', 'b.Z');
  const refused = (...names: readonly string[]) => renameObstacle?.(channels(...names), then) !== undefined;
  t.notOk(refused('x.B', 'x.G', 'x.R', 'y.Z'));
  t.ok(refused('x.B', 'x.G', 'x.R', 'y.Y'), 'another component');
  t.ok(refused('x.B', 'x.G', 'y.R', 'z.Z'), 'a triple parted');
  t.ok(refused('x.B', 'x.G', 'x.R', 'x.Z'), 'layers joined');
  t.equal(codecOf('zip').renameObstacle, undefined);
});

/** What OpenEXR 3.5.3 was seen to lose (corpus and measurements are described with the format facts of LJ2K). */
t.test('LJ2K loses the first triple of a part, whatever it holds, and nothing else', async (t) => {
  const lj2k = codecOf('lj2k');
  const rgb = (layer: string) => ['R', 'G', 'B'].map((one) => `${layer}${one}`);
  const ids = ['r', 'g', 'b', 'a'].map((one) => `main.CryptoObject00.${one}`);
  t.strictSame(lost(lj2k, channels(...ids)), ids.slice(0, 3).toSorted(), 'Cryptomatte alone in a part');
  t.strictSame(lost(lj2k, channels(...rgb('AO.'), ...rgb('Combined.'))), rgb('AO.').toSorted(), 'the first of two');
  // The sets r, g, b and red, green, blue do not stand in each other's way; of both, r, g, b is taken.
  const words = (layer: string) => ['red', 'green', 'blue'].map((one) => `${layer}${one}`);
  t.strictSame(lost(lj2k, channels('x.r', 'x.g', 'x.b', 'x.Blue')), ['x.b', 'x.g', 'x.r']);
  t.strictSame(lost(lj2k, channels('R', ...words(''))), ['blue', 'green', 'red']);
  t.strictSame(lost(lj2k, channels(...words('a.'), 'b.r', 'b.g', 'b.b')), ['b.b', 'b.g', 'b.r']);
  t.strictSame(lost(lj2k, channels('a.r', 'a.g', ...words('b.'))), ['b.blue', 'b.green', 'b.red']);
  t.strictSame(lost(lj2k, channels(...rgb(''), 'r')), ['B', 'G', 'R'], 'of "R" and "r" the first');
  t.strictSame(lost(lj2k, channels('AO.r', ...rgb(''))), [], 'the first layer decides, even without a triple');
  const beside = [...rgb(''), ...['r', 'g', 'b', 'a'].map((one) => `CryptoMaterial00.${one}`)];
  t.strictSame(lost(lj2k, channels(...beside)), rgb('').toSorted(), '"B" comes before "CryptoMaterial00.b"');
  t.strictSame(lost(lj2k, channels(...rgb('BG.Combined.'), 'BG.CryptoObject00.r')), rgb('BG.Combined.').toSorted());
  t.strictSame(lost(lj2k, channels('Z', 'A')), []);
  const uint = channels(...rgb('')).map((one) => ({ ...one, type: 'uint' as const }));
  t.strictSame(lost(lj2k, uint), [], 'whole numbers');
  const sampled = channels(...rgb('')).map((one) => ({ ...one, xSampling: 2 }));
  t.strictSame(lost(lj2k, sampled), [], 'sub-sampled');
  const mixed = channels(...rgb('')).map((one, i) => ({
    ...one,
    type: i === 0 ? ('float' as const) : ('half' as const),
  }));
  t.strictSame(lost(lj2k, mixed), [], 'of different types');
});
