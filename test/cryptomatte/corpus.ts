/**
 * Not a test by itself: runs the linter and the remedies over a folder of frames from Blender whose README says what
 * Blender's, Nuke's and Fusion's readers make of each, and prints the table of the documentation. Ends with exit code 1
 * when the linter contradicts a reader, a remedy does not mend what it should, or changes a pixel.
 *
 *   node dist/test/cryptomatte/corpus.js FOLDER [EXR-DIGEST] > docs/cryptomatte-files.md
 */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { injectManifest } from '../../filters/inject-manifest.js';
import { merge } from '../../filters/merge.js';
import { pick } from '../../filters/pick.js';
import { rename } from '../../filters/rename.js';
import { repair } from '../../filters/repair.js';
import { applyRenaming } from '../../filters/shared/renaming.js';
import { findPreset } from '../../lib/cryptomatte/presets/preset.js';
import { presetRenaming } from '../../lib/cryptomatte/presets/renaming.js';
import { headerSets } from '../../lib/cryptomatte/sets.js';
import { type Target, targets } from '../../lib/cryptomatte/targets.js';
import { validateHeader, validatePixels } from '../../lib/cryptomatte/validate.js';
import { defineFilter } from '../../lib/engine/filter.js';
import { describeError, openExr, runFrame, type Step } from '../../lib/index.js';
import { filterContext } from '../../lib/io/context.js';

interface Frame {
  readonly file: string;
  /** Programs whose reader accepts the file. */
  readonly accepted: ReadonlySet<Target>;
  /** Programs whose verdict is known. */
  readonly judged: readonly Target[];
}

interface Remedy {
  readonly command: string;
  readonly steps: readonly Step[];
  /** Other files that are joined with the one in question. */
  readonly siblings?: readonly string[];
  /** Whether the sample values of all channels, by their names, must stay what they are. */
  readonly keepsPixels: boolean;
}

interface Verdict {
  readonly rules: ReadonlyMap<Target, readonly string[]>;
  readonly sets: number;
}

const [folder = '', digest] = process.argv.slice(2);
const at = (file: string): string => join(folder, file);
const donor = at('panel/c_donor_1spp.0001.exr');
const problems: string[] = [];

/** The table in the folder's README: file name first, the columns b, n, f for Blender, Nuke and Fusion. */
function readFrames(): Frame[] {
  const lines = readFileSync(at('README.md'), 'utf8').split('\n');
  return lines.flatMap((line): Frame[] => {
    const [, file, , , , , b, n, f] = line.split('|').map((cell) => cell.trim());
    if (!file?.endsWith('.exr')) return [];
    const verdicts: [Target, string | undefined][] = [
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
    const { samples } = filterContext(document, {});
    const rules = new Map<Target, readonly string[]>();
    for (const target of targets) {
      const findings = [
        ...validateHeader(header, { target, stem }),
        ...(await validatePixels(header, samples, { target })),
      ];
      rules.set(target, [...new Set(findings.filter(({ severity }) => severity === 'error').map(({ rule }) => rule))]);
    }
    return { rules, sets: headerSets(header).length };
  } finally {
    await document.source.close();
  }
}

function isSound({ rules, sets }: Verdict): boolean {
  return sets > 0 && [...rules.values()].every((list) => list.length === 0);
}

/** What `rename --preset` does. */
const presetStep = (name: string): Step =>
  defineFilter({
    name: 'rename',
    summary: 'rename by preset',
    description: '',
    examples: [],
    options: {},
    header: (header, _, context) => applyRenaming(header, presetRenaming(header, findPreset(name)), context),
  })({});

/** Remedies in the order in which a person would try them. */
function remediesFor(file: string): Remedy[] {
  const simple: Remedy[] = [
    { command: 'repair', steps: [repair({})], keepsPixels: true },
    { command: 'merge', steps: [merge({})], keepsPixels: true },
    { command: 'repair then rename --preset nuke', steps: [repair({}), presetStep('nuke')], keepsPixels: false },
    { command: 'inject-manifest --from DONOR', steps: [injectManifest({ from: [donor] })], keepsPixels: true },
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
        command: 'rename --map … (ten layers by hand) then inject-manifest --from DONOR then repair',
        steps: [rename({ map: slotNames() }), injectManifest({ from: [donor] }), repair({})],
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

/** The digests of all channels: whether samples are the same, by the reference library. */
function digestOf(path: string): string {
  if (digest === undefined) return '';
  const lines = execFileSync(digest, [path], { encoding: 'utf8', maxBuffer: 64 << 20 }).split('\n');
  return lines
    .map((line) => line.split('\t').slice(1).join('\t'))
    .sort()
    .join('\n');
}

async function mend(file: string, work: string): Promise<{ command: string; after: string }> {
  const reasons: string[] = [];
  for (const { command, steps, siblings, keepsPixels } of remediesFor(file)) {
    const output = join(work, 'out.exr');
    try {
      const inputs = (siblings ?? [file]).map(at);
      await runFrame(inputs, steps, output);
    } catch (error) {
      reasons.push(describeError(error));
      continue;
    }
    if (!isSound(await judge(output))) continue;
    // Rounded IDs are restored, which is the only way a remedy may change samples.
    if (keepsPixels && !file.includes('pxr24') && digestOf(output) !== digestOf(at(file)))
      problems.push(`${file}: "${command}" changed pixels`);
    return { command: `\`${command}\``, after: 'sound for all' };
  }
  return { command: '-', after: reasons.find((reason) => reason.includes('destroyed')) ?? reasons[0] ?? 'no remedy' };
}

function show(verdict: Verdict): string {
  const broken = targets.filter((target) => (verdict.rules.get(target)?.length ?? 0) > 0);
  const rules = [...new Set(broken.flatMap((target) => verdict.rules.get(target) ?? []))].join(', ');
  if (broken.length === 0) return verdict.sets > 0 ? 'sound for all' : 'no Cryptomatte';
  return `${broken.length === targets.length ? 'all' : broken.join(', ')}: ${rules}`;
}

const frames = readFrames();
const work = await mkdtemp(join(tmpdir(), 'exrpipe-corpus-'));
try {
  process.stdout.write('| file | errors before | command | after |\n|---|---|---|---|\n');
  for (const { file, accepted, judged } of frames) {
    const before = await judge(at(file));
    for (const target of judged) {
      const clean = before.rules.get(target)?.length === 0 && before.sets > 0;
      if (clean !== accepted.has(target))
        problems.push(`${file}: ${target} ${clean ? 'fails' : 'works'}, the linter says otherwise`);
    }
    const result = isSound(before) ? { command: '', after: '' } : await mend(file, work);
    process.stdout.write(`| ${file} | ${show(before)} | ${result.command} | ${result.after} |\n`);
  }
} finally {
  await rm(work, { recursive: true });
}
for (const problem of problems) process.stderr.write(`${problem}\n`);
process.exitCode = problems.length > 0 ? 1 : 0;
