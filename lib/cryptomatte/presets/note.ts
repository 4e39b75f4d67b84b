/** The note that a preset leaves in a file, so that going back restores exactly the names it had. */
import { makeStringAttribute, stringAttribute } from '../../format/attribute-types.js';
import type { Attribute } from '../../model/attributes.js';
import type { Header } from '../../model/header.js';
import { fileName } from '../../model/path.js';

/**
 * The attribute, a string that holds a JSON object: `{"now":"arnold","before":"blender","names":{"Z":"main.Depth.V"}}`. It
 * is in the first part; `exrpipe/viewLayers` beside it records the names of view layers.
 */
export const namesAttribute = 'exrpipe/names';

export interface NamesNote {
  /** The preset whose names the file has now. */
  readonly now: string;
  /** The preset whose names it had at first. */
  readonly before: string;
  /**
   * Original names by current ones, without views, where the original preset would not write them by itself. `a.*` means all
   * channels of a layer that keep their component.
   */
  readonly names: ReadonlyMap<string, string>;
}

/** The note of a header. A damaged one counts as none: names are then those that presets write. */
export function notedNames({ parts }: Pick<Header, 'parts'>): NamesNote | undefined {
  for (const { attributes } of parts) {
    const note = parseNames(attributes.get(namesAttribute));
    if (note) return note;
  }
  return undefined;
}

export function formatNames({ now, before, names }: NamesNote): Attribute {
  return makeStringAttribute(JSON.stringify({ now, before, names: Object.fromEntries(names) }));
}

function parseNames(attribute: Attribute | undefined): NamesNote | undefined {
  try {
    const parsed: unknown = JSON.parse(stringAttribute(attribute) ?? '');
    if (typeof parsed !== 'object' || parsed === null) return undefined;
    const { now, before, names } = parsed as Record<string, unknown>;
    if (typeof now !== 'string' || typeof before !== 'string' || typeof names !== 'object') return undefined;
    const entries = Object.entries(names ?? {}).filter(
      (entry): entry is [string, string] => typeof entry[1] === 'string',
    );
    // Presets of a user's own were once noted by their paths.
    return { now: fileName(now), before: fileName(before), names: new Map(entries) };
  } catch {
    return undefined;
  }
}
