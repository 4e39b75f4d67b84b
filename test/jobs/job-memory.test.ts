/** Results of a job lie where its sources were. */
import { createReadStream } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { documentOfLines, scanLines, singlePart } from '../../bench/harness/line-document.js';
import { merge, split } from '../../filters/index.js';
import { Buffers, Room } from '../../lib/engine/buffers.js';
import { Attributes, type ExrDocument, runFrame, writeDocument } from '../../lib/index.js';
import { JobMemory } from '../../lib/jobs/job-memory.js';
import type { JobRunner } from '../../lib/jobs/runner.js';
import { WorkerPool } from '../../lib/node/worker-pool.js';
import { pixelDigests, temporaryFolder } from '../support.js';

t.test('a buffer is free once none of its sources is needed', async (t) => {
  const room = new Room(new Uint8Array(new ArrayBuffer(1000)));
  const [first, second] = [room.take(400), room.take(500)];
  t.equal(first.buffer, second.buffer);
  t.not(room.take(200).buffer, first.buffer, 'what does not fit has a buffer of its own');
  const memory = new JobMemory([first, second]);
  memory.release(first);
  t.not(memory.allocate(10).buffer, first.buffer, 'the second source is still there');
  memory.release(second);
  const results = [memory.allocate(600), memory.allocate(300)];
  t.same(
    results.map(({ buffer, byteOffset, length }) => [buffer === first.buffer, byteOffset, length]),
    [
      [true, 0, 600],
      [true, 600, 300],
    ],
    'one after the other',
  );
  t.not(memory.allocate(200).buffer, first.buffer, 'full');
  t.ok(results.every((result) => memory.has(result)));
  t.same(memory.unused(results), []);
  t.same(memory.unused([]), [first.buffer], 'without results it is of use to others');
  memory.release(new Uint8Array(10));
  const { buffer } = memory.allocate(200);
  t.ok(buffer.byteLength === 200 && !memory.has(new Uint8Array(buffer)), 'what is not a source is not taken');
});

t.test('the largest buffer is used first, and no more are kept than were in use', async (t) => {
  const buffers = new Buffers();
  const [first, second] = [buffers.take(500), buffers.take(500)];
  const [small, large] = [new ArrayBuffer(2000), new ArrayBuffer(3000)];
  for (const buffer of [first.buffer, large, small]) buffers.adopt(buffer);
  t.equal(buffers.take(500).buffer, large);
  t.equal(buffers.take(500).buffer, small, 'of three the smallest has gone');
  buffers.adopt(new ArrayBuffer(64 << 20));
  t.ok(buffers.take(500).buffer.byteLength < 1000, 'far more than a chunk is not kept');
  buffers.give(second);
});

t.test('buffers that have become too small do not pile up', async (t) => {
  const buffers = new Buffers();
  for (let unit = 0; unit < 50; unit++) {
    const { buffer } = buffers.take(100_000);
    // Results that do not fit, in memory of their own.
    if (unit < 3) buffers.adopt(new ArrayBuffer(150_000));
    buffers.adopt(buffer);
  }
  const free = [buffers.take(1), buffers.take(1), buffers.take(1)].map(({ buffer }) => buffer.byteLength);
  t.equal(free.filter((length) => length >= 100_000).length, 1, 'one was in use');
});

t.test('chunks of a frame come and go in the same memory', async (t) => {
  const folder = await temporaryFolder(t);
  const frame = join(folder, 'frame.exr');
  await writeDocument(wideFrame(), frame);
  for (const threads of [1, 3]) {
    await using pool = new WorkerPool(threads);
    const own = { jobs: 0, buffers: 0, inPlace: 0 };
    const runner: JobRunner = {
      parallel: threads,
      run: async (job, payloads, signal) => {
        own.jobs += 1;
        own.buffers += buffersOf(payloads);
        const result = await pool.run(job, payloads, signal);
        if (result.spare.length === 0 && buffersOf(result.payloads) === 1) own.inPlace += 1;
        return result;
      },
      close: async () => {},
    };
    const parts = join(folder, `${threads}-{layer}.exr`);
    const { files } = await runFrame([frame], [split({ by: 'layer' })], parts, { runner });
    t.equal(files.length, 2);
    t.same(own, { jobs: 2, buffers: 2, inPlace: 2 }, 'each job has one buffer, there and back');
    const whole = join(folder, `${threads}.exr`);
    await runFrame(files, [merge({})], whole, { runner });
    t.equal(own.buffers, 4, 'the chunks of two files as well');
    t.same(await pixelDigests(whole), await pixelDigests(frame), 'no sample is lost');
    const before = own.inPlace;
    const piped = join(folder, `${threads}-piped-{layer}.exr`);
    const { files: byPipe } = await runFrame([createReadStream(frame)], [split({ by: 'layer' })], piped, { runner });
    t.equal(own.inPlace - before, 1, 'from a pipe too, but for the last chunk, whose size is not known beforehand');
    for (const [at, file] of files.entries())
      t.ok((await readFile(file)).equals(await readFile(byPipe[at] as string)), 'the same either way');
  }
});

function buffersOf(payloads: readonly Uint8Array[]): number {
  return new Set(payloads.map(({ buffer }) => buffer)).size;
}

/** Two layers of noise, in lines long enough to be moved as they are. */
function wideFrame(): ExrDocument {
  const [width, height] = [24_000, 32];
  const channels = ['a.B', 'a.G', 'a.R', 'b.B', 'b.G', 'b.R'].map(
    (name, index) =>
      ({ name, type: 'float', xSampling: 1, ySampling: 1, linear: false, plane: { part: 0, index } }) as const,
  );
  const part = { ...scanLines(width, height), channels, attributes: new Attributes() };
  const read = async (line: number) => {
    let state = line + 1;
    const samples = Float32Array.from({ length: width * channels.length }, () => {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      return 1 + (state >>> 0) / 2 ** 32;
    });
    return new Uint8Array(samples.buffer);
  };
  return documentOfLines({
    header: singlePart({ ...part, compression: 'zip' }),
    arrived: singlePart({ ...part, compression: 'none' }),
    lineBytes: 4 * width * channels.length,
    read,
  });
}
