/**
 * Tries the Blender extension (integrations/blender) inside Blender:
 * `npm run check:extension -- DIR [EXR-DIGEST] [--blender PROGRAM] [--all] [--in NAME] [--only CASE] [--screenshot FILE]`. DIR is a folder
 * with Blender as a Python module, in one version or several, and the judge's Python in it, as for check:blender5; PROGRAM a Blender
 * such as Debian's.
 *
 * The tests that need no Blender come first, then `blender_ext.py` validates the extension, builds its zip and a repository of it.
 * The zip is installed and renders what scripts/extension/cases.ts lists; Blender's own Cryptomatte node judges what comes of it.
 * With PROGRAM the panel is also drawn in the interface (needs xvfb), and --screenshot keeps the image.
 *
 * Without --all only a sample is tried. --in does only the Blender with this in its name, --only that case.
 */
import { copyFile, mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Ended, run } from './blender5/programs.js';
import { type Blender, blenderAt, modulesIn } from './extension/blenders.js';
import { type Case, cases } from './extension/cases.js';
import { Outcome, type Tools } from './extension/outcome.js';
import { photograph } from './extension/screen.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: {
    all: { type: 'boolean', default: false },
    blender: { type: 'string' },
    in: { type: 'string', default: '' },
    only: { type: 'string' },
    screenshot: { type: 'string' },
  },
});
const [judge, digest] = positionals.map((path) => resolve(path));
if (judge === undefined) {
  console.error(
    'usage: check-extension DIR [EXR-DIGEST] [--blender PROGRAM] [--all] [--in NAME] [--only CASE] [--screenshot FILE]',
  );
  process.exit(2);
}
const project = fileURLToPath(new URL('../../', import.meta.url));
const own = join(project, 'integrations/blender');
const cli = join(project, 'dist/cli/bin/exrpipe.js');
const minutes = 60_000;
/** Python keeps no compiled files in the sources. */
const clean = ['-B'];

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

/** Builds the zip and a repository with it; gives the path of the zip. */
async function build(blender: Blender, out: string): Promise<string> {
  const { builder } = blender;
  if (builder === undefined) throw new Error(`${blender.name} builds no extensions`);
  const words = [...clean, builder.script];
  const { name } = blender;
  await expectRun(`${name}: validate`, builder.python, [...words, 'validate', 'exr_names'], own);
  await mkdir(out);
  const into = ['--source-dir', 'exr_names', '--output-dir', out];
  await expectRun(`${name}: build`, builder.python, [...words, 'build', ...into], own);
  await expectRun(`${name}: repository`, builder.python, [...words, 'server-generate', '--repo-dir', out], own);
  const archive = (await readdir(out)).find((file) => file.endsWith('.zip'));
  if (archive === undefined) throw new Error('no zip was built');
  await expectRun(`${name}: validate the zip`, builder.python, [...words, 'validate', join(out, archive)], own);
  return join(out, archive);
}

function environment(folder: string, program = cli): string[] {
  return [
    'LIBGL_ALWAYS_SOFTWARE=1',
    `BLENDER_USER_RESOURCES=${join(folder, 'user')}`,
    `EXRPIPE=${program}`,
    'PYTHONDONTWRITEBYTECODE=1',
  ];
}

async function tryCase(one: Case, blender: Blender, archive: string, scratch: string): Promise<void> {
  const folder = join(scratch, `${one.name} in ${blender.name}`);
  await mkdir(folder);
  const tools: Tools = { cli, check: join(judge as string, 'check'), digest };
  const env = environment(scratch, one.missing ? join(scratch, 'nowhere') : cli);
  const screen = one.draws && blender.builder === undefined ? ['xvfb-run', '-a'] : [];
  const words = [
    ...screen,
    ...blender.command,
    join(own, 'check/render.py'),
    ...blender.before,
    one.name,
    folder,
    archive,
  ];
  const start = performance.now();
  // A session of its own: nothing that a case signals is this check.
  const ended = await run('setsid', ['--wait', 'nice', '-n', '10', 'env', ...env, ...words], 10 * minutes);
  const seconds = Math.round((performance.now() - start) / 1000);
  const what = `${blender.name}: ${one.name}, ${seconds} s`;
  try {
    report(what, await one.judge(await Outcome.read(folder, tools, ended.stdout, blender)));
  } catch (error) {
    report(what, [`${error}`, `${ended.stdout}${ended.stderr}`.slice(-2000)]);
  }
  await rm(folder, { recursive: true, force: true });
}

function isWanted(one: Case, blender: Blender, newest: Blender): boolean {
  if (one.extension && blender.major < 4) return false;
  if (values.only !== undefined) return one.name === values.only;
  if (values.all) return true;
  if (one.sample === 'program') return blender.builder === undefined;
  return one.sample === 'each' || (one.sample === 'newest' && blender === newest);
}

async function lookAtPanel(program: string, archive: string, scratch: string): Promise<void> {
  const folder = join(scratch, 'screen');
  await mkdir(folder);
  const screenshot = join(folder, 'panel.png');
  report(
    'the panel in the interface',
    await photograph(
      program,
      [join(own, 'check/screen.py'), '--', folder, archive, screenshot],
      environment(folder),
      screenshot,
    ),
  );
  if (values.screenshot !== undefined) await copyFile(screenshot, values.screenshot);
}

const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-extension-'));
try {
  const modules = await modulesIn(judge);
  const [newest] = modules;
  if (newest?.builder === undefined) throw new Error(`${judge} has no bpy-VERSION: fill it with the judge's setup.sh`);
  const program = values.blender === undefined ? [] : [await blenderAt(values.blender)];
  if (values.only === undefined) {
    const unittest = [...clean, '-m', 'unittest', 'discover', '-s', 'tests'];
    for (const { name, builder } of modules)
      if (builder) await expectRun(`${name}: tests without Blender`, builder.python, unittest, own);
    await expectRun('flake8', 'flake8', ['.'], own);
  }
  // The oldest that builds extensions makes what all install.
  const archives: string[] = [];
  for (const blender of modules) archives.push(await build(blender, join(scratch, `repository of ${blender.name}`)));
  const archive = archives.at(-1) as string;
  for (const blender of [...modules, ...program])
    if (blender.name.includes(values.in))
      for (const one of cases) if (isWanted(one, blender, newest)) await tryCase(one, blender, archive, scratch);
  if (values.blender !== undefined && (values.only === undefined || values.only === 'screen'))
    await lookAtPanel(values.blender, archive, scratch);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all right' : `${failed} wrong`);
process.exitCode = failed === 0 ? 0 : 1;
