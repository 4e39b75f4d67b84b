/** The linter: rules applied to a header, to pixels, to sidecars and to a sequence. */

import { codecOf } from '../codecs/table.js';
import type { FileState } from '../format/file-state.js';
import type { RankLayer } from '../layers/rank-groups.js';
import type { Program } from '../layers/seen-by/program.js';
import { type CryptomatteSet, headerSets } from '../layers/sets.js';
import type { ShotLayout } from '../layers/shot-layout.js';
import { isExrError } from '../model/error.js';
import type { Header } from '../model/header.js';
import { layerNames } from '../model/names.js';
import { type IdStatistics, readIds, type SampleReader } from './ids.js';
import { isStrictManifest, type Manifest, storedManifest } from './manifest.js';
import { attributeRules } from './rules/attributes.js';
import { chunkRules } from './rules/chunks.js';
import { fileRules } from './rules/files.js';
import { manifestRules } from './rules/manifests.js';
import { nameRules } from './rules/names.js';
import { type PixelRule, pixelRules } from './rules/pixels.js';
import { type Breach, everywhere, HeaderFacts, nameOf, type RuleInfo, type Severity } from './rules/rule.js';
import { constantOverFrames, type SequenceCheck } from './rules/sequence.js';
import { layoutBreaches, layoutRules } from './rules/shot-layout.js';
import { type ManifestCheck, sameManifests } from './rules/shot-manifests.js';
import { storageRules } from './rules/storage.js';
import { sidecarProblem } from './sidecar.js';

/** What a rule has found: `exrpipe validate --json` (docs/json.md). */
export interface Finding {
  /** Id of the rule: `CM-B08`. */
  readonly rule: string;
  readonly severity: Severity;
  readonly message: string;
  /** Name of the Cryptomatte concerned. */
  readonly set: string | undefined;
  readonly part: number | undefined;
  readonly attribute: string | undefined;
  readonly pixel: { readonly x: number; readonly y: number } | undefined;
  /** Programs that mind, and how much. */
  readonly targets: RuleInfo['targets'];
  readonly fixedBy: RuleInfo['fixedBy'];
  /** The exrpipe command that fixes it, without input and output. */
  readonly command: string | undefined;
}

/** Which findings are wanted. */
export interface ValidateOptions {
  /** Only what matters to these programs, with the most weight it has for any of them. Without any, all findings. */
  readonly targets?: readonly Program[] | undefined;
}

/** The same, and what is known of the file apart from its header. */
export interface HeaderOptions extends ValidateOptions {
  /** The image's file name without folder, frame and extension, which in single-layer files names what they hold. */
  readonly stem?: string | undefined;
}

/** Sidecars, which are beside the image. */
const readableSidecar: RuleInfo = {
  id: 'CM-B12',
  meaning: 'The sidecar exists and is a manifest.',
  severity: 'error',
  targets: everywhere('error'),
  fixedBy: 'header',
  command: 'inject-manifest --from DONOR.exr',
};

const headerRules = [...fileRules, ...attributeRules, ...manifestRules, ...nameRules, ...storageRules];

/** Every rule there is, in the order of their ids. */
export const cryptomatteRules: readonly RuleInfo[] = [
  ...headerRules,
  ...chunkRules,
  ...pixelRules,
  readableSidecar,
  constantOverFrames,
  sameManifests,
  ...layoutRules,
].sort((a, b) => (a.id < b.id ? -1 : 1));

/** Breaches of one rule by one set that are listed individually. */
const listed = 5;

/** Applies every header rule. No pixel is read. */
export function validateHeader(header: Header, options: HeaderOptions = {}): Finding[] {
  const facts = new HeaderFacts(header, options.stem);
  const findings = headerRules.flatMap((rule) => [...collect(rule, rule.check(facts), options)]);
  return bySeverity(findings.map((finding) => asFarAsPixelsGo(finding, header)));
}

/** Applies the rules about what a file has of what its header promises. */
export function validateChunks(header: Header, state: FileState, options: ValidateOptions = {}): Finding[] {
  return bySeverity(chunkRules.flatMap((rule) => [...collect(rule, rule.check(state, header), options)]));
}

/** Pixels of a codec that cannot be decoded are only forwarded: a command that would decode them is not suggested. */
function asFarAsPixelsGo(finding: Finding, { parts }: Header): Finding {
  if (finding.command === undefined || parts.every(({ compression }) => codecOf(compression).decode)) return finding;
  const interleaved = parts.some((part) => layerNames(part.channels).length > 1);
  const takesApart = /^(?:.*\bmerge$|merge --name|pick --channel|drop --|split|compress|inject-manifest)/.test(
    finding.command,
  );
  // New names may change the order of channels.
  return takesApart || (interleaved && finding.command.startsWith('rename'))
    ? { ...finding, fixedBy: 'pixels', command: undefined }
    : finding;
}

/** Reads the files that a validator may need, relative to the image. */
export interface SidecarReader {
  /** Path of the image; sidecars are named relative to it. */
  readonly image: string;
  /** Content of a sidecar; {@link readSidecar} reads what is safe to read. */
  readSidecar(image: string, name: string): Promise<Uint8Array>;
}

/** What is known of the sidecars of a file. */
export interface SidecarCheck {
  readonly findings: Finding[];
  /** Names found, by the set they are for. */
  readonly names: ReadonlyMap<CryptomatteSet, Manifest>;
}

/** Opens the sidecars that a header names, as far as their names are safe to follow. */
export async function validateSidecars(
  header: Header,
  { image, readSidecar }: SidecarReader,
  options: ValidateOptions = {},
): Promise<SidecarCheck> {
  const breaches: Breach[] = [];
  const names = new Map<CryptomatteSet, Manifest>();
  for (const set of headerSets(header)) {
    if (set.manifestFile === undefined || sidecarProblem(set.manifestFile) !== undefined) continue;
    try {
      const reading = storedManifest(await readSidecar(image, set.manifestFile));
      names.set(set, reading.names);
      // Without names it is no fault: nothing of the Cryptomatte may be in view.
      if (!isStrictManifest(reading))
        breaches.push({
          message: `the sidecar "${set.manifestFile}" of ${nameOf(set)} is damaged or empty`,
          set: set.name,
        });
    } catch (error) {
      const why = isExrError(error) ? `: ${error.message}` : '';
      breaches.push({
        message: `the sidecar "${set.manifestFile}" of ${nameOf(set)} cannot be read${why}`,
        set: set.name,
      });
    }
  }
  return { findings: [...collect(readableSidecar, breaches, options)], names };
}

/** Applies every pixel rule, reading the rank channels once. Sidecars' names come from {@link validateSidecars}. */
export async function validatePixels(
  header: Header,
  samples: SampleReader,
  { sidecars, ...options }: ValidateOptions & { readonly sidecars?: ReadonlyMap<CryptomatteSet, Manifest> } = {},
): Promise<Finding[]> {
  const { sets, orphans } = new HeaderFacts(header);
  const byName = new Map([...(sidecars ?? [])].map(([set, names]) => [set.key, names]));
  const subjects = new Map<{ name: string; names: Manifest | undefined }, readonly RankLayer[]>();
  for (const set of sets) {
    if (set.layers.length === 0) continue;
    const names = byName.get(set.key) ?? (set.manifest && storedManifest(set.manifest).names);
    subjects.set({ name: set.name ?? set.key, names }, set.layers);
  }
  for (const { name, layers } of orphans) if (/crypto/i.test(name)) subjects.set({ name, names: undefined }, layers);
  const results = await readIds(header, subjects, samples);
  return bySeverity([...results].flatMap(([subject, statistics]) => judge(subject, statistics, options)));
}

function judge(
  { name, names }: { readonly name: string; readonly names: Manifest | undefined },
  statistics: IdStatistics,
  options: ValidateOptions,
): Finding[] {
  const facts = { name, names, statistics, known: new Set(names?.values()) };
  return pixelRules.flatMap((rule: PixelRule) => {
    const breaches = [...rule.check(facts)].map((breach): Breach => ({ ...breach, set: name }));
    return [...collect(rule, breaches, options)];
  });
}

/** What was gathered over the frames of a shot, besides its {@link SequenceCheck}; what is absent is not looked at. */
export interface ShotOptions extends ValidateOptions {
  readonly manifests?: ManifestCheck | undefined;
  readonly layout?: ShotLayout | undefined;
}

/** What changes over the frames that the checks have seen. */
export function validateSequence(check: SequenceCheck, { manifests, layout, ...options }: ShotOptions = {}): Finding[] {
  const breaches = layout ? [...layoutBreaches(layout)] : [];
  return bySeverity([
    ...collect(constantOverFrames, check.breaches(), options),
    ...collect(sameManifests, manifests?.breaches() ?? [], options),
    ...breaches.flatMap(([rule, own]) => [...collect(rule, own, options)]),
  ]);
}

function* collect(rule: RuleInfo, breaches: Iterable<Breach>, { targets = [] }: ValidateOptions): Generator<Finding> {
  const seen = new Map<string, { count: number; last: Finding }>();
  for (const breach of breaches) {
    const { message, set, part, attribute, pixel } = breach;
    const weights = breach.targets ?? rule.targets;
    const severity = targets.length > 0 ? worst(targets, weights) : (breach.severity ?? rule.severity);
    if (!severity) continue;
    const finding: Finding = {
      rule: rule.id,
      severity,
      message,
      set,
      part,
      attribute,
      pixel,
      targets: weights,
      fixedBy: breach.fixedBy ?? rule.fixedBy,
      command: 'command' in breach ? breach.command : rule.command,
    };
    const entry = seen.get(set ?? '') ?? { count: 0, last: finding };
    seen.set(set ?? '', { count: entry.count + 1, last: finding });
    if (entry.count < listed) yield finding;
  }
  for (const { count, last } of seen.values())
    if (count > listed) yield { ...last, message: `the same, ${count - listed} more times` };
}

const order: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 };

function worst(targets: readonly Program[], weights: RuleInfo['targets']): Severity | undefined {
  const found = targets.flatMap((target) => weights[target] ?? []);
  return found.sort((a, b) => order[a] - order[b])[0];
}

function bySeverity(findings: readonly Finding[]): Finding[] {
  return findings.toSorted((a, b) => order[a.severity] - order[b.severity]);
}
