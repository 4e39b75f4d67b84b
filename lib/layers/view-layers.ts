/**
 * Which view layer a channel belongs to. Blender writes `<view layer>.<pass>.<component>` and allows dots and blanks in view
 * layers' names, so a dot alone does not mark its end. Proof is: Cycles' statistics (`cycles.<view layer>.samples`),
 * the note that `rename --preset` leaves, and a pass that Blender knows, following it in the name of a layer or a Cryptomatte.
 */
import { parseAttribute, stringAttribute } from '../format/attribute-types.js';
import type { Attribute } from '../model/attributes.js';
import type { Header } from '../model/header.js';
import { beforeKnownPass, isKnownPass } from './blender-passes.js';
import { parseSetAttribute } from './set-attributes.js';

/** The attribute in which `rename --preset` records what it dropped or changed: `shown=original`, one for each view layer. */
export const viewLayersAttribute = 'exrpipe/viewLayers';

/** View layers by their displayed name, as recorded by an earlier preset. */
export function notedViewLayers({ parts }: Pick<Header, 'parts'>): ReadonlyMap<string, string> {
  for (const { attributes } of parts) {
    const entries = parseNote(attributes.get(viewLayersAttribute));
    if (entries) return new Map(entries);
  }
  return new Map();
}

/** A JSON object; before 0.2 a string vector. */
function parseNote(attribute: Attribute | undefined): [string, string][] | undefined {
  if (!attribute) return undefined;
  try {
    if (attribute.type === 'string') {
      const parsed: unknown = JSON.parse(stringAttribute(attribute) ?? '');
      if (typeof parsed !== 'object' || parsed === null) return undefined;
      return Object.entries(parsed).filter((entry): entry is [string, string] => typeof entry[1] === 'string');
    }
    const parsed = attribute.type === 'stringvector' ? parseAttribute('stringvector', attribute.value) : undefined;
    if (!Array.isArray(parsed)) return undefined;
    return parsed.flatMap((entry): [string, string][] => {
      const equals = typeof entry === 'string' ? entry.indexOf('=') : -1;
      return typeof entry === 'string' && equals >= 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : [];
    });
  } catch {
    return undefined; // A damaged note only means that displayed names count as the original ones.
  }
}

/** The value of the note, for {@link notedViewLayers} to read. */
export function formatNote(shown: Iterable<readonly [shown: string, original: string]>): string {
  return JSON.stringify(Object.fromEntries(shown));
}

/** The view layer in the name of a Cycles attribute; it may contain dots itself. */
export function cyclesLayer(attribute: string): string | undefined {
  return /^cycles\.(.+)\.[^.]+$/s.exec(attribute)?.[1];
}

/** The view layer of each of a header's layers, '' without proof. */
export function dividerOf({ parts }: Pick<Header, 'parts'>, layers: ReadonlySet<string>): (layer: string) => string {
  const known = new Set<string>();
  const noted = notedViewLayers({ parts });
  for (const shown of noted.keys()) known.add(shown);
  for (const { attributes } of parts)
    for (const [attribute, value] of attributes) {
      known.add(cyclesLayer(attribute) ?? '');
      if (parseSetAttribute(attribute)?.field === 'name')
        known.add(beforeKnownPass(stringAttribute(value) ?? '') ?? '');
    }
  for (const layer of layers) known.add(beforeKnownPass(layer) ?? '');
  known.delete('');
  return (layer) => divide(layer, known, noted);
}

/** The longest known view layer that a layer begins with. A name that Blender cut at 63 bytes may consist of nothing else. */
function divide(layer: string, known: ReadonlySet<string>, noted: ReadonlyMap<string, string>): string {
  if (known.has(layer) && !isKnownPass(layer)) return layer;
  for (let end = lastMark(layer, layer.length); end > 0; end = lastMark(layer, end)) {
    const name = layer.slice(0, end);
    // `_` is a separator only where a preset has put it.
    if (known.has(name) && (layer[end] === '.' || noted.has(name))) return name;
  }
  return '';
}

function lastMark(layer: string, before: number): number {
  return Math.max(layer.lastIndexOf('.', before - 1), layer.lastIndexOf('_', before - 1));
}
