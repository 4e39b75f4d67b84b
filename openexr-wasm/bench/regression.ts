// Whether the hot paths of ZIP are as fast as they were: each beside zlib's inflate of the same chunk, in this process and by
// turns, so that the machine does not matter. Fails when one takes over 30 % longer than what is written here.
//
//   npm run build && node dist/bench/regression.js [<rounds>]
import { inflateSync } from 'node:zlib';
import { type ChannelLayout, type ChunkSource, createCodecs, planarSize, type SpliceTarget } from '../src/index.js';
import { channelsOf, LAYERS, samples } from './view-layers.js';

const channels = channelsOf('float');
const inLayer = channels.length / LAYERS.length;
const layout = { x: 0, y: 512, width: 1920, height: 16, channels };
const codecs = await createCodecs();
const packed = codecs.encode('zip', layout, samples(channels, layout.width, layout.y, layout.height));
const source: ChunkSource = { layout, packed };

/** The channels of the source that a test accepts, as a target by itself. */
function target(accepts: (channel: number) => boolean): SpliceTarget {
  const from = channels.flatMap((_, channel) => (accepts(channel) ? [{ source: 0, channel }] : []));
  return { layout: { ...layout, channels: from.map(({ channel }) => channels[channel] as ChannelLayout) }, from };
}

const split = LAYERS.map((_, layer) => target((channel) => Math.floor(channel / inLayer) === layer));
const parts = channels.map((_, only) => target((channel) => channel === only));
const apart = codecs
  .splice('zip', [source], parts)
  .map((chunk, index): ChunkSource => ({ layout: (parts[index] as SpliceTarget).layout, packed: chunk }));
const together: SpliceTarget = { layout, from: channels.map((_, index) => ({ source: index, channel: 0 })) };

/** What is measured, and how many times as fast as zlib's inflate of the whole chunk it is at least, on the machines tried. */
const tasks: readonly { readonly name: string; readonly times: number; readonly run: () => unknown }[] = [
  { name: 'decode', times: 0.75, run: () => codecs.decode('zip', layout, packed) },
  { name: 'decode 4 of 105 channels', times: 1.1, run: () => codecs.decode('zip', layout, packed, [0, 1, 2, 3]) },
  { name: 'split in 3', times: 0.8, run: () => codecs.splice('zip', [source], split) },
  { name: '105 parts to one', times: 0.25, run: () => codecs.splice('zip', apart, [together]) },
];
const slack = 1.3;

function milliseconds(run: () => unknown): number {
  const started = performance.now();
  run();
  return performance.now() - started;
}

const rounds = Number(process.argv[2] ?? 25);
const best = new Map(tasks.map(({ name }) => [name, Infinity]));
let zlib = Infinity;
for (let round = 0; round < rounds; ++round) {
  zlib = Math.min(
    zlib,
    milliseconds(() => inflateSync(packed)),
  );
  for (const { name, run } of tasks) best.set(name, Math.min(best.get(name) ?? Infinity, milliseconds(run)));
}
console.log(
  `zlib's inflate of ${(planarSize(layout) / 1e6).toFixed(1)} MB (${(packed.length / 1e6).toFixed(1)} MB packed): ${zlib.toFixed(1)} ms`,
);
let slow = 0;
for (const { name, times } of tasks) {
  const now = zlib / (best.get(name) ?? Infinity);
  const isSlow = now * slack < times;
  if (isSlow) slow += 1;
  console.log(`${name}: ${now.toFixed(2)} times as fast, written down ${times}${isSlow ? ': too slow' : ''}`);
}
process.exitCode = slow > 0 ? 1 : 0;
