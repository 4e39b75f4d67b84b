// Splices beside decoding and encoding, on one thread, as a Markdown table. What is compared takes turns in one run;
// the best of several rounds counts. (The whole way from file to file, beside C++ on OpenEXR: see ../../bench.)
//
//   npm run build && node dist/bench/splice.js [<rounds>]
import {
  type ChunkSource,
  type Codecs,
  type Compression,
  createCodecs,
  planarSize,
  type SpliceTarget,
  spliceWorthwhile,
} from '../src/index.js';
import { channelsOf, LAYERS, samples } from './view-layers.js';

const CHUNKS = 4;

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
