import { FitIndex, type NameFit, viewLayerOf } from '../layers/fit.js';
import { advise, optionNamed, stepOf } from '../model/advice.js';
import { ExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import type { Header } from '../model/header.js';
import { listed } from '../model/listed.js';
import type { NoticeReporter } from './carry.js';
import { bitsToHex, eeveeName, nameBits } from './hash.js';
import type { FoundId } from './id-table.js';
import { type IdStatistics, judgeIds, pxr24Bits, readIds, type SampleReader } from './ids.js';
import { type InjectTarget, withManifests } from './inject-targets.js';
import {
  formatManifest,
  isStrictManifest,
  type Manifest,
  possibleNames,
  readManifest,
  sameNames,
  storedManifest,
} from './manifest.js';
import { namedShare } from './named-share.js';
import { rehashed } from './rehash.js';

/** A manifest at hand. */
export interface NameSource {
  /** For messages: `donor.exr: Chars.CryptoObject`. */
  readonly label: string;
  /** The Cryptomatte it was made for. */
  readonly name: string;
  /** Sources that belong together, as a donor's view layer: targets of one view layer are given names from one group. */
  readonly group: string;
  readonly names: Manifest;
  /** The text it was read from, when that can be used as it is. */
  readonly text: Uint8Array | undefined;
}

/** How names are given to Cryptomattes, and what is done about doubts. */
export interface InjectOptions {
  /** Reads pixels, to decide among several manifests and to check the result; undefined for header-only work. */
  readonly samples: SampleReader | undefined;
  /** Names in no order and for no Cryptomatte in particular: those found in the pixels are used, all of them without pixels. */
  readonly pool?: (target: InjectTarget) => Manifest;
}

/** Coverage beyond this share counts as completely named: the rest is rounding. */
const complete = 0.9999;

/** A source from a manifest's text, as it was written, or rewritten where readers would stumble over it or no pixel has its IDs. */
export function nameSource(name: string, label: string, text: Uint8Array, rehash: boolean): NameSource {
  const reading = readManifest(text);
  const possible = possibleNames(reading);
  const names = rehash ? rehashed(possible.names) : possible.names;
  const asWritten = isStrictManifest(reading) && possible.changed === 0 && possible.nothing.length === 0 && !rehash;
  return { label, name, group: label, names, text: asWritten ? text : undefined };
}

/** A target with the manifest chosen for it. */
interface Choice {
  readonly target: InjectTarget;
  readonly source: NameSource | undefined;
  readonly fit: NameFit | undefined;
}

/** A target and all sources that could be meant for it. */
interface Wish {
  readonly target: InjectTarget;
  readonly sources: readonly NameSource[];
  readonly fit: NameFit | undefined;
}

/**
 * The header with names for its targets. Reports what each got, from where, and how much of the coverage that names.
 *
 * @throws ExrError of kind `usage` when several manifests fit and nothing decides, `invalid` when no target got names or the
 *   pixels' IDs are destroyed.
 */
export async function injectNames(
  header: Header,
  targets: readonly InjectTarget[],
  sources: readonly NameSource[],
  report: NoticeReporter,
  { samples, pool }: InjectOptions,
): Promise<Header> {
  refuseHalf(header, targets);
  const wishes = wishesOf(targets, sources);
  for (const { target, sources: fitting } of wishes)
    if (fitting.length === 0 && !pool)
      report.warn('NO_FIT', `no manifest matches the channels "${target.name}"; there are names for ${list(sources)}`);
  const hopeful = wishes.filter((wish) => wish.sources.length > 0 || pool);
  if (hopeful.length === 0)
    throw new ExrError(
      'invalid',
      'NOTHING_FITS',
      `no Cryptomatte of the file matches: it has ${list(targets)}, and there are names for ${list(sources)}`,
      {
        hint: advise`Rename the channels first with ${stepOf('rename')}, or give the names for one of them with ${optionNamed('sidecar')} and ${optionNamed('layer')}.`,
      },
    );
  const statistics = samples
    ? await readIds(header, new Map(hopeful.map(({ target }) => [target, target.layers])), samples)
    : undefined;
  const choices = togetherByViewLayer(hopeful).flatMap((together) =>
    statistics ? decide(together, statistics, report) : together.map(onlyFit),
  );
  const done = choices.flatMap((choice) => {
    const names = finalNames(choice, statistics?.get(choice.target), pool?.(choice.target), report);
    return names ? [{ ...choice, ...names }] : [];
  });
  if (done.length === 0)
    throw new ExrError('invalid', 'NOTHING_NAMED', 'none of the given names belong to the IDs in the pixels', {
      hint: 'The names must come from the same scene.',
    });
  return withManifests(
    header,
    done.map(({ target, text }) => ({ target, manifest: text })),
  );
}

/**
 * The sources that match each target best. A name that matches one target exactly does not match another one loosely: without
 * that rule the background would get the characters' names if the donor has no background.
 */
function wishesOf(targets: readonly InjectTarget[], sources: readonly NameSource[]): Wish[] {
  const exact = new Set(targets.map(({ name }) => name));
  const all = new FitIndex(sources.map(({ name }) => name));
  const loose = new FitIndex(sources.flatMap(({ name }) => (exact.has(name) ? [] : [name])));
  const byName = groupBy(sources, ({ name }) => name);
  return targets.map((target): Wish => {
    const best = byName.has(target.name) ? all.best(target.name) : loose.best(target.name);
    return { target, fit: best?.fit, sources: best?.names.flatMap((name) => byName.get(name) ?? []) ?? [] };
  });
}

/** Half channels cannot hold IDs; names would only hide that. */
function refuseHalf(header: Header, targets: readonly InjectTarget[]): void {
  const half = targets.filter(({ layers }) =>
    layers.some(({ channels }) => channels.some(({ type }) => type === 'half')),
  );
  if (half.length > 0 && header.parts.length > 0) throw destroyed(half, 'they are stored as 16-bit half');
}

function destroyed(targets: readonly { readonly name: string }[], why: string): ExrError {
  return new ExrError('invalid', 'IDS_DESTROYED', `the IDs of ${list(targets)} are destroyed: ${why}`, {
    hint: 'Names can no longer be matched to them. Re-render, or use a copy from before the change.',
  });
}

function onlyFit({ target, sources, fit }: Wish): Choice {
  const [only, ...others] = sources;
  if (others.length > 0) throw severalFit(target, sources);
  return { target, source: only, fit };
}

function severalFit(target: InjectTarget, sources: readonly NameSource[]): ExrError {
  const labels = sources.map(({ label }) => label).join('", "');
  return new ExrError('usage', 'SEVERAL_FIT', `several manifests match the channels "${target.name}": "${labels}"`, {
    hint: advise`Choose one with ${optionNamed('donorLayer')}, or omit ${optionNamed('noVerify')} so that the pixels decide.`,
  });
}

/**
 * Wishes by view layer. If several parts hold the same names (one render each), the first of each name belong together, and so
 * on.
 */
function togetherByViewLayer(wishes: readonly Wish[]): Wish[][] {
  const groups = [...groupBy(wishes, ({ target }) => target.name).values()].flatMap((same) =>
    same.map((wish, index) => ({ wish, id: `${index} ${viewLayerOf(wish.target.name)}` })),
  );
  return [...groupBy(groups, ({ id }) => id).values()].map((group) => group.map(({ wish }) => wish));
}

/** Decides for all Cryptomattes of one view layer together: an empty matte alone could not tell view layers apart. */
function decide(
  wishes: readonly Wish[],
  statistics: ReadonlyMap<InjectTarget, IdStatistics>,
  report: NoticeReporter,
): Choice[] {
  const groups = [...new Set(wishes.flatMap(({ sources }) => sources.map(({ group }) => group)))];
  if (wishes.every(({ sources }) => sources.length <= 1)) return wishes.map(onlyFit);
  const scores = groups
    .map((group) => ({ group, score: scoreOf(group, wishes, statistics) }))
    .sort((a, b) => b.score - a.score);
  const [best, next] = scores;
  const covered = wishes.reduce((sum, { target }) => sum + (statistics.get(target)?.coverage ?? 0), 0);
  const undecided = next !== undefined && best !== undefined && best.score - next.score <= 1e-6 * covered;
  return wishes.map(({ target, sources, fit }) => {
    if (sources.length <= 1) return onlyFit({ target, sources, fit });
    const own = sources.filter(({ group }) => group === best?.group);
    const source = own[0] ?? sources[0];
    const rivals = undecided ? sources.filter(({ group }) => group === best?.group || group === next?.group) : own;
    if (covered === 0)
      report.warn('EMPTY_PICTURE', `no pixel decides which manifest "${target.name}" gets; it is "${source?.label}"`);
    else if (rivals.some(({ names }) => source && !sameNames(names, source.names))) throw severalFit(target, sources);
    return { target, source, fit };
  });
}

function scoreOf(group: string, wishes: readonly Wish[], statistics: ReadonlyMap<InjectTarget, IdStatistics>): number {
  let sum = 0;
  for (const { target, sources } of wishes) {
    const counted = statistics.get(target);
    const source = sources.find((one) => one.group === group);
    if (counted && source) sum += namedShare(counted, source.names.values()).share * counted.coverage;
  }
  return sum;
}

/** The names a target gets, checked against its pixels; undefined (with a warning) when they are not its names. */
function finalNames(
  { target, source, fit }: Choice,
  statistics: IdStatistics | undefined,
  pool: Manifest | undefined,
  report: NoticeReporter,
): { text: Uint8Array } | undefined {
  const extra = [
    ...(pool ? additions(pool, source?.names, statistics) : []),
    ...(statistics ? additions(eeveeNames(source?.names, pool), source?.names, statistics) : []),
  ];
  const names: Manifest =
    extra.length === 0 ? (source?.names ?? new Map()) : new Map([...(source?.names ?? []), ...extra]);
  const text = (extra.length === 0 ? source?.text : undefined) ?? formatManifest(names);
  const origin = source
    ? `from "${source.label}"${fit === 'exact' ? '' : ` (fits by ${fit})`}`
    : 'from the names given';
  if (!statistics) {
    report.note('INJECTED', `"${target.name}" got ${names.size} names ${origin}; the pixels were not checked`);
    return { text };
  }
  const { share, rounded, known } = namedShare(statistics, names.values());
  const state = judgeIds(statistics, (bits) => known.has(bits));
  if (state === 'half') throw destroyed([target], 'they were once stored as 16-bit half or with a lossy codec');
  if (state === 'mixed') throw destroyed([target], 'they were filtered, resized, premultiplied or colour-managed');
  if (state === 'rounded' && !rounded)
    throw destroyed([target], 'they were rounded to 24 bits (PXR24), and the given names do not determine them');
  if (share === 0 && statistics.coverage > 0) {
    const ids = [...statistics.found()].length;
    report.warn('NOTHING_NAMED', `"${target.name}" is left alone: the names ${origin} name none of its ${ids} IDs`);
    return undefined;
  }
  if (rounded)
    report.warn(
      'IDS_ROUNDED',
      `the IDs of "${target.name}" are rounded to 24 bits, which no reader accepts; "repair" restores them`,
    );
  const kept = keptNames(target, names, known, statistics);
  const all = new Set([...known, ...kept.map(([, bits]) => bits)]);
  const named = statistics.share((bits) => all.has(bits));
  const unknown = [...statistics.found()].filter(({ bits }) => !all.has(bits));
  const own = kept.length === 0 ? '' : `, and keeps ${kept.length} of its own`;
  if (named < complete)
    report.warn(
      'PARTLY_NAMED',
      `"${target.name}": ${percent(named)} of the coverage is named ${origin}${own}; ${unnamed(unknown)}`,
    );
  else
    report.note(
      'INJECTED',
      `"${target.name}" got ${names.size} names ${origin}${own}, ${percent(named)} of the coverage`,
    );
  return { text: kept.length === 0 ? text : formatManifest([...names, ...kept]) };
}

/** Names that the target already has, for IDs in its pixels that the new names do not cover. */
function keptNames(
  { set }: InjectTarget,
  names: Manifest,
  known: ReadonlySet<number>,
  statistics: IdStatistics,
): [string, number][] {
  if (!set?.manifest) return [];
  const unnamed = new Set([...statistics.found()].flatMap(({ bits }) => (known.has(bits) ? [] : bits)));
  if (unnamed.size === 0) return [];
  const own = possibleNames(storedManifest(set.manifest)).names;
  return [...own].filter(([name, bits]) => unnamed.has(bits) && !names.has(name));
}

/** Names of a pool that the manifest lacks: those with IDs in the pixels, or all if the pixels are not read. */
function additions(
  pool: Manifest,
  names: Manifest | undefined,
  statistics: IdStatistics | undefined,
): [string, number][] {
  const used = statistics && usedBits(statistics, namedShare(statistics, pool.values()).known);
  const added: [string, number][] = [];
  // Lists may have a hundred thousand names; only the needed ones are copied.
  for (const [name, bits] of pool)
    if (!names?.has(name) && (!used || used.has(bits) || used.has(pxr24Bits(bits)))) added.push([name, bits]);
  return added;
}

/** What EEVEE makes of names that Cycles hashes in full, so that a donor of one names a frame of the other. */
function eeveeNames(...manifests: readonly (Manifest | undefined)[]): Manifest {
  const cut = new Map<string, number>();
  for (const manifest of manifests)
    for (const name of manifest?.keys() ?? []) {
      const short = eeveeName(name);
      if (short !== name) cut.set(short, nameBits(short));
    }
  return cut;
}

function usedBits(statistics: IdStatistics, known: ReadonlySet<number>): Set<number> {
  return new Set([...statistics.found()].map(({ bits }) => bits).filter((bits) => known.has(bits)));
}

function unnamed(unknown: readonly FoundId[]): string {
  const [largest] = unknown.toSorted((a, b) => b.coverage - a.coverage);
  if (!largest) return 'no ID is without a name';
  const count = unknown.length === 1 ? 'one ID has no name' : `${unknown.length} IDs have no name`;
  return `${count}, the largest is ${bitsToHex(largest.bits)} (first at ${largest.x}, ${largest.y})`;
}

/** Rounds down, so that less is never shown as 100 %. */
export function percent(share: number): string {
  return `${(Math.floor(share * 10_000) / 100).toFixed(2)} %`;
}

function list(items: readonly { readonly name: string }[]): string {
  return listed(new Set(items.map(({ name }) => name))) || 'nothing';
}
