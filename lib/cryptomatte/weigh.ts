/**
 * Which layers hold the IDs of which Cryptomattes, by the pixels: an ID is the hash of a name, so a manifest that names a layer's
 * IDs belongs to that layer, whatever its name. Names decide only where no pixel is covered.
 */
import { FitIndex } from '../layers/fit.js';
import { splitKind } from '../layers/kinds.js';
import type { LayerChannels } from '../layers/rank-groups.js';
import { looseStem, numberedStem } from '../layers/rank-groups.js';
import type { CryptomatteSet } from '../layers/sets.js';
import { groupBy } from '../model/group-by.js';
import { compareText, textLength } from '../model/text.js';
import type { IdStatistics } from './ids.js';
import { isEmpty, type Weights } from './layer-weights.js';
import { possibleNames, storedManifest } from './manifest.js';
import { namedShare } from './named-share.js';

/** Layers that may be the ranks of one Cryptomatte: `ids00` and `ids01`, or a single one that no number links to others. */
export interface Candidate {
  /** What their names have in common; for a single layer, its whole name. */
  readonly name: string;
  readonly layers: readonly LayerChannels[];
}

/** Cryptomattes with the same names: each item of a File Output node gets a copy of the metadata. */
export interface Claimant {
  readonly sets: readonly CryptomatteSet[];
  /** The IDs of its names. Empty for metadata that lists none. */
  readonly ids: ReadonlySet<number>;
}

/** A layer that fits a claimant. */
export interface Match {
  readonly claimant: Claimant;
  /** One Cryptomatte's rank layers, from the first on. */
  readonly layers: readonly LayerChannels[];
  /** The evidence: the IDs in the pixels; or the name, if nothing is covered. */
  readonly by: 'pixels' | 'name';
}

/** Which layers belong to which Cryptomattes, by the samples. */
export interface Weighing {
  readonly matches: readonly Match[];
  /** Claimants that several layers match equally well, with these. */
  readonly undecided: readonly { readonly claimant: Claimant; readonly candidates: readonly Candidate[] }[];
}

/** From this share of the coverage on, a manifest names a layer completely; a manifest that was cut off names less of it. */
const shares = [0.9999, 0.5] as const;

/** Blender may have cut layer names of this many bytes and more. */
const cutLength = 58;

/** Cryptomattes by the contents of their manifests. */
export function claimantsOf(sets: readonly CryptomatteSet[]): Claimant[] {
  const read = sets.map((set) => {
    const { names } = set.manifest ? possibleNames(storedManifest(set.manifest)) : { names: new Map<string, number>() };
    const entries = [...names].sort(([a], [b]) => (a < b ? -1 : a > b ? 1 : 0));
    // Without names, there is no evidence that two are the same.
    return { set, ids: new Set(names.values()), same: names.size === 0 ? set : JSON.stringify(entries) };
  });
  return [...groupBy(read, ({ same }) => same).values()].map((same) => ({
    sets: same.map(({ set }) => set),
    ids: same[0]?.ids ?? new Set(),
  }));
}

/** Layers by the name they share, views and parts together. */
export function candidatesOf(layers: readonly LayerChannels[]): Candidate[] {
  return [...groupBy(layers, ({ layer }) => looseStem(layer)?.name || layer)].map(([name, own]) => {
    const isOne = new Set(own.map(({ layer }) => layer)).size === 1;
    return { name: isOne ? (own[0]?.layer ?? name) : name, layers: own };
  });
}

/** Far more pairs than files have: a bound for hostile ones, as each pair costs a pass over all IDs of a layer. */
const mostPairs = 1 << 16;

/**
 * Matches Cryptomattes and layers where the match is unique in both directions. Each layer is one Cryptomatte's at most, and no
 * manifest gets a layer whose IDs it does not name. Layers without any coverage are matched by name alone, see {@link byName}.
 */
export function weighGroups(
  claimants: readonly Claimant[],
  candidates: readonly Candidate[],
  weights: Weights,
): Weighing {
  const layers = candidates.flatMap((one) => one.layers);
  if (claimants.length * layers.length > mostPairs)
    return { matches: [], undecided: claimants.map((claimant) => ({ claimant, candidates: [] })) };
  const scales = new Scales(weights);
  const free = new Set(candidates.flatMap((candidate) => separate(candidate, claimants, scales)));
  const open = new Set(claimants.filter(({ ids }) => ids.size > 0));
  const matches: Match[] = [];
  const undecided = new Map<Claimant, readonly Candidate[]>();
  const settle = ({ claimant, candidates: found }: Wish): boolean => {
    const ranks = ranksOf(claimant, found, scales);
    if (!ranks) return false;
    matches.push({ claimant, layers: ranks, by: 'pixels' });
    open.delete(claimant);
    for (const one of found) if (one.layers.some((layer) => ranks.includes(layer))) free.delete(one);
    return true;
  };
  for (const least of shares) {
    for (let progress = true; progress; ) {
      const wishes = wishesOf([...open], [...free], scales, least);
      // Sure matches go first: more may become sure among the rest.
      progress = wishes.filter(({ isSure }) => isSure).filter(settle).length > 0;
      if (!progress) for (const { claimant, candidates: found } of wishes) undecided.set(claimant, found);
    }
  }
  for (const { claimant } of matches) undecided.delete(claimant);
  const left = claimants.filter((one) => !undecided.has(one) && !matches.some(({ claimant }) => claimant === one));
  matches.push(...byName(left, [...free], scales));
  return { matches, undecided: [...undecided].map(([claimant, found]) => ({ claimant, candidates: found })) };
}

/** What layers hold, and how much of it Cryptomattes name. */
class Scales {
  readonly weights: Weights;
  readonly #shares = new Map<Claimant, Map<LayerChannels, number>>();

  constructor(weights: Weights) {
    this.weights = weights;
  }

  isEmpty(layer: LayerChannels): boolean {
    return isEmpty(this.weights.get(layer));
  }

  /** The share of several layers' coverage that a claimant names; 0 where nothing is covered. */
  share(claimant: Claimant, layers: readonly LayerChannels[]): number {
    let [named, covered] = [0, 0];
    for (const layer of layers) {
      const statistics = this.weights.get(layer);
      if (!statistics || isEmpty(statistics)) continue;
      // Values that cannot be coverage are evidence against IDs.
      covered += statistics.coverage + statistics.badCoverageSamples;
      named += this.#named(claimant, layer, statistics);
    }
    return covered === 0 ? 0 : named / covered;
  }

  #named(claimant: Claimant, layer: LayerChannels, statistics: IdStatistics): number {
    const known = this.#shares.get(claimant) ?? new Map<LayerChannels, number>();
    this.#shares.set(claimant, known);
    const named =
      known.get(layer) ??
      (statistics.coverage > 0 ? namedShare(statistics, claimant.ids).share * statistics.coverage : 0);
    known.set(layer, named);
    return named;
  }
}

/** Splits a candidate whose layers belong to different Cryptomattes: `ids1` and `ids2` may be two. */
function separate(candidate: Candidate, claimants: readonly Claimant[], scales: Scales): Candidate[] {
  const covered = candidate.layers.filter((layer) => !scales.isEmpty(layer));
  const isCommon = (one: Claimant): boolean => covered.every((layer) => scales.share(one, [layer]) >= shares[1]);
  if (candidate.layers.length < 2 || covered.length === 0 || claimants.some(isCommon)) return [candidate];
  return candidate.layers.map((layer) => ({ name: layer.layer, layers: [layer] }));
}

interface Wish {
  readonly claimant: Claimant;
  readonly candidates: readonly Candidate[];
  /** Whether the match is unique. */
  readonly isSure: boolean;
}

/** What each claimant may take: candidates that no other claims, or the one with its name. */
function wishesOf(
  claimants: readonly Claimant[],
  candidates: readonly Candidate[],
  scales: Scales,
  least: number,
): Wish[] {
  const suitors = new Map(
    candidates.map((one) => [one, claimants.filter((claimant) => isSuitor(claimant, one, scales, least))]),
  );
  const wanted = new Map<Claimant, Candidate[]>();
  for (const [candidate, own] of suitors)
    for (const claimant of own) wanted.set(claimant, [...(wanted.get(claimant) ?? []), candidate]);
  const wishes = [...wanted].map(([claimant, found]): Wish => {
    const own = found.filter((one) => suitors.get(one)?.length === 1);
    return own.length > 0
      ? { claimant, candidates: own, isSure: true }
      : { claimant, candidates: found, isSure: false };
  });
  if (wishes.some(({ isSure }) => isSure)) return wishes;
  const liked = new Map(wishes.map(({ claimant, candidates: found }) => [claimant, likest(claimant, found)]));
  return wishes.map((wish): Wish => {
    const best = liked.get(wish.claimant);
    const isOnly = best && [...liked.values()].filter((one) => one === best).length === 1;
    return isOnly ? { ...wish, candidates: [best], isSure: true } : wish;
  });
}

function isSuitor(claimant: Claimant, candidate: Candidate, scales: Scales, least: number): boolean {
  const kind = kindOf(candidate.name);
  // The names of CryptoObject usually also name a CryptoAsset's IDs, which is nevertheless another Cryptomatte.
  const isKind = kind === undefined || claimant.sets.some(({ name = '' }) => [undefined, kind].includes(kindOf(name)));
  return isKind && scales.share(claimant, candidate.layers) >= least;
}

function kindOf(name: string): string | undefined {
  const plain = name.replace(/[\d.]+$/, '');
  return splitKind(plain)?.kind;
}

/** The only candidate with a claimant's name, or nearly so. */
function likest({ sets }: Claimant, candidates: readonly Candidate[]): Candidate | undefined {
  const index = new FitIndex(candidates.map(({ name }) => name));
  const names = new Set(sets.flatMap(({ name }) => (name === undefined ? [] : (index.best(name)?.names ?? []))));
  const [only, other] = names;
  return other === undefined ? candidates.find(({ name }) => name === only) : undefined;
}

/**
 * The layers of one Cryptomatte, from the first rank on; undefined where they cannot be one. Numbered candidates are
 * already in order. Of others, the first ranks cover most.
 */
function ranksOf(
  claimant: Claimant,
  candidates: readonly Candidate[],
  scales: Scales,
): readonly LayerChannels[] | undefined {
  const [only, ...others] = candidates;
  if (!only || others.length === 0) return only?.layers;
  const layers = candidates.flatMap((one) => one.layers);
  // Each rank that was a separate item brought its own metadata.
  const wereItems = claimant.sets.length >= candidates.length && layers.length === candidates.length;
  const sorted = inOrder(layers, scales.weights);
  if (wereItems && mayBeRanks(sorted, scales.weights)) return sorted;
  return claimant.sets.length === 1 ? likest(claimant, candidates)?.layers : undefined;
}

/** Layers from the first rank on: the first ones cover most. */
export function inOrder<Layer extends LayerChannels>(layers: readonly Layer[], weights: Weights): Layer[] {
  const coverage = (layer: Layer): number => weights.get(layer)?.coverage ?? 0;
  return [...layers].sort((a, b) => coverage(b) - coverage(a) || compareText(a.layer, b.layer));
}

/** Some renderers' coverages add up to more than 1; never to half as much again. */
const slack = 1.5;

/**
 * Whether layers in this order may be ranks of one Cryptomatte. Coverages of a pixel descend and add up to 1, so the third is at
 * most a third. Each of two Cryptomattes has pixels that are covered completely; if one covers nothing, names distinguish them.
 */
export function mayBeRanks(layers: readonly LayerChannels[], weights: Weights): boolean {
  const isLater = (layer: LayerChannels, index: number): boolean =>
    index === 0 || (weights.get(layer)?.maxCoverage ?? 0) <= slack / (2 * index + 1);
  const [, ...later] = layers;
  return layers.every(isLater) && (later.every((layer) => !isEmpty(weights.get(layer))) || differAtEnd(layers));
}

/** Names of two different things differ by more than `A` and `B`, or `00` and `01`. */
const longestEnd = 3;

/** Names such as `ids_A` and `ids_B`; not `hero_ids` and `villain_ids`. */
function differAtEnd(layers: readonly LayerChannels[]): boolean {
  const names = layers.map(({ layer }) => plainName(layer));
  const shared = sharedBeginning(names).length;
  return shared > 0 && names.every(({ length }) => length - shared <= longestEnd);
}

/** A name without dots at its ends, which are not valid in layer names. */
export function plainName(name: string): string {
  return name.replace(/^\.+|\.+$/g, '').replace(/\.{2,}/g, '.');
}

/** The common beginning of all names. */
export function sharedBeginning([first = '', ...others]: readonly string[]): string {
  let length = first.length;
  while (!others.every((name) => name.startsWith(first.slice(0, length)))) length -= 1;
  return first.slice(0, length);
}

/**
 * Layers without coverage whose name is the beginning of one Cryptomatte's, cut where Blender cuts, or that of its item with a
 * prefix: `b6_CryptoObject` of the file b6_CryptoObject00.exr.
 */
function byName(claimants: readonly Claimant[], candidates: readonly Candidate[], scales: Scales): Match[] {
  const isNamed = ({ sets }: Claimant, { name: own, layers }: Candidate): boolean =>
    layers.every((one) => scales.isEmpty(one)) &&
    sets.some(({ name = '' }) => {
      const item = plainName(name);
      const base = numberedStem(item)?.name ?? item;
      const isCut = layers.every(({ layer }) => textLength(layer) >= cutLength && name.startsWith(layer));
      return (
        isCut || (base !== '' && (own === base || (own.endsWith(base) && /[._ -]$/.test(own.slice(0, -base.length)))))
      );
    });
  return claimants.flatMap((claimant): Match[] => {
    const [only, other] = candidates.filter((one) => isNamed(claimant, one));
    if (!only || other || claimants.some((rival) => rival !== claimant && isNamed(rival, only))) return [];
    return [{ claimant, layers: only.layers, by: 'name' }];
  });
}
