/** Files that no program opens whose reader is the OpenEXR library. */
import { sameBox } from '../../format/geometry.js';
import type { Attribute } from '../../model/attributes.js';
import type { Header, Part } from '../../model/header.js';

/**
 * What keeps the library from opening a file of several parts: attributes that all parts share and that a later one has
 * otherwise than part 0 (`checkSharedAttributesValues`). Time codes may differ, whatever the documentation says: the
 * library writes and Blender 5.3 reads such files. Undefined for a file that it opens.
 */
export function refusal({ parts: [first, ...others] }: Pick<Header, 'parts'>): string | undefined {
  if (!first) return 'the file has no parts';
  for (const [index, part] of others.entries()) {
    const different = differs(first, part);
    if (different) return `OpenEXR refuses the file: part ${index + 1} has another ${different} than part 0`;
  }
  return undefined;
}

function differs(first: Part, part: Part): string | undefined {
  if (!sameBox(first.displayWindow, part.displayWindow)) return 'display window';
  if (!same(first.attributes.get('pixelAspectRatio'), part.attributes.get('pixelAspectRatio')))
    return 'pixel aspect ratio';
  const chromaticities = part.attributes.get('chromaticities');
  return chromaticities && !same(first.attributes.get('chromaticities'), chromaticities) ? 'chromaticities' : undefined;
}

function same(a: Attribute | undefined, b: Attribute | undefined): boolean {
  if (!a || !b) return a === b;
  return (
    a.type === b.type && a.value.length === b.value.length && a.value.every((byte, index) => byte === b.value[index])
  );
}
