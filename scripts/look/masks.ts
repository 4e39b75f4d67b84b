/** Masks, maps and sheets as other programs read them. */
import { execFile } from 'node:child_process';
import { mkdir, readdir } from 'node:fs/promises';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const frame = fileURLToPath(new URL('../../../examples/frames/c_donor_1spp.0001.exr', import.meta.url));
const layer = 'Chars.CryptoObject';

async function exrpipe(...words: string[]): Promise<void> {
  await run(process.execPath, [program, ...words, '--quiet']);
}

/**
 * Writes the masks of a Cryptomatte, its map and a sheet into a folder, and gives what is wrong with them: each mask must be the
 * coverage that `matte` gives as floats, as oiiotool makes whole numbers of it; pngcheck must be pleased with all.
 */
export async function masksTrouble(folder: string, hasPngcheck: boolean): Promise<string[]> {
  const trouble: string[] = [];
  for (const bits of ['8', '16']) {
    const own = join(folder, bits);
    await mkdir(own);
    await exrpipe('masks', '--layer', layer, '--bits', bits, frame, '-o', join(own, '{name}.png'));
    for (const file of await readdir(own)) {
      const [mask, floats, reference] = [join(own, file), join(folder, 'matte.exr'), join(folder, 'matte.png')];
      const name = basename(file, '.png');
      await exrpipe('matte', '--only', '--layer', layer, '--name', name, frame, '-o', floats);
      await run('oiiotool', [floats, '-d', `uint${bits}`, '-o', reference]);
      const differ = await run('oiiotool', ['--fail', '0', '--diff', mask, reference]).catch((error) => error.stdout);
      if (typeof differ === 'string') trouble.push(`mask "${name}" of ${bits} bits: ${differ}`);
    }
  }
  await exrpipe('masks', '--map', '--layer', layer, frame, '-o', join(folder, 'map.png'));
  await exrpipe('sheet', frame, '-o', join(folder, 'sheet.png'));
  for (const file of await readdir(folder, { recursive: true })) {
    if (!hasPngcheck || !file.endsWith('.png')) continue;
    const bad = await run('pngcheck', ['-q', join(folder, file)]).catch((error) => error.stdout);
    if (typeof bad === 'string') trouble.push(bad);
  }
  return trouble;
}
