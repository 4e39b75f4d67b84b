/**
 * Compares the findings of `validate` with what programs do: `npm run check:verdicts -- CORPUS BLENDER [--sample] [--verdicts
 * FILE]`. BLENDER is the folder
 * that the judge's setup made, in which its Cryptomatte node is asked for the matte of every name; for Nuke and Fusion the
 * tables in the README files of CORPUS list what Psyop's plug-ins made of each file. Fails when an error is reported where a
 * program works, or none where it does not, unless the reason is one that is listed here.
 */
import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { type Finding, readManifest, validateHeader, validatePixels } from '../lib/cryptomatte/index.js';
import { openExr, readSamples } from '../lib/index.js';
import { headerSets, orphanGroups, type Program } from '../lib/layers/index.js';
import { groupBy } from '../lib/model/group-by.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { sample: { type: 'boolean' }, verdicts: { type: 'string' } },
});
const [folder, blender] = positionals;
if (folder === undefined || blender === undefined) {
  console.error('usage: check-verdicts CORPUS BLENDER [--sample]');
  process.exit(2);
}
/** Whole, as the judge's answers name files by their whole paths. */
const corpus = resolve(folder);

/** Of a sample each so many-th file. */
const step = values.sample ? 5 : 1;

const reasons = new Map<string, number>();
const problems: string[] = [];
let agreed = 0;

function excuse(reason: string): void {
  reasons.set(reason, (reasons.get(reason) ?? 0) + 1);
}

interface Opened {
  readonly file: string;
  readonly sets: readonly string[];
  readonly orphans: boolean;
  /** IDs that stand for nothing, which Psyop's plug-in counts as a mistake when it tests manifests. */
  readonly hasZero: boolean;
  readonly findings: ReadonlyMap<Program, readonly Finding[]>;
}

const judged = ['blender', 'nuke', 'fusion'] as const;

async function open(file: string): Promise<Opened | undefined> {
  const document = await openExr(file).catch(() => undefined);
  if (!document) return undefined;
  try {
    const { header, inputs } = document;
    const sets = headerSets(header);
    const orphans = orphanGroups(header).some(({ name }) => /crypto/i.test(name));
    if (sets.length === 0 && !orphans) return undefined;
    const findings = new Map<Program, readonly Finding[]>();
    for (const program of judged) {
      const options = { targets: [program], stem: inputs[0]?.stem };
      // Pixels of codecs that cannot be decoded are no reason not to look at the header.
      const pixels = await validatePixels(
        header,
        (part, channels) => readSamples(document, part, channels),
        options,
      ).catch(() => []);
      findings.set(program, [...validateHeader(header, options), ...pixels]);
    }
    const hasZero = sets.some(({ manifest }) => manifest && [...readManifest(manifest).names.values()].includes(0));
    return { file, sets: sets.flatMap(({ name }) => name ?? []), orphans, hasZero, findings };
  } finally {
    await document.source.close();
  }
}

/** A line of the judge's: of one Cryptomatte, or of a file in which there was nothing to ask for. */
interface Verdict {
  readonly path: string;
  readonly set?: string;
  readonly died?: boolean;
  readonly offered?: boolean | readonly string[];
  readonly asked?: number;
  readonly right?: number;
  readonly share?: number;
  readonly error?: string | null;
}

function askBlender(files: readonly string[]): Verdict[] {
  // What an earlier run kept: the judge takes minutes, validate seconds.
  if (values.verdicts !== undefined && existsSync(values.verdicts))
    return parseVerdicts(readFileSync(values.verdicts, 'utf8'));
  // The setup's `check` is a line of shell that names the two interpreters and the judge's folder.
  const words = readFileSync(join(blender as string, 'check'), 'utf8').match(/"([^"$]+)"/g) ?? [];
  const [judge, script, python] = words.map((word) => word.slice(1, -1)) as [string, string, string];
  const own = fileURLToPath(new URL('../../scripts/blender-verdicts.py', import.meta.url));
  const tools = script.slice(0, script.lastIndexOf('/'));
  const text = execFileSync(judge, [own, tools, python, ...files], { encoding: 'utf8', maxBuffer: 256 << 20 });
  if (values.verdicts !== undefined) writeFileSync(values.verdicts, text);
  return parseVerdicts(text);
}

function parseVerdicts(text: string): Verdict[] {
  return text
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line) as Verdict);
}

function isError({ severity }: Finding): boolean {
  return severity === 'error';
}

function compareBlender(
  { file, findings, sets }: Opened,
  verdicts: readonly Verdict[],
  said: string | undefined,
): void {
  const own = findings.get('blender') ?? [];
  const name = relative(corpus, file);
  if (verdicts.length === 0) problems.push(`${name}: the judge did not report on it`);
  for (const verdict of verdicts) {
    const { set, died, right = 0, asked = 0, share = 0, offered, error } = verdict;
    const errors = own.filter((one) => isError(one) && (one.set === undefined || set === undefined || one.set === set));
    const rules = [...new Set(errors.map(({ rule }) => rule))].join(' ');
    const works = set !== undefined && offered === true && right === asked && share > 0.999;
    if (set === undefined && !died && sets.length === 0) continue; // Only CM-C11 speaks of those.
    if (works === (errors.length === 0)) agreed += 1;
    else if (died && own.some(({ rule }) => rule === 'CM-D11')) agreed += 1;
    else if (own.some(({ rule }) => rule === 'CM-D14'))
      excuse('a working space: a warning, as the image can be Non-Color');
    else if (works && said === 'F')
      excuse('Blender gives what the channels hold, but several items were called alike: by the table it fails');
    else if (error) excuse("the judge's own reader cannot read the file");
    else if (offered === true && right === asked && errors.length === 0)
      excuse('every name is right, but not every ID has one: a warning');
    else
      problems.push(
        `${name} ${set ?? ''}: Blender ${died ? 'dies' : works ? 'works' : `fails (${right} of ${asked}, ${((share ?? 0) * 100).toFixed(1)} % named, ${offered === true ? 'offered' : 'not offered'})`}, validate reports ${rules || 'no error'}`,
      );
  }
}

/** The columns b, n and f of a table whose first cell is a file's name. */
function readTable(folder: string): Map<string, Partial<Record<Program, string>>> {
  const page = join(folder, 'README.md');
  if (!existsSync(page)) return new Map();
  return new Map(
    readFileSync(page, 'utf8')
      .split('\n')
      .flatMap((line): [string, Partial<Record<Program, string>>][] => {
        const cells = line.split('|').map((cell) => cell.trim());
        const verdicts = cells.slice(2).filter((cell) => /^[PF?-]$/.test(cell));
        const [file, own, nuke, fusion] = [cells[1] ?? '', verdicts[0], verdicts[1], verdicts[2]];
        return file.endsWith('.exr') && nuke !== undefined && fusion !== undefined
          ? [[join(folder, file), { ...(own !== undefined && { blender: own }), nuke, fusion }]]
          : [];
      }),
  );
}

function comparePlugin(
  { file, findings, hasZero }: Opened,
  program: 'nuke' | 'fusion',
  verdict: string | undefined,
): void {
  if (verdict !== 'P' && verdict !== 'F') return;
  const own = findings.get(program) ?? [];
  const errors = own.filter(isError);
  if ((verdict === 'P') === (errors.length === 0)) agreed += 1;
  else if (errors.length === 0 && program === 'nuke' && hasZero)
    excuse("Nuke's plug-in tests manifests and objects to 00000000: a warning, as all names can be picked");
  else
    problems.push(
      `${relative(corpus, file)}: ${program} ${verdict === 'P' ? 'works' : 'fails'}, validate reports ${[...new Set(errors.map(({ rule }) => rule))].join(' ') || 'no error'}`,
    );
}

async function exrs(folder: string): Promise<string[]> {
  if (!existsSync(folder)) return [];
  const names = await readdir(folder, { recursive: true });
  return names
    .filter((name) => name.endsWith('.exr'))
    .map((name) => join(folder, name))
    .sort();
}

const folders = ['blender5', 'real', 'world', 'renderers', '../cases'].map((name) => join(corpus, name));
const files = (await Promise.all(folders.map(exrs))).flat().filter((_, index) => index % step === 0);
const opened = (await Promise.all(files.map(open))).filter((one) => one !== undefined);
const byPath = groupBy(askBlender(opened.map(({ file }) => file)), ({ path }) => path);
const tables = new Map(folders.flatMap((folder) => [...readTable(folder)]));
for (const one of opened) {
  compareBlender(one, byPath.get(one.file) ?? [], tables.get(one.file)?.blender);
  for (const program of ['nuke', 'fusion'] as const) comparePlugin(one, program, tables.get(one.file)?.[program]);
}
console.log(`${agreed} verdicts agree`);
for (const [reason, count] of reasons) console.log(`${String(count).padStart(5)}  ${reason}`);
for (const problem of problems) console.error(`FAILED  ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;
