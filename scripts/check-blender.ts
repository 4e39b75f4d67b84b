/**
 * Runs the linter and the remedies over real frames from Blender, in a folder whose README reports what Blender's, Nuke's and
 * Fusion's readers make of each: `npm run check:blender -- FOLDER [EXR-DIGEST] [--write]`. EXR-DIGEST is a program of the
 * reference library that prints a digest of every channel.
 *
 * Fails when the linter contradicts a reader, a remedy does not fix what it should or changes a pixel, or when
 * docs/corpus.md does not match what it finds; with --write it writes that page.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { injectManifest, merge, pick, rename, repair } from '../filters/index.js';
import { validateHeader, validatePixels } from '../lib/cryptomatte/index.js';
import { describeError, type FilterStep, openExr, readSamples, runFrame } from '../lib/index.js';
import { headerSets, type Program, programs } from '../lib/layers/index.js';
import { code, table } from './markdown.js';

interface Frame {
  readonly file: string;
  /** Programs whose reader accepts the file. */
  readonly accepted: ReadonlySet<Program>;
  /** Programs whose verdict is known. */
  readonly judged: readonly Program[];
}

interface Remedy {
  readonly command: string;
  readonly steps: readonly FilterStep[];
  /** Other files that are joined with the one in question. */
  readonly siblings?: readonly string[];
  /** Whether the sample values of all channels, by their names, must stay what they are. */
  readonly keepsPixels: boolean;
}

interface Verdict {
  readonly rules: ReadonlyMap<Program, readonly string[]>;
  /** Rules that warn in Blender. */
  readonly warned: readonly string[];
  readonly sets: number;
}

const { positionals, values } = parseArgs({ allowPositionals: true, options: { write: { type: 'boolean' } } });
const [folder, digest] = positionals;
if (folder === undefined) {
  console.error('usage: check-blender FOLDER [EXR-DIGEST] [--write]');
  process.exit(2);
}
const page = fileURLToPath(new URL('../../docs/corpus.md', import.meta.url));
const at = (file: string): string => join(folder, file);
const donor = at('panel/c_donor_1spp.0001.exr');
const problems: string[] = [];

/** The table in the folder's README: file name first, the columns b, n, f for Blender, Nuke and Fusion. */
function readFrames(): Frame[] {
  const lines = readFileSync(at('README.md'), 'utf8').split('\n');
  return lines.flatMap((line): Frame[] => {
    const [, file, , , , , b, n, f] = line.split('|').map((cell) => cell.trim());
    if (!file?.endsWith('.exr')) return [];
    const verdicts: [Program, string | undefined][] = [
      ['blender', b],
      ['nuke', n],
      ['fusion', f],
    ];
    const accepted = new Set(verdicts.flatMap(([target, verdict]) => (verdict === 'P' ? [target] : [])));
    return [{ file, accepted, judged: verdicts.map(([target]) => target) }];
  });
}

async function judge(path: string): Promise<Verdict> {
  const document = await openExr(path);
  try {
    const { header, inputs } = document;
    const stem = inputs[0]?.stem;
    const rules = new Map<Program, readonly string[]>();
    const warned: string[] = [];
    for (const target of programs) {
      const findings = [
        ...validateHeader(header, { targets: [target], stem }),
        ...(await validatePixels(header, (part, channels) => readSamples(document, part, channels), {
          targets: target ? [target] : [],
        })),
      ];
      if (target === 'blender')
        warned.push(...findings.flatMap(({ rule, severity }) => (severity === 'warning' ? rule : [])));
      rules.set(target, [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule))]);
    }
    return { rules, warned, sets: headerSets(header).length };
  } finally {
    await document.source.close();
  }
}

function isSound({ rules, sets }: Verdict): boolean {
  return sets > 0 && [...rules.values()].every((list) => list.length === 0);
}

/** Remedies in the order in which a person would try them. */
function remediesFor(file: string): Remedy[] {
  const simple: Remedy[] = [
    { command: 'repair', steps: [repair({})], keepsPixels: true },
    { command: 'merge', steps: [merge({})], keepsPixels: true },
    {
      command: 'repair then rename --preset nuke',
      steps: [repair({}), rename({ preset: 'nuke' })],
      keepsPixels: false,
    },
    { command: 'inject-manifest --from DONOR', steps: [injectManifest({ from: [donor] })], keepsPixels: true },
    {
      command: 'repair --drop-dangling then rename --preset nuke',
      steps: [repair({ dropDangling: true }), rename({ preset: 'nuke' })],
      keepsPixels: false,
    },
    {
      command: `pick --channel '*.left.*' then rename --regex 's/\\.left\\././'`,
      steps: [pick({ channel: ['*.left.*'] }), rename({ regex: ['s/\\.left\\././'] })],
      keepsPixels: false,
    },
  ];
  // Blender cut all slot names to the same 29 characters and numbered them; only their order tells what they are.
  if (file.includes('b2_longname'))
    return [
      {
        command: 'rename --map … (ten layers by hand) then inject-manifest --from DONOR then repair --drop-dangling',
        steps: [rename({ map: slotNames() }), injectManifest({ from: [donor] }), repair({ dropDangling: true })],
        keepsPixels: false,
      },
    ];
  if (!file.includes('b6_single/')) return simple;
  const siblings = frames.filter((frame) => frame.file.includes('b6_single/')).map((frame) => frame.file);
  return [
    {
      command: "merge --name '{stem}' then inject-manifest --from DONOR",
      steps: [merge({ name: '{stem}' }), injectManifest({ from: [donor] })],
      siblings,
      keepsPixels: false,
    },
  ];
}

function slotNames(): string[] {
  const cut = 'a_very_long_layer_name_f';
  const passes = [
    'Depth',
    ...['Object', 'Material', 'Asset'].flatMap((kind) => [0, 1, 2].map((rank) => `Crypto${kind}0${rank}`)),
  ];
  const numbered = passes.map((pass, index) => `${cut}_${String(index + 1).padStart(3, '0')}=main.${pass}`);
  return [`${cut}or_th=main.Combined`, ...numbered];
}

/** Frames whose IDs PXR24 has rounded, and the same images from before. */
const unrounded: ReadonlyMap<string, string> = new Map([
  ['damaged/b1_direct_pxr24.0001.exr', 'fileoutput/b1_direct_origname.0001.exr'],
  ['damaged/panel_f16_pxr24.0001.exr', 'panel/panel_f16_zip.0001.exr'],
  ['damaged/panel_f32_pxr24.0001.exr', 'panel/panel_f32_zip.0001.exr'],
]);

/** A line of digests that is of IDs: the red and blue of rank layers. */
const isIdLine = (line: string): boolean => /^[^\t]*Crypto[^\t.]*\d\d\.[rb]\t/i.test(line);

/** What the reference library reads: a line for each channel with its name, type, window and digest. */
function digestsOf(path: string): string[] {
  if (digest === undefined) return [];
  const lines = execFileSync(digest, [path], { encoding: 'utf8', maxBuffer: 64 << 20 })
    .trim()
    .split('\n');
  return lines.map((line) => line.split('\t').slice(1).join('\t')).sort();
}

/** Whether a remedy has left all samples alone; rounded IDs must be what they were before they were rounded. */
function samplesKept(file: string, repaired: string): boolean {
  const [before, after] = [digestsOf(at(file)), digestsOf(repaired)];
  const whole = unrounded.get(file);
  if (whole === undefined) return before.join('\n') === after.join('\n');
  const expected = [...before.filter((line) => !isIdLine(line)), ...digestsOf(at(whole)).filter(isIdLine)];
  return expected.sort().join('\n') === after.join('\n');
}

async function repaired(file: string, work: string): Promise<{ command: string; after: string }> {
  const reasons: string[] = [];
  for (const { command, steps, siblings, keepsPixels } of remediesFor(file)) {
    const output = join(work, 'out.exr');
    try {
      const inputs = (siblings ?? [file]).map(at);
      await runFrame(inputs, steps, output);
    } catch (error) {
      // The table has the file in a column of its own.
      reasons.push(describeError(error).replace(`${at(file)}: `, ''));
      continue;
    }
    if (!isSound(await judge(output))) continue;
    if (keepsPixels && !samplesKept(file, output)) problems.push(`${file}: "${command}" changed pixels`);
    return { command: code(command), after: 'sound for all' };
  }
  return { command: '-', after: reasons.find((reason) => reason.includes('destroyed')) ?? reasons[0] ?? 'no remedy' };
}

function show(verdict: Verdict): string {
  const broken = programs.filter((target) => (verdict.rules.get(target)?.length ?? 0) > 0);
  const rules = [...new Set(broken.flatMap((target) => verdict.rules.get(target) ?? []))].join(', ');
  if (broken.length === 0) return verdict.sets > 0 ? 'sound for all' : 'no Cryptomatte';
  return `${broken.length === programs.length ? 'all' : broken.join(', ')}: ${rules}`;
}

const introduction = `# Real frames from Blender, before and after

Generated by \`npm run check:blender -- FOLDER EXR-DIGEST --write\`; do not edit.

Every frame of a corpus rendered by Blender 3.4.1 (96 x 54, one scene, three view layers), which is not part of this
project. **Errors before** are those of \`exrpipe validate --pixels\` for each program. Where Blender's Cryptomatte node,
Psyop's plug-in for Nuke or its Fuse for Fusion refused the file in a test of their own, the linter reports an error for
that program, and where they accepted it, none. **After** the command no program has an error left; that the samples of
all channels are the same is checked with the reference library, except where the command renames or drops channels
or joins files. IDs that PXR24 had rounded match those of the same image in ZIP, bit for bit.
Where nothing helps, the last column has exrpipe's message.

DONOR is one sample of one frame of the same scene, from the render panel (\`panel/c_donor_1spp.0001.exr\`).
`;

const frames = readFrames();
const work = await mkdtemp(join(tmpdir(), 'exrpipe-blender-'));
const rows: string[][] = [];
try {
  for (const { file, accepted, judged } of frames) {
    const before = await judge(at(file));
    for (const target of judged) {
      const clean = before.rules.get(target)?.length === 0 && before.sets > 0;
      // The table also requires names to be picked in the image; 5.3 gives every matte by the name as it is typed.
      const isPicking = target === 'blender' && before.warned.includes('CM-B08');
      if (clean !== accepted.has(target) && !isPicking)
        problems.push(`${file}: ${target} ${clean ? 'fails' : 'works'}, the linter reports otherwise`);
    }
    const result = isSound(before) ? { command: '', after: '' } : await repaired(file, work);
    rows.push([file, show(before), result.command, result.after]);
  }
} finally {
  await rm(work, { recursive: true });
}
const text = `${introduction}\n${table(['file', 'errors before', 'command', 'after'], rows)}`;
if (values.write) await writeFile(page, text);
else if ((await readFile(page, 'utf8').catch(() => '')) !== text)
  problems.push('docs/corpus.md does not match what was found; check the difference, and rewrite it with --write');
for (const problem of problems) console.error(problem);
console.log(`${rows.length} frames, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
