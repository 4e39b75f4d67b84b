/**
 * Which colour space the pixels of a part are in: `colorInteropID`, a standard attribute since OpenEXR 3.4. Blender 5 writes it on
 * every part, and applies that of part 0 to the whole image: Cryptomattes work in a scene with any working space only where it is
 * "data". OpenEXR's own check (3.5, `exr_check_color_metadata`) requires later parts to be "data" or like the first.
 */
import { makeStringAttribute, stringAttribute } from '../format/attribute-types.js';
import type { Channel, Header, Part } from '../model/header.js';
import { parseComponent } from './components.js';
import { guardedChannels } from './guard.js';
import { placesOf } from './place.js';

/** The attribute that names the colour space of a part's pixels. */
export const colourAttribute = 'colorInteropID';

/** Its value for pixels that are not colours: depth, vectors, IDs. */
export const dataColour = 'data';

/** The colour space that a part declares for its pixels. Undefined where it declares none, in whatever words. */
export function colourSpace({ attributes }: Pick<Part, 'attributes'>): string | undefined {
  const space = stringAttribute(attributes.get(colourAttribute));
  return space === '' || space === 'unknown' ? undefined : space;
}

/**
 * The file with "data" on every part that holds nothing but Cryptomattes, whatever the part was before its other channels were
 * removed. Files in which no part of `whole`, the file as it arrived, names a colour space stay without. Settled files are
 * returned unchanged.
 */
export function settleColour<File extends Pick<Header, 'parts'>>(
  file: File,
  whole: Pick<Header, 'parts'> = file,
): File {
  if (!whole.parts.some(({ attributes }) => attributes.has(colourAttribute))) return file;
  const isMatte = matteChannels(file);
  const parts = file.parts.map((part) => {
    const settled = !part.channels.every(isMatte) || part.channels.length === 0 || colourSpace(part) === dataColour;
    return settled
      ? part
      : { ...part, attributes: part.attributes.with(colourAttribute, makeStringAttribute(dataColour)) };
  });
  return parts.some((part, number) => part !== file.parts[number]) ? { ...file, parts } : file;
}

/**
 * The parts in an order that does not begin with data if there is colour: the first part with colour goes to the front, the
 * others keep their order. Programs that do not know about parts show the first one. Returns `parts` itself if nothing moves.
 */
export function colourFirst(parts: readonly Part[]): readonly Part[] {
  const [first] = parts;
  if (!first || colourSpace(first) !== dataColour) return parts;
  const coloured = colouredParts(parts);
  const colour = parts.find((part) => coloured.has(part));
  return colour ? [colour, ...parts.filter((part) => part !== colour)] : parts;
}

/** Parts that name a colour space, and of the others those with a red, green and blue that are not a Cryptomatte's. */
function colouredParts(parts: readonly Part[]): Set<Part> {
  const isMatte = matteChannels({ parts });
  const components = parts.map(() => new Set<string>());
  for (const { part, channel, component } of placesOf({ parts }).values()) {
    const slot = parseComponent(component)?.slot;
    if (slot && !isMatte(channel)) components[part]?.add(slot);
  }
  return new Set(
    parts.filter((part, number) => {
      const space = colourSpace(part);
      if (space !== undefined) return space !== dataColour;
      return ['r', 'g', 'b'].every((slot) => components[number]?.has(slot));
    }),
  );
}

/**
 * Identifies the channels of Cryptomattes. Numbered names alone are not enough here: the guard may be wrong about `light00`,
 * `light01` at the cost of some space, but colours declared as data look wrong.
 */
function matteChannels(header: Pick<Header, 'parts'>): (channel: Channel) => boolean {
  const guarded = guardedChannels(header);
  return (channel) => {
    const evidence = guarded.get(channel);
    return evidence !== undefined && evidence !== 'numbered';
  };
}
