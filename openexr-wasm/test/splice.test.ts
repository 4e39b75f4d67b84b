// Splices against decoding, putting together and encoding: the same samples, whatever the channels, sizes, encoders.
import { inflateSync } from 'node:zlib';
import fc from 'fast-check';
import t from 'tap';
import {
  type ChunkLayout,
  type ChunkSource,
  CodecError,
  type Compression,
  compileModule,
  createCodecs,
  planarSize,
  type SpliceTarget,
  spliceWorthwhile,
} from '../src/index.js';
import { Instance } from '../src/instance.js';
import { sized } from '../src/layout.js';
import { nodeEntropy } from '../src/node-entropy.js';
import { spliceTokens } from '../src/splice-tokens.js';
import { random } from './odd-deflate.js';
import { type Case, expected, makeCase, seeds, zipPacker } from './splice-chunks.js';

const module = await compileModule();
if (!(module instanceof WebAssembly.Module)) throw new Error('compileModule gives a module');
const codecs = await createCodecs({ module });
const CHOOSE = -1;
const RENEW = -2;
/** Everything copied that can be, little of it, nothing, what is chosen, and all matched again that cannot be copied. */
const LOG_BYTES = [0, 300, 2 ** 30, CHOOSE, RENEW];

function mustBeSame(got: Uint8Array, want: Uint8Array, what: string): void {
  if (Buffer.compare(got, want) !== 0) throw new Error(`${what}: other samples`);
}

function inflates(stream: Uint8Array): boolean {
  try {
    inflateSync(stream);
    return true;
  } catch {
    return false;
  }
}

for (const [name, numRuns, bounds] of [
  ['small', 300, { width: 40, height: 6, channels: 4 }],
  ['wide', 100, { width: 1500, height: 16, channels: 5 }],
  ['many channels', 200, { width: 9, height: 3, channels: 60 }],
] as const) {
  t.test(`ZIP streams by any encoder, ${name}`, async (t) => {
    const instance = new Instance(module, nodeEntropy, 2 ** 28);
    let made = 0;
    fc.assert(
      fc.property(seeds, fc.constantFrom(...LOG_BYTES), (seed, logBytes) => {
        const { sources, targets } = makeCase(seed, bounds, zipPacker(codecs));
        if ([...sources, ...targets].some(({ layout }) => planarSize(layout) === 0)) return;
        if (sources.some(({ layout, packed }) => packed.length >= planarSize(layout))) return;
        instance.reset();
        const { chunks } = spliceTokens(instance, 'zip', sources.map(sized), targets.map(sized), {
          level: 4,
          logBytes,
        });
        targets.forEach((target, i) => {
          const chunk = chunks[i]?.packed;
          if (chunk === undefined) return;
          ++made;
          const size = planarSize(target.layout);
          if (chunk.length >= size) throw new Error(`${chunk.length} bytes for ${size}`);
          // zlib checks the stream and its checksum, which is not complete without the last byte.
          if (inflateSync(chunk).length !== size) throw new Error('not as long as it should be');
          if (inflates(chunk.subarray(0, -1))) throw new Error('bytes behind the stream');
          const want = expected(
            sources.map(({ planar }) => planar),
            sources,
            target,
          );
          mustBeSame(codecs.decode('zip', target.layout, chunk), want, `target ${i}`);
        });
      }),
      { numRuns },
    );
    // Many of the smallest do not get smaller than raw.
    t.ok(made > numRuns / 10, `${made} chunks`);
  });
}

const plain = { name: 'Z', type: 'float' as const, xSampling: 1, ySampling: 1, linear: false };

const COMPRESSIONS: readonly Compression[] = [
  'none',
  'rle',
  'zips',
  'zip',
  'piz',
  'pxr24',
  'b44',
  'b44a',
  'dwaa',
  'dwab',
];

/** What a splice must give, from what its sources decode to. */
function wanted(compression: Compression, sources: readonly ChunkSource[], target: SpliceTarget): Uint8Array {
  return expected(
    sources.map(({ layout, packed }) => codecs.decode(compression, layout, packed)),
    sources,
    target,
  );
}

/** Splices copies of the sources, each of which is overwritten when it is released. */
function spliceReleasing(
  compression: Compression,
  sources: readonly ChunkSource[],
  targets: readonly SpliceTarget[],
): Uint8Array {
  const copies = sources.map((source) => ({ ...source, packed: source.packed.slice() }));
  return Buffer.concat(codecs.splice(compression, copies, targets, { release: (packed) => packed.fill(0xee) }));
}

for (const compression of COMPRESSIONS) {
  t.test(`${compression}: any channels from anywhere keep their samples`, async (t) => {
    let made = 0;
    let refused = 0;
    fc.assert(
      fc.property(seeds, (seed) => {
        // Now and then a chunk whose lines are long enough for tokens, and now and then one that is stored raw.
        const wide = seed % 5 === 0;
        const bounds = { width: wide ? 40_000 : 60, height: wide ? 2 : 20, channels: wide ? 3 : 6 };
        const { sources, targets } = makeCase(seed, bounds, (layout, planar, next) =>
          codecs.encode(next(8) === 0 ? 'none' : compression, layout, planar),
        );
        try {
          const chunks = codecs.splice(compression, sources, targets);
          mustBeSame(spliceReleasing(compression, sources, targets), Buffer.concat(chunks), 'with sources given up');
          targets.forEach((target, i) => {
            const chunk = chunks[i] ?? new Uint8Array(0);
            if (chunk.length > planarSize(target.layout)) throw new Error('larger than raw');
            mustBeSame(
              codecs.decode(compression, target.layout, chunk),
              wanted(compression, sources, target),
              `target ${i}`,
            );
          });
          ++made;
        } catch (error) {
          // DWA cannot always tell the classes of channels apart by the new names.
          if (!compression.startsWith('dwa') || !(error instanceof CodecError) || error.code !== 'unsupported')
            throw error;
          ++refused;
        }
      }),
      { numRuns: 120 },
    );
    t.ok(made > 40, `${made} made, ${refused} refused`);
  });
}

/** Two layers of colours, depth and mattes, as a renderer writes them. */
function frame(width: number, height: number): { layout: ChunkLayout; planar: Uint8Array } {
  const next = random(7);
  const channels = ['a', 'b'].flatMap((layer) =>
    ['A', 'B', 'G', 'R', 'Z', 'id.B', 'id.G', 'id.R', 'n.X', 'n.Y', 'n.Z'].map((name) => ({
      name: `${layer}.${name}`,
      type: name === 'Z' || name.startsWith('id') ? ('float' as const) : ('half' as const),
      xSampling: 1,
      ySampling: 1,
      linear: false,
    })),
  );
  const layout = { x: 0, y: 0, width, height, channels };
  const parts = channels.map(({ type, name }) => {
    const step = type === 'half' ? 2 : 4;
    const view = new DataView(new ArrayBuffer(width * height * step));
    for (let i = 0; i < width * height; ++i) {
      const shade = 0x3000 + ((i % width) >> 2) + next(24);
      if (step === 2) view.setUint16(i * 2, name.endsWith('.A') ? 0x3c00 : shade, true);
      else
        view.setUint32(i * 4, name.endsWith('Z') ? 0x41000000 + shade * 77 : 0x3f123457 * (1 + ((i >> 6) & 3)), true);
    }
    return new Uint8Array(view.buffer);
  });
  return { layout, planar: new Uint8Array(Buffer.concat(parts)) };
}

for (const compression of COMPRESSIONS) {
  t.test(`${compression}: ten rounds of split and merge change no sample`, async (t) => {
    const { layout, planar } = frame(128, compression === 'zips' ? 1 : 32);
    const first = codecs.encode(compression, layout, planar);
    const before = codecs.decode(compression, layout, first);
    const half = layout.channels.length / 2;
    const channels = [layout.channels.slice(0, half), layout.channels.slice(half)];
    const apart = channels.map((part, side) => ({
      layout: { ...layout, channels: part },
      from: part.map((_, i) => ({ source: 0, channel: side * half + i })),
    }));
    const together = {
      layout,
      from: layout.channels.map((_, i) => ({ source: i < half ? 0 : 1, channel: i % half })),
    };
    let chunk = first;
    for (let round = 0; round < 10; ++round) {
      const parts = codecs.splice(compression, [{ layout, packed: chunk }], apart);
      const sources = parts.map((packed, i) => ({ layout: apart[i]?.layout ?? layout, packed }));
      chunk = codecs.splice(compression, sources, [together])[0] ?? new Uint8Array(0);
    }
    t.equal(Buffer.compare(codecs.decode(compression, layout, chunk), before), 0, 'same samples');
    t.ok(chunk.length <= first.length * 1.02, `${chunk.length} bytes, ${first.length} at first`);
  });
}

t.test('runs that are long enough cost less than two percent', async (t) => {
  const { layout, planar } = frame(8192, 4);
  const packed = codecs.encode('zip', layout, planar);
  const half = layout.channels.length / 2;
  const targets = [layout.channels.slice(0, half), layout.channels.slice(half)].map((channels, side) => ({
    layout: { ...layout, channels },
    from: channels.map((_, i) => ({ source: 0, channel: side * half + i })),
  }));
  t.ok(targets.every((target) => spliceWorthwhile('zip', [layout], target)));
  const chunks = codecs.splice('zip', [{ layout, packed }], targets);
  targets.forEach((target, i) => {
    const encoded = codecs.encode('zip', target.layout, wanted('zip', [{ layout, packed }], target));
    const size = chunks[i]?.length ?? 0;
    t.ok(size < encoded.length * 1.02, `${size} bytes, ${encoded.length} re-encoded`);
  });
});

t.test('tokens that copied from lines that are out of reach are matched again', async (t) => {
  // A file for each channel, in which most of a line is in the one before; together, lines are longer than deflate's window.
  const width = 4000;
  const channels = Array.from({ length: 12 }, (_, i) => ({ ...plain, name: `c${String(i).padStart(2, '0')}` }));
  const noise = random(7);
  const layout: ChunkLayout = { x: 0, y: 0, width, height: 8, channels };
  const sources = channels.map((channel) => {
    const line = Uint8Array.from({ length: width * 4 }, (_, i) => (i % 400 < 40 ? noise(256) : i % 7));
    const lines = Array.from({ length: 8 }, (_, y) => line.map((value, i) => (i % 500 === y ? noise(256) : value)));
    const own = { ...layout, channels: [channel] };
    return { layout: own, packed: codecs.encode('zip', own, new Uint8Array(Buffer.concat(lines))) };
  });
  const target = { layout, from: channels.map((_, source) => ({ source, channel: 0 })) };
  t.ok(
    spliceWorthwhile(
      'zip',
      sources.map((source) => source.layout),
      target,
    ),
  );
  const [chunk = new Uint8Array(0)] = codecs.splice('zip', sources, [target]);
  const want = wanted('zip', sources, target);
  t.equal(Buffer.compare(codecs.decode('zip', layout, chunk), want), 0, 'same samples');
  const encoded = codecs.encode('zip', layout, want);
  t.ok(chunk.length < encoded.length * 1.02, `${chunk.length} bytes, ${encoded.length} re-encoded`);
});

t.test('chunks that tokens would make too large are re-encoded', async (t) => {
  // Every channel repeats the one before, which its tokens say in few bits; only one in four stays.
  const width = 20_000;
  const noise = random(5);
  const line = Uint8Array.from({ length: width * 2 }, () => noise(256));
  const channels = Array.from({ length: 12 }, (_, i) => ({
    ...plain,
    name: `c${String(i).padStart(2, '0')}`,
    type: 'half' as const,
  }));
  const layout = { x: 0, y: 0, width, height: 1, channels };
  const source = {
    layout,
    packed: codecs.encode('zip', layout, new Uint8Array(Buffer.concat(channels.map(() => line)))),
  };
  const target = {
    layout: { ...layout, channels: channels.slice(4, 8) },
    from: [4, 5, 6, 7].map((channel) => ({ source: 0, channel })),
  };
  t.ok(spliceWorthwhile('zip', [layout], target));
  const [chunk = new Uint8Array(0)] = codecs.splice('zip', [source], [target]);
  mustBeSame(spliceReleasing('zip', [source], [target]), chunk, 'with the source given up');
  const want = wanted('zip', [source], target);
  t.ok(chunk.length <= codecs.encode('zip', target.layout, want).length);
  t.equal(Buffer.compare(codecs.decode('zip', target.layout, chunk), want), 0);
});

t.test('spliceWorthwhile looks at the runs', async (t) => {
  const layout = frame(4096, 16).layout;
  const pick = (channels: readonly number[]): SpliceTarget => ({
    layout: { ...layout, channels: channels.flatMap((i) => layout.channels[i] ?? []) },
    from: channels.map((channel) => ({ source: 0, channel })),
  });
  const one = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
  const all = layout.channels.map((_, i) => i);
  t.ok(spliceWorthwhile('zip', [layout], pick(one)), 'a layer');
  t.ok(spliceWorthwhile('zip', [layout], pick(all)), 'everything');
  t.notOk(spliceWorthwhile('zip', [layout], pick([0, 1, 2])), 'three channels');
  t.ok(
    spliceWorthwhile('zip', [layout], pick([...one].reverse())),
    'all apart, in lines that are longer than the window',
  );
  t.notOk(spliceWorthwhile('zip', [layout], pick([2, 1, 0])), 'and in ones that are not');
  t.notOk(spliceWorthwhile('zips', [layout], pick([0, 2, 4, 6])), 'every other');
  t.ok(spliceWorthwhile('pxr24', [layout], pick(one)));
  t.notOk(spliceWorthwhile('pxr24', [layout], pick([0, 1])));
  for (const compression of ['none', 'rle', 'piz', 'b44', 'dwaa'] as const) {
    t.ok(spliceWorthwhile(compression, [layout], pick([0, 2])), compression);
  }
  const narrow = { ...layout, width: 100 };
  const whole = { layout: narrow, from: all.map((channel) => ({ source: 0, channel })) };
  t.ok(spliceWorthwhile('zip', [narrow], whole), 'all of a narrow one in its order');
});

t.test('what does not fit is refused', async (t) => {
  const { layout, planar } = frame(16, 4);
  const [first] = layout.channels;
  if (first === undefined) throw new Error('no channel');
  const source = { layout, packed: codecs.encode('zip', layout, planar) };
  const target = (change: object, channel: object = {}, pick: object = {}): SpliceTarget => ({
    layout: { ...layout, channels: [{ ...first, ...channel }], ...change },
    from: [{ source: 0, channel: 0, ...pick }],
  });
  const bad: readonly SpliceTarget[] = [
    target({ x: 1 }),
    target({ y: -1 }),
    target({ width: 15 }),
    target({ height: 5 }),
    target({}, { type: 'float' }),
    target({}, { xSampling: 2 }),
    target({}, { ySampling: 2 }),
    target({}, {}, { source: 1 }),
    target({}, {}, { channel: 22 }),
    target({}, {}, { channel: -1 }),
    { ...target({}), from: [] },
  ];
  for (const compression of COMPRESSIONS) {
    for (const one of bad) {
      t.throws(() => codecs.splice(compression, [source], [one]), { code: 'bad-argument' }, compression);
    }
  }
  t.throws(() => codecs.splice('b44', [source], [target({}, { linear: true })]), { code: 'bad-argument' });
  const large = { layout, packed: new Uint8Array(planarSize(layout) + 1) };
  t.throws(() => codecs.splice('zip', [large], [target({})]), { code: 'too-large' });
});

t.test('DWA parts no red, green and blue that are coded together', async (t) => {
  const { layout, planar } = frame(64, 32);
  const source = { layout, packed: codecs.encode('dwaa', layout, planar) };
  const pick = (names: readonly string[]): SpliceTarget => ({
    layout: { ...layout, channels: layout.channels.filter(({ name }) => names.includes(name)) },
    from: layout.channels.flatMap(({ name }, channel) => (names.includes(name) ? [{ source: 0, channel }] : [])),
  });
  t.throws(() => codecs.splice('dwaa', [source], [pick(['a.Z', 'a.R'])]), { code: 'unsupported' });
  const whole = pick(['b.B', 'b.G', 'b.R', 'b.Z']);
  const [chunk = new Uint8Array(0)] = codecs.splice('dwaa', [source], [whole]);
  const got = codecs.decode('dwaa', whole.layout, chunk);
  t.equal(Buffer.compare(got, wanted('dwaa', [source], whole)), 0);
});

t.test('PXR24 and B44 chunks stored raw keep every bit', async (t) => {
  for (const compression of ['pxr24', 'b44'] as const) {
    const { sources, targets } = rawCase(compression);
    const chunks = codecs.splice(compression, sources, targets);
    targets.forEach((target, i) => {
      const got = codecs.decode(compression, target.layout, chunks[i] ?? new Uint8Array(0));
      t.equal(Buffer.compare(got, wanted(compression, sources, target)), 0, `${compression} target ${i}`);
    });
  }
});

/** A chunk stored raw and a packed one, joined and in parts. */
function rawCase(compression: Compression): Pick<Case, 'targets'> & { sources: ChunkSource[] } {
  const { layout, planar } = frame(32, 16);
  const noise = random(3);
  const sources = [
    {
      layout,
      packed: codecs.encode(
        'none',
        layout,
        planar.map(() => noise(64)),
      ),
    },
    { layout, packed: codecs.encode(compression, layout, planar) },
  ];
  const all = layout.channels.map((_, channel) => channel);
  const targets = [
    all.map((channel) => ({ source: channel % 2, channel })),
    all.map((channel) => ({ source: 1, channel })),
    [{ source: 0, channel: 4 }],
  ].map((from) => ({
    layout: { ...layout, channels: from.flatMap(({ channel }) => layout.channels[channel] ?? []) },
    from,
  }));
  return { sources, targets };
}

t.test('layouts without samples', async (t) => {
  const { layout } = frame(1, 1);
  const empty = { ...layout, width: 0 };
  const from = [{ source: 0, channel: 3 }];
  for (const compression of COMPRESSIONS) {
    const target = { layout: { ...empty, channels: empty.channels.slice(3, 4) }, from };
    const chunks = codecs.splice(compression, [{ layout: empty, packed: new Uint8Array(0) }], [target]);
    t.same(chunks, [new Uint8Array(0)], compression);
  }
  t.same(codecs.splice('zip', [], []), []);
});
