// Some channels of a chunk: the same samples as of all of it, and the same errors.
import fc from 'fast-check';
import t from 'tap';
import { type ChunkLayout, CodecError, createCodecs, planarSize } from '../src/index.js';
import { random } from './odd-deflate.js';
import { type Made, makeCase, seeds, zipPacker } from './splice-chunks.js';

const codecs = await createCodecs();

/** Samples of channels one after the other, out of those of all. */
function some(layout: ChunkLayout, planar: Uint8Array, channels: readonly number[]): Buffer {
  const sizes = layout.channels.map((channel) => planarSize({ ...layout, channels: [channel] }));
  const starts = sizes.map((_, i) => sizes.slice(0, i).reduce((sum, size) => sum + size, 0));
  return Buffer.concat(channels.map((c) => planar.subarray(starts[c], (starts[c] ?? 0) + (sizes[c] ?? 0))));
}

function outcome(work: () => Uint8Array): Uint8Array | string {
  try {
    return work();
  } catch (error) {
    if (error instanceof CodecError) return error.code;
    throw error;
  }
}

for (const [name, numRuns, bounds] of [
  ['small', 300, { width: 40, height: 6, channels: 8 }],
  ['wide', 60, { width: 6000, height: 16, channels: 6 }],
] as const) {
  t.test(`ZIP chunks by any encoder, whole and damaged, ${name}`, async (t) => {
    let picked = 0;
    let refused = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        const { sources } = makeCase(seed, bounds, zipPacker(codecs));
        const next = random(seed + 1);
        for (const { layout, packed, planar } of sources) {
          // As long as the samples, it would be taken for them.
          if (packed.length >= planarSize(layout)) continue;
          const channels = layout.channels.flatMap((_, c) => (next(4) === 0 ? c : []));
          const got = codecs.decode('zip', layout, packed, channels);
          if (Buffer.compare(got, some(layout, planar, channels)) !== 0) throw new Error('other samples');
          picked += channels.length;
          const bad = packed.slice(0, packed.length - next(2) * next(packed.length));
          for (let i = next(3); i > 0; --i) bad[next(bad.length)] = next(256);
          const [few, all] = [channels, undefined].map((wanted) =>
            outcome(() => codecs.decode('zip', layout, bad, wanted)),
          );
          if (typeof all === 'string' ? few !== all : typeof few === 'string') throw new Error(`${few}, of all ${all}`);
          if (typeof all === 'string') ++refused;
        }
      }),
      { numRuns },
    );
    t.ok(picked > numRuns, `${picked} channels`);
    t.ok(refused > numRuns / 10, `${refused} refused`);
  });
}

t.test('channels come in the order in which they are asked for, as often as that is', async (t) => {
  const { sources } = makeCase(3, { width: 20, height: 5, channels: 6 }, zipPacker(codecs));
  const { layout, planar } = sources[0] as Made;
  const packed = codecs.encode('zip', layout, planar);
  for (const channels of [[], [0], [layout.channels.length - 1, 0], [0, 0]]) {
    t.same(codecs.decode('zip', layout, packed, channels), some(layout, planar, channels));
  }
  t.throws(() => codecs.decode('zip', layout, packed, [99]), { code: 'bad-argument' });
});
