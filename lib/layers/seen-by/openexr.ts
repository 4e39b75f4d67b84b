/** Files that no program with the OpenEXR library opens. */
import { parseAttribute } from '../../format/attribute-types.js';
import { sameBox } from '../../format/geometry.js';
import type { Attribute } from '../../model/attributes.js';
import type { Header, Part } from '../../model/header.js';

/** Why the library refuses a file. */
export interface Refusal {
  readonly kind: 'shared-value' | 'part-name' | 'value';
  readonly part: number;
  readonly attribute: string;
  /** A sentence without its full stop, as messages have it. */
  readonly text: string;
}

/** Why the library refuses a file; undefined for one that it opens. */
export function refusal(header: Pick<Header, 'parts'>): string | undefined {
  if (header.parts.length === 0) return 'the file has no parts';
  const [first] = refusals(header);
  return first && `OpenEXR refuses the file: ${first.text}`;
}

/**
 * All reasons for the library (3.1.5 or 3.5.3, which differ in the last three; each line was tried in both) to refuse a file:
 * attributes that all parts share and that differ between a later part and part 0 (`checkSharedAttributesValues`), parts
 * without a name or with that of another, and invalid numbers. Time codes may differ, despite the documentation: the library
 * writes and Blender 5.3 reads such files. A file that cannot be parsed at all has no header to check.
 */
export function* refusals({ parts }: Pick<Header, 'parts'>): Generator<Refusal> {
  const [first] = parts;
  const names = new Map<string, number>();
  for (const [part, own] of parts.entries()) {
    if (first && part > 0)
      for (const [attribute, what] of differences(first, own))
        yield { kind: 'shared-value', part, attribute, text: `part ${part} has ${what} than part 0` };
    if (parts.length > 1) {
      const { name } = own;
      const other = name === undefined ? undefined : names.get(name);
      if (name === undefined)
        yield { kind: 'part-name', part, attribute: 'name', text: `part ${part} of ${parts.length} has no name` };
      else if (other !== undefined)
        yield {
          kind: 'part-name',
          part,
          attribute: 'name',
          text: `parts ${other} and ${part} are both called "${name}"`,
        };
      else names.set(name, part);
    }
    for (const [attribute, rule] of valueRules) {
      const text = brokenValue(own.attributes.get(attribute), rule);
      if (text !== undefined)
        yield { kind: 'value', part, attribute, text: `the "${attribute}" of part ${part} is ${text}` };
    }
  }
}

function* differences(first: Part, part: Part): Generator<readonly [string, string]> {
  if (!sameBox(first.displayWindow, part.displayWindow)) yield ['displayWindow', 'another display window'];
  if (!same(first.attributes.get('pixelAspectRatio'), part.attributes.get('pixelAspectRatio')))
    yield ['pixelAspectRatio', 'another pixel aspect ratio'];
  const chromaticities = part.attributes.get('chromaticities');
  if (chromaticities && !same(first.attributes.get('chromaticities'), chromaticities))
    yield ['chromaticities', 'other chromaticities'];
}

function same(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.type === b.type && a.value.length === b.value.length && a.value.every((byte, index) => byte === b.value[index])
  );
}

interface ValueRule {
  readonly type: string;
  readonly isGood: (value: unknown) => boolean;
}

/** `sanityCheck` of ImfHeader.cpp; 3.5 also refuses rates that divide by nothing. */
const valueRules: readonly (readonly [string, ValueRule])[] = [
  // NaN compares false with everything.
  ['pixelAspectRatio', { type: 'float', isGood: (value) => Number(value) >= 1e-6 && Number(value) <= 1e6 }],
  ['screenWindowWidth', { type: 'float', isGood: (value) => !(Number(value) < 0) }],
  ['framesPerSecond', { type: 'rational', isGood: (value) => !Array.isArray(value) || value[1] !== 0 }],
];

function brokenValue(attribute: Attribute | undefined, { type, isGood }: ValueRule): string | undefined {
  if (attribute?.type !== type) return undefined;
  try {
    const value = parseAttribute(type, attribute.value);
    return isGood(value) ? undefined : typeof value === 'number' ? String(value) : 'without a denominator';
  } catch {
    return undefined; // Of another length: not a matter of this rule.
  }
}
