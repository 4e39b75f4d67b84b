/** Whether the result of a trial is right. */
import { difference, type PlacedChannel } from './channels.js';
import { type Frame, holdsIds } from './frame.js';
import { type Demand, demandsOfAll, demandsOfKept, idOf, unmet } from './mattes.js';
import type { Ended } from './programs.js';
import type { Channel, Group, Seen } from './reading.js';
import type { Trial } from './trials.js';

export interface Verdict {
  readonly outcome: 'right' | 'wrong' | 'refused';
  readonly why: string;
}

/** The outcome: how the last command ended, and the files it left. */
export interface Outcome {
  readonly ended: Ended;
  /** Of all inputs, the frame's file first. */
  readonly sources: readonly Seen[];
  readonly outputs: readonly Seen[];
  /** The frame before PXR24 rounded its IDs. */
  readonly whole: Seen | undefined;
  /** Of every command that a refusal advises, how it ended. */
  readonly advised: readonly Ended[];
}

const right = (why = ''): Verdict => ({ outcome: 'right', why });
const wrong = (why: string): Verdict => ({ outcome: 'wrong', why });

/** The first complaint, without the file's path: the table has that in a column of its own. */
export function complaint(stderr: string): string {
  const line = stderr.split('\n').find((own) => /^\S/.test(own) && !/^(note|warning)/.test(own)) ?? '';
  return line.replace(/^exrpipe: /, '').replace(/(?:\/[^\s/,:"]+)+\/([^\s/,:"]+)/g, '$1');
}

/** The exrpipe commands that a refusal advises: those in quotation marks with options of their own. */
export function advice(stderr: string): string[] {
  return [...complaint(stderr).matchAll(/"([a-z][a-z-]* [^"]*--?[^"]*)"/g)].map(([, command]) => command as string);
}

const place = ({ reading }: Seen, channel: Channel): PlacedChannel => ({
  ...channel,
  part: reading.parts[channel.part]?.name ?? '',
});
const isId = ({ name }: { name: string }): boolean => /\.(r|b|red|blue)$/i.test(name);

/** The channels that must be in the outputs, by the names that they have then. */
function expectedChannels(trial: Trial, frame: Frame, { sources, whole }: Outcome): PlacedChannel[] {
  const { keeps = () => true, renamed = (name: string) => name } = trial;
  const restored = trial.mattes === 'all' && whole !== undefined;
  const ids = new Map(
    (restored ? whole.reading.channels : [])
      .filter((own) => isId(own) && holdsIds(frame, own))
      .map((own) => [own.name, own]),
  );
  return sources.flatMap((source) =>
    source.reading.channels
      .filter((channel) => !trial.lossy || holdsIds({ ...frame, seen: source }, channel))
      .map((channel) => place(source, { ...channel, digest: ids.get(channel.name)?.digest ?? channel.digest }))
      .filter(({ name, part }) => keeps(name, frame, part))
      .map((channel) => ({ ...channel, name: renamed(channel.name, frame) })),
  );
}

/** The fault of channels with IDs; colours may have changed. Of two views' channels each must be as one of them was. */
function lossyDifference(
  trial: Trial,
  expected: readonly PlacedChannel[],
  found: readonly PlacedChannel[],
): string | undefined {
  const spelt = ({ name, type, digest }: PlacedChannel): string => JSON.stringify([name, type, digest]);
  const [before, names] = [new Set(expected.map(spelt)), new Set(expected.map(({ name }) => name))];
  const ids = found.filter(({ name }) => names.has(name));
  const changed = ids.filter((channel) => !before.has(spelt(channel)));
  if (changed.length > 0) return `${changed.length} channels of IDs changed, such as ${changed[0]?.name}`;
  // A part taken by itself drops the others.
  const lost = expected.length - ids.length;
  return lost === 0 || trial.apart ? undefined : `${lost} channels of IDs are gone`;
}

function judgeMatte(frame: Frame, { sources, outputs }: Outcome): Verdict {
  const [name, crypto] = [frame.pieces.name ?? '', frame.pieces.crypto];
  const groups = sources.flatMap(({ reading }) => reading.groups).filter((group) => group.name === crypto);
  const asked = groups.map(({ ids }) => ids?.[idOf(name)]?.[0] ?? 0).toSorted((a, b) => a - b);
  const got = outputs
    .flatMap(({ reading }) => reading.channels)
    .map(({ sum }) => sum ?? Number.NaN)
    .toSorted((a, b) => a - b);
  const same =
    asked.length === got.length && asked.every((sum, i) => Math.abs(sum - (got[i] ?? 0)) <= 1e-3 * Math.max(1, sum));
  return same ? right() : wrong(`mattes of ${got.join(', ')} pixels, right is ${asked.join(', ')}`);
}

/** Names in the metadata; `(null)` is no object, but what Cycles 4.5 calls the background. */
const namesIn = (files: readonly Seen[]): Set<string> =>
  new Set(
    files
      .flatMap(({ answers }) => answers.map(({ name }) => name ?? ''))
      .filter((name) => name !== '' && name !== '(null)'),
  );

function demandsOf(trial: Trial, frame: Frame, { sources, whole }: Outcome): Demand[] {
  const { keeps = () => true, mattes, share = 0.999 } = trial;
  const kept = (group: Group, { reading }: Seen): boolean =>
    group.channels.every(([part, name]) => keeps(name, frame, reading.parts[part]?.name ?? ''));
  if (mattes === 'none') return [];
  if (mattes !== 'all') return demandsOfKept(sources, kept);
  const [, ...others] = sources;
  return demandsOfAll(whole ? [whole, ...others] : sources, kept, share);
}

function judgeOutputs(trial: Trial, frame: Frame, outcome: Outcome): Verdict {
  const { outputs } = outcome;
  if (outputs.length === 0) return wrong('no output');
  const refused = outputs.find(({ reading }) => reading.error !== undefined);
  if (refused) return wrong(`the reference library refuses it: ${refused.reading.error}`);
  if (trial.matteOfName) return judgeMatte(frame, outcome);
  const expected = expectedChannels(trial, frame, outcome);
  const all = outputs.flatMap((seen) => seen.reading.channels.map((channel) => place(seen, channel)));
  const found = all.filter(({ name }) => !trial.adds?.includes(name));
  const changed = trial.lossy
    ? lossyDifference(trial, expected, found)
    : difference(expected, found, trial.same ?? 'names');
  if (changed !== undefined) return wrong(changed);
  const lacking = [...(trial.adds ?? []), ...(trial.has ?? [])].filter(
    (name) => !outputs.some(({ reading }) => reading.channels.some((channel) => channel.name === name)),
  );
  if (lacking.length > 0) return wrong(`no channel ${lacking.join(', ')}`);
  const demands = demandsOf(trial, frame, outcome);
  if (trial.mattes === 'all' && demands.length === 0 && frame.file.includes('single/')) {
    // Every file is one rank: only the result can say what there is.
    const made = demandsOfAll(outputs, () => true, trial.share ?? 0.999);
    return made.length === 0 ? wrong('no Cryptomatte in it') : verdictOf(made, outputs, false);
  }
  const mattes = verdictOf(demands, outputs, trial.apart === true);
  if (mattes.outcome !== 'right') return mattes;
  if (trial.namesStay) {
    const left = namesIn(outputs);
    const gone = [...namesIn(outcome.sources)].filter((name) => !left.has(name));
    if (gone.length > 0) return wrong(`${gone.length} names are missing from the metadata`);
  }
  return right();
}

function verdictOf(demands: readonly Demand[], outputs: readonly Seen[], apart: boolean): Verdict {
  const failures = unmet(demands, outputs, apart);
  if (failures.length === 0) return right();
  return wrong(`Blender: ${failures.length} of ${demands.length} Cryptomattes worse: ${failures[0]}`);
}

interface Finding {
  readonly rule: string;
  readonly severity: string;
}

/** Compares what `validate` finds with what Blender's node makes of the file. */
function judgeFindings(trial: Trial, frame: Frame, { ended }: Outcome): Verdict {
  let findings: Finding[];
  try {
    findings = (JSON.parse(ended.stdout) as { findings: Finding[] }).findings ?? [];
  } catch {
    return wrong('no JSON');
  }
  const rulesOf = (severity: string): string[] =>
    [...new Set(findings.filter((own) => own.severity === severity).map(({ rule }) => rule))].toSorted();
  if (trial.verdict === 'ranks')
    return rulesOf('error').includes('CM-C01') ? wrong('validate reports missing ranks') : right();
  const errors = rulesOf('error');
  // What these two recommend moves metadata to where Blender does not look.
  const misleading = rulesOf('warning').filter((rule) => /^CM-E0[12]$/.test(rule));
  if (frame.accepted !== false) {
    // Lost metadata is an error even where the node has other Cryptomattes to offer.
    const said = [...errors.filter((rule) => rule !== 'CM-C11'), ...misleading];
    return said.length === 0 ? right() : wrong(`it works, and validate reports ${said.join(', ')}`);
  }
  const others = rulesOf('warning').filter((rule) => !misleading.includes(rule));
  // Works in a scene of the same working space, so a warning will do.
  if (errors.length > 0 || (frame.state === 'space' && others.length > 0)) return right();
  return wrong('it does not work, and validate finds no error');
}

function judgeRefusal(trial: Trial, { ended, advised }: Outcome): Verdict {
  const said = complaint(ended.stderr);
  if (said.length === 0 || said.length > 1000) return wrong(`refused by a message of ${said.length} characters`);
  if (trial.refused !== undefined) return right(`refused: ${said}`);
  // Names decide how DWA stores channels, so new ones may need consent to a second loss.
  if (/losing quality twice/.test(said) && /--allow-lossy/.test(said)) return right(`asks for consent: ${said}`);
  if (!trial.lossy) return { outcome: 'refused', why: said };
  // If no command helps, the message must explain what does.
  if (advice(ended.stderr).length === 0 && /Choose zip or piz|Leave it float/.test(said))
    return right(`refused: ${said}`);
  if (advised.length === 0) return wrong(`refused without advice: ${said}`);
  const failed = advised.find(({ code }) => code !== 0);
  return failed ? wrong(`what is advised fails: ${complaint(failed.stderr)}`) : right(`refused: ${said}`);
}

export function judge(trial: Trial, frame: Frame, outcome: Outcome): Verdict {
  const { code, stderr } = outcome.ended;
  if (code === undefined) return wrong('took too long');
  if (/^ +at |TypeError|RangeError|internal error/m.test(stderr)) return wrong(`crashed: ${complaint(stderr)}`);
  if (code > 2) return wrong(`exit code ${code}: ${complaint(stderr)}`);
  if (trial.verdict !== undefined && !/"error":\{/.test(outcome.ended.stdout))
    return judgeFindings(trial, frame, outcome);
  if (code !== 0) return judgeRefusal(trial, outcome);
  if (trial.refused === 'must') return wrong('must be refused, and is not');
  if (trial.silent?.test(stderr))
    return wrong(`a false warning: ${stderr.split('\n').find((line) => trial.silent?.test(line))}`);
  const verdict = judgeOutputs(trial, frame, outcome);
  if (verdict.outcome === 'wrong' && trial.orWarns?.test(stderr)) return right('warned of');
  return verdict;
}
