/** SLURM: a job runs on a cluster that is started here, and meets what happens on clusters. */
import { readdirSync, readFileSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { expect, expectCode, expectEqual, exrpipe, filesIn, run, tell, until } from './machine.js';
import type { Shot } from './shot.js';
import { Cluster } from './slurmd.js';

export { slurmIsThere } from './slurmd.js';

/** What SLURM says of a task. */
interface TaskState {
  readonly task: number;
  readonly state: string;
  /** `3:0`: exit code and signal. */
  readonly exit: string;
  readonly restarts: number;
}

/** Numbers of the three jobs of a submission. */
interface Submitted {
  readonly frames: string;
  readonly check: string;
  readonly report: string;
}

export async function checkSlurm(shot: Shot, daemons: string): Promise<void> {
  const cluster = await Cluster.start(daemons);
  try {
    tell('munged, slurmctld and slurmd run');
    await killThings(shot, cluster);
    await measure(shot, cluster);
  } finally {
    await cluster.stop();
  }
}

/** Frames of a task: a fair number of tasks of some seconds. */
const framesPerTask = 8;

async function emit(shot: Shot, name: string, output: string): Promise<string> {
  const folder = join(shot.folder, name);
  const words = ['farm', 'slurm', '--to', folder, '--program', exrpipe, '--frames-per-task', String(framesPerTask)];
  expectCode(await run(exrpipe, [...words, ...shot.chain(`${output}/`), '--threads', '1']), 0, 'farm slurm');
  return folder;
}

async function submit(cluster: Cluster, folder: string): Promise<Submitted> {
  const text = await cluster.ask(join(folder, 'submit.sh'));
  const [, frames, check, report] = /frames: (\d+), check: (\d+), report: (\d+)/.exec(text) ?? [];
  expect(frames !== undefined && check !== undefined && report !== undefined, `submit.sh printed ${text}`);
  return { frames: frames as string, check: check as string, report: report as string };
}

async function killThings(shot: Shot, cluster: Cluster): Promise<void> {
  const [output, reference] = [join(shot.folder, 'out'), join(shot.folder, 'one')];
  const tasks = Math.ceil(shot.frames / framesPerTask);
  expectCode(await shot.onOneMachine(`${reference}/`), 0, 'one machine');
  shot.damage(9);
  shot.remove(17);
  const folder = await emit(shot, 'job', output);
  const jobs = await submit(cluster, folder);
  tell(`${shot.frames} frames, one damaged, one missing: ${tasks} tasks submitted`);

  // Requeued first, since SLURM holds it for two minutes.
  const requeued = await runningTask(cluster, jobs, tasks, folder, []);
  await cluster.ask('scontrol', 'requeue', `${jobs.frames}_${requeued.task}`);
  tell(`task ${requeued.task} requeued while it ran`);
  const killed = await runningTask(cluster, jobs, tasks, folder, [requeued.task]);
  process.kill(killed.pid, 'SIGKILL');
  tell(`the process of task ${killed.task} killed`);
  const over = await runningTask(cluster, jobs, tasks, folder, [requeued.task, killed.task]);
  await cluster.killWorker();
  await new Promise((resolve) => setTimeout(resolve, 2000));
  cluster.startWorker();
  await cluster.ready();
  tell(`slurmd killed and started again while task ${over.task} ran`);

  await until(
    async () => (await cluster.run('squeue', '-h', '-j', `${jobs.frames},${jobs.report}`)).out.trim() === '',
    'the job is not over',
    900,
  );
  const states = await taskStates(cluster, jobs.frames);
  tell(`over: ${states.length} tasks`);
  for (const { task, state, exit, restarts } of states) {
    const wanted = task === killed.task ? 'FAILED 0:9' : task === 2 ? 'FAILED 3:0' : 'COMPLETED 0:0';
    expect(
      `${state} ${exit}` === wanted,
      `task ${task} is ${state} ${exit}, not ${wanted}\n${taskLog(folder, jobs.frames, task)}`,
    );
    expect(restarts === (task === requeued.task ? 1 : 0), `task ${task} was started again ${restarts} times`);
  }
  const check = await jobLine(cluster, jobs.check);
  expect(/JobState=CANCELLED/.test(check), `the check ran although tasks failed: ${check}`);
  const report = reportLog(folder, jobs.report);
  for (const wanted of [
    `started again by slurm: task ${jobs.frames}_${requeued.task}, once`,
    'failed: frame 9: ',
    'missing: 17',
    `(slurm ${jobs.frames}_${killed.task})`,
  ])
    expect(report.includes(wanted), `the report does not say "${wanted}":\n${report}`);
  tell('exit codes are right, and the report says what failed, was killed, and was started again');

  shot.heal(9);
  shot.heal(17);
  const strays = ageStrays(output);
  const there = filesIn(output).length - strays;
  const again = await submit(cluster, folder);
  const all = [again.frames, again.check, again.report];
  await until(
    async () => (await cluster.run('squeue', '-h', '-j', all.join(','))).out.trim() === '',
    'the second job is not over',
    600,
  );
  for (const id of all)
    for (const { task, state, exit } of await taskStates(cluster, id))
      expect(
        `${state} ${exit}` === 'COMPLETED 0:0',
        `submitted again, ${id}_${task} is ${state} ${exit}\n${reportLog(folder, id)}`,
      );
  expectEqual(output, reference, 'submitted again');
  const last = reportLog(folder, again.report);
  expect(last.includes(`${shot.frames} of ${shot.frames} frames done`), `the report:\n${last}`);
  tell(
    `submitted again: ${there} frames were there, all ${shot.frames} equal to the run on one machine; temporary files of the killed process removed: ${strays}`,
  );
  for (const line of last.trim().split('\n')) console.log(`          ${line}`);
}

/** What a killed process leaves is removed by any later run, a day after: until then nobody can know whether it lives. */
function ageStrays(output: string): number {
  const strays = filesIn(output).filter((name) => name.includes('exrpipe-tmp'));
  const before = Date.now() / 1000 - 2 * 86_400;
  for (const name of strays) utimesSync(join(output, name), before, before);
  return strays.length;
}

/** A task that runs, with the process that does it. */
async function runningTask(
  cluster: Cluster,
  { frames }: Submitted,
  tasks: number,
  folder: string,
  others: readonly number[],
): Promise<{ readonly task: number; readonly pid: number }> {
  let found: { task: number; pid: number } | undefined;
  await until(async () => {
    const { out } = await cluster.run('squeue', '-h', '-r', '-j', frames, '-t', 'R', '-o', '%K');
    for (const task of out.split('\n').map(Number)) {
      // The tasks with the damaged and the missing frame are to end by themselves.
      if (!task || task === 2 || task === 3 || others.includes(task)) continue;
      // It is at its frames when its report is begun.
      const first = (task - 1) * framesPerTask + 1;
      if (!readdirSync(join(folder, 'reports')).some((name) => name.startsWith(`frames_${first}-`))) continue;
      const pid = processOf(`${task}/${tasks}`);
      if (pid !== undefined) found = { task, pid };
    }
    return found !== undefined;
  }, 'no task runs');
  return found as { task: number; pid: number };
}

/** The process that was given this task number. */
function processOf(task: string): number | undefined {
  const numbers = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  const own = numbers.find((name) => {
    try {
      const words = readFileSync(`/proc/${name}/cmdline`, 'utf8').split('\0');
      return words.includes(exrpipe) && words[words.indexOf('farm-task') + 1] === task;
    } catch {
      return false;
    }
  });
  return own === undefined ? undefined : Number(own);
}

async function jobLine(cluster: Cluster, id: string): Promise<string> {
  return cluster.ask('scontrol', '--oneliner', 'show', 'job', id);
}

async function taskStates(cluster: Cluster, id: string): Promise<TaskState[]> {
  const text = await jobLine(cluster, id);
  const value = (line: string, name: string): string => new RegExp(`(?:^| )${name}=(\\S*)`).exec(line)?.[1] ?? '';
  return text.split('\n').map((line) => ({
    task: Number(value(line, 'ArrayTaskId') || 0),
    state: value(line, 'JobState'),
    exit: value(line, 'ExitCode'),
    restarts: Number(value(line, 'Restarts')),
  }));
}

function taskLog(folder: string, job: string, task: number): string {
  return readLog(join(folder, 'logs', `frames-${job}_${task}.log`));
}

function reportLog(folder: string, job: string): string {
  return filesIn(join(folder, 'logs'))
    .filter((name) => name.includes(`-${job}.`) || name.includes(`-${job}_`))
    .map((name) => readLog(join(folder, 'logs', name)))
    .join('\n')
    .slice(-4000);
}

function readLog(path: string): string {
  try {
    return readFileSync(path, 'utf8').slice(-3000);
  } catch {
    return `(no ${path})`;
  }
}

/** What SLURM costs: the same frames without mishaps, on two workers, and on one machine with as many jobs. */
async function measure(shot: Shot, cluster: Cluster): Promise<void> {
  const began = performance.now();
  const one = await run(exrpipe, [...shot.chain(`${join(shot.folder, 'timed-one')}/`), '--jobs', '2', '--quiet']);
  expectCode(one, 0, 'one machine, timed');
  const alone = performance.now() - began;
  const folder = await emit(shot, 'timed', join(shot.folder, 'timed-out'));
  const submitted = performance.now();
  const { frames } = await submit(cluster, folder);
  await until(
    async () => (await cluster.run('squeue', '-h', '-j', frames)).out.trim() === '',
    'the timed job is not over',
    600,
  );
  const spread = performance.now() - submitted;
  expectEqual(join(shot.folder, 'timed-out'), join(shot.folder, 'timed-one'), 'timed');
  const each = (spread - alone) / shot.frames;
  tell(
    `${shot.frames} frames: one machine with 2 jobs ${seconds(alone)}, SLURM with 2 workers ${seconds(spread)}: ${each.toFixed(0)} ms a frame in tasks of ${framesPerTask}`,
  );
}

function seconds(milliseconds: number): string {
  return `${(milliseconds / 1000).toFixed(1)} s`;
}
