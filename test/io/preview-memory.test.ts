/** Previews of frames that do not fit into memory: what is read, decoded and held at once is counted. */
import { deflateSync } from 'node:zlib';
import t from 'tap';
import type { ChunkSource } from '../../lib/engine/document.js';
import { makeLimits } from '../../lib/format/limits.js';
import { openExr } from '../../lib/index.js';
import { makePreview, type PreviewOptions } from '../../lib/io/preview.js';
import type { JobRunner } from '../../lib/jobs/runner.js';
import { lookOfChannel, lookOfLayer } from '../../lib/look/choose.js';
import { loadKernels } from '../../lib/node/kernels.js';
import { sharedRunners } from '../../lib/node/runners.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { fixturePath } from '../support.js';

const options: PreviewOptions = {
  exposure: 0,
  background: 'black',
  ramp: 'grey',
  log: false,
  window: 'display',
  runners: sharedRunners,
  kernels: loadKernels,
  limits: makeLimits(),
};

const width = 8192;
const layers = 50;
/** Lines of a chunk of ZIP, and chunks of the image: few, so that the test is fast; the bound does not depend on them. */
const lines = 16;
const chunks = 12;

/** An 8K frame of 200 half channels, all zeros, that counts what is asked of it. */
function largeFrame() {
  const dataWindow = { xMin: 0, yMin: 0, xMax: width - 1, yMax: lines * chunks - 1 };
  const names = Array.from({ length: layers }, (_, at) => `l${at}`);
  const part = makePart(
    names.flatMap((name) => layer(name, 'RGBA', 'half')),
    {},
    { dataWindow, displayWindow: dataWindow },
  );
  const header = makeHeader(part);
  const unpacked = width * lines * part.channels.length * 2;
  // Zeros as ZIP's predictor leaves them (ImfZip.cpp).
  const packed = deflateSync(new Uint8Array(unpacked).fill(128, 1));
  const order = Array.from({ length: chunks }, (_, index) => ({ part: 0, index }));
  const counts = { read: 0, held: 0, mostHeld: 0, decoded: 0 };
  const source: Partial<ChunkSource> = {
    order,
    missing: [],
    random: true,
    space: () => packed.length,
    async read() {
      counts.read += 1;
      counts.held += 1;
      counts.mostHeld = Math.max(counts.mostHeld, counts.held);
      return new Uint8Array(packed);
    },
  };
  const pool = sharedRunners.pool();
  const runner: JobRunner = {
    parallel: pool.parallel,
    async run(job, payloads, signal) {
      const result = await pool.run(job, payloads, signal);
      counts.held -= payloads.length;
      for (const { length } of result.payloads) counts.decoded += length;
      return result;
    },
    async close() {},
  };
  const runners = { pool: () => runner, inline: () => runner };
  return { document: { header, arrived: header, source: source as ChunkSource }, runners, unpacked, counts };
}

t.test('of 200 channels at 8K only those that are shown are decoded, a few chunks at a time', async (t) => {
  const { document, runners, unpacked, counts } = largeFrame();
  const look = lookOfLayer(document.header, 'l7');
  const preview = await makePreview(document, look, { ...options, runners, size: { width: 1024, height: 1024 } });
  let rows = 0;
  for await (const line of preview.lines()) rows += line.every((byte) => byte === 0) ? 1 : 0;
  t.equal(rows, (lines * chunks) / 8);
  t.equal(counts.read, chunks, 'each chunk is read once');
  t.equal(counts.decoded, width * lines * chunks * 4 * 2, 'four half channels are decoded');
  t.ok(counts.mostHeld * unpacked < 256 << 20, `${counts.mostHeld} chunks of ${unpacked} bytes are unpacked at once`);
});

/** The bytes of a file that the preview of one channel asks for, and those of all chunks. */
async function bytesFor(name: string, channel: string, size: number): Promise<{ asked: number; all: number }> {
  const document = await openExr(fixturePath(name));
  try {
    const { source } = document;
    const sizes = await Promise.all(source.order.map(async (chunk) => (await source.read(chunk)).length));
    let asked = 0;
    const counting =
      <Words extends unknown[]>(read: (...words: Words) => Promise<Uint8Array>) =>
      async (...words: Words) => {
        const bytes = await read.call(source, ...words);
        asked += bytes.length;
        return bytes;
      };
    // One by one, so that all are counted.
    Object.assign(source, { read: counting(source.read), head: counting(source.head), readTogether: undefined });
    const look = lookOfChannel(document.header, channel, undefined);
    const preview = await makePreview(document, look, { ...options, size: { width: size, height: size } });
    for await (const _ of preview.lines());
    return { asked, all: sizes.reduce((sum, one) => sum + one, 0) };
  } finally {
    await document.source.close();
  }
}

t.test('of HTJ2K and of mip levels no more bytes are read than a small image needs', async (t) => {
  const whole = await bytesFor('htj2k/mixed.htj2k32.exr', 'R', 1000);
  const small = await bytesFor('htj2k/mixed.htj2k32.exr', 'R', 12);
  t.equal(whole.asked, whole.all, 'all of it at its own size');
  t.ok(small.asked < whole.asked / 2, `${small.asked} of ${whole.asked} bytes`);
  const level = await bytesFor('reference/tiles_mipmap.exr', 'R', 9);
  t.ok(level.asked < level.all / 4, `${level.asked} of ${level.all} bytes`);
});
