/** What became of a job, from what its attempts have left. */
import t from 'tap';
import { gatherReports } from '../../lib/farm/gather.js';
import type { TaskReport } from '../../lib/farm/task-report.js';
import type { FrameReport } from '../../lib/sequence/report.js';

type Fates = Readonly<Record<number, FrameReport['status']>>;

/** An attempt; without fates one that was killed. */
function attempt(began: number, planned: string, fates?: Fates, more: Partial<TaskReport> = {}): TaskReport {
  const frames = Object.entries(fates ?? {}).map(
    ([frame, status], index): FrameReport => ({
      ...{
        index,
        frame: Number(frame),
        view: undefined,
        inputs: [],
        status,
        files: [],
        parts: [],
        inputBytes: 0,
        bytes: 0,
      },
      ...{ milliseconds: 100, notices: [] },
      error:
        status === 'failed'
          ? { kind: 'invalid', code: 'X', message: 'is broken', where: { file: `${frame}.exr` }, hint: undefined }
          : undefined,
    }),
  );
  return {
    ...{
      format: 1,
      version: '1',
      began: new Date(began * 1000).toISOString(),
      steps: [],
      output: 'o',
      jobs: 1,
      threads: 0,
    },
    ...{ dryRun: false, planned, missing: [], frames },
    summary: fates && ({} as TaskReport['summary']),
    ...more,
  } as TaskReport;
}

const upTo = (last: number): number[] => Array.from({ length: last }, (_, at) => at + 1);

t.test('a job in which all goes well', async (t) => {
  const reports = [attempt(1, '1-2', { 1: 'done', 2: 'done' }), attempt(2, '3-4', { 3: 'done', 4: 'existing' })];
  t.match(gatherReports(reports, upTo(4)), {
    ...{
      total: 4,
      done: 4,
      doneFrames: '1-4',
      failed: [],
      missing: '',
      unknown: '',
      attempts: 2,
      unfinished: [],
      twice: '',
    },
    milliseconds: 400,
  });
});

t.test('a task that failed and one that ran later: the later one counts', async (t) => {
  const reports = [attempt(5, '1-2', { 1: 'existing', 2: 'done' }), attempt(1, '1-2', { 1: 'done', 2: 'failed' })];
  t.match(gatherReports(reports, upTo(2)), { done: 2, failed: [], twice: '' });
  t.match(gatherReports(reports.slice(1), upTo(2)), {
    done: 1,
    failed: [{ frame: 2, error: { message: 'is broken' } }],
  });
});

t.test('a task that was killed: what it had not finished has run twice', async (t) => {
  const engine = { engine: 'slurm', job: '7', task: '1', restarts: 1 } as const;
  const killed = attempt(1, '1-3', undefined);
  t.match(gatherReports([killed], upTo(3)), { done: 0, unknown: '1-3', unfinished: [{ frames: '1-3' }] });
  const again = attempt(9, '1-3', { 1: 'existing', 2: 'done', 3: 'done' }, { attempt: engine });
  t.match(gatherReports([killed, again], upTo(3)), { done: 3, unknown: '', twice: '2-3', restarted: [engine] });
});

t.test('a task that was stopped says which frames it was at', async (t) => {
  const stopped = attempt(1, '1-3', { 1: 'done', 2: 'unfinished' });
  const again = attempt(9, '1-3', { 1: 'existing', 2: 'done', 3: 'done' });
  t.match(gatherReports([stopped, again], upTo(3)), { done: 3, twice: '2', unfinished: [] });
});

t.test('frames that two submissions have written ran twice', async (t) => {
  const reports = [attempt(1, '1', { 1: 'done' }), attempt(2, '1', { 1: 'done' })];
  t.match(gatherReports(reports, [1]), { done: 1, twice: '1' });
});

t.test('frames without an input, and frames nobody speaks of', async (t) => {
  const missing = [{ input: 'a.####.exr', view: undefined, frames: '2', policy: 'skip' as const }];
  const reports = [attempt(1, '1,3', { 1: 'done', 3: 'done' }, { missing })];
  t.match(gatherReports(reports, upTo(5)), { done: 2, missing: '2', unknown: '4-5' });
});

t.test('the highest count of an engine is that of the task', async (t) => {
  const of = (restarts: number) => ({ attempt: { engine: 'slurm', job: '7', task: '1', restarts } as const });
  const reports = [0, 2, 1].map((restarts, at) => attempt(at, '1', { 1: 'existing' }, of(restarts)));
  t.match(gatherReports(reports, [1]).restarted, [{ restarts: 2 }]);
  t.equal(gatherReports(reports, [1]).restarted.length, 1);
});
