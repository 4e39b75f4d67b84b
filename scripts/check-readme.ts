/**
 * Runs every command of README.md on frames of Blender 5.3, and checks the files that come out:
 * `npm run check:readme [-- --judge PROGRAM] [--keep FOLDER]`. PROGRAM is given the paths of files and prints a line with PASS for
 * each whose Cryptomattes Blender itself gets right; without it only exrpipe's own validation, pixels included, has a say.
 *
 * Each block of `sh` runs in a folder of its own, with the frames and files that the commands name. Blocks of `yaml` that begin
 * with the name of a file are those files. What `info` prints in the README must be what it prints.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { copyFile, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

const project = fileURLToPath(new URL('../../', import.meta.url));
const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const lost = join(project, 'examples/frames/blender5_lost.0001.exr');
const donor = join(project, 'examples/frames/blender5_donor.0001.exr');
const blend = join(project, 'test/fixtures/blend');

/** Frames of the shot. */
const frames = 24;

const { values } = parseArgs({ options: { judge: { type: 'string' }, keep: { type: 'string' } } });
const home = values.keep === undefined ? await mkdtemp(join(tmpdir(), 'exrpipe-readme-')) : resolve(values.keep);
const problems: string[] = [];

interface Block {
  readonly language: string;
  readonly text: string;
}

function blocksOf(page: string): Block[] {
  return [...page.matchAll(/^```(\w*)\n(.*?)^```$/gms)].map(([, language = '', text = '']) => ({ language, text }));
}

/** The commands of a block; a backslash at the end of a line continues it. */
function commandsOf({ text }: Block): string[] {
  return text
    .replaceAll('\\\n', ' ')
    .split('\n')
    .flatMap((line) => line.trim() || []);
}

function exrpipe(folder: string, ...words: string[]): string {
  return execFileSync(process.execPath, [program, ...words], { cwd: folder, encoding: 'utf8' });
}

/** Inputs of a merge, by the layers they hold. */
const passes = [
  ['beauty', '*.Combined'],
  ['volume', '*.Depth'],
  ['crypto', '*.Crypto*'],
] as const;

/** What a command of the README reads. */
async function prepare(folder: string, command: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (let frame = 1; frame <= frames; frame++) {
    const number = String(frame).padStart(4, '0');
    await copyFile(lost, join(folder, `shot.${number}.exr`));
    await copyFile(donor, join(folder, `donor.${number}.exr`));
  }
  // One program's passes, as several renders.
  for (const [name, layer] of command.includes('beauty') ? passes : [])
    exrpipe(folder, 'pick', '--layer', layer, 'donor.0001.exr', '-o', `${name}.0001.exr`);
  for (const [name, text] of files) await writeFile(join(folder, name), text);
}
/** Runs one command, and gives the paths of the EXR files it has written. */
async function run(command: string, number: number): Promise<string[]> {
  const folder = join(home, String(number));
  await prepare(folder, command);
  if (command.includes('--blend')) {
    // The scene that ships with the tests, the library it links, and a frame of it.
    for (const name of ['scene.blend', 'library.blend']) await copyFile(join(blend, name), join(folder, name));
    await copyFile(join(blend, 'lost.0001.exr'), join(folder, 'shot.0001.exr'));
  }
  const before = new Set(imagesIn(folder));
  const prelude = `set -o pipefail; exrpipe() { '${process.execPath}' '${program}' "$@"; }`;
  const { status, stderr } = spawnSync('bash', ['-c', `${prelude}\n${command}`], { cwd: folder, encoding: 'utf8' });
  const expected = command.includes('exrpipe validate') ? [0, 1] : [0];
  if (!expected.includes(status ?? -1)) problems.push(`exit code ${status}: ${command}\n${stderr}`);
  return imagesIn(folder)
    .filter((path) => !before.has(path))
    .map((path) => join(folder, path));
}

function imagesIn(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.exr'));
}

/** Programs that the outputs of a command are for: the preset's, and Blender in any case. */
function targetsOf(command: string): string[] {
  const preset = /--preset (\w+)/.exec(command)?.[1];
  return ['blender', ...(preset === 'nuke' || preset === 'fusion' || preset === 'arnold' ? [preset] : [])];
}

function validate(command: string, outputs: readonly string[]): void {
  for (const target of targetsOf(command)) {
    const words = [program, 'validate', '--pixels', '--target', target, ...outputs];
    const { status, stdout } = spawnSync(process.execPath, words, { encoding: 'utf8' });
    if (status !== 0) problems.push(`not sound for ${target}: ${command}\n${stdout}`);
  }
}

function judge(command: string, outputs: readonly string[]): void {
  if (values.judge === undefined) return;
  const { stdout } = spawnSync(values.judge, [...outputs], { encoding: 'utf8' });
  const lines = stdout.split('\n').filter((line) => line.trim() !== '');
  const wrong = lines.filter((line) => !line.includes(' PASS '));
  if (lines.length !== outputs.length || wrong.length > 0)
    problems.push(`Blender: ${lines.length} verdicts on ${outputs.length} files of: ${command}\n${wrong.join('\n')}`);
}

/** What the README shows of `info` is the beginning of what it prints. */
async function checkCapture({ text }: Block): Promise<void> {
  const [, words = '', shown = ''] = /^\$ exrpipe (info [^\n]*)\n(.*)$/s.exec(text) ?? [];
  if (words === '') return;
  const folder = join(home, 'capture');
  await prepare(folder, words);
  if (!exrpipe(folder, ...words.split(' ')).startsWith(shown))
    problems.push(`"exrpipe ${words}" prints something else`);
}

const blocks = blocksOf(readFileSync(join(project, 'README.md'), 'utf8'));
const files = new Map(
  blocks.flatMap(({ language, text }): [string, string][] => {
    const [, name] = /^# (\S+\.yaml)$/m.exec(text) ?? [];
    return language === 'yaml' && name !== undefined ? [[name, text]] : [];
  }),
);
const commands = blocks.filter(({ language }) => language === 'sh').flatMap(commandsOf);
const list: string[] = [];
try {
  mkdirSync(home, { recursive: true });
  for (const block of blocks) await checkCapture(block);
  for (const [number, command] of commands.filter((one) => one.includes('exrpipe ')).entries()) {
    const outputs = await run(command, number);
    list.push(...outputs);
    if (outputs.length > 0) {
      validate(command, outputs);
      judge(command, outputs);
    } else if (!/^exrpipe (info|validate) /.test(command)) problems.push(`writes no file: ${command}`);
  }
  if (values.keep !== undefined) writeFileSync(join(home, 'outputs.txt'), list.map((path) => `${path}\n`).join(''));
} finally {
  if (values.keep === undefined && existsSync(home)) await rm(home, { recursive: true });
}
for (const problem of problems) console.error(problem);
if (commands.length < 8 || list.length === 0) problems.push('the README has no commands');
console.log(`README: ${commands.length} commands, ${list.length} files, ${problems.length} problems`);
process.exitCode = problems.length === 0 ? 0 : 1;
