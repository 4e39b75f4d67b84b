// What the common vectors (codecs.test.ts) do not tell of DWA: that the encoder chooses the reference library's
// coefficients, chunks of older versions, headers that lie, and chunks made of chunks.
import fc from 'fast-check';
import t from 'tap';
import {
  type ChannelLayout,
  type ChannelPick,
  type ChunkLayout,
  type ChunkSource,
  CodecError,
  createCodecs,
  planarSize,
} from '../src/index.js';
import { holds } from './holds.js';
import { crop, readVectors, sha256, type VectorChunk } from './vectors.js';

const codecs = await createCodecs();
const vectors = readVectors();
const isDwa = ({ compression }: VectorChunk) => compression === 'dwaa' || compression === 'dwab';
/** Chunks of the reference library that it did not store raw. */
const chunks = vectors.chunks.filter((chunk) => isDwa(chunk) && chunk.packed.length < planarSize(chunk.layout));

// Fields of the header, u64 each.
const VERSION = 0;
const UNKNOWN_RAW_BYTES = 1;
const AC_PACKED_BYTES = 3;
const RLE_RAW_BYTES = 7;
const AC_COUNT = 8;
const DC_COUNT = 9;
const AC_METHOD = 10;
const FIELDS = 11;
const HEADER_BYTES = 88;

function field(packed: Uint8Array, index: number): number {
  return Number(new DataView(packed.buffer, packed.byteOffset).getBigUint64(index * 8, true));
}

function withField(packed: Uint8Array, index: number, value: bigint): Uint8Array {
  const copy = Uint8Array.from(packed);
  new DataView(copy.buffer).setBigUint64(index * 8, value, true);
  return copy;
}

function codeOf(run: () => unknown): string {
  try {
    run();
  } catch (error) {
    return error instanceof CodecError ? error.code : `not a CodecError: ${String(error)}`;
  }
  return 'no error';
}

/** The same chunk as a writer of version 0 or 1 would have stored it: without channel rules. */
function asVersion(packed: Uint8Array, version: bigint): Uint8Array {
  const rulesBytes = new DataView(packed.buffer, packed.byteOffset).getUint16(HEADER_BYTES, true);
  const joined = Uint8Array.from([...packed.subarray(0, HEADER_BYTES), ...packed.subarray(HEADER_BYTES + rulesBytes)]);
  return withField(joined, VERSION, version);
}

function renamed(layout: ChunkLayout, rename: (name: string) => string): ChunkLayout {
  return { ...layout, channels: layout.channels.map((channel) => ({ ...channel, name: rename(channel.name) })) };
}

/** The samples of the picked channels. */
function pick(
  sources: readonly { layout: ChunkLayout; planar: Uint8Array }[],
  picks: readonly ChannelPick[],
): Uint8Array {
  return Buffer.concat(
    picks.map(({ source, channel }) => {
      const { layout, planar } = sources[source] ?? { layout: EMPTY, planar: new Uint8Array(0) };
      const start = planarSize({ ...layout, channels: layout.channels.slice(0, channel) });
      return planar.subarray(start, planarSize({ ...layout, channels: layout.channels.slice(0, channel + 1) }));
    }),
  );
}

const EMPTY: ChunkLayout = { x: 0, y: 0, width: 0, height: 0, channels: [] };

t.test('the vectors hold what the tests below need', async (t) => {
  t.ok(
    chunks.some(({ packed }) => field(packed, AC_METHOD) === 0 && field(packed, AC_COUNT) > 0),
    'Huffman AC',
  );
  t.ok(
    chunks.some(({ packed }) => field(packed, AC_METHOD) === 1 && field(packed, AC_COUNT) > 0),
    'deflated AC',
  );
  t.ok(
    chunks.some(({ packed }) => field(packed, RLE_RAW_BYTES) > 0),
    'RLE channels',
  );
  t.ok(
    chunks.some(({ packed }) => field(packed, UNKNOWN_RAW_BYTES) > 0),
    'lossless channels',
  );
});

t.test("the encoder's coefficients are the reference encoder's", async (t) => {
  for (const { compression, layout, image, packed, decoded } of chunks) {
    // NaN in a channel without the perceptual curve makes a block of NaN, whose sign is the machine's choice.
    if (image.name.startsWith('edge-')) continue;
    const ours = codecs.encode(compression, layout, crop(image, layout));
    if (ours.length === planarSize(layout)) continue;
    t.equal(sha256(codecs.decode(compression, layout, ours)), decoded, `${compression} ${image.name}`);
    for (const index of [VERSION, UNKNOWN_RAW_BYTES, RLE_RAW_BYTES, AC_COUNT, DC_COUNT]) {
      t.equal(field(ours, index), field(packed, index), `${compression} ${image.name}: field ${index}`);
    }
    if (field(packed, AC_METHOD) === 0) {
      t.ok(field(ours, AC_PACKED_BYTES) <= field(packed, AC_PACKED_BYTES), `${compression} ${image.name}: AC size`);
    }
  }
});

t.test('a lower level is closer to the image, a higher one smaller', async (t) => {
  const chunk = chunks.find(({ image }) => image.name === 'float-rgb');
  if (chunk === undefined) throw new Error('no such image');
  const { layout } = chunk;
  const planar = crop(chunk.image, layout);
  const sizes = [0, 45, 450].map((dwaLevel) => codecs.encode('dwaa', layout, planar, { dwaLevel }).length);
  t.strictSame(
    sizes,
    sizes.toSorted((a, b) => b - a),
  );
  t.not(sizes[0], sizes[2]);
  for (const dwaLevel of [Number.NaN, -1, Number.POSITIVE_INFINITY]) {
    t.equal(
      codeOf(() => codecs.encode('dwaa', layout, planar, { dwaLevel })),
      'bad-argument',
    );
  }
});

t.test('chunks of version 0 and 1 mean a fixed list of names, in any case', async (t) => {
  const legacy: Readonly<Record<string, string>> = {
    R: 'Red',
    G: 'grn',
    B: 'BLUE',
    A: 'a',
    Y: 'y',
    BY: 'By',
    RY: 'rY',
  };
  const old = chunks.filter(({ layout }) => layout.channels.every(({ name }) => name in legacy));
  t.ok(old.length > 5);
  for (const { compression, layout, packed, decoded, image } of old) {
    for (const version of [0n, 1n]) {
      const stored = asVersion(packed, version);
      t.equal(sha256(codecs.decode(compression, layout, stored)), decoded, `${image.name} version ${version}`);
      const other = renamed(layout, (name) => legacy[name] ?? name);
      t.equal(sha256(codecs.decode(compression, other, stored)), decoded, `${image.name}: ${other.channels[0]?.name}`);
    }
    // From version 2 on the chunk's own rules count, and these know capitals only.
    const lower = renamed(layout, (name) => name.toLowerCase());
    t.match(
      codeOf(() => codecs.decode(compression, lower, packed)),
      /corrupt|truncated|too-large/,
      image.name,
    );
    t.equal(
      codeOf(() => codecs.decode(compression, layout, withField(packed, VERSION, 3n))),
      'unsupported',
    );
  }
});

t.test('every field of the header is checked', async (t) => {
  const lies = [0n, 1n, 0x7fn, 0xffffn, 0x7fffffffn, 0xffffffffn, 1n << 32n, 1n << 63n, (1n << 64n) - 1n];
  for (const { compression, layout, packed, image } of chunks) {
    for (let index = 0; index < FIELDS; ++index) {
      for (const lie of [...lies, BigInt(field(packed, index) + 1), BigInt(Math.max(0, field(packed, index) - 1))]) {
        const code = codeOf(() => codecs.decode(compression, layout, withField(packed, index, lie)));
        t.match(
          code,
          /^(no error|corrupt|truncated|too-large|unsupported|out-of-memory)$/,
          `${image.name} ${index} ${lie}`,
        );
      }
    }
  }
});

t.test('repack: damaged sources give samples or a CodecError', async (t) => {
  const mutation = fc.record({ at: fc.nat(), value: fc.nat(255) });
  holds(
    t,
    fc.property(fc.constantFrom(...chunks), fc.array(mutation, { minLength: 1, maxLength: 8 }), (chunk, mutations) => {
      const packed = Uint8Array.from(chunk.packed);
      for (const { at, value } of mutations) packed[at % packed.length] = value;
      const { layout } = chunk;
      const picks = layout.channels.map((_, channel) => ({ source: 0, channel }));
      let repacked: Uint8Array;
      try {
        repacked = codecs.repack('dwaa', [{ layout, packed }], layout, picks);
      } catch (error) {
        if (error instanceof CodecError && error.code !== 'internal') return;
        throw error;
      }
      // What repacks also decodes, and to the same samples.
      t.strictSame(codecs.decode('dwaa', layout, repacked), codecs.decode('dwaa', layout, packed));
    }),
    { numRuns: 500 },
  );
});

// ---------------------------------------------------------------------------------------------------------------------
// Chunks of chunks

const LAYER_KINDS = {
  colour: ['B', 'G', 'R'],
  colourAndAlpha: ['A', 'B', 'G', 'R'],
  luma: ['Y'],
  onlyRed: ['R'],
  data: ['X', 'Y', 'Z'],
  lowerCase: ['a', 'b', 'g', 'r'],
} as const;

interface Layer {
  readonly name: string;
  readonly kind: keyof typeof LAYER_KINDS;
  readonly type: 'half' | 'float';
  readonly linear: boolean;
}

const layerKind = fc.constantFrom<Layer['kind']>(
  'colour',
  'colour',
  'colourAndAlpha',
  'luma',
  'onlyRed',
  'data',
  'lowerCase',
);
const layers: fc.Arbitrary<Layer[]> = fc.uniqueArray(
  fc.record({
    name: fc.constantFrom('', 'diffuse', 'diffuse.direct', 'A', 'spec', 'z'),
    kind: layerKind,
    type: fc.constantFrom<Layer['type']>('half', 'float'),
    linear: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5, selector: ({ name }) => name },
);
const extent = fc.record({
  x: fc.integer({ min: -9, max: 9 }),
  y: fc.integer({ min: -9, max: 9 }),
  width: fc.integer({ min: 1, max: 40 }),
  height: fc.integer({ min: 1, max: 32 }),
});

function channelsOf(layer: Layer): ChannelLayout[] {
  return LAYER_KINDS[layer.kind].map((component) => ({
    name: layer.name === '' ? component : `${layer.name}.${component}`,
    type: layer.type,
    xSampling: 1,
    ySampling: 1,
    linear: layer.linear,
  }));
}

function byName(a: ChannelLayout, b: ChannelLayout): number {
  return a.name < b.name ? -1 : 1;
}

/** A smooth image with a little noise, different in every channel. */
function paint(layout: ChunkLayout, seed: number): Uint8Array {
  const planar = new Uint8Array(planarSize(layout));
  const view = new DataView(planar.buffer);
  let state = seed;
  let at = 0;
  layout.channels.forEach(({ type }, c) => {
    for (let i = 0; i < layout.width * layout.height; ++i) {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      const value = 1 + Math.sin(((i % layout.width) + c * 5) / 7) + ((state >>> 16) % 64) / 4000;
      // 1.x to 3: the upper half of such a float, shifted to a half's place, is a half of about that value.
      if (type === 'half') {
        view.setUint16(at, Math.round(value * 0x1000) + 0x2000, true);
        at += 2;
      } else {
        view.setFloat32(at, value, true);
        at += 4;
      }
    }
  });
  return planar;
}

function encoded(layout: ChunkLayout, seed: number): ChunkSource & { planar: Uint8Array } {
  const packed = codecs.encode('dwaa', layout, paint(layout, seed));
  return { layout, packed, planar: codecs.decode('dwaa', layout, packed) };
}

t.test('split and merge by layers: (split, decode) is (decode, pick), ten times over', async (t) => {
  holds(
    t,
    fc.property(layers, extent, fc.integer({ min: 1 }), (chosen, window, seed) => {
      const whole = encoded({ ...window, channels: chosen.flatMap(channelsOf).sort(byName) }, seed);
      let current: ChunkSource = whole;
      for (let round = 0; round < 10; ++round) {
        const parts = chosen.map((layer) => {
          const channels = channelsOf(layer).sort(byName);
          const layout = { ...window, channels };
          const picks = channels.map(({ name }) => ({
            source: 0,
            channel: current.layout.channels.findIndex((channel) => channel.name === name),
          }));
          const packed = codecs.repack('dwaa', [current], layout, picks);
          const samples = Buffer.from(codecs.decode('dwaa', layout, packed));
          if (samples.compare(pick([whole], picks)) !== 0) throw new Error(`split of ${layer.name} differs`);
          return { layout, packed };
        });
        const picks = whole.layout.channels.map(({ name }) => {
          const source = parts.findIndex(({ layout }) => layout.channels.some((channel) => channel.name === name));
          return {
            source,
            channel: parts[source]?.layout.channels.findIndex((channel) => channel.name === name) ?? -1,
          };
        });
        current = { layout: whole.layout, packed: codecs.repack('dwaa', parts, whole.layout, picks) };
        const samples = Buffer.from(codecs.decode('dwaa', whole.layout, current.packed));
        if (samples.compare(whole.planar) !== 0) throw new Error(`round ${round} differs`);
      }
    }),
    { numRuns: 60 },
  );
});

const WINDOW = { x: 0, y: 0, width: 40, height: 32 };
const rgb: Layer = { name: 'beauty', kind: 'colour', type: 'half', linear: false };

function layout(...chosen: readonly Layer[]): ChunkLayout {
  return { ...WINDOW, channels: chosen.flatMap(channelsOf) };
}

function all(source: number, count: number): ChannelPick[] {
  return Array.from({ length: count }, (_, channel) => ({ source, channel }));
}

t.test('repack keeps classes under any name the rules can tell apart', async (t) => {
  const source = encoded(layout(rgb, { name: 'depth', kind: 'data', type: 'float', linear: false }), 3);
  const names = ['b.first', 'b.second', 'b.third', 'd.x', 'd.R', 'd.z'];
  const target = {
    ...WINDOW,
    channels: source.layout.channels.map((channel, i) => ({ ...channel, name: names[i] ?? '' })),
  };
  const packed = codecs.repack('dwaa', [source], target, all(0, 6));
  t.ok(packed.length < planarSize(target));
  t.strictSame(codecs.decode('dwaa', target, packed), source.planar);

  // A single lossy channel that shares its last component, and so its rule, with one of three.
  const single = encoded(layout({ name: 'a', kind: 'onlyRed', type: 'half', linear: false }, rgb), 7);
  const shared = ['a.q', 'b.q', 'b.r', 'b.s'];
  const other = {
    ...WINDOW,
    channels: single.layout.channels.map((channel, i) => ({ ...channel, name: shared[i] ?? '' })),
  };
  const repacked = codecs.repack('dwaa', [single], other, all(0, 4));
  t.ok(repacked.length < planarSize(other));
  t.strictSame(codecs.decode('dwaa', other, repacked), single.planar);
});

t.test('repack reports when it cannot', async (t) => {
  const source = encoded(layout(rgb, { name: 'depth', kind: 'data', type: 'half', linear: false }), 4);
  const { channels } = source.layout;
  const only = (indices: number[], names: string[] = []) =>
    codeOf(() =>
      codecs.repack(
        'dwaa',
        [source],
        {
          ...WINDOW,
          channels: indices.map((i, n) => ({
            ...(channels[i] as ChannelLayout),
            name: names[n] ?? channels[i]?.name ?? '',
          })),
        },
        indices.map((channel) => ({ source: 0, channel })),
      ),
    );
  t.equal(only([0, 1, 2]), 'no error', 'the whole layer');
  t.equal(only([0, 1]), 'unsupported', 'parted colours');
  t.equal(only([0, 1, 2], ['x.B', 'x.G', 'y.R']), 'unsupported', 'colours in two layers');
  t.equal(only([3, 4, 5], ['d.B', 'd.G', 'd.R']), 'no error', 'lossless R, G, B');
  t.equal(only([0, 1, 2, 5], ['x.B', 'x.G', 'x.R', 'd.R']), 'unsupported', 'R lossy here and lossless there');
  t.equal(only([7]), 'bad-argument', 'no such channel');
  const narrow = { ...WINDOW, width: 39, channels: channels.slice(3, 4) };
  t.equal(
    codeOf(() => codecs.repack('dwaa', [source], narrow, [{ source: 0, channel: 3 }])),
    'bad-argument',
  );
  t.equal(
    codeOf(() => codecs.repack('dwaa', [source], source.layout, all(1, 6))),
    'bad-argument',
    'no such source',
  );
  t.equal(
    codeOf(() => codecs.repack('dwaa', [source], source.layout, all(0, 5))),
    'bad-argument',
    'too few picks',
  );
});

t.test('repack takes chunks stored raw, and stores raw what does not get smaller', async (t) => {
  // Two pixels: no DWA chunk is smaller than its header.
  const tiny = { x: 0, y: 0, width: 2, height: 1, channels: channelsOf(rgb) };
  const raw = encoded(tiny, 5);
  t.equal(raw.packed.length, planarSize(tiny));
  const again = codecs.repack('dwaa', [raw], tiny, all(0, 3));
  t.equal(again.length, planarSize(tiny));
  t.strictSame(codecs.decode('dwaa', tiny, again), raw.planar);
  const wider = { ...tiny, width: 3 };
  t.equal(
    codeOf(() => codecs.repack('dwaa', [raw], wider, all(0, 3))),
    'bad-argument',
    'another width',
  );

  // Noise is stored raw, flat images are not; together they are smaller than raw.
  const noiseLayout = { ...WINDOW, channels: channelsOf({ ...rgb, name: 'noise' }) };
  const noise = new Uint8Array(planarSize(noiseLayout));
  holds(
    t,
    fc.property(fc.uint8Array({ minLength: noise.length, maxLength: noise.length }), (bytes) => {
      const stored: ChunkSource & { planar: Uint8Array } = {
        layout: noiseLayout,
        // Raw chunks are line after line; one channel after the other in each.
        packed: codecs.encode('none', noiseLayout, bytes),
        planar: bytes,
      };
      const flat = encoded({ ...WINDOW, channels: channelsOf({ ...rgb, name: 'flat', kind: 'luma' }) }, 6);
      const target = { ...WINDOW, channels: [...flat.layout.channels, ...noiseLayout.channels] };
      const picks = [...all(0, 1), ...all(1, 3)];
      const packed = codecs.repack('dwaa', [flat, stored], target, picks);
      return Buffer.compare(codecs.decode('dwaa', target, packed), pick([flat, stored], picks)) === 0;
    }),
    { numRuns: 20 },
  );
});

t.test(
  'coefficients are deflated in tiles of DWAA and Huffman coded everywhere else, made of samples or of chunks',
  async (t) => {
    const layout = { ...WINDOW, channels: [...channelsOf(rgb), ...channelsOf({ ...rgb, name: 'luma', kind: 'luma' })] };
    const { planar } = encoded(layout, 7);
    for (const compression of ['dwaa', 'dwab'] as const) {
      for (const tiled of [false, true]) {
        const expected = tiled && compression === 'dwaa' ? 1 : 0;
        const packed = codecs.encode(compression, layout, planar, { tiled });
        t.ok(packed.length < planar.length);
        t.equal(field(packed, AC_METHOD), expected, `${compression}, tiled: ${tiled}`);
        t.equal(
          field(codecs.encode(compression, layout, new Uint8Array(planar.length), { tiled }), AC_METHOD),
          expected,
        );
        const picks = all(0, 3);
        const target = { ...layout, channels: layout.channels.slice(0, 3) };
        const sources = [{ layout, packed }];
        t.equal(field(codecs.repack(compression, sources, target, picks, { tiled }), AC_METHOD), expected);
        const [spliced = packed] = codecs.splice(compression, sources, [{ layout: target, from: picks }], { tiled });
        t.equal(field(spliced, AC_METHOD), expected);
      }
    }
  },
);

t.test('no chunk keeps red, green and blue lossless where others of its part code them together', async (t) => {
  // OpenEXR 3.1 goes on with the triples of the chunk before, and refuses the channels that are not lossy.
  const colour = { ...WINDOW, channels: channelsOf(rgb) };
  const planar = new Uint8Array(planarSize(colour));
  const raw = { layout: colour, packed: codecs.encode('none', colour, planar) };
  const again = codecs.repack('dwaa', [raw], colour, all(0, 3));
  t.equal(again.length, planar.length, 'stored raw, though black could be packed');
  t.strictSame(codecs.decode('dwaa', colour, again), planar);
  // Without such a triple there is nothing in the way.
  const two = { ...WINDOW, channels: channelsOf(rgb).slice(0, 2) };
  t.ok(codecs.repack('dwaa', [raw], two, all(0, 2)).length < planarSize(two));
});
