/** Jobs as the command line writes them, run as an engine would, without one. What real engines do with them: npm run check:farms. */
import { execFile } from 'node:child_process';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { isWindows } from '../../lib/model/path.js';
import { fixturePath, temporaryFolder } from '../support.js';

const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));

// Every step is a process of its own, on machines that may be busy.
t.setTimeout(300_000);

interface Ending {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

function run(file: string, words: readonly string[], cwd: string, env: Record<string, string> = {}): Promise<Ending> {
  return new Promise((resolve) => {
    execFile(file, words, { cwd, env: { ...process.env, ...env } }, (error, out, err) =>
      resolve({ code: typeof error?.code === 'number' ? error.code : error ? -1 : 0, out, err }),
    );
  });
}

const exrpipe = (words: readonly string[], cwd: string): Promise<Ending> =>
  run(process.execPath, [program, ...words], cwd);

/** A folder with a shot of six frames and a donor. */
async function makeShot(t: Test): Promise<string> {
  const folder = join(await temporaryFolder(t), "o'shot 1");
  mkdirSync(join(folder, 'in'), { recursive: true });
  for (let frame = 1; frame <= 6; frame++)
    copyFileSync(fixturePath('blender/b2_main_dot.0001.exr'), join(folder, `in/a.000${frame}.exr`));
  copyFileSync(fixturePath('blender/b2_main_dot.0001.exr'), join(folder, 'donor.exr'));
  return folder;
}

const posix = { skip: isWindows && 'needs a POSIX shell' };

t.test('the tasks of a job make what one run makes', posix, async (t) => {
  const folder = await makeShot(t);
  const words = ['drop', '--layer', 'main.Depth', 'then', 'inject-manifest', '--replace', '--from', 'donor.exr'];
  const alone = await exrpipe([...words, 'in/a.####.exr', '-o', 'one/{stem}_x.####.exr', '--missing', 'skip'], folder);
  t.equal(alone.code, 0, alone.err);
  const made = await exrpipe(
    [
      'farm',
      'slurm',
      '--to',
      'job 1',
      '--frames-per-task',
      '2',
      '--program',
      program,
      ...words,
      'in/a.####.exr',
      '-o',
      'out/{stem}_x.####.exr',
    ],
    folder,
  );
  t.equal(made.code, 0, made.err);
  t.equal(made.err, '6 frames (1-6) in 3 tasks of up to 2; to submit the job:\n');
  for (const task of ['3', '1', '2', '1']) {
    const ended = await run(join(folder, 'job 1/frames.sh'), [], '/', { SLURM_ARRAY_TASK_ID: task, SLURM_JOB_ID: '7' });
    t.equal(ended.code, 0, ended.err);
  }
  const names = readdirSync(join(folder, 'one')).sort();
  t.strictSame(readdirSync(join(folder, 'out')).sort(), names);
  for (const name of names)
    t.ok(readFileSync(join(folder, 'out', name)).equals(readFileSync(join(folder, 'one', name))), name);
  const report = await run(join(folder, 'job 1/report.sh'), [], '/');
  t.equal(report.code, 0, report.err);
  t.match(report.out, /^6 of 6 frames done, 4 tasks run, /);
  t.notMatch(report.out, 'twice');
  const check = await run(join(folder, 'job 1/check.sh'), [], '/');
  t.not(check.code, 2, check.err);
});

t.test('a few frames are tried to find out what a task is, and nothing of them stays', async (t) => {
  const folder = await makeShot(t);
  const temporary = join(folder, 'tmp');
  mkdirSync(temporary);
  const words = ['farm', 'openjd', 'drop', '--layer', 'main.Depth', 'in/a.####.exr', '-o', 'out/', '--to', 'job'];
  const made = await run(process.execPath, [program, ...words], folder, { TMPDIR: temporary });
  t.equal(made.code, 0, made.err);
  t.match(made.err, /^note: 6 frames tried here: [\d.]+ s each; \d frames per task for about 10 s\n6 frames \(1-6\)/);
  t.strictSame(readdirSync(temporary), []);
  t.notOk(existsSync(join(folder, 'out')));
});

t.test('a pipeline file becomes its filters, with its files', async (t) => {
  const folder = await makeShot(t);
  writeFileSync(
    join(folder, 'fix.yaml'),
    'pipeline:\n  - inject-manifest: { from: donor.exr }\noutput: out/a.####.exr\n',
  );
  const words = ['farm', 'openjd', '--to', 'job', '--frames-per-task', '2', 'run', 'fix.yaml', 'in/a.####.exr'];
  const made = await exrpipe(words, folder);
  t.equal(made.code, 0, made.err);
  const template = readFileSync(join(folder, 'job/template.yaml'), 'utf8');
  t.match(template, '- inject-manifest\n            - "--from"\n            - "{{Param.From}}"');
  t.match(readFileSync(join(folder, 'job/parameter_values.yaml'), 'utf8'), `value: "${folder}/donor.exr"`);
});

t.test('frames that are still to be rendered', async (t) => {
  const folder = await makeShot(t);
  rmSync(join(folder, 'in/a.0004.exr'));
  const job = ['--to', 'job', '--frames-per-task', '4'];
  const words = (frames: string): string[] => [
    'farm',
    'flamenco',
    ...job,
    'repair',
    'in/a.####.exr',
    '-o',
    'out/',
    '--frames',
    frames,
  ];
  t.match((await exrpipe(words('1-6'), folder)).err, /^note: missing so far: in\/a.####.exr: 4\n6 frames/);
  t.match(
    (await exrpipe(words('101-110'), folder)).err,
    /^note: .*101-110\nnote: none of the frames exists yet\n10 frames \(101-110\) in 3 tasks/,
  );
});

t.test('what no farm can run is refused, and what to do is said', async (t) => {
  const folder = await makeShot(t);
  const cases: [string[], RegExp][] = [
    [['farm'], /name an engine first: openjd, slurm/],
    [['farm', 'tractor', 'repair', 'in/'], /ENGINE must be|ENGINE.*one of/],
    [['farm', 'slurm'], /the chain is missing/],
    [['farm', 'slurm', 'repair', 'in/a.####.exr', '-o', 'out/'], /--to/],
    [['farm', 'slurm', '--to', 'job', 'repair', 'in/a.####.exr'], /needs an output/],
    [['farm', 'slurm', '--to', 'job', 'repair', '-', '-o', 'out/'], /stdin/],
    [['farm', 'slurm', '--to', 'job', 'repair', 'in/a.####.exr', '-o', 'out/', '--watch'], /--watch/],
    [
      ['farm', 'slurm', '--to', 'job', '--plain', 'repair', 'in/a.####.exr', '-o', 'out/', '--frames-per-task', '1'],
      /--plain/,
    ],
    [
      [
        'farm',
        'slurm',
        '--to',
        'job',
        'inject-manifest',
        '--names',
        '-',
        'in/a.####.exr',
        '-o',
        'out/',
        '--frames-per-task',
        '1',
      ],
      /no stdin/,
    ],
    [['farm', 'openjd', '--to', 'job', 'repair', 'donor.exr', '-o', 'out/', '--frames-per-task', '1'], /frame numbers/],
    [['farm-report', 'in'], /no task has left a report/],
  ];
  for (const [words, pattern] of cases) {
    const { code, err } = await exrpipe(words, folder);
    t.equal(code, 2, `${words.join(' ')}: ${err}`);
    t.match(err, pattern);
  }
  t.notOk(existsSync(join(folder, 'job')));
});

t.test('an option of a filter that farm has too', async (t) => {
  const folder = await makeShot(t);
  const words = [
    'farm',
    'opencue',
    '--to',
    'job',
    '--frames-per-task',
    '3',
    'compress',
    '--to',
    'zip',
    'in/a.####.exr',
    '-o',
    'out/',
  ];
  const made = await exrpipe(words, folder);
  t.equal(made.code, 0, made.err);
  t.match(readFileSync(join(folder, 'job/outline.xml'), 'utf8'), 'compress --to zip');
});
