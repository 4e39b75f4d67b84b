import { stringAttribute } from '../../lib/format/index.js';
import type { Attribute } from '../../lib/index.js';

/** What Blender writes where there is no value (Camera, Lens, Marker, Strip; File of a scene that was never saved). */
const nothing: ReadonlySet<string> = new Set(['', '<none>', '<untitled>']);

/** What it writes as the time of a render that has not ended: every File Output node's. */
const noTime = '00:00.00';

/** Whether an attribute only keeps the place of a value that its writer did not have. */
export function isPlaceholder(name: string, attribute: Attribute): boolean {
  const text = stringAttribute(attribute);
  return text !== undefined && (nothing.has(text) || (name === 'RenderTime' && text === noTime));
}

/** The value that wins, of an existing one and another that comes after it: the first, unless it is a mere placeholder. */
export function preferValue(name: string, known: Attribute | undefined, other: Attribute): Attribute {
  if (!known) return other;
  return isPlaceholder(name, known) && !isPlaceholder(name, other) ? other : known;
}
