/** Which channels of a file must be kept exactly, float and without loss: their bits are Cryptomatte IDs and coverages. */
import { stringAttribute } from '../format/attribute-types.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isDeep } from '../model/header.js';
import { onceForParts } from '../model/once.js';
import { textLength } from '../model/text.js';
import { beforeKnownPass } from './blender-passes.js';
import { hasRank, isFloat, isFull, type LayerChannels, layersOf, looseStem } from './rank-groups.js';
import { parseSetAttribute } from './set-attributes.js';
import { headerSets, orphanGroups } from './sets.js';

/** What speaks for a layer's channels being IDs and coverages, the surest first. */
export type IdEvidence =
  /** The pixels or the user decided: `Channel.ids`. */
  | 'told'
  /** Metadata names the Cryptomatte, or something that the layer's name was derived from. */
  | 'declared'
  /** The name of the layer or of its part contains "crypto". */
  | 'named'
  /** `N00`, `N01`, …: all float and complete. */
  | 'numbered';

/**
 * The guarded channels of a header, with the evidence. A mistake here costs space; the opposite one destroys IDs.
 * Linear in the channels; damaged attributes only lose evidence. The result is cached.
 */
export const guardedChannels: (header: Pick<Header, 'parts'>) => ReadonlyMap<Channel, IdEvidence> = onceForParts(
  (header) => {
    const guarded = new Map<Channel, IdEvidence>();
    const add = (evidence: IdEvidence, layers: readonly LayerChannels[]): void => {
      for (const { channels } of layers)
        for (const channel of channels) if (!guarded.has(channel)) guarded.set(channel, evidence);
    };
    const channels = header.parts.flatMap((part) => part.channels);
    for (const channel of channels) if (channel.ids === 'yes') guarded.set(channel, 'told');
    for (const { layers } of headerSets(header)) add('declared', layers);
    const all = layersOf(header).filter(hasRank);
    const numbered = groupBy(all, ({ view, layer }) => JSON.stringify([view, looseStem(layer)?.name]));
    const isPreview = ({ view, layer }: LayerChannels) => numbered.has(JSON.stringify([view, layer]));
    const declared = new DeclaredNames(header);
    const plain = all.filter((one) => !isPreview(one));
    add(
      'declared',
      plain.filter(({ layer }) => declared.explains(layer)),
    );
    add(
      'named',
      plain.filter((one) => isFloat(one) && saysCrypto(one, header) && (isFull(one) || looseStem(one.layer))),
    );
    for (const same of numbered.values()) if (isSeries(same)) add('numbered', same);
    for (const channel of channels) if (channel.ids === 'no') guarded.delete(channel);
    return guarded;
  },
);

/** All channels that hold, or held, IDs and coverages: the guarded ones, and those that are half by now. */
export const rankChannels: (header: Pick<Header, 'parts'>) => ReadonlySet<Channel> = onceForParts(
  (header) =>
    new Set([
      ...guardedChannels(header).keys(),
      ...orphanGroups(header).flatMap(({ layers }) =>
        layers.flatMap(({ channels }) => channels.filter(({ ids }) => ids !== 'no')),
      ),
    ]),
);

/**
 * Layers that may be the ranks of a Cryptomatte whose metadata leads to no channels: float, with an ID and its coverage, and
 * nothing else by their name. None unless metadata dangles. Only pixels can tell.
 */
export const suspectLayers: (header: Pick<Header, 'parts'>) => readonly LayerChannels[] = onceForParts((header) => {
  if (headerSets(header).every(({ layers }) => layers.length > 0)) return [];
  const ranks = rankChannels(header);
  return layersOf(header).filter(
    (layer) =>
      hasRank(layer) &&
      isFloat(layer) &&
      beforeKnownPass(layer.layer) === undefined &&
      !layer.channels.some((channel) => ranks.has(channel) && channel.ids === undefined) &&
      layer.channels.some(({ ids }) => ids === undefined),
  );
});

/**
 * Layers for which only pixels can tell whether they hold IDs: {@link suspectLayers}, and float ones with "crypto" in their name
 * that are not guarded by it alone, such as the previews that some renderers write; and all layers of a part whose file name
 * suggests it (`saysCrypto`, by the number of the part). Deep parts are excluded.
 */
export function doubtfulLayers(
  header: Pick<Header, 'parts'>,
  isCrypto: (part: number) => boolean,
): readonly LayerChannels[] {
  const ranks = rankChannels(header);
  const suspects = new Set(suspectLayers(header));
  return layersOf(header).filter((layer) => {
    const part = header.parts[layer.part];
    if (!part || isDeep(part)) return false;
    if (suspects.has(layer)) return true;
    if (!hasRank(layer) || layer.channels.some((one) => ranks.has(one) && one.ids === undefined)) return false;
    if (layer.channels.every(({ ids }) => ids !== undefined)) return false;
    if (!layer.channels.some(({ type }) => type === 'float')) return false;
    return saysCrypto(layer, header) || (isCrypto(layer.part) && beforeKnownPass(layer.layer) === undefined);
  });
}

function saysCrypto({ layer, part }: LayerChannels, { parts }: Pick<Header, 'parts'>): boolean {
  return /crypto/i.test(layer) || /crypto/i.test(parts[part]?.name ?? '');
}

/** `light00.R` may be a light's colour: a series begins with 00, continues with 01, and is float and complete. */
function isSeries(layers: readonly LayerChannels[]): boolean {
  const numbers = new Set(layers.map(({ layer }) => looseStem(layer)?.text));
  return numbers.has('00') && numbers.has('01') && layers.every((one) => isFloat(one) && isFull(one));
}

/** Blender may have cut channel names of this many bytes and more. */
const cutLength = 58;

/** Which layers the names of Cryptomattes may refer to, however they were changed. More lenient than what a set claims. */
class DeclaredNames {
  readonly #names: ReadonlySet<string>;
  /** Matches the spelling of any program: Nuke replaces most characters with `_`, others change case. */
  readonly #folded: ReadonlySet<string>;
  /** What follows the last dot: a view layer may have been removed from the channels, or added to them. */
  readonly #tails: ReadonlySet<string>;

  constructor({ parts }: Pick<Header, 'parts'>) {
    this.#names = new Set(
      parts.flatMap(({ attributes }) =>
        [...attributes].flatMap(([attribute, value]) =>
          parseSetAttribute(attribute)?.field === 'name' ? (stringAttribute(value) ?? []) : [],
        ),
      ),
    );
    this.#folded = new Set([...this.#names].map(fold));
    this.#tails = new Set([...this.#names].map(tail));
  }

  explains(layer: string): boolean {
    if (this.#names.size === 0 || layer === '') return false;
    const names = [layer, looseStem(layer)?.name].filter((name) => name !== undefined);
    return names.some(
      (name) =>
        this.#names.has(name) ||
        has(this.#folded, fold(name)) ||
        has(this.#tails, tail(name)) ||
        (textLength(layer) >= cutLength && [...this.#names].some((whole) => whole.startsWith(name))),
    );
  }
}

/** A name that folds to nothing matches no other. */
function has(names: ReadonlySet<string>, name: string): boolean {
  return name !== '' && names.has(name);
}

function fold(name: string): string {
  return name
    .replace(/[^\p{L}\p{N}]+/gu, '_')
    .replace(/_+$/, '')
    .toLowerCase();
}

function tail(name: string): string {
  return fold(name.slice(name.replace(/\.+$/, '').lastIndexOf('.') + 1));
}
