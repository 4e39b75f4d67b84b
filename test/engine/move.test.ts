/** Splices that are but copying: done on the calling thread, in memory that is used again. */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createCodecs } from 'openexr-wasm';
import t from 'tap';
import { merge, pick, rename, split } from '../../filters/index.js';
import { Buffers } from '../../lib/engine/buffers.js';
import { runFrame } from '../../lib/index.js';
import { inlineRunner } from '../../lib/jobs/inline.js';
import type { JobRunner } from '../../lib/jobs/runner.js';
import { fixturePath, inPieces, offsetTables, pixelDigests, temporaryFolder } from '../support.js';

const mixed = fixturePath('htj2k/mixed.htj2k32.exr');

/** Other threads, and the jobs they got. */
function counting(): JobRunner & { jobs: number } {
  const { run } = inlineRunner(createCodecs);
  const runner = {
    parallel: 2,
    jobs: 0,
    run: (...job: Parameters<JobRunner['run']>) => {
      runner.jobs += 1;
      return run(...job);
    },
    close: async () => {},
  };
  return runner;
}

t.test('other threads only get what takes more than copying', async (t) => {
  const folder = await temporaryFolder(t);
  const pixels = (await pixelDigests(fixturePath('htj2k/mixed.zip.exr'))).map((line) => line.split('\t'));
  const digests = (names: readonly string[]) => names.map((own) => pixels.find(([, name]) => name === own)?.[2]);
  for (const [what, step, channels, jobs] of [
    ['names in another order', rename({ map: ['A=Y', 'Z=B2'] }), ['B', 'Z', 'G', 'R', 'A', 'id'], 0],
    ['what stands alone', pick({ channel: ['A', 'Z'] }), ['A', 'Z'], 0],
    ['all colours', pick({ channel: ['?', 'id'] }), ['A', 'B', 'G', 'R', 'Z', 'id'], 0],
    ['one colour', pick({ channel: ['A', 'R'] }), ['A', 'R'], 2],
  ] as const) {
    for (const [how, input] of [
      ['by file', mixed],
      ['by pipe', inPieces(await readFile(mixed), 700)],
    ] as const) {
      const runner = counting();
      const out = join(folder, 'out.exr');
      await runFrame([input], [step], out, { runner });
      t.equal(runner.jobs, jobs, `${what} ${how}: ${jobs} of 2 chunks`);
      t.same(
        (await pixelDigests(out)).map((line) => line.split('\t')[2]),
        digests(channels),
        `${what} ${how}`,
      );
    }
  }
});

t.test('several outputs of one chunk, by file and by pipe', async (t) => {
  const folder = await temporaryFolder(t);
  const layers = join(folder, 'layers.exr');
  await runFrame([mixed], [rename({ map: ['A=a.A', 'Z=b.Z', 'id=b.id'] })], layers);
  const [byFile, byPipe] = ['file', 'pipe'].map((name) => join(folder, `${name}-{layer}.exr`)) as [string, string];
  const runner = counting();
  const { files } = await runFrame([layers], [split({ by: 'layer' })], byFile, { runner });
  t.equal(files.length, 3);
  t.equal(runner.jobs, 0);
  await runFrame([inPieces(await readFile(layers), 700)], [split({ by: 'layer' })], byPipe, { runner });
  t.equal(runner.jobs, 0);
  for (const file of files)
    t.ok((await readFile(file)).equals(await readFile(file.replace('file-', 'pipe-'))), 'the same either way');
});

t.test('a file and a pipe in one chunk', async (t) => {
  const folder = await temporaryFolder(t);
  const [colours, rest] = ['colours', 'rest'].map((name) => join(folder, `${name}.exr`)) as [string, string];
  await runFrame([mixed], [pick({ channel: ['?'] })], colours);
  await runFrame([mixed], [pick({ channel: ['id'] })], rest);
  const runner = counting();
  const out = join(folder, 'out.exr');
  await runFrame([colours, inPieces(await readFile(rest), 700)], [merge({})], out, { runner });
  t.equal(runner.jobs, 0);
  t.same(await pixelDigests(out), await pixelDigests(mixed));
});

t.test('a damaged chunk is named', async (t) => {
  const folder = await temporaryFolder(t);
  const bytes = await readFile(mixed);
  const { end } = offsetTables(bytes);
  // Past the leader, the letters of the chunk.
  bytes[end + 8] = 0x58;
  const path = join(folder, 'bad.exr');
  await writeFile(path, bytes);
  await t.rejects(runFrame([path], [pick({ channel: ['A'] })], join(folder, 'out.exr'), { runner: counting() }), {
    code: 'corrupt',
    where: { part: 0, chunk: 0 },
  });
});

t.test('memory is used again where it is large enough', async (t) => {
  const buffers = new Buffers();
  const first = buffers.take(1000);
  const second = buffers.take(1000);
  t.equal(first.length, 1000);
  t.not(first.buffer, second.buffer);
  buffers.give(first.subarray(8, 20));
  const again = buffers.take(1100);
  t.equal(again.buffer, first.buffer, 'there was some room above');
  t.equal(again.length, 1100);
  buffers.give(again);
  t.not(buffers.take(5000).buffer, first.buffer, 'too small');
  t.not(buffers.take(10).buffer, first.buffer, 'and not kept');
  const other = new Uint8Array(10_000);
  t.notOk(buffers.give(other), 'what was not taken');
  t.not(buffers.take(10_000).buffer, other.buffer, 'is not taken over');
});
