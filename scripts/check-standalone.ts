/**
 * Whether the executable does what the npm program does: `npm run check:standalone`, after `npm run build:standalone`. Every line
 * runs in both, in an empty environment where nothing of Node is found, and must end alike and leave the same bytes: stdout,
 * stderr and files. The npm program runs on the very Node that is in the executable, whose zlib would pack differently otherwise.
 */
import { spawnSync } from 'node:child_process';
import {
  chmod,
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  stat,
  symlink,
  writeFile,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { commands } from '../bin/commands/table.js';
import { filters } from '../filters/index.js';
import { freePort, OwnRedis } from './queue/processes.js';
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
const failing = [
  'exrpipe no-such-filter',
  'exrpipe validate --pixels',
  'exrpipe info --diff',
  'exrpipe add-note --plugin ./broken.mjs',
];

/** Times and sizes, which are of one run only. */
const untimed = "sed 's/ in .*//'";

/**
 * Each line of a shell runs in the folder that the lines before have left. Every filter and command is in one.
 */
const lines: readonly string[] = [
  'exrpipe --version',
  'exrpipe',
  'exrpipe --help',
  'exrpipe rename --help',
  'exrpipe completion bash',
  'exrpipe no-such-filter x.exr',
  // Of a machine's state only what stays as it is.
  "exrpipe doctor | sed -n '/^exrpipe/p; /^Node/p; $p'",
  'exrpipe info --json lost.exr donor.exr',
  'exrpipe info --names donor.exr',
  'exrpipe info --diff lost.exr donor.exr',
  'exrpipe validate --pixels lost.exr',
  'exrpipe checksum donor.exr',
  'exrpipe show --columns 40 --graphics blocks donor.exr',
  'exrpipe preview donor.exr -o preview.png',
  'exrpipe preview --layer Chars.CryptoObject donor.exr -o ids.png',
  'exrpipe sheet donor.exr -o sheet.png',
  "exrpipe masks --layer Chars.CryptoObject donor.exr -o 'masks/{name}.png'",
  'exrpipe masks --layer Chars.CryptoObject --map donor.exr -o map.png',
  "exrpipe cryptomatte-from-masks --mask 'masks/{name}.png' lost.exr -o painted.exr",
  // All but the time of the run.
  "exrpipe validate --report report.html donor.exr > /dev/null && sed -i 's/<dd>20[^<]*Z//' report.html",
  // The demo's chain, in one process and in three.
  "exrpipe rename --map Chars=characters then inject-manifest --from donor.exr then split --by view-layer --strip-prefix lost.exr -o 'chain/{layer}.exr'",
  "exrpipe rename --map Chars=characters < lost.exr | exrpipe inject-manifest --from donor.exr --quiet | exrpipe split --by view-layer --strip-prefix -o 'pipe/{layer}.exr'",
  'exrpipe inject-manifest --blend scene.blend blend.exr -o named.exr',
  'exrpipe inject-manifest --scene scene.json lost.exr -o told.exr',
  'exrpipe repair donor.exr -o repaired.exr',
  "exrpipe manifest --prune --sidecar-out '{stem}.{layer}.json' donor.exr -o pruned.exr",
  "exrpipe matte --layer Chars.CryptoObject --name '*' --only donor.exr -o matte.exr",
  "exrpipe matte --layer Chars.CryptoObject --name '*' --only donor.exr -o matte.png",
  'exrpipe rename --preset nuke donor.exr -o nuke.exr',
  'exrpipe layout --to single donor.exr -o single.exr',
  "exrpipe pick --layer 'Chars*' donor.exr -o picked.exr",
  "exrpipe drop --layer '*Crypto*' donor.exr -o dropped.exr",
  'exrpipe merge --as parts donor.exr single.exr -o merged.exr',
  'exrpipe set-attribute owner=me then rename-attribute owner=comments donor.exr -o set.exr',
  'exrpipe drop-attribute comments set.exr -o unset.exr',
  'exrpipe copy-attributes --from donor.exr dropped.exr -o copied.exr',
  "exrpipe drop --layer '*Crypto*' then convert --to half donor.exr -o half.exr",
  "exrpipe split --for viewers lost.exr -o 'views/{layer}.exr'",
  ...['none', 'rle', 'zips', 'zip', 'piz', 'zstd', 'htj2k32', 'htj2k256'].map(
    (codec) => `exrpipe compress --to ${codec} donor.exr -o ${codec}.exr`,
  ),
  ...['pxr24', 'b44', 'b44a', 'dwaa', 'dwab'].map((codec) => `exrpipe compress --to ${codec} half.exr -o ${codec}.exr`),
  // Frames in threads of their own, with the filters loaded in each.
  `exrpipe compress --to piz --jobs 2 --quiet 'shot/a.####.exr' -o many/ 2>&1 | ${untimed}`,
  'exrpipe run pipeline.yaml donor.exr -o run.exr',
  // A filter of one's own, as an ECMAScript module and as a CommonJS one, here and in threads.
  'exrpipe add-note --plugin ./own.mjs --text approved lost.exr -o own.exr',
  'exrpipe add-note --plugin ./own.cjs --text approved lost.exr -o own-too.exr',
  `exrpipe add-note --plugin ./own.mjs --text approved --jobs 2 --quiet 'shot/a.####.exr' --frames 1-20 -o owned/ 2>&1 | ${untimed}`,
  'exrpipe add-note --plugin ./broken.mjs --text approved lost.exr -o never.exr',
  // Farms: the job's files, one of its tasks, and the report.
  `exrpipe farm slurm --frames-per-task 50 --to job rename --add-prefix hero. 'shot/a.####.exr' -o farmed/ 2>&1 | ${untimed}`,
  `exrpipe farm-task 2/10 --frames 1-${frames} -- rename --add-prefix hero. 'shot/a.####.exr' -o farmed/ --report reports/ --quiet 2>&1 | ${untimed}`,
  'exrpipe farm-report reports --frames 11-20 | grep -c done',
  'rm -r reports',
  // A queue, whose packages are in the executable: the worker ends when there is nothing left to do. Which of
  // the two is there first is not always the same.
  `exrpipe worker --jobs 1 --idle 3 --quiet & exrpipe queue rename --add-prefix hero. 'shot/a.####.exr' --frames 1-20 -o queued/ --progress none 2>&1 | sed -n 's/ in .*//; / done/p'; wait`,
];

const ownFilter = `
  name: 'add-note',
  summary: 'Write a note into the comments attribute',
  description: 'Sets the comments of every part.',
  examples: [{ command: "add-note --text 'approved' shot.0001.exr -o out/", what: 'one frame' }],
  options: { text: { type: 'text', required: true, placeholder: 'TEXT', summary: 'the note' } },
  header: (header, { text }) => ({
    ...header,
    parts: header.parts.map((part) => ({ ...part, attributes: part.attributes.with('comments', makeStringAttribute(text)) })),
  }),
});
`;
const modules: Readonly<Record<string, string>> = {
  'own.mjs': `import { defineFilter } from 'exrpipe';\nimport { makeStringAttribute } from 'exrpipe/format';\nexport const addNote = defineFilter({${ownFilter}`,
  'own.cjs': `const { defineFilter } = require('exrpipe');\nconst { makeStringAttribute } = require('exrpipe/format');\nexports.addNote = defineFilter({${ownFilter}`,
  'broken.mjs': "throw new Error('broken on purpose');\n",
};

/** Names in the order of the file's pixels are not needed: every name fits some ID of the donor. */
const sceneFile = {
  version: 1,
  viewLayers: ['Chars', 'BG'].map((name) => ({
    scene: 'shot',
    name,
    objects: ['Ground', 'Hero'],
    materials: ['Skin'],
  })),
  attributes: { Camera: 'shotCam' },
};

const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-standalone-'));
const work = join(scratch, 'work');
const program = join(scratch, 'bin/exrpipe');

/** The folder that the lines run in, and `exrpipe` as one program. Both have the same paths, which are in what is written. */
async function prepare(start: string): Promise<void> {
  for (const one of ['bin', 'work/shot', 'work/chain', 'work/pipe', 'work/masks', 'work/node_modules'])
    await mkdir(join(scratch, one), { recursive: true });
  const copy = (from: string, to: string) => copyFile(join(project, from), join(work, to));
  await copy('examples/frames/blender5_lost.0001.exr', 'lost.exr');
  await copy('examples/frames/blender5_donor.0001.exr', 'donor.exr');
  await copy('test/fixtures/blend/scene.blend', 'scene.blend');
  await copy('test/fixtures/blend/lost.0001.exr', 'blend.exr');
  for (let frame = 1; frame <= frames; frame++)
    await copy('test/fixtures/reference/scan_zip.exr', `shot/a.${String(frame).padStart(4, '0')}.exr`);
  await writeFile(join(work, 'pipeline.yaml'), 'pipeline:\n  - compress:\n      to: piz\n');
  await writeFile(join(work, 'scene.json'), JSON.stringify(sceneFile));
  for (const [name, code] of Object.entries(modules)) await writeFile(join(work, name), code);
  await symlink(project, join(work, 'node_modules/exrpipe'));
  await writeFile(program, `#!/bin/sh\nexec ${start} "$@"\n`);
  await chmod(program, 0o755);
}

interface Ran {
  readonly status: number | null;
  readonly text: string;
  readonly ms: number;
}

function run(line: string, redis: string): Ran {
  const start = performance.now();
  const env = { PATH: `${join(scratch, 'bin')}:/usr/bin:/bin`, TMPDIR: scratch, EXRPIPE_REDIS: redis };
  const { status, stdout, stderr } = spawnSync('/bin/sh', ['-c', line], { cwd: work, env, maxBuffer: 2 ** 28 });
  return { status, text: `exit ${status}\n${stdout}\n${stderr}`, ms: performance.now() - start };
}

const port = await freePort();

/** All lines by one program. What they have left is in the folder that is given. */
async function runAll(start: string, kept: string): Promise<Ran[]> {
  await prepare(start);
  const redis = new OwnRedis(port, `${kept}-redis`);
  await redis.start();
  const ran = lines.map((line) => run(line, redis.url));
  await redis.stop();
  await rename(work, kept);
  return ran;
}

/** Milliseconds until a program has said its version: the median of some starts. */
function startUp(start: string): number {
  const times = Array.from({ length: 15 }, () => {
    const began = performance.now();
    spawnSync('/bin/sh', ['-c', `exec ${start} --version`]);
    return performance.now() - began;
  });
  return times.sort((one, other) => one - other)[7] as number;
}

async function differing(one: string, other: string): Promise<string[]> {
  const list = async (folder: string): Promise<string[]> =>
    (await readdir(folder, { recursive: true, withFileTypes: true }))
      .filter((entry) => entry.isFile())
      .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
      .sort();
  const [own, others] = [await list(one), await list(other)];
  const wrong = own.filter((file) => !others.includes(file)).concat(others.filter((file) => !own.includes(file)));
  for (const file of own.filter((name) => others.includes(name)))
    if (!(await readFile(join(one, file))).equals(await readFile(join(other, file)))) wrong.push(file);
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
  for (const name of [...filters.map(({ definition }) => definition.name), ...commands.keys()])
    expect(
      lines.some((line) => new RegExp(`(?:exrpipe|then) ${name}(?: |$)`).test(line)),
      `no line tries ${name}`,
    );
  const { size } = await stat(executable);
  expect(size < mostBytes, `the executable has ${size} bytes`);
  const starts = [`'${node}' '${join(project, 'dist/cli/bin/exrpipe.js')}'`, `'${executable}'`] as const;
  const folders = [join(scratch, 'npm'), join(scratch, 'alone')] as const;
  const npm = await runAll(starts[0], folders[0]);
  const alone = await runAll(starts[1], folders[1]);
  for (const [at, line] of lines.entries()) {
    const [want, have] = [npm[at] as Ran, alone[at] as Ran];
    console.log(`${Math.round(have.ms)} ms, npm ${Math.round(want.ms)} ms: ${line}`);
    const fails = line === 'exrpipe' || failing.some((start) => line.startsWith(start));
    expect((want.status === 0) !== fails, `${line}: ${want.text.slice(0, 500)}`);
    expect(
      want.text === have.text,
      `${line}\n--- npm\n${want.text.slice(0, 2000)}\n--- executable\n${have.text.slice(0, 2000)}`,
    );
  }
  for (const file of await differing(...folders)) expect(false, `${file} differs`);
  const [npmStart, ownStart] = starts.map(startUp) as [number, number];
  console.log(`start-up: ${Math.round(ownStart)} ms, npm ${Math.round(npmStart)} ms`);
} finally {
  await rm(scratch, { recursive: true, force: true });
}
console.log(failed === 0 ? 'all the same' : `${failed} wrong`);
process.exitCode = failed === 0 ? 0 : 1;
