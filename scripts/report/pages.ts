/** The pages that `check:report` opens, made by the program as a user makes them. */
import { execFile } from 'node:child_process';
import { copyFile, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../../cli/bin/exrpipe.js', import.meta.url));
const root = fileURLToPath(new URL('../../../', import.meta.url));

export interface Page {
  readonly name: string;
  readonly path: string;
  /** Rows that its table of frames must have, and text that must be on it. */
  readonly rows: number;
  readonly texts: readonly string[];
}

const good = join(root, 'examples/frames/c_donor_1spp.0001.exr');
const lost = join(root, 'examples/frames/b4_three_layers_lost.0001.exr');
const small = join(root, 'test/fixtures/blender/b2_main_dot.0001.exr');
/** A name that is a tag, asks another machine for an image, and runs a script where it is not escaped. */
const hostile = `<img src="//example.invalid" onerror=alert(1)>`;

/** Runs exrpipe, which reports faults by its exit code. */
async function exrpipe(folder: string, ...words: string[]): Promise<void> {
  await run(process.execPath, [program, ...words], { cwd: folder, maxBuffer: 1 << 28 }).catch((error) => {
    if (error.code !== 1 && error.code !== 3) throw error;
  });
}

/** A shot with two frames that lost their metadata, one that is cut off, and two that are missing. */
export async function validationPage(folder: string): Promise<Page> {
  const shot = join(folder, 'shot');
  await mkdir(shot);
  for (const frame of [1, 2, 3, 4, 7, 8, 9, 10, 11, 12])
    await copyFile(frame === 8 || frame === 9 ? lost : good, join(shot, `hero.${String(frame).padStart(4, '0')}.exr`));
  await writeFile(join(shot, 'hero.0013.exr'), 'cut off');
  await exrpipe(folder, 'validate', '--pixels', '--report', 'validation.html', 'shot/hero.####.exr');
  const texts = ['hero.0013.exr', 'CM-C11', 'frames 8-9', 'inject-manifest', 'After Effects', '5-6'];
  return { name: 'validate', path: join(folder, 'validation.html'), rows: 12, texts };
}

/** A run over it, of which one frame fails. */
export async function runPage(folder: string): Promise<Page> {
  const words = ['rename', '--map', 'Chars=characters', 'then', 'compress', '--to', 'zips', 'shot/hero.####.exr'];
  await exrpipe(folder, ...words, '--missing', 'skip', '-o', 'out/', '--report', 'run.html', '--progress', 'none');
  const texts = ['rename then compress', 'HEADER_TRUNCATED', 'Blender', 'characters'];
  return { name: 'run', path: join(folder, 'run.html'), rows: 12, texts };
}

/** Names from files and of files that mean something in HTML. */
export async function hostilePage(folder: string): Promise<Page> {
  const file = join(folder, `${hostile.replaceAll('/', '')}.exr`);
  await exrpipe(folder, 'rename', '--map', `main=${hostile}`, small, '-o', file);
  await exrpipe(folder, 'validate', '--all', '--report', 'hostile.html', file);
  return { name: 'hostile names', path: join(folder, 'hostile.html'), rows: 1, texts: ['<img src="'] };
}

/** A shot of a thousand frames, every tenth with another fault. */
export async function longPage(folder: string): Promise<Page> {
  const shot = join(folder, 'long');
  await mkdir(shot);
  const faulty = ['b3_lost_sepcomb.0001.exr', 'b1_direct_half.0001.exr', 'b1_direct_pxr24.0001.exr'];
  for (let frame = 1; frame <= 1000; frame++) {
    const fault = frame % 10 === 0 ? faulty[(frame / 10) % faulty.length] : undefined;
    const target = fault === undefined ? small : join(root, 'test/fixtures/blender', fault);
    await symlink(target, join(shot, `s.${String(frame).padStart(4, '0')}.exr`));
  }
  await exrpipe(folder, 'validate', '--quiet', '--report', 'long.html', 'long/s.####.exr');
  return { name: '1,000 frames', path: join(folder, 'long.html'), rows: 1000, texts: ['s.0999.exr'] };
}
