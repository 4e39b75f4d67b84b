/** Stereo views: what a file declares, and where they are in names. */
import { parseAttribute } from '../format/attribute-types.js';
import type { Attribute } from '../model/attributes.js';
import type { Part } from '../model/header.js';

/** The views that a part lists in `multiView`, the first of which may be omitted in its channels' names. */
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
    return []; // A damaged list of views only means that no name counts as one.
  }
}

/** Where the view is in a channel's name: before the layer, after it, or nowhere. */
export type ViewSpelling = 'before' | 'behind' | undefined;

/** A layer's name, split. */
export interface CutLayer {
  readonly layer: string;
  /** '' where the name has none. */
  readonly view: string;
  readonly viewSpelt: ViewSpelling;
}

/**
 * A layer name without the view before it (`right.CryptoObject00`, as Nuke writes) or after it (`CryptoObject00.left`,
 * Blender).
 */
export function cutView(layer: string, views: ReadonlySet<string>): CutLayer {
  if (views.size === 0) return { layer, view: '', viewSpelt: undefined };
  if (views.has(layer)) return { layer: '', view: layer, viewSpelt: 'before' };
  const last = layer.lastIndexOf('.');
  const behind = layer.slice(last + 1);
  if (last > 0 && views.has(behind)) return { layer: layer.slice(0, last), view: behind, viewSpelt: 'behind' };
  const first = layer.indexOf('.');
  const before = layer.slice(0, Math.max(0, first));
  return first > 0 && views.has(before)
    ? { layer: layer.slice(first + 1), view: before, viewSpelt: 'before' }
    : { layer, view: '', viewSpelt: undefined };
}

/** What may separate a part's name from its view: Blender writes `-`, others `.` or `_`. */
const viewMarks = ['-', '.', '_'];

/** A part's name without its view. `own` is the view that the part declares; without it, any of the file's views is tried. */
export function withoutView(name: string, own: string | undefined, views: ReadonlySet<string>): string {
  for (const view of own === undefined ? views : [own])
    for (const mark of viewMarks) if (view !== '' && name.endsWith(mark + view)) return name.slice(0, -view.length - 1);
  return name;
}
