/** What the parts of a file have to agree on, and whose value counts when several files meet. */

import { firstFew, listed, sameBox, sharedAttributes } from '../../lib/format/index.js';
import type { Attribute, FilterContext, Part } from '../../lib/index.js';
import { advise, stepOf } from '../../lib/index.js';
import { colourSpace, dataColour } from '../../lib/layers/index.js';

/** A part, and how messages call it: a file's name, a part's name. */
export interface Source {
  readonly part: Part;
  readonly label: string;
}

export function isShared(name: string): boolean {
  return sharedAttributes.some((shared) => shared === name);
}

/** For each shared attribute that any part has, the first value. */
export function sharedValues(parts: readonly Part[]): [string, Attribute][] {
  return sharedAttributes.flatMap((name): [string, Attribute][] => {
    const value = parts.map(({ attributes }) => attributes.get(name)).find((attribute) => attribute !== undefined);
    return value ? [[name, value]] : [];
  });
}

/** Parts that agree on the whole image; readers refuse others. */
export function agree(parts: readonly Part[]): Part[] {
  const shared = sharedValues(parts);
  return parts.map((part) => ({
    ...part,
    displayWindow: (parts[0] as Part).displayWindow,
    attributes: part.attributes.merge(shared),
  }));
}

/** Readers refuse a file whose parts disagree on these, so the user should know whose word was dropped. */
export function warnAboutDifferences(sources: readonly Source[], context: FilterContext): void {
  for (const name of sharedAttributes) {
    const [taken, ...others] = sources.filter(({ part }) => name === 'displayWindow' || part.attributes.has(name));
    if (taken) warnDiffering(name, taken, others, (part) => sameShared(name, part, taken.part), context);
  }
}

/** Which part decides the colour space of the pixels of joined parts. Data is none: it goes along with any colour. */
export function colourSource(sources: readonly Source[], context: FilterContext): Source | undefined {
  const stated = sources.filter(({ part }) => colourSpace(part) !== undefined);
  const [taken, ...others] = stated.filter(({ part }) => colourSpace(part) !== dataColour);
  // Beside pixels of unknown colour space, data does not stand for all of them.
  if (!taken) return stated.length === sources.length ? stated[0] : undefined;
  warnDiffering('colorInteropID', taken, others, (part) => colourSpace(part) === colourSpace(taken.part), context);
  return taken;
}

function warnDiffering(
  name: string,
  taken: Source,
  others: readonly Source[],
  isSame: (part: Part) => boolean,
  context: FilterContext,
): void {
  const differing = others.filter(({ part }) => !isSame(part)).map(({ label }) => label);
  if (differing.length > 0)
    context.warn('SHARED_ATTRIBUTE', `${name} is taken from "${taken.label}"; it differs in ${listed(differing, 3)}`);
}

function sameShared(name: string, a: Part, b: Part): boolean {
  if (name === 'displayWindow') return sameBox(a.displayWindow, b.displayWindow);
  const left = a.attributes.get(name);
  const right = b.attributes.get(name);
  if (!left || !right) return left === right;
  return sameBytes(left, right) || (name === 'chromaticities' && sameChromaticities(left, right));
}

function sameBytes(a: Attribute, b: Attribute): boolean {
  return a.type === b.type && a.value.length === b.value.length && a.value.every((byte, at) => byte === b.value[at]);
}

/** Programs write the same primaries with three to six digits. The least bit of a float near 1 comes on top. */
const closeEnough = 1e-4 + 2 ** -23;

/** Chromaticities are eight floats, x and y of red, green, blue and white (ImfChromaticities.h). */
function sameChromaticities(a: Attribute, b: Attribute): boolean {
  if (a.type !== 'chromaticities' || b.type !== 'chromaticities') return false;
  if (a.value.length !== 32 || b.value.length !== 32) return false;
  const [left, right] = [a, b].map(({ value }) => new DataView(value.buffer, value.byteOffset, value.length));
  const numberAt = (view: DataView | undefined, at: number): number => view?.getFloat32(4 * at, true) ?? Number.NaN;
  return Array.from({ length: 8 }, (_, at) => at).every(
    (at) => Math.abs(numberAt(left, at) - numberAt(right, at)) <= closeEnough,
  );
}

/** What programs make of parts that differ where OpenEXR lets them. */
export function warnAboutParts(sources: readonly Source[], context: FilterContext): void {
  const [first, ...others] = sources;
  if (!first) return;
  const windows = others.some(({ part }) => !sameBox(part.dataWindow, first.part.dataWindow));
  const orders = others.some(({ part }) => part.lineOrder !== first.part.lineOrder);
  if (windows || orders) {
    const what = [windows ? ['data windows'] : [], orders ? ['line orders'] : []].flat().join(' and ');
    context.warn(
      'PARTS_DIFFER',
      advise`the parts have different ${what}, and Nuke refuses such a file; ${stepOf('merge', { as: 'single' })} makes one part of them`,
    );
  }
  const colours = sources.filter(({ part }) => ![undefined, dataColour].includes(colourSpace(part)));
  const taken = colours[0];
  const differing = colours.filter(({ part }) => taken && colourSpace(part) !== colourSpace(taken.part));
  if (taken && differing.length > 0)
    context.warn(
      'COLOURS_DIFFER',
      `the parts are in different colour spaces: "${taken.label}" is in ${colourSpace(taken.part)}, ${firstFew(
        differing.map(({ part, label }) => `"${label}" in ${colourSpace(part)}`),
      )}; Blender takes that of the first part for the whole image`,
    );
}
