/**
 * Tries the Blender extension (integrations/blender) inside Blender: `npm run check:extension -- DIR [EXR-DIGEST]`. DIR is a folder
 * with Blender as a Python module and the judge's Python in it, as for check:blender5.
 *
 * The tests that need no Blender come first, then `blender_ext.py` validates the extension, builds its zip and a repository of it.
 * The zip is installed and renders what scripts/extension/cases.ts lists; Blender's own Cryptomatte node judges what comes of it.
 * Without --all only a sample is tried. --only NAME does that case; --blender PROGRAM tries a Blender instead of the module.
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Ended, run } from './blender5/programs.js';
import { type Case, cases } from './extension/cases.js';
import { Outcome, type Tools } from './extension/outcome.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, only: { type: 'string' }, blender: { type: 'string' } },
});
const [judge, digest] = positionals.map((path) => resolve(path));
if (judge === undefined) {
  console.error('usage: check-extension DIR [EXR-DIGEST] [--all] [--only NAME] [--blender PROGRAM]');
  process.exit(2);
}
const project = fileURLToPath(new URL('../../', import.meta.url));
const own = join(project, 'integrations/blender');
const cli = join(project, 'dist/cli/bin/exrpipe.js');
const tools: Tools = { cli, check: join(judge, 'check'), digest };
const minutes = 60_000;
/** Python keeps no compiled files in the sources. */
const clean = ['-B'];

async function findModule(folder: string): Promise<{ python: string; extensions: string }> {
  const versions = (await readdir(folder)).filter((name) => name.startsWith('bpy-')).sort();
  const newest = versions.at(-1);
  if (newest === undefined) throw new Error(`${folder} has no bpy-VERSION: fill it with the judge's setup.sh`);
  const files = await readdir(join(folder, newest), { recursive: true });
  const script = files.find((name) => name.endsWith('bl_pkg/cli/blender_ext.py'));
  if (script === undefined) throw new Error(`${newest} has no blender_ext.py`);
  return { python: join(folder, newest, 'bin/python'), extensions: join(folder, newest, script) };
}

let failed = 0;
function report(what: string, problems: readonly string[]): void {
  console.log(`${problems.length === 0 ? 'right' : 'WRONG'}\t${what}`);
  for (const problem of problems) console.log(`\t${problem}`);
  if (problems.length > 0) failed += 1;
}

async function expectRun(what: string, program: string, args: readonly string[], cwd?: string): Promise<Ended> {
  const ended = await run(program, args, 5 * minutes, cwd);
  report(what, ended.code === 0 ? [] : [`${ended.stdout}${ended.stderr}`.slice(-1000)]);
  return ended;
}

/** Without what a server or a screen would be needed for. */
async function tryCase(one: Case, python: string, archive: string, scratch: string): Promise<void> {
  const folder = join(scratch, one.name);
  await mkdir(folder);
  const env = [
    `BLENDER_USER_RESOURCES=${join(scratch, 'user')}`,
    `EXRPIPE=${one.missing ? join(scratch, 'nowhere') : cli}`,
    'PYTHONDONTWRITEBYTECODE=1',
  ];
  const words = [join(own, 'check/render.py'), ...(values.blender ? ['--'] : []), one.name, folder, archive];
  const start = performance.now();
  const program = values.blender ? [values.blender, '-b', '--factory-startup', '--python'] : [python];
  // A session of its own: the case of an interruption signals its whole group.
  const ended = await run('setsid', ['--wait', 'nice', '-n', '10', 'env', ...env, ...program, ...words], 10 * minutes);
  try {
    const old = values.blender !== undefined && !/Blender [5-9]/.test(ended.stdout);
    report(
      `${one.name}, ${Math.round((performance.now() - start) / 1000)} s`,
      await one.judge(await Outcome.read(folder, tools, ended.stdout, old)),
    );
  } catch (error) {
    report(one.name, [`${error}`, `${ended.stdout}${ended.stderr}`.slice(-2000)]);
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-extension-'));
try {
  const { python, extensions } = await findModule(judge);
  await expectRun('tests without Blender', python, [...clean, '-m', 'unittest', 'discover', '-s', 'tests'], own);
  const style = await run(python, ['-m', 'flake8', '--version'], minutes);
  if (style.code === 0) await expectRun('flake8', python, ['-m', 'flake8', '.'], own);
  await expectRun('validate', python, [...clean, extensions, 'validate', 'exr_names'], own);
  const out = join(scratch, 'repository');
  await mkdir(out);
  await expectRun(
    'build',
    python,
    [...clean, extensions, 'build', '--source-dir', 'exr_names', '--output-dir', out],
    own,
  );
  await expectRun('repository', python, [...clean, extensions, 'server-generate', '--repo-dir', out], own);
  const archive = (await readdir(out)).find((name) => name.endsWith('.zip'));
  if (archive === undefined) throw new Error('no zip was built');
  for (const one of cases) {
    const wanted = values.only === undefined ? values.all === true || one.sample === true : values.only === one.name;
    if (wanted && (!one.program || values.blender !== undefined))
      await tryCase(one, python, join(out, archive), scratch);
  }
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all right' : `${failed} wrong`);
process.exitCode = failed === 0 ? 0 : 1;
