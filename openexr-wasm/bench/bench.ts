// Decode and encode speed of every codec beside the reference library on one thread, as a Markdown table. Both sides
// take turns in one run, so that other load on the machine affects both; the best of several rounds counts.
//
//   make -C test/vectors bench && npm run bench [-- <rounds>]
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { type ChannelLayout, type ChunkLayout, type Codecs, type Compression, createCodecs } from '../src/index.js';
import { render, type TestImage } from './test-image.js';

const LINES: readonly (readonly [Compression, number])[] = [
  ['none', 1],
  ['rle', 1],
  ['zips', 1],
  ['zip', 16],
  ['piz', 32],
  ['pxr24', 16],
  ['b44', 32],
  ['b44a', 32],
  ['dwaa', 32],
  ['dwab', 256],
  ['htj2k256', 256],
  ['htj2k32', 32],
  ['zstd', 1],
];

interface Measured {
  /** Best seconds for the whole image. */
  encode: number;
  decode: number;
  bytes: number;
}

/** The reference library in a process of its own, which answers one request at a time. */
class Native {
  readonly #process: ChildProcessWithoutNullStreams;
  readonly #answers: AsyncIterator<string>;
  readonly #folder: string;

  constructor(image: TestImage) {
    this.#folder = mkdtempSync(join(tmpdir(), 'openexr-wasm-bench-'));
    const file = join(this.#folder, 'planar');
    writeFileSync(file, image.planar);
    const channels = image.channels.map(({ name, type }) => `${name}:${type}`).join(',');
    const program = fileURLToPath(new URL('../native/bench', import.meta.url));
    this.#process = spawn(program, [String(image.width), String(image.height), channels, file]);
    this.#process.stderr.pipe(process.stderr);
    this.#answers = createInterface({ input: this.#process.stdout })[Symbol.asyncIterator]();
  }

  async run(verb: 'encode' | 'decode', method: Compression): Promise<{ seconds: number; bytes: number }> {
    this.#process.stdin.write(`${verb} ${method}\n`);
    const { value, done } = await this.#answers.next();
    if (done) throw new Error('the native bench ended early');
    const [seconds = Number.NaN, bytes = Number.NaN] = String(value).split(' ').map(Number);
    return { seconds, bytes };
  }

  close(): void {
    this.#process.stdin.end();
    rmSync(this.#folder, { recursive: true });
  }
}

/** The chunks of an image with their planar samples. */
function chunksOf(image: TestImage, lines: number): { layout: ChunkLayout; planar: Uint8Array }[] {
  const chunks = [];
  for (let y = 0; y < image.height; y += lines) {
    const height = Math.min(lines, image.height - y);
    chunks.push({
      layout: { x: 0, y, width: image.width, height, channels: image.channels },
      planar: image.crop(y, height),
    });
  }
  return chunks;
}

function seconds(run: () => void): number {
  const started = performance.now();
  run();
  return (performance.now() - started) / 1000;
}

async function measure(
  codecs: Codecs,
  native: Native,
  image: TestImage,
  method: Compression,
  lines: number,
  rounds: number,
) {
  const chunks = chunksOf(image, lines);
  const ours: Measured = { encode: Infinity, decode: Infinity, bytes: 0 };
  const theirs: Measured = { encode: Infinity, decode: Infinity, bytes: 0 };
  let packed: Uint8Array[] = [];
  for (let round = 0; round < rounds; ++round) {
    ours.encode = Math.min(
      ours.encode,
      seconds(() => {
        packed = chunks.map(({ layout, planar }) => codecs.encode(method, layout, planar));
      }),
    );
    const encoded = await native.run('encode', method);
    theirs.encode = Math.min(theirs.encode, encoded.seconds);
    theirs.bytes = encoded.bytes;
    ours.decode = Math.min(
      ours.decode,
      seconds(() => {
        chunks.forEach(({ layout }, i) => {
          codecs.decode(method, layout, packed[i] ?? new Uint8Array(0));
        });
      }),
    );
    theirs.decode = Math.min(theirs.decode, (await native.run('decode', method)).seconds);
  }
  // A file has 8 bytes of leader per chunk and 8 in its offset table.
  ours.bytes = packed.reduce((sum, chunk) => sum + chunk.length + 16, 0);
  return { ours, theirs };
}

const CHANNELS: Readonly<Record<string, readonly ChannelLayout[]>> = {
  'RGBA, half': ['A', 'B', 'G', 'R'].map((name) => channel(name, 'half')),
  'RGB and depth, float': ['B', 'G', 'R', 'Z'].map((name) => channel(name, 'float')),
};

function channel(name: string, type: 'half' | 'float'): ChannelLayout {
  return { name, type, xSampling: 1, ySampling: 1, linear: false };
}

const rounds = Number(process.argv[2] ?? 7);
const only = process.argv.slice(3);
const codecs = await createCodecs();
for (const [title, channels] of Object.entries(CHANNELS)) {
  const image = render(1920, 1080, channels);
  const native = new Native(image);
  const megabytes = image.planar.length / 1e6;
  console.log(
    `\n${title}, 1920 x 1080 (${megabytes.toFixed(1)} MB raw); MB/s of raw data, best of ${rounds} rounds:\n`,
  );
  console.log('| codec | decode | native | ratio | encode | native | ratio | size of native |');
  console.log('|---|---:|---:|---:|---:|---:|---:|---:|');
  for (const [method, lines] of LINES) {
    if (only.length > 0 && !only.includes(method)) continue;
    if (Number.isNaN((await native.run('encode', method)).seconds)) continue;
    const { ours, theirs } = await measure(codecs, native, image, method, lines, rounds);
    const speed = (time: number) => (megabytes / time).toFixed(0);
    const cells = [
      method,
      speed(ours.decode),
      speed(theirs.decode),
      (theirs.decode / ours.decode).toFixed(2),
      speed(ours.encode),
      speed(theirs.encode),
      (theirs.encode / ours.encode).toFixed(2),
      `${((100 * ours.bytes) / theirs.bytes).toFixed(1)} %`,
    ];
    console.log(`| ${cells.join(' | ')} |`);
  }
  native.close();
}
