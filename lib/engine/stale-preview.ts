/**
 * The attribute `preview` is a small image of the file that programs show in its place. After a step it may show what is not there
 * any more: a layer that was dropped or went to another file, or one that another comes before now.
 */

import { preferredLook } from '../look/choose.js';
import { type Advice, advise, optionNamed } from '../model/advice.js';
import { type Channel, type Header, isArrived, type Part } from '../model/header.js';

const attribute = 'preview';

/**
 * The header without previews that came with it and show something else now; those that a step has made are its own
 * business. What a preview shows is taken to be what `exrpipe preview` shows: the root colour, else the beauty, else the first colour.
 */
export function dropStalePreviews(before: Header, after: Header, note: (message: Advice) => void): Header {
  const stored = new Set(before.parts.flatMap(({ attributes }) => attributes.get(attribute)?.value ?? []));
  if (stored.size === 0) return after;
  const shown = planesShown(before);
  const whole = before.parts.length === after.parts.length && same(planesShown(after), shown);
  const isStale = (part: Part): boolean => {
    const own = part.attributes.get(attribute)?.value;
    return own !== undefined && stored.has(own) && !whole && !same(planesShown({ parts: [part] }), shown);
  };
  const stale = after.parts.filter(isStale);
  if (stale.length === 0) return after;
  note(
    advise`the preview in the header (attribute "${attribute}") shows a different image than ${after.parts.length > 1 && stale.length > 1 ? `${stale.length} parts have` : 'the result has'} now, and is dropped; the command "preview" makes a new one with ${optionNamed('embed')}`,
  );
  const parts = after.parts.map((part) =>
    stale.includes(part) ? { ...part, attributes: part.attributes.without(attribute) } : part,
  );
  return { ...after, parts };
}

function planesShown(header: Pick<Header, 'parts'>): readonly Channel['plane'][] {
  return preferredLook(header)?.views.flatMap(({ channels }) => channels.map(({ plane }) => plane)) ?? [];
}

function same(a: readonly Channel['plane'][], b: readonly Channel['plane'][]): boolean {
  return a.length === b.length && a.every((plane, i) => isSame(plane, b[i] as Channel['plane']));
}

function isSame(a: Channel['plane'], b: Channel['plane']): boolean {
  return a === b || (isArrived(a) && isArrived(b) && a.part === b.part && a.index === b.index);
}
