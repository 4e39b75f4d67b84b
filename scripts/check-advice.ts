/**
 * Runs every command that `validate` prints, as typed through a shell and in the order printed:
 * `npm run check:advice -- CORPUS… EXR-DIGEST [--all]`. After a command its findings must be gone for the program they were made
 * for, no name may be lost whose ID is in the pixels, the samples of all channels must be what they were (judged by the
 * reference library), and no program of the run may find errors in more Cryptomattes than before: a fault that hid another
 * one is reported next. Without --all a sample is run.
 *
 * Placeholders are filled in: DONOR.exr becomes a file of the corpora that has names for the IDs, and a file with a single rank
 * is merged with those of the other passes beside it.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { basename, dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import {
  type Finding,
  pxr24Bits,
  readIds,
  readManifest,
  type SampleReader,
  validateHeader,
  validatePixels,
} from '../lib/cryptomatte/index.js';
import { shellWord } from '../lib/cryptomatte/rules/advice.js';
import { codecOf } from '../lib/format/index.js';
import { type Header, openExr, readSamples } from '../lib/index.js';
import { headerSets, orphanGroups, type Program, programs, rankChannels } from '../lib/layers/index.js';
import { groupBy } from '../lib/model/group-by.js';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean' }, only: { type: 'string' }, verbose: { type: 'boolean' } },
});
const digest = positionals.at(-1);
const corpora = positionals.slice(0, -1);
if (digest === undefined || corpora.length === 0) {
  console.error('usage: check-advice CORPUS… EXR-DIGEST [--all] [--only TEXT] [--verbose]');
  process.exit(2);
}
const cli = fileURLToPath(new URL('../cli/bin/exrpipe.js', import.meta.url));

/** A sample has every so many-th file. */
const step = values.all || values.only ? 1 : 12;

/** What is known about a file before and after a command. */
interface State {
  readonly file: string;
  readonly header: Header;
  /** Errors and warnings, as they are printed: for each program, and `all` without one. */
  readonly findings: ReadonlyMap<Program | 'all', readonly Finding[]>;
  /** IDs in the pixels that cover something. */
  readonly ids: ReadonlySet<number>;
  /** IDs that some manifest names. */
  readonly named: ReadonlySet<number>;
}

async function look(file: string): Promise<State> {
  const document = await openExr(file);
  try {
    const { header, inputs } = document;
    const samples: SampleReader = (part, channels) => readSamples(document, part, channels);
    const findings = new Map<Program | 'all', readonly Finding[]>();
    // Commands for pixels that cannot be read are those that the header alone gives.
    const pixels = await validatePixels(header, samples).catch((): Finding[] => []);
    const found = [...validateHeader(header, { stem: inputs[0]?.stem }), ...pixels];
    for (const target of ['all', ...programs] as const) {
      const own = found.flatMap((one): Finding[] => {
        const severity = target === 'all' ? one.severity : one.targets[target];
        return severity === undefined || severity === 'info' ? [] : [{ ...one, severity }];
      });
      findings.set(
        target,
        own.sort((a, b) => Number(b.severity === 'error') - Number(a.severity === 'error')),
      );
    }
    const sets = headerSets(header);
    const subjects = new Map(
      [...sets, ...orphanGroups(header).filter(({ name }) => /crypto/i.test(name))]
        .filter(({ layers }) => layers.length > 0)
        .map((one, index) => [index, one.layers] as const),
    );
    const statistics = await readIds(header, subjects, samples).catch(() => new Map());
    const ids = new Set<number>();
    for (const one of statistics.values()) for (const { bits } of one.found()) ids.add(bits);
    const named = new Set(sets.flatMap(({ manifest }) => (manifest ? [...readManifest(manifest).names.values()] : [])));
    return { file, header, findings, ids, named };
  } finally {
    await document.source.close();
  }
}

/** Type and digest of every channel by its name, as the reference library reads them; undefined for a file that it refuses. */
function samplesOf(file: string): ReadonlyMap<string, string> | undefined {
  const { status, stdout } = spawnSync(digest as string, [file], { encoding: 'utf8', maxBuffer: 64 << 20 });
  if (status !== 0) return undefined;
  const lines = stdout.trim().split('\n');
  return new Map(
    lines.map((line) => {
      const [part, name, type, window, value] = line.split('\t');
      return [`${part} ${name}`, `${type} ${window} ${value}`];
    }),
  );
}

interface Command {
  readonly text: string;
  readonly findings: readonly Finding[];
}

/** As `validate` prints them: those of one rule and command once, errors first. */
function commandsOf(findings: readonly Finding[]): Command[] {
  const texts = groupBy(
    findings.filter(({ command }) => command !== undefined),
    ({ command }) => command as string,
  );
  return [...texts].map(([text, own]) => ({ text, findings: own }));
}

const counts = new Map<string, number>();
const problems = new Map<string, string[]>();

function count(what: string): void {
  counts.set(what, (counts.get(what) ?? 0) + 1);
}

function fail(kind: string, what: string): void {
  const own = problems.get(kind) ?? [];
  problems.set(kind, [...own, what]);
  if (values.verbose) console.error(`${kind} | ${what}`);
}

interface Donor {
  readonly file: string;
  readonly named: ReadonlySet<number>;
}

let donors: readonly Donor[] = [];

/** A file that names all IDs in the pixels of another. */
function donorFor({ file, ids }: State): string | undefined {
  if (ids.size === 0) return undefined;
  const fits = ({ named }: Donor): boolean => {
    // IDs that PXR24 has rounded are those of names, rounded.
    const rounded = new Set([...named].map(pxr24Bits));
    return [...ids].every((bits) => named.has(bits)) || [...ids].every((bits) => rounded.has(bits));
  };
  return donors.find((one) => one.file !== file && fits(one))?.file;
}

/** The inputs that a person would give to a command: the file, or for `merge --name` of single ranks all passes beside it. */
function inputsFor(text: string, first: string, current: string): string[] {
  if (!text.startsWith("merge --name '{stem}'")) return [current];
  const stem = basename(first).replace(/[^_]*$/, '');
  const beside = readdirSync(dirname(first)).filter((name) => name.startsWith(stem) && name.endsWith('.exr'));
  return beside.map((name) => join(dirname(first), name));
}

/** Commands that drop channels, as the advice tells the user. */
function drops(text: string): boolean {
  return /^(?:drop|pick) /.test(text);
}

async function runCommand(
  first: State,
  before: State,
  command: Command,
  folder: string,
  number: number,
): Promise<State | string> {
  let { text } = command;
  if (/\bDONOR\.exr\b/.test(text)) {
    const donor = donorFor(before);
    if (donor === undefined) return 'no donor';
    text = text.replaceAll('DONOR.exr', shellWord(donor));
  }
  if (/\b(?:OLD|NEW|NAME|VIEW)\b/.test(text)) return `a placeholder is left in "${text}"`;
  const out = join(folder, `${number}.exr`);
  const inputs = inputsFor(text, first.file, before.file).map(shellWord).join(' ');
  const { status, stderr } = spawnSync('sh', ['-c', `node ${shellWord(cli)} ${text} ${inputs} -o ${shellWord(out)}`], {
    encoding: 'utf8',
    timeout: 120_000,
    killSignal: 'SIGKILL',
  });
  // The same objects, but under names that nothing here leads to.
  if (status !== 0 && text.includes(' --from ') && /no manifest matches the channels/.test(stderr)) return 'no donor';
  if (status !== 0) return `exit ${status}: ${stderr.trim().split('\n').slice(0, 2).join(' ').slice(0, 300)}`;
  return look(out);
}

/** What a command has done wrong, and what it has left undone. */
function* faults(target: Program | 'all', before: State, after: State, { text, findings }: Command): Generator<string> {
  const [was, is] = [before, after].map((state) => state.findings.get(target) ?? []) as [
    readonly Finding[],
    readonly Finding[],
  ];
  for (const rule of new Set(findings.map((one) => one.rule))) {
    const others = was.filter((one) => one.rule === rule && one.command !== text).length;
    const left = is.filter((one) => one.rule === rule);
    if (left.length > others) yield `${rule} still applies: ${left[0]?.message}`;
  }
  const run = target === 'all' ? programs : [target];
  for (const program of run) {
    const [had, has] = [before, after].map((state) => errorsOf(state, program)) as [Finding[], Finding[]];
    if (subjectsOf(has) <= subjectsOf(had)) continue;
    const fresh = has.find(({ rule }) => !had.some((one) => one.rule === rule)) ?? has[0];
    yield `a new error for ${program}: ${fresh?.rule} ${fresh?.message}`;
  }
  if (!drops(text)) {
    const lost = [...before.ids].filter((bits) => before.named.has(bits) && !after.named.has(bits));
    if (lost.length > 0) yield `${lost.length} IDs in the pixels have lost their names`;
  }
  yield* changedSamples(before, after, command(text));
}

const command = (text: string): { readonly drops: boolean; readonly repairsIds: boolean } => ({
  drops: drops(text),
  repairsIds: /\brepair\b/.test(text),
});

function errorsOf({ findings }: State, program: Program): Finding[] {
  return (findings.get(program) ?? []).filter(({ severity }) => severity === 'error');
}

/** How many Cryptomattes have errors, and rules that are about none. */
function subjectsOf(errors: readonly Finding[]): number {
  return new Set(errors.map(({ set, rule }) => (set === undefined ? `rule ${rule}` : `set ${set}`))).size;
}

/** Channels may get other names and parts; their samples stay, but for IDs that were rounded. */
function* changedSamples(
  before: State,
  after: State,
  { drops: mayDrop, repairsIds }: ReturnType<typeof command>,
): Generator<string> {
  const [was, is] = [samplesOf(before.file), samplesOf(after.file)];
  if (is === undefined) {
    // A library from before HTJ2K and ZSTD knows neither file.
    if (before.header.parts.every(({ compression }) => codecOf(compression).since === undefined))
      yield 'the reference library refuses the result';
    return;
  }
  if (was === undefined) return;
  const windows = new Set([...was.values()].map((value) => value.split(' ')[1]));
  if (windows.size > 1) return; // Joined windows are filled up.
  const left = new Map<string, number>();
  for (const value of is.values()) left.set(value, (left.get(value) ?? 0) + 1);
  const isRounded =
    before.header.parts.some(({ compression }) => compression === 'pxr24') ||
    before.findings.get('all')?.some(({ rule }) => rule === 'CM-D13');
  const rounded = isRounded && repairsIds;
  const ranks = rankChannels(before.header);
  const names = new Set(
    before.header.parts.flatMap(({ channels }, part) =>
      channels.flatMap((channel) => (rounded && ranks.has(channel) ? [`${part} ${channel.name}`] : [])),
    ),
  );
  const gone = [...was].filter(([name, value]) => {
    const count = left.get(value) ?? 0;
    left.set(value, count - 1);
    return count <= 0 && !names.has(name);
  });
  if (gone.length > 0 && !mayDrop) yield `${gone.length} channels have other samples, "${gone[0]?.[0]}" first`;
}

async function checkFile(file: string, label: string): Promise<void> {
  let first: State;
  try {
    first = await look(file);
  } catch {
    count('files that cannot be read');
    return;
  }
  const runs = groupBy(['all', ...programs] as const, (target) =>
    JSON.stringify(commandsOf(first.findings.get(target) ?? []).map(({ text }) => text)),
  );
  const folder = mkdtempSync(join(tmpdir(), 'exrpipe-advice-'));
  try {
    for (const targets of runs.values()) await checkRun(first, targets, folder, label);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** Runs of several programs that print the same commands are one. */
async function checkRun(
  first: State,
  targets: readonly (Program | 'all')[],
  folder: string,
  label: string,
): Promise<void> {
  const [one] = targets as [Program | 'all'];
  const key = createHash('sha1').update(targets.join()).digest('hex').slice(0, 8);
  // The file keeps its own name, which may tell what it holds.
  let current = first;
  const commands = commandsOf(first.findings.get(one) ?? []);
  for (const [number, { text }] of commands.entries()) {
    const kind = text.split(' ').slice(0, 2).join(' ');
    const after = await runCommand(first, current, { text, findings: [] }, folder, number);
    if (after === 'no donor') {
      count('commands without a matching donor');
      continue;
    }
    if (typeof after === 'string') {
      fail(`${kind}: does not work as typed`, `${label} (${targets.join()}) ${text}: ${after}`);
      continue;
    }
    count('commands run');
    for (const target of targets) {
      const own = commandsOf(first.findings.get(target) ?? []).find((command) => command.text === text);
      for (const fault of own ? faults(target, current, after, own) : [])
        fail(`${kind}: ${fault.split(/[:"0-9]/)[0]}`, `${label} (${target}) ${text}: ${fault}`);
    }
    const kept = join(folder, `${key}-${number}.exr`);
    copyFileSync(after.file, kept);
    current = { ...after, file: kept };
  }
}

function exrs(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.exr'))
    .map((name) => join(folder, name))
    .sort();
}

const files = corpora.flatMap((folder) =>
  exrs(folder).map((file) => ({ file, label: `${basename(folder)}/${relative(folder, file)}` })),
);
const found: Donor[] = [];
for (const { file } of files) {
  const header = await openExr(file).catch(() => undefined);
  if (!header) continue;
  await header.source.close();
  const named = new Set(
    headerSets(header.header).flatMap(({ manifest, layers }) =>
      manifest && layers.length > 0 ? [...readManifest(manifest).names.values()] : [],
    ),
  );
  if (named.size > 0) found.push({ file, named });
}
donors = found;
const chosen = files.filter(
  ({ file }, index) => index % step === 0 && (values.only === undefined || file.includes(values.only)),
);
for (const { file, label } of chosen) await checkFile(file, label);
for (const [what, number] of counts) console.log(`${String(number).padStart(6)}  ${what}`);
for (const [kind, own] of problems) {
  console.error(`FAILED  ${kind} (${own.length})`);
  for (const what of own.slice(0, 3)) console.error(`        ${what}`);
}
process.exitCode = problems.size === 0 ? 0 : 1;
