import { namesAttribute } from '../../lib/cryptomatte/index.js';
import { structuralNames } from '../../lib/format/index.js';
import { type Advice, type Attributes, advise, ExrError, type Part, stepOf } from '../../lib/index.js';
import { colourAttribute, isSetAttribute, viewLayersAttribute } from '../../lib/layers/index.js';
import { preferValue } from './placeholders.js';

/** Attributes every part needs beside the structural ones (OpenEXR file layout, "Predefined attributes"). */
const required: ReadonlySet<string> = new Set(['pixelAspectRatio', 'screenWindowCenter', 'screenWindowWidth']);

/** Attributes that determine which view of a stereo image channels belong to. */
const views: ReadonlySet<string> = new Set(['view', 'multiView']);

/** Structural attributes that only multi-part and deep files need (OpenEXR file layout, "Header attributes"). */
const severalParts: ReadonlySet<string> = new Set(['name', 'type', 'chunkCount']);

/** Whether an attribute means nothing to readers of a flat single-part file. */
export function nothingInSingle(name: string): boolean {
  return severalParts.has(name);
}

/** What describes one part's own pixels or how they are stored, though readers can do without it (ImfStandardAttributes.h). */
const ofPart: ReadonlySet<string> = new Set([
  'idManifest',
  'preview',
  colourAttribute,
  // OpenImageIO's word for the same.
  'oiio:ColorSpace',
  'deepImageState',
  'dwaCompressionLevel',
  'originalDataWindow',
]);

/**
 * What determines how the stored numbers are read, but may stand in part 0 for all parts: primaries, the luminance of white, the
 * white that is taken as neutral, a transfer curve (ffmpeg's `gamma`), the claim to be an ACES container, and the projection of an
 * environment. How an image is to look (`renderingTransform`, `lookModTransform`) is another thing.
 */
const ofPixels: ReadonlySet<string> = new Set([
  'chromaticities',
  'whiteLuminance',
  'adoptedNeutral',
  'gamma',
  'acesImageContainerFlag',
  'envmap',
]);

/** What presets note about the names of this very file. */
const ofNames: ReadonlySet<string> = new Set([viewLayersAttribute, namesAttribute]);

/** The right way to change what a structural attribute describes. */
const properWays: ReadonlyMap<string, string | Advice> = new Map<string, string | Advice>([
  ['channels', 'Use "rename", "pick", "drop" or "convert" to change channels.'],
  ['compression', advise`Use ${stepOf('compress', { to: 'CODEC' })} to change the compression.`],
  [
    'name',
    advise`Use ${stepOf('rename', { map: 'OLD=NEW' })} to change a part's name, and ${stepOf('merge', { as: 'parts', name: '{layer}{part}' })} to tell parts of one name apart.`,
  ],
  ['type', 'It follows from how the pixels are stored; "merge" turns tiles and scan lines into each other.'],
  ['tiles', 'It follows from how the pixels are stored; "merge" turns tiles and scan lines into each other.'],
]);

const computed = 'It describes how the pixels are stored, and is written by exrpipe itself.';

/** What to do instead of editing a structural attribute, or undefined for an attribute that may be edited. */
export function structuralAdvice(name: string): string | Advice | undefined {
  return structuralNames.has(name) ? (properWays.get(name) ?? computed) : undefined;
}

/** Whether a file without this attribute would be broken, or would be understood in another way. */
export function mustStay(name: string): boolean {
  return structuralNames.has(name) || required.has(name) || views.has(name);
}

/** Whether an attribute describes one part's own pixels, so that it means nothing in another part. */
export function describesPart(name: string): boolean {
  return mustStay(name) || isSetAttribute(name) || ofPart.has(name);
}

/** Whether an attribute describes pixels or their names, so that it would be wrong in a file of others. */
export function describesPixels(name: string): boolean {
  return describesPart(name) || ofPixels.has(name) || ofNames.has(name);
}

/** Metadata of the whole image is in the first part of a file; a part that is extracted needs it too. */
export function inheritGlobals(own: Attributes, first: Attributes): Attributes {
  return own.merge(
    [...first]
      .filter(([name]) => !describesPart(name))
      .map(([name, attribute]) => [name, preferValue(name, own.get(name), attribute)]),
  );
}

/** How messages name a part. */
export function partLabel(part: Pick<Part, 'name'>, number: number): string {
  return part.name === undefined ? `part ${number}` : `part "${part.name}"`;
}

/** The error for a filter without anything to do. */
export function nothingAsked(filter: string, what: Advice): ExrError {
  return new ExrError('usage', 'NOTHING_ASKED', advise`${filter}: ${what}`);
}
