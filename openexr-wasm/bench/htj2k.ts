// HTJ2K decode and encode speed beside OpenJPH compiled to WebAssembly (@cornerstonejs/codec-openjph), on one core, as a Markdown
// table. Both sides take turns; the best CPU time of several rounds counts. Their decoder takes OpenEXR's halves only, so that
// floats are measured beside its halves, per sample.
//
//   npm install --no-save @cornerstonejs/codec-openjph@2.4.11 && npm run build && node dist/bench/htj2k.js [<rounds>]
import { createRequire } from 'node:module';
import { type ChannelLayout, type ChunkLayout, createCodecs } from '../src/index.js';
import { render, type TestImage } from './test-image.js';

/** As much of that package as is used here. */
interface OpenJph {
  readonly HTJ2KDecoder: new () => {
    getEncodedBuffer(length: number): Uint8Array;
    getDecodedBuffer(): Uint8Array;
    decode(): void;
    delete(): void;
  };
}

const require = createRequire(import.meta.url);
const openJph: OpenJph = await require('@cornerstonejs/codec-openjph/wasmjs')();
const codecs = await createCodecs();
const rounds = Number(process.argv[2] ?? 9);

interface Chunk {
  readonly layout: ChunkLayout;
  readonly planar: Uint8Array;
  readonly packed: Uint8Array;
}

function cpuSeconds(run: () => void): number {
  const before = process.cpuUsage();
  run();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / 1e6;
}

function chunksOf(image: TestImage, compression: 'htj2k32' | 'htj2k256', lines: number): Chunk[] {
  const chunks: Chunk[] = [];
  for (let y = 0; y < image.height; y += lines) {
    const height = Math.min(lines, image.height - y);
    const layout = { x: 0, y, width: image.width, height, channels: image.channels };
    const planar = image.crop(y, height);
    chunks.push({ layout, planar, packed: codecs.encode(compression, layout, planar) });
  }
  return chunks;
}

/** The codestream of a chunk, which begins behind "HT" and a header whose length follows. */
function codestreamOf({ packed }: Chunk): Uint8Array {
  return packed.subarray(6 + new DataView(packed.buffer, packed.byteOffset).getUint32(2));
}

function decodeTheirs(chunks: readonly Chunk[]): void {
  for (const chunk of chunks) {
    const decoder = new openJph.HTJ2KDecoder();
    const codestream = codestreamOf(chunk);
    decoder.getEncodedBuffer(codestream.length).set(codestream);
    decoder.decode();
    decoder.getDecodedBuffer();
    decoder.delete();
  }
}

/** Throws unless both give the same samples: theirs go pixel by pixel, red, green, blue. */
function compare({ layout, planar, packed }: Chunk, compression: 'htj2k32' | 'htj2k256'): void {
  if (Buffer.compare(codecs.decode(compression, layout, packed), planar) !== 0) throw new Error('our samples differ');
  const decoder = new openJph.HTJ2KDecoder();
  const codestream = codestreamOf({ layout, planar, packed });
  decoder.getEncodedBuffer(codestream.length).set(codestream);
  decoder.decode();
  const theirs = Buffer.from(decoder.getDecodedBuffer());
  const ours = Buffer.from(planar);
  const count = layout.width * layout.height;
  for (let i = 0; i < count; ++i)
    for (let c = 0; c < 3; ++c)
      if (theirs.readUInt16LE((3 * i + c) * 2) !== ours.readUInt16LE(((2 - c) * count + i) * 2))
        throw new Error('their samples differ');
  decoder.delete();
}

console.log('| 1920 x 1080 RGB | decode, million samples/s | OpenJPH, of halves | ratio | encode | 1/8 size |');
console.log('|---|---:|---:|---:|---:|---:|');
let theirHalves = 0;
for (const type of ['half', 'float'] as const)
  for (const [compression, lines] of [
    ['htj2k256', 256],
    ['htj2k32', 32],
  ] as const) {
    const channels = ['B', 'G', 'R'].map(
      (name): ChannelLayout => ({ name, type, xSampling: 1, ySampling: 1, linear: false }),
    );
    const image = render(1920, 1080, channels);
    const chunks = chunksOf(image, compression, lines);
    const best = { ours: Infinity, theirs: Infinity, encode: Infinity, reduced: Infinity };
    if (type === 'half') compare(chunks[0] as Chunk, compression);
    for (let round = 0; round < rounds; ++round) {
      const take = (key: keyof typeof best, run: () => void): void => {
        best[key] = Math.min(best[key], cpuSeconds(run));
      };
      take('ours', () => {
        for (const { layout, packed } of chunks) codecs.decode(compression, layout, packed);
      });
      if (type === 'half') take('theirs', () => decodeTheirs(chunks));
      take('encode', () => {
        for (const { layout, planar } of chunks) codecs.encode(compression, layout, planar);
      });
      take('reduced', () => {
        for (const { layout, packed } of chunks) codecs.decodeReduced(compression, layout, packed, 3);
      });
    }
    const speed = (seconds: number): number => (1920 * 1080 * 3) / 1e6 / seconds;
    if (type === 'half') theirHalves = speed(best.theirs);
    const cells = [
      `${type}, ${compression}`,
      speed(best.ours).toFixed(0),
      theirHalves.toFixed(0),
      (speed(best.ours) / theirHalves).toFixed(2),
      speed(best.encode).toFixed(0),
      `${(best.reduced * 1000).toFixed(1)} ms`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
