/** Small pieces: paths as folder and pattern, sizes of tasks, names of reports, what engines tell. */
import fc from 'fast-check';
import t from 'tap';
import { attemptOf } from '../../lib/farm/attempt.js';
import { splitPattern } from '../../lib/farm/job-path.js';
import { framesOfTask, memoryOfTask, timeoutOfTask } from '../../lib/farm/resources.js';
import { isTaskReport, taskReportName } from '../../lib/farm/task-report.js';
import { fullPath } from '../../lib/farm/words.js';

t.test('a path is the folder that is there for sure, and a pattern', async (t) => {
  const cases: [string, { path: string; pattern?: string }][] = [
    ['/a/b/shot.####.exr', { path: '/a/b', pattern: 'shot.####.exr' }],
    ['/a/{layer}/shot.####.exr', { path: '/a', pattern: '{layer}/shot.####.exr' }],
    ['/a/%V/b/shot.exr', { path: '/a', pattern: '%V/b/shot.exr' }],
    ['/a/take#2/shot.%04d.exr', { path: '/a/take#2', pattern: 'shot.%04d.exr' }],
    ['/a/b/', { path: '/a/b', pattern: '' }],
    ['/shot.####.exr', { path: '/', pattern: 'shot.####.exr' }],
    ['shot.####.exr', { path: '', pattern: 'shot.####.exr' }],
    ['/a/donor.exr', { path: '/a/donor.exr' }],
  ];
  for (const [path, wanted] of cases) t.strictSame(splitPattern(path), wanted, path);
});

t.test('folder and pattern are the path again', async (t) => {
  const name = fc.constantFrom('a', 'b c', '####', '{layer}', '%V', '*.exr', 'x.%04d.exr', 'take#2');
  t.doesNotThrow(() =>
    fc.assert(
      fc.property(fc.array(name, { minLength: 1, maxLength: 4 }), fc.boolean(), (names, folder) => {
        const path = `/${names.join('/')}${folder ? '/' : ''}`;
        const file = { key: 'A', label: 'A', type: 'file', flow: 'in', ...splitPattern(path) } as const;
        if (fullPath(file) !== path) throw new Error(`${path} became ${fullPath(file)}`);
      }),
    ),
  );
});

t.test('memory grows with threads and pixels, and a larger peak counts', async (t) => {
  const mebibyte = 1 << 20;
  t.equal(memoryOfTask(2, 128 * mebibyte) / mebibyte, 320);
  t.ok(memoryOfTask(8, 512 * mebibyte) > memoryOfTask(4, 512 * mebibyte));
  t.equal(memoryOfTask(1, mebibyte, 1000 * mebibyte) / mebibyte, 1280);
});

t.test('frames of a task by their cost', async (t) => {
  t.equal(framesOfTask(10, 0.1, 240), 100);
  t.equal(framesOfTask(10, 60, 240), 1);
  t.equal(framesOfTask(10, 0, 240), 240);
  t.equal(timeoutOfTask(0.1, 10), 3600);
  t.equal(timeoutOfTask(100, 10), 20_000);
});

t.test('reports of many tasks and attempts have names of their own', async (t) => {
  t.equal(taskReportName('1-24', 1), 'frames_1-24.json');
  t.equal(taskReportName('1-24', 2), 'frames_1-24.2.json');
  t.equal(taskReportName('', 1), 'frames_none.json');
  const gaps = Array.from({ length: 60 }, (_, at) => at * 7 - 20).join(',');
  t.equal(taskReportName(gaps, 3), 'frames_-20_393.3.json');
  for (const frames of ['1-24', '-5--1', '1-9x2', gaps, '']) t.ok(isTaskReport(taskReportName(frames, 1)));
  t.notOk(isTaskReport('job.json'));
});

t.test('what engines tell a task of itself', async (t) => {
  t.equal(attemptOf({}), undefined);
  t.strictSame(
    attemptOf({ SLURM_JOB_ID: '9', SLURM_ARRAY_JOB_ID: '7', SLURM_ARRAY_TASK_ID: '3', SLURM_RESTART_COUNT: '2' }),
    {
      ...{ engine: 'slurm', job: '7', task: '3', restarts: 2 },
    },
  );
  t.strictSame(attemptOf({ SLURM_JOB_ID: '9' }), { engine: 'slurm', job: '9', task: '', restarts: 0 });
  t.match(attemptOf({ DEADLINE_JOB_ID: 'job-1', DEADLINE_TASK_ID: 'task-1' }), {
    engine: 'deadline-cloud',
    task: 'task-1',
  });
  t.match(attemptOf({ CUE_JOB: 'a', CUE_FRAME: '0001-frames' }), { engine: 'opencue' });
});
