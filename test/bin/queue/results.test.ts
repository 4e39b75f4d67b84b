import t from 'tap';
import { countStatus, joinTries, summarize, withAbsent } from '../../../bin/queue/results.js';
import { invalidError, ioError, makeReport } from './support.js';

t.test('what an earlier try has done counts as done', async (t) => {
  const earlier = [makeReport(1), makeReport(2), makeReport(3, { status: 'failed', error: ioError })];
  const now = [
    makeReport(1, { status: 'existing', bytes: 0 }),
    makeReport(3),
    makeReport(4, { status: 'existing' }),
    makeReport(5, { status: 'unfinished' }),
  ];
  t.same(
    joinTries(earlier, now).map(({ frame, status, bytes }) => [frame, status, bytes]),
    [
      [1, 'done', 10],
      [2, 'done', 10],
      [3, 'done', 10],
      [4, 'existing', 10],
    ],
  );
});

t.test('views of a frame are told apart', async (t) => {
  const left = makeReport(1, { view: 'L' });
  t.equal(joinTries([left], [makeReport(1, { view: 'R', status: 'existing' })]).length, 2);
});

t.test('a frame without a result failed', async (t) => {
  const all = withAbsent([makeReport(1), makeReport(3)], { frames: '1-4', count: 4 }, ioError);
  t.same(
    all.map(({ frame, status, error }) => [frame, status, error?.where.frame]),
    [
      [1, 'done', undefined],
      [3, 'done', undefined],
      [2, 'failed', 2],
      [4, 'failed', 4],
    ],
  );
  const files = withAbsent(
    [makeReport(undefined, { inputs: ['a.exr'] })],
    { inputs: ['a.exr', 'b.exr'], count: 2 },
    ioError,
  );
  t.same(files[1]?.error?.where, { file: 'b.exr' });
  t.same(withAbsent([makeReport(1)], { frames: '1', count: 1 }, ioError), [makeReport(1)], 'none is missing');
  t.equal(
    withAbsent([makeReport(1, { view: 'L' })], { frames: '1', count: 2 }, ioError).length,
    2,
    'a view is missing',
  );
});

t.test('the summary of a shot', async (t) => {
  const failed = makeReport(4, { status: 'failed', error: invalidError });
  const summary = summarize(
    [
      {
        chunk: { frames: '1-4', count: 4 },
        reports: [makeReport(1), makeReport(2), makeReport(3, { status: 'existing' }), failed],
      },
      { chunk: { frames: '5-8', count: 4 }, reports: [makeReport(6)] },
      { chunk: { inputs: ['a.exr'], count: 1 }, reports: [] },
    ],
    1234,
  );
  t.match(summary, {
    done: 3,
    doneFrames: '1-2,6',
    existing: 1,
    existingFrames: '3',
    left: 4,
    leftFrames: '5,7-8',
    bytes: 30,
  });
  t.same(
    summary.failed.map(({ frame, error }) => [frame, error.code]),
    [[4, 'BAD_CHUNK']],
  );
  t.same(countStatus([makeReport(1), failed]), { done: 1, existing: 0, failed: 1 });
});
