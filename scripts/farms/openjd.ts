/** Open Job Description: what exrpipe emits, judged and run by the reference runner (openjd-cli of PyPI). */
import { mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Ending, expect, expectCode, expectEqual, exrpipe, filesIn, isThere, run, tell } from './machine.js';
import type { Shot } from './shot.js';

/** An environment of Python with the runner; undefined where it cannot be had here, which is said. */
export async function installOpenjd(folder: string): Promise<string | undefined> {
  if (!isThere('python3')) return without('there is no python3');
  const made = await run('python3', ['-m', 'venv', folder]);
  if (made.code !== 0) return without(`python3 has no venv: ${(made.err || made.out).trim().split('\n').at(-1)}`);
  const words = ['install', '--quiet', '--disable-pip-version-check', 'openjd-cli==0.8.*', 'deadline'];
  const installed = await run(join(folder, 'bin', 'pip'), words, { minutes: 10 });
  if (installed.code !== 0) return without(`pip cannot install openjd-cli: ${installed.err.trim().split('\n').at(-1)}`);
  tell('openjd-cli and deadline installed');
  return join(folder, 'bin');
}

function without(why: string): undefined {
  tell(`OpenJD is left out: ${why}`);
}

/** Emits a job of the shot, and has it checked. */
async function emit(shot: Shot, tools: string, name: string, output: string, ...more: string[]): Promise<string> {
  const folder = join(shot.folder, name);
  const words = ['farm', 'openjd', '--to', folder, '--program', exrpipe, '--frames-per-task', '5', ...more];
  expectCode(await run(exrpipe, [...words, ...shot.chain(output)]), 0, `farm openjd ${more}`);
  expectCode(await run(join(tools, 'openjd'), ['check', join(folder, 'template.yaml')]), 0, 'openjd check');
  expectCode(await run(join(tools, 'deadline'), ['bundle', 'info', folder]), 0, 'deadline bundle info');
  return folder;
}

/** Runs a job with its own parameters, or others in their place. */
function runJob(
  tools: string,
  folder: string,
  step: string,
  values: Record<string, string>,
  more: string[] = [],
): Promise<Ending> {
  const given = Object.entries(values).flatMap(([key, value]) => ['-p', `${key}=${value}`]);
  return run(join(tools, 'openjd'), [
    ...['run', join(folder, 'template.yaml'), ...given, '--step', step, '--run-dependencies', ...more],
  ]);
}

function parametersOf(shot: Shot, folder: string, output: string): Record<string, string> {
  return {
    Input: join(shot.folder, 'shot'),
    From: shot.donor,
    Output: output,
    Reports: join(folder, 'reports'),
  };
}

export async function checkOpenjd(shot: Shot, tools: string, sample: boolean): Promise<void> {
  const place = (name: string): string => join(shot.folder, name);
  shot.damage(9);
  shot.remove(17);
  expectCode(await shot.onOneMachine(`${place('one-damaged')}/`), 3, 'one machine, a damaged frame');

  const output = place('openjd-out');
  const folder = await emit(shot, tools, 'openjd', `${output}/`);
  const own = parametersOf(shot, folder, output);
  const damaged = await runJob(tools, folder, 'Report', own);
  expect(damaged.code !== 0, 'a job with a damaged frame is a success');
  const fails = damaged.out.split('\n').filter((line) => line.includes('openjd_fail:'));
  expect(
    fails.length > 0 && fails.every((line) => line.includes('lost.0009.exr')),
    `openjd_fail names another frame: ${fails}`,
  );
  tell('a damaged and a missing frame: the task fails and says which');

  // The runner ends the job with the first task that fails; a farm goes on. So the others are run by a chain that skips it.
  shot.heal(9);
  shot.heal(17);
  expectCode(await shot.onOneMachine(`${place('one')}/`), 0, 'one machine');
  const before = new Map(filesIn(output).map((name) => [name, statSync(join(output, name)).mtimeMs]));
  expectCode(await runJob(tools, folder, 'Report', own), 0, 'openjd run, again');
  expectEqual(output, place('one'), 'openjd run, again');
  const changed = [...before].filter(([name, time]) => statSync(join(output, name)).mtimeMs !== time);
  expect(changed.length === 0, `frames that were there were written again: ${changed.map(([name]) => name)}`);
  tell(
    `run again with both frames there: ${before.size} left as they were, ${shot.frames} equal to the run on one machine`,
  );

  const report = await run(exrpipe, ['farm-report', '--frames', `1-${shot.frames}`, '--json', join(folder, 'reports')]);
  expectCode(report, 0, 'farm-report');
  expect(JSON.parse(report.out).twice === '', `frames ran twice: ${report.out}`);

  await checkPaths(shot, tools, folder, place('one'));
  await checkLimit(shot, tools, folder);
  if (sample) return;
  const plain = await emit(shot, tools, 'openjd-plain', `${place('plain-out')}/`, '--plain');
  expectCode(
    await runJob(tools, plain, 'Report', parametersOf(shot, plain, place('plain-out'))),
    0,
    'openjd run, plain',
  );
  expectEqual(place('plain-out'), place('one'), 'openjd run, plain');
  tell('without extensions: equal to the run on one machine');
}

/** A workstation's folders are others than those of the machine that submitted. */
async function checkPaths(shot: Shot, tools: string, folder: string, reference: string): Promise<void> {
  const rules = {
    version: 'pathmapping-1.0',
    path_mapping_rules: [{ source_path_format: 'POSIX', source_path: '/mnt/prod', destination_path: shot.folder }],
  };
  const file = join(shot.folder, 'rules.json');
  writeFileSync(file, JSON.stringify(rules));
  const values = {
    Input: '/mnt/prod/shot',
    From: '/mnt/prod/donor/names.exr',
    Output: '/mnt/prod/mapped-out',
    Reports: '/mnt/prod/mapped-reports',
  };
  const ended = await runJob(tools, folder, 'Report', values, ['--path-mapping-rules', `file://${file}`]);
  expectCode(ended, 0, 'openjd run with a path-mapping rule');
  expectEqual(join(shot.folder, 'mapped-out'), reference, 'with a path-mapping rule');
  tell('a path-mapping rule: equal to the run on one machine');
}

/** A task that takes longer than it may is told to end, and leaves nothing half. */
async function checkLimit(shot: Shot, tools: string, folder: string): Promise<void> {
  const limited = join(shot.folder, 'openjd-limited');
  mkdirSync(limited, { recursive: true });
  const text = readFileSync(join(folder, 'template.yaml'), 'utf8');
  writeFileSync(
    join(limited, 'template.yaml'),
    text.replace(/timeout: \d+/, 'timeout: 1').replace('--progress', '--jobs=1\n            - --progress'),
  );
  const output = join(shot.folder, 'limited-out');
  const frames = shot.repeated(join(shot.folder, 'long'), 20);
  const values = {
    ...parametersOf(shot, limited, output),
    Input: join(shot.folder, 'long'),
    Frames: `1-${frames}`,
    FramesPerTask: String(frames),
  };
  const ended = await runJob(tools, limited, 'Frames', values);
  expect(ended.code !== 0, 'a task beyond its time limit is a success');
  const strays = filesIn(output).filter((name) => name.includes('exrpipe-tmp'));
  expect(strays.length === 0, `a task that was ended leaves ${strays}`);
  tell(`a time limit of 1 s: ${filesIn(output).length} frames whole, nothing half`);
}
