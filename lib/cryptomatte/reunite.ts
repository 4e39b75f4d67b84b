/** Cryptomattes whose metadata leads to no channels, or to ranks that programs overlook, and the layers that belong to them. */
import { makeStringAttribute } from '../format/attribute-types.js';
import { longestName } from '../format/limits.js';
import { beforeKnownPass } from '../layers/blender-passes.js';
import { parseComponent } from '../layers/components.js';
import {
  hasRank,
  isFloat,
  isFull,
  type LayerChannels,
  layersOf,
  looseStem,
  numberedStem,
} from '../layers/rank-groups.js';
import { fullName, nameProblem, respell } from '../layers/respell.js';
import { type CryptomatteSet, headerSets, withoutSets } from '../layers/sets.js';
import { isExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isDeep, type Part } from '../model/header.js';
import { firstFew, listed } from '../model/listed.js';
import { compareText, textLength } from '../model/text.js';
import type { NoticeReporter } from './carry.js';
import type { SampleReader } from './ids.js';
import { holdsIds, type Weights, weighLayers } from './layer-weights.js';
import {
  type Candidate,
  type Claimant,
  candidatesOf,
  claimantsOf,
  inOrder,
  mayBeRanks,
  plainName,
  sharedBeginning,
  weighGroups,
} from './weigh.js';

/** What it takes to find lost layers. */
export interface ReuniteOptions {
  readonly samples: SampleReader;
  /** The name of the file that a part came in, without frame and ending. */
  readonly stemOf?: (part: Part) => string | undefined;
}

/**
 * Matches dangling metadata with the layers whose IDs it names, and numbers rank layers without a number: Blender and Nuke find
 * `ids00`, not `ids`. Only where the match is unique; pixels are read only if there is such metadata.
 */
export async function reuniteSets(header: Header, report: NoticeReporter, options: ReuniteOptions): Promise<Header> {
  const sets = headerSets(header).filter(({ name }) => name !== undefined);
  const dangling = sets.filter(({ layers }) => layers.length === 0);
  const unnumbered = sets.filter(({ layers }) => layers.length > 0 && layers.every(({ text }) => text === ''));
  const candidates = dangling.length === 0 ? [] : candidatesOf(unclaimedLayers(header));
  const layers = [...candidates.flatMap((one) => one.layers), ...unnumbered.flatMap((set) => set.layers)];
  if (layers.length === 0) return header;
  const weights = await readWeights(header, layers, options.samples, report);
  if (!weights) return header;
  const claimants = claimantsOf(dangling);
  const weighed = weighGroups(claimants, candidates, weights);
  const { undecided } = weighed;
  const matches = weighed.matches.length > 0 ? weighed.matches : emptyImage(header, claimants, candidates, options);
  for (const { claimant, candidates: several } of undecided) reportUndecided(claimant, several, report);
  const found = [...matches, ...unnumberedRanks(unnumbered, weights, report)];
  const names = new Names(header, found, options.stemOf);
  const changes = found.map((one): Change => ({ ...one, ...names.choose(one) }));
  for (const change of changes) reportChange(change, report);
  return applied(header, changes);
}

/** One Cryptomatte: its metadata, possibly in several copies, and its layers from the first rank on. */
interface Reunion {
  readonly claimant: Pick<Claimant, 'sets'>;
  readonly layers: readonly LayerChannels[];
  readonly by: 'pixels' | 'name';
}

interface Change extends Reunion {
  /** The Cryptomatte's name from now on. */
  readonly name: string;
  /** New names of its layers; none for those that keep theirs. */
  readonly renamed: ReadonlyMap<LayerChannels, string>;
}

/** Layers without metadata that could be ranks: all except passes that are something else by their Blender names. */
function unclaimedLayers(header: Header): LayerChannels[] {
  const claimed = new Set(
    headerSets(header).flatMap(({ layers, previews }) => [...layers.flatMap((layer) => layer.channels), ...previews]),
  );
  return layersOf(header)
    .flatMap(bySpelling)
    .filter((layer) => {
      const part = header.parts[layer.part];
      const isOther = beforeKnownPass(layer.layer) !== undefined && !/crypto/i.test(layer.layer);
      const isClaimed = layer.channels.some((channel) => claimed.has(channel) || channel.ids === 'no');
      return part && !isDeep(part) && hasRank(layer) && isFloat(layer) && !isOther && !isClaimed;
    });
}

/** Where a name was cut, passes end up in one layer: R, G, B, A of one and r, g, b, a of another. */
function bySpelling(layer: LayerChannels): LayerChannels[] {
  const slotOf = (channel: Channel) => parseComponent(channel.name.slice(channel.name.lastIndexOf('.') + 1));
  const spellings = [...groupBy(layer.channels, (channel) => slotOf(channel)?.spelling).values()];
  const isMixed = layer.channels.length > new Set(layer.channels.map((channel) => slotOf(channel)?.slot)).size;
  if (!isMixed) return [layer];
  return spellings.map((channels) => ({
    ...layer,
    channels,
    slots: Object.fromEntries(channels.map((channel) => [slotOf(channel)?.slot, channel])),
  }));
}

async function readWeights(
  header: Header,
  layers: readonly LayerChannels[],
  samples: SampleReader,
  report: NoticeReporter,
): Promise<Weights | undefined> {
  try {
    return await weighLayers(header, layers, samples);
  } catch (error) {
    if (!isExrError(error) || !['unsupported', 'invalid'].includes(error.kind)) throw error;
    report.warn(
      'PIXELS_UNREAD',
      `the pixels that could show which channels metadata belongs to cannot be read: ${error.message}`,
    );
    return undefined;
  }
}

/**
 * A file of four channels without a layer, in which nothing is covered: the last ranks of most frames. Its name, or the letters
 * that Blender uses only for ranks, show that its metadata refers to these channels, and that it is not a black image.
 */
function emptyImage(
  header: Header,
  claimants: readonly Claimant[],
  candidates: readonly Candidate[],
  { stemOf }: ReuniteOptions,
): Reunion[] {
  const [claimant, otherClaimant] = claimants;
  const [layer, otherLayer] = candidates.flatMap((one) => one.layers);
  const [part, otherPart] = header.parts;
  if (!claimant || otherClaimant || !layer || otherLayer || !part || otherPart) return [];
  if (layer.layer !== '' || part.channels.length !== 4 || !isFull(layer)) return [];
  const isLower = layer.channels.every(({ name }) => parseComponent(name)?.spelling === 'lower');
  const stem = stemOf?.(part) ?? '';
  const isNamed = claimant.sets.some(
    ({ name = '' }) => name !== '' && stem.includes(withoutEnd(plainName(name)) || name),
  );
  return isLower || isNamed ? [{ claimant, layers: [layer], by: 'name' }] : [];
}

/** Ranks without a number: those whose metadata lists the same names are one Cryptomatte if the pixels allow it. */
function unnumberedRanks(sets: readonly CryptomatteSet[], weights: Weights, report: NoticeReporter): Reunion[] {
  return claimantsOf(sets).flatMap((claimant): Reunion[] => {
    const own = claimant.sets.filter(({ layers, name }) => {
      const verdicts = layers.map((layer) => {
        const statistics = weights.get(layer);
        return statistics && holdsIds(statistics, [claimant.ids]);
      });
      if (verdicts.includes(false))
        report.warn('NOT_IDS', `the channels "${name}" hold no IDs; they look like colour, and are left as they are`);
      return verdicts.every((verdict, index) => verdict ?? isFull(layers[index] as LayerChannels));
    });
    const layers = inOrder(
      own.flatMap((set) => set.layers),
      weights,
    );
    const views = new Set(layers.map(({ view }) => view));
    if (views.size < 2 && mayBeRanks(layers, weights))
      return layers.length === 0 ? [] : [{ claimant: { sets: own }, layers, by: 'pixels' }];
    return own.map((set) => ({ claimant: { sets: [set] }, layers: set.layers, by: 'pixels' }));
  });
}

/** The longest name of a rank layer that Blender reads, in bytes (5.3), and room in it for two digits. */
const longestLayer = 63;
const longestSet = longestLayer - 2;

/** Chooses names that no other Cryptomatte or layer has. */
class Names {
  readonly #taken: Set<string>;
  readonly #stemOf: (part: number) => string | undefined;

  constructor(header: Header, reunions: readonly Reunion[], stemOf: ReuniteOptions['stemOf']) {
    const own = new Set(reunions.flatMap(({ layers }) => layers.map(({ layer }) => layer)));
    const sets = new Set(reunions.flatMap(({ claimant }) => claimant.sets));
    const others = layersOf(header).flatMap(({ layer }) =>
      own.has(layer) ? [] : [layer, looseStem(layer)?.name ?? ''],
    );
    const names = headerSets(header).flatMap((set) => (sets.has(set) ? [] : (set.name ?? [])));
    this.#taken = new Set([...others, ...names]);
    this.#stemOf = (part) => {
      const found = header.parts[part];
      return found && stemOf?.(found);
    };
  }

  choose({ claimant, layers }: Reunion): Pick<Change, 'name' | 'renamed'> {
    const stems = layers.map(({ layer }) => looseStem(layer));
    const [stem] = stems;
    const series = stems.every((one) => one?.name === stem?.name) ? stem?.name : undefined;
    const isNumbered = stems.every((one) => /^\d+$/.test(one?.text ?? ''));
    if (series && isNumbered && nameProblem(series) === undefined && !this.#taken.has(series)) {
      this.#taken.add(series);
      return { name: series, renamed: new Map() };
    }
    const [{ name: setName = '' } = {}] = claimant.sets;
    const distinct = [...new Set(layers.map(({ layer }) => layer))];
    const fromSet = withoutEnd(plainName(setName));
    const name = this.#free([withoutEnd(series ?? commonName(distinct)), fromSet]);
    const first = distinct.length > 1 ? 0 : this.#numberOf(layers[0] as LayerChannels, setName, fromSet);
    const numbered = (layer: string): string => name + `${distinct.indexOf(layer) + first}`.padStart(2, '0');
    return { name, renamed: new Map(layers.map((layer) => [layer, numbered(layer.layer)])) };
  }

  /**
   * The rank of a layer in a file of its own: Blender's media "image" writes a file per item, whose name ends with the item's, as
   * does the Cryptomatte's name.
   */
  #numberOf({ layer, part }: LayerChannels, setName: string, base: string): number {
    const said = numberedStem(plainName(layer === '' ? setName : layer))?.text;
    const stem = this.#stemOf(part) ?? '';
    const inFile = layer === '' && stem.slice(0, -2).endsWith(base) ? numberedStem(stem)?.text : undefined;
    return Number(said ?? inFile ?? 0);
  }

  #free(bases: readonly string[]): string {
    const names = bases.filter((base) => base !== '').map((base) => cut(base, longestSet));
    let name = names.find((one) => !this.#taken.has(one)) ?? names[0] ?? 'Cryptomatte';
    while (this.#taken.has(name) && textLength(name) < longestName) name += '_';
    this.#taken.add(name);
    return name;
  }
}

/** Digits at the end count as a rank's number, and a separator before them is not part of the name. */
function withoutEnd(name: string): string {
  return name.replace(/[\s\d._-]+$/, '');
}

/** The common beginning of names, or the names without their endings. */
function commonName(names: readonly string[]): string {
  return sharedBeginning(names.map((name) => withoutEnd(plainName(name))));
}

/** As many characters as fit into the bytes. */
function cut(name: string, bytes: number): string {
  const characters = [...name];
  while (textLength(characters.join('')) > bytes) characters.pop();
  return characters.join('');
}

/** The header in which the metadata and layers of each change share one name. */
function applied(header: Header, changes: readonly Change[]): Header {
  if (changes.length === 0) return header;
  const names = new Map(
    changes.flatMap(({ layers, renamed }) =>
      layers.flatMap((layer) => {
        const name = renamed.get(layer);
        return name === undefined ? [] : layer.channels.map((channel) => [channel, name] as const);
      }),
    ),
  );
  const parts = header.parts.map((part): Part => {
    let { attributes } = part;
    for (const { claimant, name } of changes) {
      const [kept, ...copies] = claimant.sets;
      attributes = withoutSets(attributes, copies);
      const attribute = kept?.attributes.get('name');
      if (attribute !== undefined && attributes.has(attribute))
        attributes = attributes.with(attribute, makeStringAttribute(name));
    }
    return { ...part, attributes };
  });
  if (names.size === 0) return { ...header, parts };
  return respell(
    { ...header, parts },
    {
      channel: (name, place) => {
        const layer = names.get(place.channel);
        if (layer === undefined) return name;
        // Channels without a layer were spelt for image viewers; a Cryptomatte's components are spelt per the specification.
        const slot = place.layer === '' ? parseComponent(place.component)?.slot : undefined;
        return fullName(place, { layer, component: slot ?? place.component });
      },
      part: (name) => name,
    },
  );
}

function reportChange({ claimant, layers, by, name, renamed }: Change, report: NoticeReporter): void {
  const sets = claimant.sets.map((set) => set.name ?? '').sort(compareText);
  const why =
    by === 'pixels' ? 'the IDs in the pixels have its names' : 'no pixel is covered, and no other match is possible';
  if (renamed.size > 0)
    report.note(
      'RENAMED_RANKS',
      `the channels ${layersListed(layers)} are now called ${listed(new Set(renamed.values()))}, as ranks of "${name}"`,
    );
  if (sets.length > 1)
    report.note('JOINED', `${listed(sets)} have the same names and are one Cryptomatte, "${name}": ${why}`);
  else if (sets[0] !== name)
    report.note('REUNITED', `renamed "${sets[0]}" to "${name}", the name of its channels: ${why}`);
}

function reportUndecided({ sets }: Claimant, candidates: readonly Candidate[], report: NoticeReporter): void {
  const named = sets.map(({ name }) => name ?? '');
  const several = candidates.length > 1 ? `any of ${listed(candidates.map(({ name }) => name))}` : 'several of them';
  report.warn(
    'SEVERAL_FIT',
    `${listed(named)} could belong to ${candidates.length === 1 ? `"${candidates[0]?.name}", as others could` : several}; "rename" decides`,
  );
}

function layersListed(layers: readonly LayerChannels[]): string {
  const names = new Set(layers.map(({ layer }) => layer));
  return firstFew([...names].map((name) => (name === '' ? '(no layer)' : `"${name}"`)));
}
