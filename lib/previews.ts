/**
 * What the commands that show images use: previews, sheets, statistics, digests, masks. Not an entry of the package yet: nothing of
 * it is promised to anyone else.
 */

export { namesById, namesOfSet } from './cryptomatte/set-names.js';
export { makePreview, type Preview, type PreviewOptions } from './io/preview.js';
export { writePreview } from './io/preview-png.js';
export type { Frame } from './look/band.js';
export { defaultLook, lookOfChannel, lookOfLayer } from './look/choose.js';
export type { Size } from './look/fit.js';
export { type GreyDepth, greyLine } from './look/grey.js';
export { HalfBlocks } from './look/half-blocks.js';
export { hexColour, idColour } from './look/id-colour.js';
export { lookKinds } from './look/kinds.js';
export { drawLegend, type LegendEntry } from './look/legend.js';
export { type Look, looksOf, type ViewLook } from './look/looks.js';
export { idBits, Majority } from './look/majority.js';
export { Nearest } from './look/nearest.js';
export { backgrounds } from './look/painters.js';
export { PngWriter } from './look/png.js';
export { rampNames } from './look/ramp.js';
export type { Range } from './look/range.js';
export { Sheet } from './look/sheet.js';
export { sixelBand, sixelEnd, sixelStart } from './look/sixel.js';
export { type Statistics, StatisticsFinder } from './look/statistics.js';
export { type ChannelDigest, channelDigests, formatDigests, parseDigests } from './node/checksum.js';
