import t from 'tap';
import { Follower } from '../../../bin/queue/follow.js';
import { type ChunkProgress, Shots } from '../../../bin/queue/shot.js';
import { repeatedText } from '../../../bin/queue/wait.js';
import type { FrameReport, SequenceEvent } from '../../../lib/index.js';
import { invalidError, MemoryJobs, MemoryRedis, makeReport, makeShot } from './support.js';

const chunks = [
  { frames: '1-2', count: 2 },
  { frames: '3-4', count: 2 },
];
const shot = makeShot();

async function scene() {
  const redis = new MemoryRedis();
  const shots = new Shots(redis);
  const jobs = new MemoryJobs();
  await shots.create(shot, chunks, 'going');
  await jobs.add(shot, new Map(chunks.entries()));
  const events: SequenceEvent[] = [];
  const follower = new Follower(shot, chunks, 'going', { shots, jobs });
  const end = new AbortController();
  const options = {
    onEvent: (event: SequenceEvent) => void events.push(event),
    signal: end.signal,
    pause: 5,
    searchPause: 20,
  };
  const finish = async (number: number, reports: readonly FrameReport[], change: Partial<ChunkProgress> = {}) => {
    const failed = reports.filter(({ status }) => status === 'failed').length;
    await shots.record(
      'sh010',
      number,
      {
        done: reports.length - failed,
        existing: 0,
        failed,
        ended: true,
        worker: 'a:1',
        started: 1,
        retried: 0,
        stalled: 0,
        milliseconds: 5,
        ...change,
      },
      reports,
    );
    jobs.jobs.delete(`sh010/${number}`);
  };
  return { redis, shots, jobs, events, follower, options, finish, end };
}

t.test('tells what a run on one machine would tell', async (t) => {
  const { follower, options, events, finish } = await scene();
  const following = follower.follow(options);
  await finish(1, [
    makeReport(3, { notices: [{ level: 'note', code: 'X', message: 'x' }] }),
    makeReport(4, { status: 'existing' }),
  ]);
  await finish(0, [makeReport(1), makeReport(2, { status: 'failed', error: invalidError })], {
    started: 3,
    stalled: 2,
  });
  const summary = await following;
  t.match(summary, { done: 2, existing: 1, left: 0, doneFrames: '1,3', failed: [{ frame: 2 }] });
  t.match(events[0], { type: 'start', steps: ['rename'], output: 'out/' });
  t.match(events[1], { type: 'plan', total: 4, frames: '1-4' });
  t.equal(events.at(-1)?.type, 'summary');
  t.same(
    events
      .filter(({ type }) => type.startsWith('frame-') && type !== 'frame-start')
      .map((event) => ('frame' in event ? [event.type, event.frame] : []))
      .sort(),
    [
      ['frame-done', 1],
      ['frame-done', 3],
      ['frame-failed', 2],
      ['frame-skipped', 4],
    ],
  );
  const indexes = events.flatMap((event) => (event.type === 'frame-start' ? event.index : []));
  t.same(indexes, [0, 1, 2, 3], 'each has its own');
  t.same(follower.account(), {
    repeated: [{ frames: '1-2', files: undefined, started: 3, retried: 0, stalled: 2, resubmitted: 0 }],
    workers: [{ worker: 'a:1', chunks: 2, done: 3, milliseconds: 10 }],
  });
});

t.test('a job that the engine has lost is submitted again', async (t) => {
  const { follower, options, jobs, finish } = await scene();
  jobs.jobs.delete('sh010/1');
  const following = follower.follow(options);
  while (jobs.added.length < 3) await new Promise((resolve) => setTimeout(resolve, 5));
  t.equal(jobs.added[2], 'sh010/1');
  await finish(0, [makeReport(1), makeReport(2)]);
  await finish(1, [makeReport(3), makeReport(4)]);
  t.match(await following, { done: 4, left: 0 });
  t.match(follower.account().repeated, [{ frames: '3-4', resubmitted: 1 }]);
});

t.test('a Redis that forgot everything is told again', async (t) => {
  const { follower, options, jobs, redis, shots, finish } = await scene();
  await finish(0, [makeReport(1), makeReport(2)]);
  let seen = () => {};
  const first = new Promise<void>((resolve) => {
    seen = resolve;
  });
  const following = follower.follow({
    ...options,
    onEvent: (event) => {
      options.onEvent(event);
      if (event.type === 'frame-done') seen();
    },
  });
  await first;
  redis.lose();
  jobs.jobs.clear();
  while (!jobs.jobs.has('sh010/1')) await new Promise((resolve) => setTimeout(resolve, 5));
  t.notOk(jobs.jobs.has('sh010/0'), 'what has ended stays so');
  t.match((await shots.progress('sh010')).get(0), { done: 2, ended: true });
  await finish(1, [makeReport(3), makeReport(4)]);
  t.match(await following, { done: 4, left: 0 });
});

t.test('a chunk that the engine gives up has failed', async (t) => {
  const { follower, options, jobs, finish } = await scene();
  jobs.jobs.set('sh010/1', { failed: true, reason: 'job stalled more than allowable limit', started: 4, stalled: 4 });
  await finish(0, [makeReport(1), makeReport(2)]);
  const summary = await follower.follow(options);
  t.match(summary, { done: 2, left: 0 });
  t.same(
    summary.failed.map(({ frame, error }) => [frame, error.code]),
    [
      [3, 'GIVEN_UP'],
      [4, 'GIVEN_UP'],
    ],
  );
  t.match(summary.failed[0]?.error.message, /stalled more than allowable/);
});

t.test('cancelled, and looked at once', async (t) => {
  const { follower, options, shots, finish, jobs } = await scene();
  await finish(0, [makeReport(1), makeReport(2)]);
  await shots.record(
    'sh010',
    1,
    {
      done: 1,
      existing: 0,
      failed: 0,
      ended: false,
      worker: 'a:1',
      started: 1,
      retried: 0,
      stalled: 0,
      milliseconds: 1,
    },
    [makeReport(3)],
  );
  const now = new Follower(shot, chunks, 'going', { shots, jobs });
  t.match(await now.follow({ ...options, once: true }), { done: 3, left: 1, leftFrames: '4' });
  await shots.setState('sh010', 'cancelled');
  t.match(await follower.follow(options), { done: 3, left: 1, leftFrames: '4' });
  t.equal(follower.state, 'cancelled');
});

t.test('a signal ends the waiting and not the shot', async (t) => {
  const { follower, options, jobs, end } = await scene();
  const following = follower.follow(options);
  end.abort();
  await t.rejects(following, { name: 'AbortError' });
  t.equal(jobs.jobs.size, 2);
});

t.test('fed with chunks, and closed', async (t) => {
  const { options, shots, jobs, finish } = await scene();
  await shots.create(shot, [], 'feeding');
  const follower = new Follower(shot, [], 'feeding', { shots, jobs });
  const following = follower.follow(options);
  await follower.add([chunks[0] as (typeof chunks)[0]]);
  await finish(0, [makeReport(1), makeReport(2)]);
  await follower.add([chunks[1] as (typeof chunks)[0]]);
  await finish(1, [makeReport(3), makeReport(4)]);
  await follower.close();
  t.match(await following, { done: 4, left: 0 });
  t.same(await shots.chunks('sh010'), chunks);
});

t.test('how a chunk that was begun again is told', async (t) => {
  const one = { frames: '1-4', files: undefined, started: 2, retried: 0, stalled: 1, resubmitted: 0 };
  t.equal(repeatedText(one), 'begun again: frames 1-4 (2 starts, 1 worker lost)');
  t.equal(
    repeatedText({ ...one, frames: undefined, files: ['a.exr'], started: 1, stalled: 2, retried: 1, resubmitted: 2 }),
    'begun again: a.exr (1 start, 1 failed before, 2 workers lost, submitted again 2 times)',
  );
});
