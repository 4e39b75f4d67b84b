/**
 * `npm run demo [-- FOLDER]`: the main job on a real frame. A File Output node of Blender 5.3 has lost its Cryptomatte names; a
 * donor knows them. The names come back, a view layer is renamed, and each gets a file of its own: as one chain, and again
 * as a pipe of three processes, which must give the same bytes.
 * The results stay in FOLDER when one is named.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const frames = fileURLToPath(new URL('../../examples/frames/', import.meta.url));
const lost = 'blender5_lost.0001.exr';
const donor = 'blender5_donor.0001.exr';

const rename = 'rename --map Chars=characters';
const inject = `inject-manifest --from ${donor}`;
const split = 'split --by view-layer --strip-prefix';

/** Shows a command as a shell has it, runs it, and ends the demo when it fails. */
function run(folder: string, command: string): void {
  console.log(`$ ${command}`);
  const prelude = `exrpipe() { '${process.execPath}' '${program}' "$@"; }`;
  const { status } = spawnSync('sh', ['-c', `${prelude}\n${command}`], { cwd: folder, stdio: 'inherit' });
  if (status !== 0) throw new Error(`the command failed with exit code ${status}`);
  console.log();
}

/** Names of the files in both folders. Throws where they are not the same, byte for byte. */
async function sameFiles(a: string, b: string): Promise<string[]> {
  const names = (await readdir(a)).sort();
  if (names.join() !== (await readdir(b)).sort().join()) throw new Error(`${a} and ${b} hold different files`);
  for (const name of names)
    if (!(await readFile(join(a, name))).equals(await readFile(join(b, name)))) throw new Error(`${name} differs`);
  return names;
}

async function demo(folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const frame of [lost, donor]) await copyFile(join(frames, frame), join(folder, frame));

  console.log('Before: a frame of Blender 5.3, a part for each pass. Its Cryptomattes have lost their metadata.\n');
  run(folder, `exrpipe info ${lost}`);
  console.log('A donor knows the names, and for every ID in the pixels it is checked that they fit:\n');
  run(folder, `exrpipe ${inject} ${lost} -o named.0001.exr`);
  run(folder, 'exrpipe info --as blender named.0001.exr');
  console.log('More in one chain: a new name for a view layer, and a file for each of them.\n');
  run(folder, `exrpipe ${rename} then ${inject} then ${split} ${lost} -o 'chain/{layer}.0001.exr'`);
  console.log('The same as a pipe of three processes:\n');
  run(folder, `exrpipe ${rename} < ${lost} | exrpipe ${inject} --quiet | exrpipe ${split} -o 'pipe/{layer}.0001.exr'`);
  const names = await sameFiles(join(folder, 'chain'), join(folder, 'pipe'));
  console.log(`After: ${names.length} files, the same from the chain and from the pipe, byte for byte.\n`);
  const files = names.map((name) => `'chain/${name}'`).join(' ');
  run(folder, `exrpipe info ${files}`);
  run(folder, `exrpipe validate --pixels ${files}`);
}

const [wanted] = process.argv.slice(2);
const folder = wanted === undefined ? await mkdtemp(join(tmpdir(), 'exrpipe-demo-')) : resolve(wanted);
try {
  await demo(folder);
} finally {
  if (wanted === undefined) await rm(folder, { recursive: true });
}
