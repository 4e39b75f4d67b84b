/** What goes wrong around a run: it is killed, the disk is full, inputs and folders go away. Nothing half-written may be left. */
import { execFile, spawn } from 'node:child_process';
import { truncateSync, unlinkSync } from 'node:fs';
import { mkdir, readdir, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import { compress } from '../../filters/index.js';
import { runFrame } from '../../lib/index.js';
import { prepareFolder, temporaryPath } from '../../lib/node/output-folder.js';
import { runSequence } from '../../lib/sequence/index.js';
import { RoomWatch } from '../../lib/sequence/room.js';
import { temporaryFolder } from '../support.js';
import type { ChildRequest } from './child.js';
import { beforeWriting, halves, makeFrames, mishap, outcome, range, readTree, smallFrame, strays } from './support.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('./child.js', import.meta.url));

interface ChildOutcome {
  readonly outcome: ReturnType<typeof outcome>;
  /** Most bytes in use after frames, if it was measured. */
  readonly used: number;
}

interface ChildLimits {
  /** No file may become larger than so many KiB. */
  readonly file?: number;
  readonly measured?: boolean;
}

/** Runs a sequence in a process of its own. */
async function runChild(
  request: ChildRequest,
  { file: limit, measured = false }: ChildLimits = {},
): Promise<ChildOutcome> {
  const words = [process.execPath, ...(measured ? ['--expose-gc'] : []), program, JSON.stringify(request)];
  const { stdout } =
    limit === undefined
      ? await run(process.execPath, words.slice(1))
      : // The test runner's hooks, which it puts into the environment of all children, would die of the limit's signal; Node ignores it.
        await run('bash', ['-c', 'unset NODE_OPTIONS; ulimit -f "$0"; exec "$@"', String(limit), ...words]);
  return JSON.parse(stdout.trimEnd().split('\n').at(-1) ?? '') as ChildOutcome;
}

/**
 * Kills a run so many milliseconds after so many of its frames were begun or done, unless it does so itself. True when it was
 * still at work.
 */
async function killChild(request: ChildRequest, events: number, delay: number): Promise<boolean> {
  const child = spawn(process.execPath, [program, JSON.stringify(request)], { stdio: ['ignore', 'pipe', 'inherit'] });
  const exit = new Promise<NodeJS.Signals | null>((resolve) => child.on('exit', (_, signal) => resolve(signal)));
  let seen = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    const before = seen;
    seen += text.split('\n').length - 1;
    if (request.dieAtWrite === undefined && before < events && seen >= events)
      setTimeout(() => child.kill('SIGKILL'), delay);
  });
  return (await exit) === 'SIGKILL';
}

/** Has a day go by for what killed runs have left. Gives how many files that are. */
async function ageStrays(folder: string): Promise<number> {
  const names = await strays(folder);
  const time = new Date(Date.now() - 25 * 3600_000);
  for (const name of names) await utimes(join(folder, name), time, time);
  return names.length;
}

// On a busy machine, starting 22 processes takes its time.
// Twenty runs are killed and resumed, which takes a busy machine a while.
t.setTimeout(600_000);

t.test(
  'killed at 20 random moments and resumed, a run ends like an undisturbed one',
  { timeout: 500_000 },
  async (t) => {
    const folder = await temporaryFolder(t);
    await makeFrames(join(folder, 'in'), range(1, 40));
    const request = (name: string, threads: boolean): ChildRequest => ({
      inputs: [join(folder, 'in/shot.####.exr')],
      output: join(folder, name, '{layer}/{stem}.{frame}.exr'),
      skipExisting: true,
      split: true,
      jobs: 2,
      threads,
    });
    t.same((await runChild(request('undisturbed', true))).outcome, { done: '1-40' });
    let killed = 0;
    let left = 0;
    for (let round = 0; round < 20; round++) {
      const [events, delay] = [1 + Math.floor(Math.random() * 8), Math.random() * 12];
      // Any moment may fall between two files, but not one in front of a write.
      const atWrite = round % 5 === 4;
      const at = atWrite ? { dieAtWrite: 1 + Math.floor(Math.random() * 9) } : {};
      const threads = round % 4 === 0 && !atWrite;
      if (await killChild({ ...request('killed', threads), ...at }, events, delay)) killed += 1;
      left += (await strays(join(folder, 'killed')).catch(() => [])).length;
      t.same(await halves(join(folder, 'killed')), [], `after ${round + 1} kills all outputs are whole`);
    }
    t.ok(killed >= 10, `${killed} of 20 runs were killed at work`);
    t.ok(left > 0, `they left ${await ageStrays(join(folder, 'killed'))} temporary files`);
    await runChild(request('killed', true));
    t.same(await readTree(join(folder, 'killed')), await readTree(join(folder, 'undisturbed')));
  },
);

t.test('in place the same', async (t) => {
  const folder = await temporaryFolder(t);
  const request = (name: string): ChildRequest => ({
    inputs: [join(folder, name, 'shot.####.exr')],
    inPlace: true,
    skipExisting: true,
    split: true,
    jobs: 2,
    threads: false,
  });
  for (const name of ['undisturbed', 'killed']) await makeFrames(join(folder, name), range(1, 24));
  t.same((await runChild(request('undisturbed'))).outcome, { done: '1-24' });
  for (let round = 0; round < 5; round++)
    await killChild(request('killed'), 1 + Math.floor(Math.random() * 9), Math.random() * 6);
  await ageStrays(join(folder, 'killed'));
  await runChild(request('killed'));
  t.same(await readTree(join(folder, 'killed')), await readTree(join(folder, 'undisturbed')));
});

t.test('what killed runs have left goes after a day, and nothing else does', async (t) => {
  const folder = await temporaryFolder(t);
  const mine = temporaryPath(folder);
  t.not(temporaryPath(folder), mine);
  // Names as versions before this one made them are known too: machine, process, time.
  const older = '.exrpipe-tmp-0123abcd-1-1700000000000-00000000';
  const keep = [basename(mine), older.replace('-1-', '-2-'), '.exrpipe-tmp-', '.other', 'shot.0001.exr'];
  const stale = [basename(temporaryPath(folder)), older];
  for (const file of [...keep, ...stale]) await writeFile(join(folder, file), '');
  const age = (name: string, hours: number) => {
    const time = new Date(Date.now() - hours * 3600_000);
    return utimes(join(folder, name), time, time);
  };
  // The process that has this number is no reason to think that a file of another container is dead.
  for (const name of keep) await age(name, 23);
  for (const name of [...stale, '.exrpipe-tmp-', '.other', 'shot.0001.exr']) await age(name, 25);
  await mkdir(join(folder, '.exrpipe-tmp-0123'));
  await age('.exrpipe-tmp-0123', 25);
  await prepareFolder(folder);
  t.same((await readdir(folder)).sort(), [...keep, '.exrpipe-tmp-0123'].sort());
});

/** A small file system in memory, where the system lets us have one. */
async function mountSmall(t: Test, size: string): Promise<string | undefined> {
  const folder = join(await temporaryFolder(t), 'disk');
  await mkdir(folder);
  try {
    await run('mount', ['-t', 'tmpfs', '-o', `size=${size}`, 'tmpfs', folder]);
  } catch {
    return undefined;
  }
  t.teardown(() => run('umount', ['-l', folder]));
  return folder;
}

t.test('a full disk', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 12));
  const inputs = [join(folder, 'in/shot.####.exr')];
  await runSequence({ inputs, steps: [], output: join(folder, 'whole/') });

  // No file may become larger than what is half a frame: writing fails at the first.
  const limited = await runChild(
    { inputs, output: join(folder, 'limited/'), split: false, threads: false, jobs: 2 },
    { file: 8 },
  );
  t.same(
    limited.outcome.failed,
    range(1, 12)
      .map((frame) => `${frame} EFBIG`)
      .sort(),
  );
  t.same(await readdir(join(folder, 'limited')), []);

  const disk = await mountSmall(t, '100k');
  if (!disk) return t.comment('no right to mount a small tmpfs here: only the limit on file sizes was tried');
  const options = { inputs, steps: [], output: join(disk, 'out/'), jobs: 2 };
  const full = await runSequence(options);
  t.equal(full.stopped, 'error', 'no use in trying the rest');
  t.ok(full.done > 0 && full.left > 0, `${full.done} done, ${full.left} left`);
  t.ok(full.failed.length > 0 && full.failed.every(({ error }) => error.code === 'ENOSPC'));
  t.same(await strays(disk), []);
  t.same(await halves(disk), []);
  await run('mount', ['-o', 'remount,size=2m', disk]);
  const rest = await runSequence({ ...options, skipExisting: true });
  t.equal(rest.existing, full.done);
  t.same(await readTree(join(disk, 'out')), await readTree(join(folder, 'whole')));

  await run('mount', ['-o', 'remount,ro', disk]);
  const readOnly = await runSequence(options);
  t.equal(readOnly.stopped, 'error');
  t.ok(readOnly.failed.every(({ error }) => error.code === 'EROFS' && error.where.file !== undefined));
});

t.test('inputs that shrink or go away', async (t) => {
  const folder = await temporaryFolder(t);
  // Larger than what is read of a file before its pixels are wanted.
  const large = join(folder, 'large.exr');
  await runFrame([smallFrame], [compress({ to: 'none' })], large);
  t.ok((await stat(large)).size > 100_000);
  await makeFrames(join(folder, 'in'), range(1, 4), undefined, large);
  const at = (frame: number) => join(folder, `in/shot.000${frame}.exr`);
  const steps = [mishap('0001', () => unlinkSync(at(3))), mishap('0002', (path) => truncateSync(path, 90_000))];
  const output = join(folder, 'out/');
  const summary = await runSequence({ inputs: [join(folder, 'in/shot.####.exr')], steps, output, jobs: 1 });
  t.same(outcome(summary), { done: '1,4', failed: ['2 FILE_TRUNCATED', '3 ENOENT'] });
  t.match(summary.failed[0]?.error.hint, /shrank/);
  t.same(await readdir(output), ['shot.0001.exr', 'shot.0004.exr']);
});

t.test('an output folder that vanishes', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 5));
  const output = join(folder, 'disk/out');
  const steps = [mishap('0003', () => rm(join(folder, 'disk'), { recursive: true }))];
  const summary = await runSequence({ inputs: [join(folder, 'in')], steps, output: `${output}/`, jobs: 1 });
  t.same(outcome(summary), { done: '1-2', failed: ['3 FOLDER_GONE'], left: '4-5', stopped: 'error' });
  t.notOk(await stat(output).catch(() => undefined), 'it is not recreated, perhaps on another disk');
});

t.test('a temporary file that vanishes fails its frame alone', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 4));
  const output = join(folder, 'out');
  const later = await beforeWriting(t);
  const clear = async () => {
    for (const name of await strays(output)) unlinkSync(join(output, name));
  };
  const steps = [mishap('0002', () => later(clear))];
  const summary = await runSequence({ inputs: [join(folder, 'in')], steps, output: `${output}/`, jobs: 1 });
  t.same(outcome(summary), { done: '1,3-4', failed: ['2 TEMPORARY_GONE'] });
  t.match(summary.failed[0]?.error, { kind: 'io', where: { file: join(output, 'shot.0002.exr'), frame: 2 } });
});

t.test('too little room is warned of as soon as frames tell', async (t) => {
  const folder = await temporaryFolder(t);
  const files = [join(folder, 'a.exr')];
  const huge = new RoomWatch();
  const said: (string | undefined)[] = [];
  for (let frame = 0; frame < 10; frame++) said.push(await huge.written(files, 1e18, 90));
  t.same(
    said.map((text) => text !== undefined),
    [false, false, false, true, false, false, false, false, false, false],
    'after four frames, and once',
  );
  t.match(said[3], /room for [\d.]+ [MG]B, and the 90 frames left will need about 90000000000\.0 GB/);
  const small = new RoomWatch();
  for (let frame = 0; frame < 8; frame++) t.equal(await small.written(files, 1, 10), undefined);
  const replacing = new RoomWatch();
  replacing.stop();
  for (let frame = 0; frame < 8; frame++) t.equal(await replacing.written(files, 1e18, 90), undefined);
});

t.test('memory does not grow with the number of frames', async (t) => {
  const folder = await temporaryFolder(t);
  await makeFrames(join(folder, 'in'), range(1, 400));
  const request = { inputs: [join(folder, 'in/shot.####.exr')], split: false, threads: false, jobs: 2 };
  const few = await runChild({ ...request, output: join(folder, 'few/'), frames: '1-40' }, { measured: true });
  const many = await runChild({ ...request, output: join(folder, 'many/') }, { measured: true });
  t.same(many.outcome, { done: '1-400' });
  // What is kept of a frame is the names of its files.
  const kept = (many.used - few.used) / 360;
  t.ok(few.used > 0 && kept < 8 << 10, `${few.used} bytes for 40 frames, ${many.used} for 400`);
});
