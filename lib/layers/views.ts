/** Stereo views: what a file says of them, and where they stand in names. */
import { parseAttribute } from '../format/attribute-types.js';
import type { Attribute } from '../model/attributes.js';
import type { Part } from '../model/header.js';

/** The views that a part lists in `multiView`, the first of which may go without a name in its channels' names. */
export function listedViews({ attributes }: Pick<Part, 'attributes'>): readonly string[] {
  return texts(attributes.get('multiView'));
}

/** Names of the views in a file: `multiView` lists them (single part), `view` names a part's own. */
export function viewNames(parts: readonly Part[]): Set<string> {
  return new Set(parts.flatMap((part) => [...listedViews(part), ...texts(part.attributes.get('view'))]));
}

function texts(attribute: Attribute | undefined): readonly string[] {
  if (attribute?.type !== 'string' && attribute?.type !== 'stringvector') return [];
  try {
    const parsed = parseAttribute(attribute.type, attribute.value);
    return (Array.isArray(parsed) ? parsed : [parsed]).filter((item) => typeof item === 'string');
  } catch {
    return []; // A damaged list of views only means that no name is taken for one.
  }
}
