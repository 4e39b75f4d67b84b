import { type Attributes, ExrError, isSetAttribute, type Part, structuralNames } from '../../lib/index.js';

/** Attributes every part needs beside the structural ones (OpenEXR file layout, "Predefined attributes"). */
const required: ReadonlySet<string> = new Set(['pixelAspectRatio', 'screenWindowCenter', 'screenWindowWidth']);

/** Attributes that say which view of a stereo picture channels belong to. */
const views: ReadonlySet<string> = new Set(['view', 'multiView']);

/** The right way to change what a structural attribute says. */
const properWays: ReadonlyMap<string, string> = new Map([
  ['channels', 'Use "rename", "pick", "drop" or "convert" to change channels.'],
  ['compression', 'Use "compress --to CODEC" to change the compression.'],
  ['name', 'Use "rename --map OLD=NEW" to change a part\'s name.'],
  ['type', 'It follows from how the pixels are stored; "merge" turns tiles and scan lines into each other.'],
  ['tiles', 'It follows from how the pixels are stored; "merge" turns tiles and scan lines into each other.'],
]);

const computed = 'It describes how the pixels are stored, and is written by exrpipe itself.';

/** What to do instead of editing a structural attribute, or undefined for an attribute that may be edited. */
export function structuralAdvice(name: string): string | undefined {
  return structuralNames.has(name) ? (properWays.get(name) ?? computed) : undefined;
}

/** Whether a file without this attribute would be broken, or would be understood in another way. */
export function mustStay(name: string): boolean {
  return structuralNames.has(name) || required.has(name) || views.has(name);
}

/** Whether an attribute describes one part's own pixels, so that it means nothing in another part. */
export function describesPart(name: string): boolean {
  return mustStay(name) || isSetAttribute(name) || name === 'idManifest' || name === 'preview';
}

/** What a file says about the whole picture stands in its first part; a part taken out of it needs that too. */
export function inheritGlobals(own: Attributes, first: Attributes): Attributes {
  return own.merge([...first].filter(([name]) => !own.has(name) && !describesPart(name)));
}

/** How messages name a part. */
export function partLabel(part: Pick<Part, 'name'>, number: number): string {
  return part.name === undefined ? `part ${number}` : `part "${part.name}"`;
}

/** The error for a filter that was told nothing to do. */
export function nothingAsked(filter: string, what: string): ExrError {
  return new ExrError('usage', 'NOTHING_ASKED', `${filter}: ${what}`);
}
