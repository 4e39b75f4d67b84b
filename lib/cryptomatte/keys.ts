/** Keys of Cryptomattes, which distinguish the attributes of one set from those of another in a part. */
import { parseSetAttribute } from '../layers/set-attributes.js';
import type { Attributes } from '../model/attributes.js';
import { layerKey } from './hash.js';

/** The keys of a part's attributes, whatever their prefix. */
export function keysOf(attributes: Attributes): Set<string> {
  return new Set(attributes.names().flatMap((attribute) => parseSetAttribute(attribute)?.key ?? []));
}

/** The preferred key; if it is taken, one made from the name, or from the name and a number. */
export function freeKey(name: string, taken: ReadonlySet<string>, wanted = layerKey(name)): string {
  for (const key of [wanted, layerKey(name)]) if (!taken.has(key)) return key;
  for (let number = 2; ; number++) {
    const key = layerKey(`${name}#${number}`);
    if (!taken.has(key)) return key;
  }
}
