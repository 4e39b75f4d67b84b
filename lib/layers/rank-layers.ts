/** Layers of channels that may hold ranks of a Cryptomatte, over all parts of a file, and what speaks for it. */
import { stringAttribute } from '../format/attribute-types.js';
import { groupBy } from '../model/group-by.js';
import type { Channel, Header } from '../model/header.js';
import { textLength } from '../model/text.js';
import { parseComponent, type Slot, slots } from './components.js';
import { type Place, placeChannels } from './place.js';
import { parseSetAttribute } from './set-attributes.js';

/** What speaks for a layer's channels being IDs and coverages, the surest first. */
export type Evidence =
  /** Metadata names the Cryptomatte. */
  | 'declared'
  /** The name of the layer or of its part says "crypto". */
  | 'named'
  /** `N00`, `N01`, …: all float and complete. */
  | 'numbered';

/** The channels of one layer, view and part that could be a rank layer. */
export interface RankLayer {
  readonly part: number;
  readonly layer: string;
  readonly view: string;
  readonly slots: Readonly<Partial<Record<Slot, Channel>>>;
}

/** Layers with an ID and its coverage at least, whatever they are. */
function candidates(places: readonly Place[]): RankLayer[] {
  const layers = groupBy(places, ({ part, view, layer }) => JSON.stringify([part, view, layer]));
  return [...layers.values()].flatMap((own): RankLayer[] => {
    const found: Partial<Record<Slot, Channel>> = {};
    for (const { component, channel } of own) {
      const slot = parseComponent(component)?.slot;
      if (slot) found[slot] ??= channel;
    }
    const [{ part, layer, view }] = own as [Place];
    return found.r && found.g ? [{ part, layer, view, slots: found }] : [];
  });
}

function isFull({ slots: found }: RankLayer): boolean {
  return slots.every((slot) => found[slot] !== undefined);
}

function isFloat({ slots: found }: RankLayer): boolean {
  return Object.values(found).every(({ type }) => type === 'float');
}

/** A layer's name as a Cryptomatte's and what follows it: the number of the rank. */
interface Stem {
  readonly name: string;
  readonly number: string;
}

/** `CryptoObject00`, `Crypto1`, `CryptoObject00_001` (Blender, where two items have one name): any digits at the end. */
function stemOf(layer: string): Stem | undefined {
  const match = /^(.*?)(\d+(?:_\d+)?)$/s.exec(layer);
  return match?.[1] ? { name: match[1], number: match[2] as string } : undefined;
}

/** Names that metadata declares, in any part. */
function declaredNames({ parts }: Pick<Header, 'parts'>): Set<string> {
  return new Set(
    parts.flatMap(({ attributes }) =>
      [...attributes].flatMap(([attribute, value]) =>
        parseSetAttribute(attribute)?.field === 'name' ? (stringAttribute(value) ?? []) : [],
      ),
    ),
  );
}

/** Every rank layer, with what speaks for it. Linear in the channels; damaged attributes only lose evidence. */
export function rankLayers(header: Pick<Header, 'parts'>): Map<RankLayer, Evidence> {
  const all = candidates(placeChannels(header));
  const found = new Map<RankLayer, Evidence>();
  const add = (evidence: Evidence, layers: Iterable<RankLayer>) => {
    for (const layer of layers) if (!found.has(layer)) found.set(layer, evidence);
  };
  const declared = new DeclaredNames(declaredNames(header));
  const numbered = groupBy(all, ({ view, layer }) => JSON.stringify([view, stemOf(layer)?.name]));
  const isPreview = ({ view, layer }: RankLayer) => numbered.has(JSON.stringify([view, layer]));
  add(
    'declared',
    all.filter((one) => declared.explains(one.layer) && !isPreview(one)),
  );
  add(
    'named',
    all.filter(
      (one) => isFloat(one) && saysCrypto(one, header) && (isFull(one) || stemOf(one.layer)) && !isPreview(one),
    ),
  );
  for (const same of numbered.values()) if (isSeries(same)) add('numbered', same);
  return found;
}

function saysCrypto({ layer, part }: RankLayer, { parts }: Pick<Header, 'parts'>): boolean {
  return /crypto/i.test(layer) || /crypto/i.test(parts[part]?.name ?? '');
}

/** `light00.R` may be a light's colour: a series begins with 00, goes on with 01, and is float and complete. */
function isSeries(layers: readonly RankLayer[]): boolean {
  const numbers = new Set(layers.map(({ layer }) => stemOf(layer)?.number));
  return numbers.has('00') && numbers.has('01') && layers.every((one) => isFloat(one) && isFull(one));
}

/** Bytes from which on Blender may have cut a channel's name. */
const cutLength = 58;

/** Which layers the names of Cryptomattes speak of. */
class DeclaredNames {
  readonly #names: ReadonlySet<string>;
  /** The spelling of any program: Nuke replaces most characters with `_`, others change case. */
  readonly #folded: ReadonlySet<string>;
  /** What follows the last dot: a view layer may have been taken off the channels, or put before them. */
  readonly #tails: ReadonlySet<string>;

  constructor(names: ReadonlySet<string>) {
    this.#names = names;
    this.#folded = new Set([...names].map(fold));
    this.#tails = new Set([...names].map(tail));
  }

  explains(layer: string): boolean {
    if (this.#names.size === 0 || layer === '') return false;
    const names = [layer, stemOf(layer)?.name].filter((name) => name !== undefined);
    return names.some(
      (name) =>
        this.#names.has(name) ||
        has(this.#folded, fold(name)) ||
        has(this.#tails, tail(name)) ||
        (textLength(layer) >= cutLength && [...this.#names].some((whole) => whole.startsWith(name))),
    );
  }
}

/** A name that folds to nothing is like no other. */
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
