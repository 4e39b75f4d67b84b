/**
 * Lets OpenImageIO judge previews: `npm run check:look -- CORPUS`. For files of the corpus the colour of the default layer, as
 * `exrpipe preview` draws it, must be within one 8-bit step of oiiotool's: at its own size, and made smaller by a whole number with a
 * box filter. Masks must be the whole numbers that oiiotool makes of the coverage. Every PNG must please pngcheck. Skips what oiiotool
 * cannot judge: chroma, other primaries, several views, deep pixels. Takes a few minutes; without oiiotool it judges nothing, and reports
 * that.
 */

import { execFile } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { extname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { boxHeight, boxWidth } from '../lib/format/geometry.js';
import { codecOf } from '../lib/format/index.js';
import { openExr } from '../lib/index.js';
import { preferredLook } from '../lib/look/choose.js';
import { toSrgb } from '../lib/look/chromaticities.js';
import { pixelAspect } from '../lib/look/fit.js';
import { isArrived } from '../lib/model/header.js';
import { masksTrouble } from './look/masks.js';

const run = promisify(execFile);
const program = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));

/** Files that are judged at most, spread over the corpus: enough in three minutes. */
const mostFiles = 40;

/** One step of 255, and what rounding adds. */
const oneStep = '0.0040';

const [corpus] = process.argv.slice(2);
if (!corpus) {
  console.error('usage: check-look CORPUS');
  process.exit(2);
}
if (!(await works('oiiotool', '--version'))) {
  console.log('oiiotool is not there: nothing is judged');
  process.exit(0);
}
const hasPngcheck = await works('pngcheck', '-h');

const all = (await readdir(corpus, { recursive: true }))
  .filter((name) => extname(name) === '.exr' && !name.includes('damaged'))
  .toSorted();
const step = Math.max(1, all.length / mostFiles);
const chosen = all.filter((_, at) => Math.floor(at / step) !== Math.floor((at - 1) / step));
const folder = await mkdtemp(join(tmpdir(), 'exrpipe-look-'));
const failures: string[] = [];
let judged = 0;
let skipped = 0;
try {
  for (const name of chosen) {
    const trouble = await judge(join(corpus, name)).catch((error) => String(error?.stderr || error).slice(0, 300));
    if (trouble === undefined) skipped += 1;
    else if (trouble === '') judged += 1;
    else {
      failures.push(name);
      console.log(`${relative('.', join(corpus, name))}: ${trouble}`);
    }
  }
  const masks = join(folder, 'masks');
  await mkdir(masks);
  for (const trouble of await masksTrouble(masks, hasPngcheck)) {
    failures.push('masks');
    console.log(trouble);
  }
} finally {
  await rm(folder, { recursive: true });
}
console.log(`${judged} files as oiiotool has them, ${skipped} skipped, ${failures.length} not`);
process.exitCode = failures.length > 0 ? 1 : 0;

function works(command: string, ...words: string[]): Promise<boolean> {
  return run(command, words).then(
    () => true,
    () => false,
  );
}

/** Empty where all is well; undefined for what is not judged. */
async function judge(path: string): Promise<string | undefined> {
  const document = await openExr(path, { holes: true }).catch(() => undefined);
  if (!document) return undefined;
  const { header, source } = document;
  await source.close();
  const look = preferredLook(header);
  const [view, ...others] = look?.views ?? [];
  const part = view && header.parts[view.part];
  if (look?.kind !== 'colour' || !view || !part || others.length > 0 || source.missing.length > 0) return undefined;
  if (toSrgb(part) || pixelAspect(part) !== 1 || codecOf(part.compression).decode === undefined) return undefined;
  // What older OpenImageIO cannot read.
  const stats = await run('oiiotool', ['--info', '--stats', path]).catch(() => undefined);
  if (!stats) return undefined;
  const places = view.channels.slice(0, 3).map(({ plane }) => (isArrived(plane) ? plane.index : -1));
  const names = places.map((index) => part.channels[index]?.name ?? '').join(',');
  const [width, height] = [boxWidth(part.dataWindow), boxHeight(part.dataWindow)];
  const reference = join(folder, 'reference.exr');
  const pick = ['--subimage', String(view.part), '--ch', names, '--chnames', 'R,G,B'];
  // What lies outside the display window would be cut off, or be black.
  const place = ['--fullpixels', '--origin', '+0+0', '--fullpixels'];
  await run('oiiotool', [path, ...pick, ...place, '-d', 'float', '-o', reference]);
  const whole = await compare(path, reference, undefined);
  if (whole !== '') return `at its own size: ${whole}`;
  const divisor = [4, 3, 2].find((by) => width % by === 0 && height % by === 0);
  // An average of what is no number, or infinite, has no right value.
  const allFinite = !/Stats (NanCount|InfCount):.*[1-9]/.test(stats.stdout);
  const averages = allFinite && divisor !== undefined && codecOf(part.compression).reduce === undefined && !part.tiles;
  if (!averages) return '';
  const small = await compare(path, reference, [width / divisor, height / divisor]);
  return small === '' ? '' : `made smaller by ${divisor}: ${small}`;
}

async function compare(path: string, reference: string, size: readonly [number, number] | undefined): Promise<string> {
  const [ours, theirs] = [join(folder, 'ours.png'), join(folder, 'theirs.png')];
  const words = ['preview', '--window', 'data', '--background', 'black', '--quiet', path, '-o', ours];
  await run(process.execPath, [program, ...words, ...(size ? ['--size', size.join('x')] : [])]);
  if (hasPngcheck) await run('pngcheck', ['-q', ours]);
  const resize = size ? ['--resize:filter=box', size.join('x')] : [];
  const display = ['--clamp:min=0:max=1', '--colorconvert', 'linear', 'sRGB', '-d', 'uint8'];
  // Values beyond half's are tamed by both in their own way: clamped first, they are the same.
  const limits = ['--clamp:min=-65504:max=65504', '--fixnan', 'black'];
  await run('oiiotool', [reference, ...limits, ...resize, ...display, '-o', theirs]);
  const result = await run('oiiotool', ['--fail', oneStep, '--diff', ours, theirs]).catch((error) => error);
  return result.code === undefined ? '' : (/Max error .*/.exec(String(result.stdout))?.[0] ?? String(result.stderr));
}
