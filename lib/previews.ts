/**
 * What the commands that show images use beyond `exrpipe/look`: images in terminals, sheets, legends, masks, differences. Nothing of it is promised
 * to anyone else.
 */

export { namesById, namesOfSet } from './cryptomatte/set-names.js';
export { previewSize } from './io/preview.js';
export type { Frame } from './look/band.js';
export { sizePerView } from './look/fit.js';
export { type GreyDepth, greyLine } from './look/grey.js';
export { HalfBlocks } from './look/half-blocks.js';
export { drawLegend, type LegendEntry } from './look/legend.js';
export { lookTitle } from './look/looks.js';
export { idBits, Majority } from './look/majority.js';
export { Nearest } from './look/nearest.js';
export { PngWriter } from './look/png.js';
export { Sheet } from './look/sheet.js';
export { sixelBand, sixelEnd, sixelStart } from './look/sixel.js';
export { type ChannelDifference, compareFiles, type FileDifference } from './node/difference.js';
export { drawLooks } from './node/preview.js';
