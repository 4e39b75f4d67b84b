/** Cryptomattes that the metadata of a file declares, in whichever part. */
import { stringAttribute } from '../../format/attribute-types.js';
import type { Attribute } from '../../model/attributes.js';
import { onceForParts } from '../../model/once.js';
import { parseSetAttribute } from '../set-attributes.js';
import type { Declaration, SetFields } from './program.js';

/** One declaration for each prefix, key and name, in the order of parts and attributes. Copies in several parts count as one. */
export const declarationsOf = onceForParts(({ parts }): readonly Declaration[] => {
  const found = new Map<string, Unfinished>();
  for (const [part, { attributes }] of parts.entries())
    for (const { prefix, key, fields } of declaredIn(attributes)) {
      const name = stringAttribute(fields.get('name'));
      const identity = JSON.stringify([prefix, key, name]);
      const known = found.get(identity) ?? { prefix, key, name, fields: new Map() };
      known.fields.set(part, fields);
      found.set(identity, known);
    }
  return [...found.values()].map(({ prefix, key, name, fields }) => ({
    set: { prefix, key, name, parts: [...fields.keys()] },
    fields,
  }));
});

interface Unfinished {
  readonly prefix: string;
  readonly key: string;
  readonly name: string | undefined;
  readonly fields: Map<number, SetFields>;
}

interface Local {
  readonly prefix: string;
  readonly key: string;
  readonly fields: Map<string, Attribute>;
}

function declaredIn(attributes: Iterable<[string, Attribute]>): Iterable<Local> {
  const found = new Map<string, Local>();
  for (const [attribute, value] of attributes) {
    const parsed = parseSetAttribute(attribute);
    if (!parsed) continue;
    const { prefix, key, field } = parsed;
    const identity = prefix + key;
    const known = found.get(identity) ?? { prefix, key, fields: new Map<string, Attribute>() };
    known.fields.set(field, value);
    found.set(identity, known);
  }
  return found.values();
}
