/**
 * `exrpipe queue` and `exrpipe worker` against a real Redis: `npm run check:queue [-- --all] [--only TEXT]`. Workers are killed, Redis is
 * restarted and lost, a shot is cancelled and resumed, frames come one by one; whatever happens, the outputs are those of a
 * run on one machine. Then what the queue costs, side by side with such a run; with --all also a shot of 100,000 frames. Needs
 * redis-server (Debian: apt install redis-server).
 */
import { cpSync, linkSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { cpuTime, freePort, OwnRedis, type Started, start, timed } from './queue/processes.js';
import { copyFrame, expect, expectSame, files, frameName, makeShot, outputs, Trouble } from './queue/shot-files.js';

const { values } = parseArgs({ options: { all: { type: 'boolean' }, only: { type: 'string' } } });
const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const home = mkdtempSync(join(tmpdir(), 'exrpipe-queue-'));
const frames = 240;
const damaged = 77;
const missing = 150;
/** Files of a whole run. */
const whole = frames - 2;

const redis = new OwnRedis(await freePort(), join(home, 'redis'));
const env = { EXRPIPE_REDIS: redis.url, TMPDIR: join(home, 'tmp') };
const exrpipe = (words: readonly string[]): Started => start(process.execPath, [program, ...words], home, env);

const chain = ['rename', '--add-prefix', 'hero.', 'then', 'compress', '--to', 'piz'];
const shot = (out: string, inputs = 'in/shot.####.exr'): string[] => [
  ...chain,
  inputs,
  '-o',
  `${out}/`,
  '--missing',
  'skip',
];
const worker = (...more: readonly string[]): Started =>
  exrpipe(['worker', '--jobs', '1', '--lost-after', '3', ...more]);

/** Ends a program and gives its exit code and the milliseconds that it took. */
async function end({ child, ended }: Started, signal: NodeJS.Signals = 'SIGTERM'): Promise<[number, number]> {
  const began = performance.now();
  child.kill(signal);
  return [await ended, performance.now() - began];
}

async function endWorkers(workers: readonly Started[]): Promise<void> {
  for (const [code, time] of await Promise.all(workers.map((one) => end(one)))) {
    expect(code === 143, `a worker ended with ${code} instead of 143`);
    expect(time < 10_000, `a worker took ${Math.round(time)} ms to end`);
  }
}

/** The end of a shot with a damaged frame, and its report. */
async function expectEnd(run: Started, report: string): Promise<Report> {
  const code = await run.ended;
  expect(code === 3, `exit ${code} instead of 3: ${run.text()}`);
  const told = JSON.parse(readFileSync(join(home, report), 'utf8')) as Report;
  const { done, existing, failed, left } = told.summary;
  expect(done + existing === whole && left === 0, `${done} done, ${existing} up to date, ${left} left`);
  expect(failed.map(({ frame }) => frame).join() === `${damaged}`, `failed: ${JSON.stringify(failed)}`);
  return told;
}

interface Report {
  readonly summary: {
    readonly done: number;
    readonly existing: number;
    readonly left: number;
    readonly failed: readonly { readonly frame?: number; readonly error: { readonly code: string } }[];
  };
  readonly queue: {
    readonly workers: readonly { readonly worker: string; readonly done: number }[];
    readonly repeated: readonly {
      readonly frames?: string;
      readonly started: number;
      readonly retried: number;
      readonly stalled: number;
      readonly resubmitted: number;
    }[];
  };
}

const checks: Readonly<Record<string, () => Promise<string>>> = {
  async 'packages that are not installed, and no Redis'() {
    const apart = join(home, 'apart');
    cpSync(fileURLToPath(new URL('../cli', import.meta.url)), join(apart, 'dist/cli'), { recursive: true });
    cpSync(fileURLToPath(new URL('../../package.json', import.meta.url)), join(apart, 'package.json'));
    const lacking = start(process.execPath, [join(apart, 'dist/cli/bin/exrpipe.js'), 'worker'], apart);
    expect((await lacking.ended) === 2, `exit code: ${lacking.text()}`);
    expect(/npm install bullmq ioredis/.test(lacking.text()), lacking.text());
    const nobody = exrpipe(['worker', '--redis', `redis://127.0.0.1:${await freePort()}`]);
    expect((await nobody.ended) === 1, `exit code: ${nobody.text()}`);
    expect(/no Redis answers at .*redis-server --port/s.test(nobody.text()), nobody.text());
    rmSync(apart, { recursive: true });
    return '';
  },

  async 'a worker killed, Redis restarted, a worker ended'() {
    const workers = [worker(), worker()];
    const run = exrpipe(['queue', ...shot('rough'), '--report', 'rough.json']);
    await outputs(join(home, 'rough'), 50);
    await end(workers.shift() as Started, 'SIGKILL');
    workers.push(worker());
    await outputs(join(home, 'rough'), 110);
    await redis.stop();
    await sleep(500);
    await redis.start();
    await outputs(join(home, 'rough'), 170);
    await endWorkers([workers.shift() as Started]);
    workers.push(worker());
    const report = await expectEnd(run, 'rough.json');
    await endWorkers(workers);
    expectSame(join(home, 'rough'), join(home, 'one'));
    const { repeated } = report.queue;
    expect(
      repeated.some(({ stalled, started }) => stalled > 0 && started > 1),
      `no lost worker in ${JSON.stringify(repeated)}`,
    );
    return repeated
      .map(
        ({ frames: range, started, stalled, retried, resubmitted }) =>
          `${range}: ${started} starts, ${stalled} lost, ${retried} failed, ${resubmitted} submitted again`,
      )
      .join('; ');
  },

  async 'Redis lost while somebody waits, and while nobody does'() {
    const workers = [worker(), worker()];
    const run = exrpipe(['queue', ...shot('lost'), '--report', 'lost.json']);
    await outputs(join(home, 'lost'), 60);
    await redis.lose();
    const report = await expectEnd(run, 'lost.json');
    expect(
      report.queue.repeated.some(({ resubmitted }) => resubmitted > 0),
      'nothing was submitted again',
    );
    expectSame(join(home, 'lost'), join(home, 'one'));
    await redis.lose();
    const began = performance.now();
    const again = exrpipe(['queue', ...shot('lost'), '--report', 'again.json']);
    const { summary } = await expectEnd(again, 'again.json');
    const time = performance.now() - began;
    expect(summary.existing === whole, `${summary.existing} up to date`);
    await endWorkers(workers);
    expectSame(join(home, 'lost'), join(home, 'one'));
    return `submitted again with all outputs there: ${(time / whole).toFixed(1)} ms a frame`;
  },

  async 'cancelled and resumed'() {
    const workers = [worker(), worker()];
    const waiting = exrpipe(['queue', ...shot('cancelled'), '--name', 'sh010']);
    await outputs(join(home, 'cancelled'), 20);
    const [interrupted] = await end(waiting, 'SIGINT');
    expect(interrupted === 130 && /the shot continues/.test(waiting.text()), `exit ${interrupted}: ${waiting.text()}`);
    await outputs(join(home, 'cancelled'), 40);
    const cancel = exrpipe(['queue', 'cancel', 'sh010']);
    expect((await cancel.ended) === 0, cancel.text());
    await sleep(3000);
    const then = files(join(home, 'cancelled')).length;
    expect(then < whole, 'it was over before it could be cancelled');
    await sleep(1000);
    expect(files(join(home, 'cancelled')).length === then, 'frames are written after the end');
    const status = exrpipe(['queue', 'status', 'sh010', '--json']);
    expect((await status.ended) === 0 && /"state":"cancelled"/.test(status.text()), status.text());
    const resumed = exrpipe(['queue', 'resume', 'sh010', '--report', 'resumed.json']);
    await expectEnd(resumed, 'resumed.json');
    await endWorkers(workers);
    expectSame(join(home, 'cancelled'), join(home, 'one'));
    return `${then} of ${whole} done when it was cancelled`;
  },

  async 'fed while a render runs'() {
    const count = 40;
    mkdirSync(join(home, 'render'));
    mkdirSync(join(home, 'tmp/frames'), { recursive: true });
    const workers = [worker(), worker()];
    const watching = shot('watched', 'render/shot.####.exr');
    const run = exrpipe(['queue', ...watching, '--watch', '--until', `${count}`, '--report', 'watched.json']);
    for (let frame = 1; frame <= count; frame++) {
      copyFrame(join(home, 'tmp/frames'), frame);
      renameSync(join(home, 'tmp/frames', frameName(frame)), join(home, 'render', frameName(frame)));
      await sleep(100);
    }
    const code = await run.ended;
    expect(code === 0, `exit ${code}: ${run.text()}`);
    await endWorkers(workers);
    const alone = exrpipe([...shot('unwatched', 'render/shot.####.exr'), '--progress', 'none']);
    expect((await alone.ended) === 0, alone.text());
    expectSame(join(home, 'watched'), join(home, 'unwatched'));
    rmSync(join(home, 'tmp/frames'), { recursive: true });
    return `${count} frames`;
  },

  async 'a frame that vanishes once the shot is submitted'() {
    mkdirSync(join(home, 'few'));
    for (let frame = 1; frame <= 12; frame++) copyFrame(join(home, 'few'), frame);
    const words = ['queue', ...chain, 'few/shot.####.exr', '-o', 'fewer/', '--retries', '1', '--chunk', '4'];
    const detached = exrpipe([...words, '--name', 'few', '--detach']);
    expect((await detached.ended) === 0, detached.text());
    unlinkSync(join(home, 'few', frameName(6)));
    const workers = [worker()];
    const run = exrpipe([...words, '--name', 'few', '--report', 'few.json']);
    // Who submits it again is told before anything is done. The shot that is there has the frame still.
    expect((await run.ended) === 2, run.text());
    const resumed = exrpipe(['queue', 'resume', 'few', '--report', 'few.json']);
    expect((await resumed.ended) === 3, resumed.text());
    const { summary } = JSON.parse(readFileSync(join(home, 'few.json'), 'utf8')) as Report;
    expect(summary.done === 11 && summary.failed[0]?.frame === 6, JSON.stringify(summary));
    expect(summary.failed[0]?.error.code === 'FRAME_GONE', JSON.stringify(summary.failed));
    await endWorkers(workers);
    return '';
  },
};

/** What a whole run took: milliseconds by the clock, and of processors in all processes that had a part in it. */
interface Cost {
  readonly wall: number;
  readonly cpu: number;
}

/** Runs a shot; its outputs are removed. */
async function cost(words: readonly string[], out: string, workers: readonly Started[]): Promise<Cost> {
  const before = workers.map(cpuTime);
  const began = performance.now();
  const one = timed(process.execPath, [program, ...words, '--progress', 'none'], home, env);
  const code = await one.ended;
  const wall = performance.now() - began;
  expect(code === 3, `exit ${code}: ${one.text()}`);
  expectSame(join(home, out), join(home, 'one'));
  rmSync(join(home, out), { recursive: true });
  const own = workers.reduce((sum, worker, at) => sum + cpuTime(worker) - (before[at] as number), 0);
  return { wall, cpu: one.cpu() + own };
}

/**
 * Side by side, in turns. On a machine that is busy with other things the clock says little, as more processes then get more of it;
 * processor time says what the queue costs.
 */
async function figures(): Promise<string> {
  const rounds = values.all ? 3 : 1;
  const workers = [worker()];
  const warm = async (): Promise<void> => {
    const run = exrpipe(['queue', ...shot('warm'), '--frames', '1-40', '--chunk', '4']);
    expect((await run.ended) === 0, run.text());
    rmSync(join(home, 'warm'), { recursive: true });
  };
  await warm();
  const commands = await redis.info('total_commands_processed');
  const bytes = await redis.info('total_net_input_bytes');
  const ones = await compare(rounds, 1, workers);
  const asked = (await redis.info('total_commands_processed')) - commands;
  const sent = (await redis.info('total_net_input_bytes')) - bytes;
  workers.push(worker());
  await warm();
  const twos = await compare(rounds, 2, workers);
  await endWorkers(workers);
  for (const [jobs, pairs] of [ones, twos].entries())
    for (const of of ['wall', 'cpu'] as const) {
      const overhead = median(pairs.map(([alone, queued]) => (queued[of] - alone[of]) / frames));
      const share = median(pairs.map(([alone, queued]) => alone[of] / queued[of]));
      const all = pairs.map(([alone, queued]) => `${Math.round(alone[of])}/${Math.round(queued[of])}`).join(', ');
      console.log(
        `--jobs ${jobs + 1} / ${jobs + 1} ${jobs === 0 ? 'worker' : 'workers'}, ${of === 'wall' ? 'clock' : 'processors'}, ms: ${all}; overhead ${overhead.toFixed(1)} ms a frame, speed ${share.toFixed(2)}`,
      );
    }
  console.log(
    `Redis: ${(asked / rounds / frames).toFixed(1)} commands and ${Math.round(sent / rounds / frames)} bytes a frame`,
  );
  return '';
}

async function compare(rounds: number, jobs: number, workers: readonly Started[]): Promise<[Cost, Cost][]> {
  const pairs: [Cost, Cost][] = [];
  for (let round = 0; round < rounds; round++) {
    const alone = await cost([...shot('alone'), '--jobs', `${jobs}`], 'alone', []);
    pairs.push([alone, await cost(['queue', ...shot('queued')], 'queued', workers)]);
  }
  return pairs;
}

function median(numbers: readonly number[]): number {
  return [...numbers].sort((a, b) => a - b)[Math.floor(numbers.length / 2)] as number;
}

/** A shot of 100,000 frames, submitted and cancelled: what that costs here and in Redis. */
async function manyFrames(): Promise<string> {
  const folder = join(home, 'many');
  mkdirSync(folder);
  // File systems allow some ten thousand links to one file.
  for (let frame = 1; frame <= 100_000; frame++) {
    const first = frame - ((frame - 1) % 10_000);
    if (frame === first) copyFrame(folder, frame);
    else linkSync(join(folder, frameName(first)), join(folder, frameName(frame)));
  }
  const before = await redis.info('used_memory');
  const began = performance.now();
  const run = exrpipe(['queue', ...chain, 'many/shot.####.exr', '-o', 'many-out/', '--name', 'many', '--detach']);
  expect((await run.ended) === 0, run.text());
  const seconds = ((performance.now() - began) / 1000).toFixed(1);
  const kilobytes = Math.round(((await redis.info('used_memory')) - before) / 1000);
  const cancel = exrpipe(['queue', 'cancel', 'many']);
  expect((await cancel.ended) === 0, cancel.text());
  return `submitted in ${seconds} s, ${kilobytes} kB in Redis`;
}

mkdirSync(join(home, 'tmp'));
makeShot(join(home, 'in'), frames, { damaged, missing });
await redis.start();
const reference = exrpipe([...shot('one'), '--progress', 'none']);
const code = await reference.ended;
if (code !== 3 || files(join(home, 'one')).length !== whole)
  throw new Error(`the run on one machine: ${code}: ${reference.text()}`);
let failed = 0;
const began = performance.now();
const measured = { figures, ...(values.all && { 'a hundred thousand frames': manyFrames }) };
for (const [name, run] of Object.entries({ ...checks, ...measured })) {
  if (values.only !== undefined && !name.includes(values.only)) continue;
  const from = performance.now();
  try {
    const found = await run();
    console.log(`ok: ${name} (${((performance.now() - from) / 1000).toFixed(1)} s)${found === '' ? '' : `: ${found}`}`);
  } catch (error) {
    if (!(error instanceof Trouble)) throw error;
    failed += 1;
    console.log(`FAILED: ${name}: ${error.message}`);
  }
}
await redis.stop();
rmSync(home, { recursive: true, force: true });
console.log(`${failed} failed, ${((performance.now() - began) / 1000).toFixed(1)} s`);
process.exit(failed > 0 ? 1 : 0);
