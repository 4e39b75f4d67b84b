import type { FilterContext, Part } from '../../lib/index.js';
import { colourFirst } from '../../lib/layers/index.js';
import { inheritGlobals, partLabel } from './attributes.js';

/**
 * The parts in an order that begins with colour, where there is any: Blender takes the colour space of part 0 for the whole image,
 * and programs without support for parts show that one. Metadata of the whole image stays in the first part.
 */
export function beginWithColour(parts: readonly Part[], context: FilterContext): readonly Part[] {
  const [first] = parts;
  const ordered = colourFirst(parts);
  const [head, ...others] = ordered;
  if (!first || !head || head === first) return parts;
  context.note(
    'PARTS_REORDERED',
    `${partLabel(head, parts.indexOf(head))} now comes first, before ${partLabel(first, 0)}, which is data: programs use the first part for the whole image`,
  );
  return [{ ...head, attributes: inheritGlobals(head.attributes, first.attributes) }, ...others];
}
