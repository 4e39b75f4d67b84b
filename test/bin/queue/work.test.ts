import { tmpdir } from 'node:os';
import t from 'tap';
import type { Hand } from '../../../bin/queue/hands.js';
import { Shots } from '../../../bin/queue/shot.js';
import { type Outcome, workOn } from '../../../bin/queue/work.js';
import type { EventError, FrameReport, SequenceEvent } from '../../../lib/index.js';
import { version } from '../../../lib/index.js';
import { invalidError, ioError, MemoryRedis, makeReport, makeShot } from './support.js';

const chunk = { frames: '1-3', count: 3 };

/** The events of frames, as a run tells them. */
function* eventsOf(reports: readonly FrameReport[]): Generator<SequenceEvent> {
  for (const [index, report] of reports.entries()) {
    const { frame, view, inputs, status, files, error } = report;
    const id = { index, frame, view, inputs };
    yield { type: 'frame-start', ...id };
    if (status === 'done') yield { type: 'frame-done', ...report, index };
    if (status === 'existing') yield { type: 'frame-skipped', ...id, reason: 'existing', files, error: undefined };
    if (status === 'failed' && error) yield { type: 'frame-failed', ...id, error };
  }
}

interface Scene {
  readonly reports?: readonly FrameReport[];
  readonly error?: EventError;
  readonly last?: boolean;
  readonly started?: number;
  readonly before?: (shots: Shots) => Promise<void>;
  readonly during?: (shots: Shots) => Promise<void>;
  readonly signal?: AbortSignal;
  readonly job?: { readonly version?: string; readonly folder?: string };
}

async function work(scene: Scene): Promise<{ outcome: Outcome; shots: Shots; calls: number }> {
  const shots = new Shots(new MemoryRedis());
  const { name: shot, words, stopsAtFailure } = makeShot();
  await shots.create(makeShot(), [chunk], 'going');
  await scene.before?.(shots);
  let calls = 0;
  const hand: Hand = {
    async run(_order, onEvent, signal) {
      calls += 1;
      for (const event of eventsOf(scene.reports ?? [])) onEvent(event);
      await scene.during?.(shots);
      if (scene.during && !signal.aborted)
        await new Promise((resolve) => signal.addEventListener('abort', resolve, { once: true }));
      return scene.error;
    },
    async close() {},
  };
  const outcome = await workOn(
    {
      job: { shot, number: 0, version, folder: tmpdir(), words, stopsAtFailure, chunk, ...scene.job },
      started: scene.started ?? 1,
      retried: 0,
      stalled: 0,
      last: scene.last ?? false,
    },
    { shots, hand, machine: {}, worker: 'here:1', pause: 10 },
    scene.signal ?? new AbortController().signal,
  );
  return { outcome, shots, calls };
}

const three = [makeReport(1), makeReport(2), makeReport(3)];
const statuses = async (shots: Shots) =>
  (await shots.results('sh010', [0]))[0]?.map(({ frame, status }) => [frame, status]);

t.test('a chunk that is done', async (t) => {
  const { outcome, shots } = await work({ reports: three });
  t.match(outcome, { kind: 'done', progress: { done: 3, failed: 0, ended: true, worker: 'here:1' } });
  t.match((await shots.progress('sh010')).get(0), { done: 3, ended: true });
});

t.test('frames that another try has done are done', async (t) => {
  const before = (shots: Shots) => shots.record('sh010', 0, { ...progress, milliseconds: 500 }, [makeReport(1)]);
  const now = [makeReport(1, { status: 'existing' }), makeReport(2), makeReport(3)];
  const { outcome } = await work({ reports: now, before, started: 2 });
  t.match(outcome.progress, { done: 3, existing: 0, started: 2 });
  t.ok(outcome.progress.milliseconds >= 500, 'the time of all tries');
});

t.test('a damaged frame fails at once, for trying again does not help', async (t) => {
  const { outcome } = await work({
    reports: [...three.slice(1), makeReport(1, { status: 'failed', error: invalidError })],
  });
  t.match(outcome, { kind: 'failed', progress: { done: 2, failed: 1, ended: true } });
});

t.test('what the system refuses is tried again, but not for ever', async (t) => {
  const reports = [...three.slice(1), makeReport(1, { status: 'failed', error: ioError })];
  t.match((await work({ reports })).outcome, { kind: 'again', progress: { ended: false } });
  t.match((await work({ reports, last: true })).outcome, { kind: 'failed', progress: { failed: 1, ended: true } });
});

t.test('a frame that is not there any more', async (t) => {
  const reports = three.slice(1);
  t.equal((await work({ reports })).outcome.kind, 'again');
  const { outcome, shots } = await work({ reports, last: true });
  t.equal(outcome.kind, 'failed');
  t.same(await statuses(shots), [
    [2, 'done'],
    [3, 'done'],
    [1, 'failed'],
  ]);
});

t.test('the process that works dies', async (t) => {
  const { outcome, shots } = await work({ reports: three.slice(2), error: ioError, last: true });
  t.match(outcome, { kind: 'failed', progress: { done: 1, failed: 2 } });
  t.equal((await statuses(shots))?.length, 3);
});

t.test('a shot that is cancelled, before and meanwhile', async (t) => {
  const cancel = (shots: Shots) => shots.setState('sh010', 'cancelled');
  const before = await work({ reports: three, before: cancel });
  t.equal(before.outcome.kind, 'cancelled');
  t.equal(before.calls, 0, 'nothing was begun');
  const { outcome, shots } = await work({ reports: three.slice(0, 1), during: cancel });
  t.match(outcome, { kind: 'cancelled', progress: { done: 1, ended: false } });
  t.same(await statuses(shots), [[1, 'done']], 'what was done is known');
});

t.test('a worker that is told to end drops what it is at', async (t) => {
  const controller = new AbortController();
  const during = async () => controller.abort();
  const { outcome } = await work({ reports: three.slice(0, 2), during, signal: controller.signal });
  t.match(outcome, { kind: 'dropped', progress: { done: 2, ended: false } });
});

t.test('another version, and a folder that is not mounted here, are for another worker', async (t) => {
  for (const [job, code] of [
    [{ version: '0.0.1' }, /exrpipe 0\.0\.1/],
    [{ folder: '/no/such/folder' }, /no such folder/],
  ] as const) {
    const { outcome, calls } = await work({ job });
    t.equal(outcome.kind, 'again');
    t.match(outcome.message, code);
    t.equal(calls, 0);
  }
});

const progress = {
  done: 1,
  existing: 0,
  failed: 0,
  ended: false,
  worker: 'there:2',
  started: 1,
  retried: 0,
  stalled: 0,
  milliseconds: 0,
};
