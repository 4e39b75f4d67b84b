// Splices of HTJ2K: what only headers and moved packets are made of. (That the reference library reads the results is for
// scripts/htj2k/check.py to say.)
import fc from 'fast-check';
import t from 'tap';
import { compose, indexPackets } from '../src/htj2k/compose.js';
import { readPackets } from '../src/htj2k/packets.js';
import { readChunk } from '../src/htj2k/read.js';
import {
  type ChannelLayout,
  type ChunkLayout,
  type ChunkSource,
  CodecError,
  createCodecs,
  planarSize,
  type SpliceTarget,
} from '../src/index.js';
import { holds } from './holds.js';
import { type HtVector, htVector, readForeignVectors, readHtVectors, readLjVectors } from './htj2k-vectors.js';
import { sha256 } from './vectors.js';

const codecs = await createCodecs();
const vectors = readHtVectors();

/** Shown by its name alone. */
const someVector = fc.constantFrom(...vectors.map(({ name }) => name)).map((name) => {
  const vector = vectors.find((own) => own.name === name) as HtVector;
  return { ...vector, [fc.toStringMethod]: () => name };
});

function sourceOf({ x, y, width, height, channels, packed }: HtVector): ChunkSource {
  return { layout: { x, y, width, height, channels }, packed };
}

/** A target of these channels of one source, under these names. */
function pick(
  { layout }: Pick<ChunkSource, 'layout'>,
  channels: readonly number[],
  names?: readonly string[],
): SpliceTarget {
  const picked = channels.map((channel, i): ChannelLayout => {
    const own = layout.channels[channel] as ChannelLayout;
    return { ...own, name: names?.[i] ?? own.name };
  });
  return { layout: { ...layout, channels: picked }, from: channels.map((channel) => ({ source: 0, channel })) };
}

function splice(sources: readonly ChunkSource[], targets: readonly SpliceTarget[]): Uint8Array[] {
  return codecs.splice('htj2k32', sources, targets);
}

/** The packets of a channel, one after the other. */
function packetsOf(packed: Uint8Array, count: number, channel: number): Buffer {
  const { header, codestream } = readChunk(packed, count);
  const packets = readPackets(codestream);
  const component = header.map.indexOf(channel);
  const own = Array.from({ length: packets.count }, (_, i) => i).filter((i) => packets.component[i] === component);
  return Buffer.concat(own.map((i) => packed.subarray(packets.start[i], packets.end[i])));
}

t.test('all components in their order give the chunk that the reference library wrote', async (t) => {
  for (const { name, packed, channels } of vectors) {
    const { header, codestream } = readChunk(packed, channels.length);
    const source = indexPackets(codestream, readPackets(codestream));
    const composition = {
      magic: header.magic,
      pieces: codestream.components.map((_, component) => ({ source, component })),
      map: [...header.map],
      colourTransform: codestream.colourTransform,
      comments: codestream.comments,
      byResolution: codestream.bodies.length > 2,
    };
    const made = compose(composition, Number.POSITIVE_INFINITY) ?? new Uint8Array(0);
    t.equal(Buffer.compare(made, packed), 0, name);
    t.equal(compose(composition, packed.length), undefined, 'and no larger');
  }
});

t.test('names in another order are another map, and the rest stays', async (t) => {
  holds(
    t,
    fc.property(someVector, fc.nat(), (vector, seed) => {
      const source = sourceOf(vector);
      const count = vector.channels.length;
      const order = shuffled(count, seed);
      const target = pick(source, order);
      const [made] = splice([source], [target]) as [Uint8Array];
      const { header } = readChunk(made, count);
      const before = readChunk(vector.packed, count).header;
      header.map.forEach((channel, component) => {
        if (order[channel] !== before.map[component]) throw new Error(`component ${component} is another channel`);
      });
      if (Buffer.compare(made.subarray(8 + 2 * count), vector.packed.subarray(8 + 2 * count)) !== 0) {
        throw new Error('the codestream changed');
      }
      const inverse = order.map((_, channel) => order.indexOf(channel));
      const [back] = splice([{ layout: target.layout, packed: made }], [pick(target, inverse)]) as [Uint8Array];
      if (Buffer.compare(back, vector.packed) !== 0) throw new Error('not the same again');
    }),
  );
});

t.test('channels taken apart and put together again give the same chunk', async (t) => {
  let same = 0;
  let raw = 0;
  holds(
    t,
    fc.property(someVector, fc.nat(), fc.integer({ min: 2, max: 3 }), (vector, seed, count) => {
      const source = sourceOf(vector);
      const { header, codestream } = readChunk(vector.packed, vector.channels.length);
      // Red, green and blue stay together.
      const triple = codestream.colourTransform ? [...header.map.subarray(0, 3)] : [];
      const order = shuffled(vector.channels.length, seed);
      const groups = Array.from({ length: count }, (_, group) =>
        vector.channels.flatMap((_, i) => ((triple.includes(i) ? 0 : (order[i] ?? 0)) % count === group ? i : [])),
      ).filter((group) => group.length > 0);
      const targets = groups.map((group) => pick(source, group));
      const parts = attempt(() => splice([source], targets));
      // A few channels of a small chunk may take more bytes than their samples.
      if (parts === undefined) {
        ++raw;
        return;
      }
      for (const [i, group] of groups.entries()) {
        for (const [place, channel] of group.entries()) {
          const moved = packetsOf(parts[i] as Uint8Array, group.length, place);
          const was = packetsOf(vector.packed, vector.channels.length, channel);
          if (Buffer.compare(moved, was) !== 0) throw new Error(`other packets of channel ${channel}`);
        }
        const { layout } = targets[i] as SpliceTarget;
        if ((parts[i] as Uint8Array).length >= planarSize(layout)) throw new Error('too large');
      }
      const sources = targets.map(({ layout }, i) => ({ layout, packed: parts[i] as Uint8Array }));
      const whole = {
        layout: source.layout,
        from: vector.channels.map((_, i) => {
          const from = groups.findIndex((group) => group.includes(i));
          return { source: from, channel: (groups[from] as number[]).indexOf(i) };
        }),
      };
      const [made] = splice(sources, [whole]) as [Uint8Array];
      if (sources.some(isLean)) return;
      ++same;
      if (Buffer.compare(made, vector.packed) !== 0) throw new Error('another chunk');
    }),
    { numRuns: 400 },
  );
  t.ok(same > 200, `${same} the same again`);
  t.ok(raw < 100, `${raw} would have been larger than their samples`);
});

/** Whether a chunk was made small by leaving out what need not be there. */
function isLean({ packed }: ChunkSource): boolean {
  return !Buffer.from(packed).includes('OpenJPH');
}

function attempt<T>(work: () => T): T | undefined {
  try {
    return work();
  } catch (error) {
    if (error instanceof CodecError && error.code === 'unsupported') return undefined;
    throw error;
  }
}

/** Bytes that are always the same. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state >>> 24;
  };
}

function shuffled(count: number, seed: number): number[] {
  const order = Array.from({ length: count }, (_, i) => i);
  let state = seed;
  for (let i = count - 1; i > 0; --i) {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    const j = state % (i + 1);
    [order[i], order[j]] = [order[j] as number, order[i] as number];
  }
  return order;
}

t.test('more channels than numbers of one byte have', async (t) => {
  const source = sourceOf(htVector('openexr35/htj2k/float_z.htj2k32:0'));
  const half = sourceOf(htVector('openexr35/htj2k/half_y_65x33.htj2k32:0'));
  const one = source.layout.channels[0] as ChannelLayout;
  const channels = Array.from({ length: 300 }, (_, i) => ({ ...one, name: `c${1000 + i}` }));
  const target = { layout: { ...source.layout, channels }, from: channels.map(() => ({ source: 0, channel: 0 })) };
  const [many] = splice([source], [target]) as [Uint8Array];
  const was = packetsOf(source.packed, 1, 0);
  for (const channel of [0, 1, 255, 256, 299]) t.equal(Buffer.compare(packetsOf(many, 300, channel), was), 0);
  const few = { ...target.layout, channels: channels.slice(0, 1) };
  const back = splice(
    [{ layout: target.layout, packed: many }],
    [{ layout: few, from: [{ source: 0, channel: 299 }] }],
  );
  t.equal(Buffer.compare(back[0] as Uint8Array, source.packed), 0, 'one of them is what it was');
  t.throws(() => splice([source, half], [{ ...target, from: channels.map(() => ({ source: 1, channel: 0 })) }]), {
    code: 'bad-argument',
  });
});

t.test('what is coded together is decoded to be parted, or joined twice', async (t) => {
  const mixed = sourceOf(htVector('openexr35/htj2k/mixed.htj2k32:1'));
  const { layout } = mixed;
  const samples = (channels: readonly number[]) => codecs.decode('htj2k32', layout, mixed.packed, channels);
  const decoded = (target: SpliceTarget, packed: Uint8Array) => codecs.decode('htj2k32', target.layout, packed);
  for (const channels of [[0, 1], [2], [3, 1, 5], [1, 2, 3]]) {
    const target = pick(mixed, channels);
    const [made] = splice([mixed], [target]) as [Uint8Array];
    t.equal(Buffer.compare(decoded(target, made), samples(channels)), 0, `channels ${channels.join()}`);
  }
  const twice: ChunkLayout = { ...layout, channels: [...layout.channels, ...layout.channels] };
  const from = [0, 1].flatMap((source) => layout.channels.map((_, channel) => ({ source, channel })));
  const [made] = splice([mixed, mixed], [{ layout: twice, from }]) as [Uint8Array];
  const all = layout.channels.map((_, channel) => channel);
  t.equal(Buffer.compare(codecs.decode('htj2k32', twice, made), samples([...all, ...all])), 0, 'two triples');
});

t.test(
  'chunks of other encoders, of other blocks, decompositions, precincts and progressions, are joined',
  async (t) => {
    const foreign = readForeignVectors();
    const bySize = new Map<string, HtVector[]>();
    for (const vector of foreign) {
      const size = `${vector.width} x ${vector.height}`;
      bySize.set(size, [...(bySize.get(size) ?? []), vector]);
    }
    let joined = 0;
    for (const [size, group] of bySize) {
      const sources = group.map(sourceOf);
      const picks = group.flatMap(({ channels, decoded }, source) =>
        channels.map((own, channel) => ({
          from: { source, channel },
          channel: { ...own, name: `${source}.${own.name}` },
          digest: decoded[channel],
        })),
      );
      // Some colours are coded together.
      for (const chosen of [picks, picks.filter((_, i) => i % 2 === 0), picks.slice(-1)]) {
        const { layout } = sources[0] as ChunkSource;
        const target = {
          layout: { ...layout, channels: chosen.map(({ channel }) => channel) },
          from: chosen.map(({ from }) => from),
        };
        const [made] = splice(sources, [target]) as [Uint8Array];
        const digests = chosen.map((_, i) => sha256(codecs.decode('htj2k32', target.layout, made, [i])));
        t.same(
          digests,
          chosen.map(({ digest }) => digest),
          `${chosen.length} channels of ${size}`,
        );
        if (group.length > 1) ++joined;
      }
    }
    t.ok(joined >= 6, `${joined} of several chunks`);
  },
);

t.test('chunks that are stored raw are joined with others', async (t) => {
  const coded = sourceOf(htVector('openexr35/htj2k/mixed.htj2k32:1'));
  const channels = ['noise', 'R2'].map(
    (name): ChannelLayout => ({ ...(coded.layout.channels[0] as ChannelLayout), name }),
  );
  const layout = { ...coded.layout, channels };
  const random = seeded(7);
  const planar = Uint8Array.from({ length: planarSize(layout) }, () => random());
  // A channel that is noise, and one that is not.
  planar.fill(0x3c, planar.length / 2);
  const raw = { layout, packed: codecs.encode('none', layout, planar) };
  const sources = [coded, raw];
  const samplesOf = ({ source, channel }: { source: number; channel: number }): Buffer => {
    const { layout, packed } = sources[source] as ChunkSource;
    return Buffer.from(codecs.decode('htj2k32', layout, packed, [channel]));
  };
  const all = [...coded.layout.channels.map((_, channel) => ({ source: 0, channel })), { source: 1, channel: 0 }];
  for (const from of [
    all,
    [...all, { source: 1, channel: 1 }].toReversed(),
    [
      { source: 1, channel: 1 },
      { source: 0, channel: 5 },
    ],
    [
      { source: 1, channel: 0 },
      { source: 0, channel: 2 },
    ],
    [{ source: 1, channel: 1 }],
    [
      { source: 1, channel: 1 },
      { source: 1, channel: 0 },
    ],
  ]) {
    const picked = from.map(({ source, channel }) => sources[source]?.layout.channels[channel] as ChannelLayout);
    const target = { layout: { ...layout, channels: picked }, from };
    const [made] = splice(sources, [target]) as [Uint8Array];
    const what = picked.map(({ name }) => name).join();
    t.ok(made.length <= planarSize(target.layout), `${what}: ${made.length} bytes`);
    const decoded = Buffer.from(codecs.decode('htj2k32', target.layout, made));
    t.equal(Buffer.compare(decoded, Buffer.concat(from.map(samplesOf))), 0, what);
  }
  const [small] = splice(sources, [
    { layout: { ...layout, channels: channels.slice(1) }, from: [{ source: 1, channel: 1 }] },
  ]);
  t.ok((small as Uint8Array).length < planarSize(layout) / 2, 'what becomes smaller is packed');
});

t.test('LJ2K: no sample changes, whatever is parted or joined', async (t) => {
  for (const vector of readLjVectors()) {
    const source = sourceOf(vector);
    const all = vector.channels.map((_, channel) => channel);
    const subsets = [
      all.toReversed(),
      ...all.map((channel) => [channel]),
      ...all.map((channel) => all.filter((other) => other !== channel)),
      all.slice(0, 2),
      all.slice(-3),
    ].filter(({ length }) => length > 0);
    const targets = subsets.map((channels) => pick(source, channels));
    const chunks = codecs.splice('lj2k', [source], targets);
    for (const [i, { layout }] of targets.entries()) {
      const made = chunks[i] as Uint8Array;
      t.ok(made.length <= planarSize(layout));
      t.same(
        decodedChannels(layout, made),
        (subsets[i] as number[]).map((channel) => vector.decoded[channel]),
        `${vector.name}: ${layout.channels.map(({ name }) => name)}`,
      );
    }
  }
});

t.test(
  'LJ2K: what is lossy moves as long as it stays together, and is padded with all that is beside it',
  async (t) => {
    const vector = readLjVectors().find(({ name }) => name.includes('two_triples')) as HtVector;
    const source = sourceOf(vector);
    const splice = (target: SpliceTarget) => codecs.splice('lj2k', [source], [target])[0] as Uint8Array;
    t.same(
      vector.channels.map(({ name }) => name),
      ['aov.B', 'aov.G', 'aov.R', 'main.B', 'main.G', 'main.R'],
    );
    const coded = (channels: readonly number[]) => {
      const { codestream } = readChunk(splice(pick(source, channels)), channels.length);
      const { width, height, components, comments } = codestream;
      return {
        size: [width, height],
        lossy: components.filter(({ coding }) => !coding.reversible).length,
        padding: comments.filter((comment) => Buffer.from(comment).includes('LJ2K padding')).length,
      };
    };
    // 40 x 33 pixels, coded as 65 x 33 since the first triple is lossy.
    t.same(coded([5, 4, 3, 2, 1, 0]), { size: [65, 33], lossy: 3, padding: 1 });
    t.same(coded([2, 4, 0, 1]), { size: [65, 33], lossy: 3, padding: 1 });
    t.same(coded([3, 4, 5]), { size: [40, 33], lossy: 0, padding: 0 });
    t.same(coded([0, 3]), { size: [40, 33], lossy: 0, padding: 0 });
    t.equal(codecs.move('lj2k', [source], [pick(source, [3, 4, 5])]), undefined, 'which takes decoding');
    t.ok(codecs.move('lj2k', [source], [pick(source, [0, 1, 2])]));
  },
);

t.test('LJ2K: chunks of two files, padded or not, lossy or not, in one', async (t) => {
  const whole = readLjVectors().map((vector) => ({ ...sourceOf(vector), digests: vector.decoded }));
  // The same without one of the lossy channels, which is stored without loss.
  const parts = whole.flatMap((source) => {
    const channels = source.layout.channels.map((_, channel) => channel).slice(1);
    if (channels.length === 0) return [];
    const target = pick(source, channels);
    const [packed] = codecs.splice('lj2k', [source], [target]) as [Uint8Array];
    return { layout: target.layout, packed, digests: source.digests.slice(1) };
  });
  let joined = 0;
  for (const source of whole)
    for (const other of [...whole, ...parts]) {
      const sources = [source, other];
      const { x, y, width, height } = source.layout;
      const own = other.layout;
      if (own.x !== x || own.y !== y || own.width !== width || own.height !== height) continue;
      const from = sources.flatMap(({ layout }, number) =>
        layout.channels.map((_, channel) => ({ source: number, channel })),
      );
      for (const order of [from, from.toReversed(), from.slice(1)]) {
        const channels = order.map((one) => sources[one.source]?.layout.channels[one.channel] as ChannelLayout);
        const target = { layout: { ...own, channels }, from: order };
        const [made] = codecs.splice('lj2k', sources, [target]) as [Uint8Array];
        t.same(
          decodedChannels(target.layout, made),
          order.map((one) => sources[one.source]?.digests[one.channel]),
        );
        ++joined;
      }
    }
  t.ok(joined > 25, `${joined} joined`);
});

function decodedChannels(layout: ChunkLayout, packed: Uint8Array): string[] {
  return layout.channels.map((_, channel) => sha256(codecs.decode('lj2k', layout, packed, [channel])));
}

t.test('moving gives the slices of what splicing gives, where copying is all it takes', async (t) => {
  let moved = 0;
  let left = 0;
  holds(
    t,
    fc.property(someVector, fc.nat(), (vector, seed) => {
      const source = sourceOf(vector);
      const order = shuffled(vector.channels.length, seed);
      const targets = [order, order.slice(0, 1 + (seed % order.length))].map((channels) => pick(source, channels));
      const slices = codecs.move('htj2k32', [source], targets);
      if (slices === undefined) {
        ++left;
        return;
      }
      ++moved;
      splice([source], targets).forEach((chunk, i) => {
        if (Buffer.compare(Buffer.concat(slices[i] ?? []), chunk) !== 0) throw new Error(`another chunk ${i}`);
      });
      const own = slices.flat().filter(({ buffer }) => buffer !== source.packed.buffer);
      if (own.reduce((sum, { length }) => sum + length, 0) > 2000) throw new Error('packets were copied');
    }),
    { numRuns: 300 },
  );
  t.ok(moved > 50 && left > 50, `${moved} moved, ${left} left`);
  const raw = { ...sourceOf(htVector('openexr35/htj2k/mixed.htj2k32:1')) };
  raw.packed = new Uint8Array(planarSize(raw.layout));
  t.equal(codecs.move('htj2k32', [raw], [pick(raw, [0, 1])]), undefined, 'which may get smaller');
  t.equal(codecs.move('htj2k32', [raw], [pick(raw, [5, 4, 3, 2, 1, 0])])?.[0]?.[0]?.length, raw.packed.length);
  t.equal(codecs.move('zip', [raw], [pick(raw, [0, 1])]), undefined, 'ZIP is more than copying');
});

t.test('damaged chunks are refused, or give chunks', async (t) => {
  let refused = 0;
  holds(
    t,
    fc.property(
      someVector,
      fc.array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.integer({ min: 0, max: 255 })), {
        minLength: 1,
        maxLength: 4,
      }),
      fc.nat(),
      (vector, changes, seed) => {
        const packed = vector.packed.slice();
        for (const [place, value] of changes) packed[Math.floor(place * (packed.length - 1))] = value;
        const source = { ...sourceOf(vector), packed };
        const wanted = shuffled(vector.channels.length, seed).slice(0, 1 + (seed % vector.channels.length));
        const target = pick(source, wanted);
        try {
          const [made] = splice([source], [target]) as [Uint8Array];
          if (made.length < planarSize(target.layout)) readChunk(made, wanted.length);
        } catch (error) {
          if (!(error instanceof CodecError) || error.code === 'internal') throw error;
          ++refused;
        }
      },
    ),
    { numRuns: 2000 },
  );
  t.ok(refused > 300, `${refused} refused`);
});
