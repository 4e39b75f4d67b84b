/**
 * `npm run demo [-- FOLDER]`: the main job on a real frame. A File Output node of Blender 5.3 has lost its Cryptomatte names; a
 * donor knows them. The names come back, a view layer is renamed, and each gets a file of its own: as one chain, and again
 * as a pipe of three processes, which must give the same bytes.
 * It ends with the picture that README.md opens with, which must be the one in docs/pictures; `--write` takes it again.
 * The results stay in FOLDER when one is named.
 */
import { spawnSync } from 'node:child_process';
import { copyFile, mkdir, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkPicture } from './picture.js';

const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));
const frames = fileURLToPath(new URL('../../examples/frames/', import.meta.url));
const picture = fileURLToPath(new URL('../../docs/pictures/layers.png', import.meta.url));
const lost = 'blender5_lost.0001.exr';
const donor = 'blender5_donor.0001.exr';
const three = 'b4_three_layers_lost.0001.exr';

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

async function demo(folder: string, write: boolean): Promise<void> {
  await mkdir(folder, { recursive: true });
  for (const frame of [lost, donor, three]) await copyFile(join(frames, frame), join(folder, frame));

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
  console.log('And to look at: a page with what was found, and all layers of a frame.\n');
  run(folder, `exrpipe validate --quiet --report report.html ${files}`);
  run(folder, `exrpipe sheet --size 150x54 --columns 5 ${three} -o layers.png`);
  await checkPicture(join(folder, 'layers.png'), picture, write);
}

const words = process.argv.slice(2);
const write = words.includes('--write');
const wanted = words.find((word) => word !== '--write');
const folder = wanted === undefined ? await mkdtemp(join(tmpdir(), 'exrpipe-demo-')) : resolve(wanted);
try {
  await demo(folder, write);
} finally {
  if (wanted === undefined) await rm(folder, { recursive: true });
}
