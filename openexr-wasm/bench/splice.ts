// Splices beside decoding and encoding, on one thread, as a Markdown table. What is compared takes turns in one run;
// the best of several rounds counts. (The whole way from file to file, beside C++ on OpenEXR: see ../../bench.)
//
//   npm run build && node dist/bench/splice.js [<rounds>]
import {
  type ChannelLayout,
  type ChunkSource,
  type Codecs,
  type Compression,
  createCodecs,
  planarSize,
  type SpliceTarget,
  spliceWorthwhile,
} from '../src/index.js';

const LAYERS = ['BG', 'Chars', 'FG'];
const CHUNKS = 4;

/** What a channel shows. */
type Kind = 'colour' | 'alpha' | 'depth' | 'normal' | 'id' | 'coverage';
type Channel = ChannelLayout & { readonly kind: Kind; readonly rank: number; readonly objects: number };

/** Three view layers of 35 channels each, in file order: colours, depth, normals, two Cryptomattes of three ranks. */
function channelsOf(colours: 'half' | 'float'): Channel[] {
  return LAYERS.flatMap((layer) => {
    const channel = (name: string, kind: Kind): Channel => ({
      name: `${layer}.${name}`,
      type: kind === 'colour' || kind === 'alpha' ? colours : 'float',
      xSampling: 1,
      ySampling: 1,
      linear: false,
      kind,
      rank: 0,
      objects: 0,
    });
    const matte = (set: string) =>
      [0, 1, 2].flatMap((rank) =>
        ['a', 'b', 'g', 'r'].map((name) => ({
          ...channel(`${set}0${rank}.${name}`, 'ag'.includes(name) ? 'coverage' : 'id'),
          // Two ranks share the four channels of a layer.
          rank: 2 * rank + ('ab'.includes(name) ? 1 : 0),
          objects: set === 'CryptoObject' ? 12 : 7,
        })),
      );
    return [
      channel('Combined.A', 'alpha'),
      ...['B', 'G', 'R'].map((name) => channel(`Combined.${name}`, 'colour')),
      ...matte('CryptoMaterial'),
      ...matte('CryptoObject'),
      channel('Depth.Z', 'depth'),
      ...['B', 'G', 'R'].map((name) => channel(`DiffCol.${name}`, 'colour')),
      ...['X', 'Y', 'Z'].map((name) => channel(`Normal.${name}`, 'normal')),
    ];
  });
}

/**
 * A sample at (u, v): a renderer's grain on most of the image and nothing on the rest; mattes in cells, with a second
 * and third object at soft edges.
 */
function shade({ kind, rank, objects }: Channel, c: number, u: number, v: number, grain: number): number {
  const light = Math.sin(u * 7 + c) * Math.cos(v * 5 + c);
  if (light < -0.4) return kind === 'depth' ? 1e10 : 0;
  if (kind === 'colour') return 0.5 + 0.3 * light + 0.05 * grain;
  if (kind === 'alpha') return 1;
  if (kind === 'depth') return 10 + 3 * light + u;
  if (kind === 'normal') return Math.sin(u * 9 + v * 4 + c) * 0.7;
  const edge = Math.abs(u * objects - Math.round(u * objects)) * 40;
  if (rank > 2 || (rank > 0 && edge > 1)) return 0;
  if (kind === 'coverage') return edge > 1 ? 1 : ([0.5 + 0.5 * edge, 0.4 * (1 - edge), 0.1 * (1 - edge)][rank] ?? 0);
  return Math.sin((Math.floor(u * objects) + 16 * Math.floor(v * 9) + 256 * rank) * objects) ** 2;
}

function samples(channels: readonly Channel[], width: number, y: number, height: number): Uint8Array {
  const layout = { x: 0, y, width, height, channels };
  const planar = new Uint8Array(planarSize(layout));
  const view = new DataView(planar.buffer);
  let at = 0;
  let state = y + 1;
  channels.forEach((channel, c) => {
    const { type } = channel;
    for (let i = 0; i < width * height; ++i) {
      state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
      const value = shade(channel, c, (i % width) / width, (y + i / width) / 1080, state / 2 ** 32);
      if (type === 'float') view.setFloat32(at, value, true);
      // As good as rounding here.
      else view.setUint16(at, value === 0 ? 0 : 0x3c00 + Math.floor(Math.log2(Math.abs(value) + 1) * 0x3ff), true);
      at += type === 'float' ? 4 : 2;
    }
  });
  return planar;
}

/** A chunk row of a task: sources and targets of the same pixels. */
interface Row {
  readonly sources: readonly ChunkSource[];
  readonly targets: readonly SpliceTarget[];
}

/** Every target by decoding and encoding, each source being decoded once. */
function anew(codecs: Codecs, compression: Compression, { sources, targets }: Row): Uint8Array[] {
  const decoded = sources.map(({ layout, packed }) => {
    const planar = codecs.decode(compression, layout, packed);
    let at = 0;
    return layout.channels.map((channel) => {
      const from = at;
      at += planarSize({ ...layout, channels: [channel] });
      return planar.subarray(from, at);
    });
  });
  return targets.map(({ layout, from }) => {
    const parts = from.flatMap(({ source, channel }) => decoded[source]?.[channel] ?? []);
    return codecs.encode(compression, layout, new Uint8Array(Buffer.concat(parts)));
  });
}

/** Best milliseconds, and the last result. */
class Best {
  milliseconds = Infinity;
  bytes = 0;

  time(run: () => readonly Uint8Array[]): readonly Uint8Array[] {
    const started = performance.now();
    const chunks = run();
    this.milliseconds = Math.min(this.milliseconds, performance.now() - started);
    this.bytes = chunks.reduce((sum, { length }) => sum + length, 0);
    return chunks;
  }
}

function compare(codecs: Codecs, compression: Compression, rows: readonly Row[], rounds: number): string[] {
  const spliced = new Best();
  const coded = new Best();
  for (let round = 0; round < rounds; ++round) {
    spliced.time(() => rows.flatMap(({ sources, targets }) => codecs.splice(compression, sources, targets)));
    coded.time(() => rows.flatMap((row) => anew(codecs, compression, row)));
  }
  return [
    (spliced.milliseconds / rows.length).toFixed(1),
    (coded.milliseconds / rows.length).toFixed(1),
    (coded.milliseconds / spliced.milliseconds).toFixed(1),
    (spliced.bytes / coded.bytes).toFixed(3),
  ];
}

const rounds = Number(process.argv[2] ?? 9);
const codecs = await createCodecs();
console.log('| task | tokens | splice, ms a chunk | decode + encode | times | size |');
console.log('|---|---|---:|---:|---:|---:|');
for (const [width, colours] of [
  [1920, 'float'],
  [1920, 'half'],
  [3840, 'float'],
] as const) {
  const channels = channelsOf(colours);
  for (const [compression, lines] of [
    ['zip', 16],
    ['zips', 1],
    ['pxr24', 16],
    ['piz', 32],
    ['b44a', 32],
    ['dwaa', 32],
  ] as const) {
    // From the middle of the image, spread out.
    const whole = Array.from({ length: CHUNKS }, (_, i): ChunkSource => {
      const layout = { x: 0, y: 160 * i + 96, width, height: lines, channels };
      return { layout, packed: codecs.encode(compression, layout, samples(channels, width, layout.y, lines)) };
    });
    // Neighbouring channels that stay together: a view layer, or a few; DWA's triples must.
    for (const together of compression === 'zip' ? [35, 18, 9, 3] : [35]) {
      const group = (index: number) => Math.floor(index / together) % LAYERS.length;
      const split = whole.map((source): Row => {
        const targets = LAYERS.map((_, g) => {
          const from = channels.flatMap((_, channel) => (group(channel) === g ? { source: 0, channel } : []));
          return { layout: { ...source.layout, channels: channels.filter((_, i) => group(i) === g) }, from };
        });
        return { sources: [source], targets };
      });
      const merge = split.map(({ sources, targets }, i): Row => {
        const { layout: joined } = whole[i] as ChunkSource;
        const parts = codecs.splice(compression, sources, targets);
        const from = channels.map((_, i) => ({
          source: group(i),
          channel: targets[group(i)]?.from.findIndex(({ channel }) => channel === i) ?? -1,
        }));
        return {
          sources: targets.map(({ layout }, i) => ({ layout, packed: parts[i] ?? new Uint8Array(0) })),
          targets: [{ layout: joined, from }],
        };
      });
      for (const [verb, rows] of [
        ['split', split],
        ['merge', merge],
      ] as const) {
        const [first] = rows;
        const layouts = first?.sources.map(({ layout }) => layout) ?? [];
        const tokens = first?.targets.every((target) => spliceWorthwhile(compression, layouts, target));
        const title = `${verb}, ${compression}, ${width} wide, ${colours}, ${together} channels together`;
        console.log(`| ${[title, tokens ? 'yes' : 'no', ...compare(codecs, compression, rows, rounds)].join(' | ')} |`);
      }
    }
  }
}
