/** Scripts for SLURM, run by a shell with programs of a test in place of sbatch and exrpipe. SLURM itself: npm run check:farms. */
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import type { FarmJob } from '../../lib/farm/job.js';
import { slurm } from '../../lib/farm/slurm.js';
import { isWindows } from '../../lib/model/path.js';
import { temporaryFolder } from '../support.js';
import { makeJob } from './jobs.js';

async function emit(
  t: Test,
  changes: Partial<FarmJob> = {},
): Promise<{ folder: string; run: (name: string, env?: object) => string }> {
  const folder = join(await temporaryFolder(t), "it's a job");
  mkdirSync(join(folder, 'logs'), { recursive: true });
  // Every program prints its words, a line each; sbatch prints them to a file and gives a number.
  const prints = '#!/bin/sh\nfor word in "$@"; do printf "%s\\n" "[$word]"; done\n';
  const program = join(folder, 'exrpipe');
  writeFileSync(program, prints);
  writeFileSync(
    join(folder, 'sbatch'),
    `#!/bin/sh\nlog='${folder.replaceAll("'", "'\\''")}/submitted'\necho "$@" >> "$log"\necho "$(wc -l < "$log" | tr -d ' ');cluster"\n`,
  );
  for (const name of ['exrpipe', 'sbatch']) chmodSync(join(folder, name), 0o755);
  for (const { name, text } of slurm.emit(makeJob({ folder, program, ...changes }), { plain: false }).files)
    writeFileSync(join(folder, name), text, { mode: 0o755 });
  const run = (name: string, env: object = {}): string =>
    execFileSync(join(folder, name), ['--partition=x y'], {
      encoding: 'utf8',
      env: { ...process.env, PATH: `${folder}:${PATH}`, ...env },
    });
  return { folder, run };
}

const { PATH } = process.env;

const onPosix = isWindows ? 'needs a POSIX shell' : false;

t.test('a task of the array gives exrpipe its number and the words of the chain', { skip: onPosix }, async (t) => {
  const { run } = await emit(t);
  t.strictSame(run('frames.sh', { SLURM_ARRAY_TASK_ID: '3' }).trim().split('\n'), [
    ...['[farm-task]', '[3/8]', '[--frames]', '[1-24]', '[--]', '[inject-manifest]', '[--from]', "[/prod/it's.exr]"],
    ...['[--add-prefix=a b]', '[-o]', '[/prod/out/{layer}/lost.####.exr]', '[--skip-existing]'],
    ...['[--report]', '[/jobs/a b/reports/]', '[/prod/my shot/lost.####.exr]'],
  ]);
  t.strictSame(run('check.sh').trim().split('\n'), [
    '[validate]',
    '[--quiet]',
    '[--frames]',
    '[1-24]',
    '[/prod/out/*/lost.####.exr]',
  ]);
  t.strictSame(run('report.sh').trim().split('\n'), ['[farm-report]', '[--frames]', '[1-24]', '[/jobs/a b/reports/]']);
});

t.test('three jobs are submitted, each after the one it waits for', { skip: onPosix }, async (t) => {
  const { folder, run } = await emit(t);
  t.match(run('submit.sh'), /frames: 1, check: 2, report: 3;/);
  const submitted = readFileSync(join(folder, 'submitted'), 'utf8').trim().split('\n');
  t.match(submitted[0], /^--parsable --partition=x y .*frames\.sh$/);
  t.match(submitted[1], /--dependency=afterok:1 --kill-on-invalid-dep=yes .*check\.sh$/);
  t.match(submitted[2], /--dependency=afterany:1 .*report\.sh$/);
});

t.test('no array is larger than SLURM takes where nobody has changed it', async (t) => {
  const frames = Array.from({ length: 4000 }, (_, at) => at + 1);
  const { files, next } = slurm.emit(makeJob({ frames, framesPerTask: 1, folder: '/jobs/a' }), { plain: false });
  const text = files.find(({ name }) => name === 'frames.sh')?.text ?? '';
  t.match(text, /^#SBATCH --array=1-1000$/m);
  t.match(text, /farm-task "\$SLURM_ARRAY_TASK_ID\/1000"/);
  t.match(next[0], /1000 tasks/);
});

t.test('what SLURM would replace in the names of logs is refused', async (t) => {
  t.throws(() => slurm.emit(makeJob({ folder: '/jobs/50%j' }), { plain: false }), { code: 'BAD_FARM_JOB' });
});
