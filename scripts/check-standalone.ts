/**
 * Whether the executable does what the npm program does: `npm run check:standalone`, after `npm run build:standalone`. Every line
 * runs in both, in an empty environment where nothing of Node is found, and must end alike and leave the same bytes: stdout,
 * stderr and files. The npm program runs on the very Node that is in the executable, whose zlib would pack differently otherwise.
 */
import { spawnSync } from 'node:child_process';
import { chmod, copyFile, mkdir, mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { platforms } from './standalone/platforms.js';

const project = fileURLToPath(new URL('../../', import.meta.url));
const here = `${process.platform}-${process.arch}`;
const platform = platforms.find(({ name }) => name === here);
if (!platform || process.platform === 'win32') {
  console.error(`check-standalone: there is nothing to check on ${here}`);
  process.exit(2);
}
const built = join(project, 'dist/standalone');
const executable = join(built, here, platform.executable);
const node = join(built, 'node', `${platform.package}-${platform.version}`, 'package', platform.node);
/** What the executable may weigh. */
const mostBytes = 115e6;
const frames = 100;

/** Lines that are meant to fail, by how they begin. */
const failing = ['exrpipe no-such-filter', 'exrpipe validate'];

/** Each line of a shell runs in the folder that the lines before have left. */
const lines: readonly string[] = [
  'exrpipe --version',
  'exrpipe',
  'exrpipe --help',
  'exrpipe rename --help',
  'exrpipe completion bash',
  'exrpipe no-such-filter x.exr',
  'exrpipe info --json lost.exr donor.exr',
  'exrpipe info --names donor.exr',
  'exrpipe validate --pixels lost.exr',
  // The demo's chain, in one process and in three.
  "exrpipe rename --map Chars=characters then inject-manifest --from donor.exr then split --by view-layer --strip-prefix lost.exr -o 'chain/{layer}.exr'",
  "exrpipe rename --map Chars=characters < lost.exr | exrpipe inject-manifest --from donor.exr --quiet | exrpipe split --by view-layer --strip-prefix -o 'pipe/{layer}.exr'",
  'exrpipe inject-manifest --blend scene.blend blend.exr -o named.exr',
  'exrpipe repair donor.exr -o repaired.exr',
  'exrpipe rename --preset nuke donor.exr -o nuke.exr',
  'exrpipe layout --to single donor.exr -o single.exr',
  "exrpipe pick --layer 'Chars*' donor.exr -o picked.exr",
  "exrpipe drop --layer '*Crypto*' donor.exr -o dropped.exr",
  'exrpipe merge --as parts donor.exr single.exr -o merged.exr',
  'exrpipe set-attribute owner=me then drop-attribute owner donor.exr -o set.exr',
  'exrpipe copy-attributes --from donor.exr dropped.exr -o copied.exr',
  "exrpipe drop --layer '*Crypto*' then convert --to half donor.exr -o half.exr",
  ...['none', 'rle', 'zips', 'piz', 'zstd', 'htj2k32'].map(
    (codec) => `exrpipe compress --to ${codec} donor.exr -o ${codec}.exr`,
  ),
  // Frames in threads of their own, with the filters loaded in each.
  "exrpipe compress --to piz --jobs 2 --quiet 'shot/a.####.exr' -o many/ 2>&1 | sed 's/ in .*//'",
  'exrpipe run pipeline.yaml donor.exr -o run.exr',
];

const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-standalone-'));

async function prepare(name: string, start: string): Promise<string> {
  const folder = join(scratch, name);
  for (const one of ['bin', 'work/shot', 'work/chain', 'work/pipe'])
    await mkdir(join(folder, one), { recursive: true });
  const work = join(folder, 'work');
  const copy = (from: string, to: string) => copyFile(join(project, from), join(work, to));
  await copy('examples/frames/blender5_lost.0001.exr', 'lost.exr');
  await copy('examples/frames/blender5_donor.0001.exr', 'donor.exr');
  await copy('test/fixtures/blend/scene.blend', 'scene.blend');
  await copy('test/fixtures/blend/lost.0001.exr', 'blend.exr');
  for (let frame = 1; frame <= frames; frame++)
    await copy('test/fixtures/reference/scan_zip.exr', `shot/a.${String(frame).padStart(4, '0')}.exr`);
  await writeFile(join(work, 'pipeline.yaml'), 'pipeline:\n  - compress:\n      to: piz\n');
  const program = join(folder, 'bin/exrpipe');
  await writeFile(program, `#!/bin/sh\nexec ${start} "$@"\n`);
  await chmod(program, 0o755);
  return folder;
}

function run(
  folder: string,
  line: string,
): { readonly status: number | null; readonly text: string; readonly ms: number } {
  const start = performance.now();
  const env = { PATH: `${folder}/bin:/usr/bin:/bin`, TMPDIR: scratch };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], {
    cwd: join(folder, 'work'),
    env,
    maxBuffer: 2 ** 28,
  });
  return { status, text: `exit ${status}\n${stdout}\n${stderr}`, ms: performance.now() - start };
}

async function differing(a: string, b: string): Promise<string[]> {
  const list = async (folder: string): Promise<string[]> =>
    (await readdir(join(folder, 'work'), { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name).slice(join(folder, 'work').length))
      .sort();
  const [own, other] = [await list(a), await list(b)];
  const wrong = own.filter((file) => !other.includes(file)).concat(other.filter((file) => !own.includes(file)));
  for (const file of own.filter((one) => other.includes(one)))
    if (!(await readFile(join(a, 'work', file))).equals(await readFile(join(b, 'work', file)))) wrong.push(file);
  console.log(`${own.length} files`);
  return wrong;
}

let failed = 0;
const expect = (right: boolean, what: string): void => {
  if (right) return;
  failed += 1;
  console.error(`WRONG: ${what}`);
};
try {
  const { size } = await stat(executable);
  expect(size < mostBytes, `the executable has ${size} bytes`);
  const npm = await prepare('npm', `'${node}' '${join(project, 'dist/cli/bin/exrpipe.js')}'`);
  const alone = await prepare('alone', `'${executable}'`);
  for (const line of lines) {
    const [want, have] = [run(npm, line), run(alone, line)];
    console.log(`${Math.round(have.ms)} ms, npm ${Math.round(want.ms)} ms: ${line}`);
    const fails = line === 'exrpipe' || failing.some((start) => line.startsWith(start));
    expect((want.status === 0) !== fails, `${line}: ${want.text.slice(0, 500)}`);
    expect(
      want.text === have.text,
      `${line}\n--- npm\n${want.text.slice(0, 2000)}\n--- executable\n${have.text.slice(0, 2000)}`,
    );
  }
  for (const file of await differing(npm, alone)) expect(false, `${file} differs`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all the same' : `${failed} wrong`);
process.exitCode = failed === 0 ? 0 : 1;
