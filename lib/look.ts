/**
 * Images for looking at: which looks a frame has, 8-bit images of them, digests of its pixels.
 *
 * ```ts
 * await using document = await openExr('shot.0001.exr');
 * const look = lookOfLayer(document.header, 'CryptoObject');
 * const preview = await makePreview(document, look, { size: { width: 640, height: 360 } });
 * for await (const row of preview.lines()) use(row);
 * ```
 */

// What there is to look at in a header.

export { defaultLook, lookOfChannel, lookOfLayer } from './look/choose.js';
export { type LookKind, lookKinds } from './look/kinds.js';
export { type Look, looksOf, type ViewLook } from './look/looks.js';

// Images of it: rows of bytes, PNG, the preview in a header.

export type { Preview } from './io/preview.js';
export { previewAttribute, withPreview } from './io/preview-attribute.js';
export { writePreview } from './io/preview-png.js';
export type { ByteSink } from './io/sink.js';
export type { Size } from './look/fit.js';
export { hexColour, idColour } from './look/id-colour.js';
export { type Background, backgrounds } from './look/painters.js';
export { type RampName, rampNames } from './look/ramp.js';
export type { Range } from './look/range.js';
export { makePreview, type PreviewOptions, type ReadingOptions } from './node/preview.js';

// What its pixels are.

export { type Statistics, StatisticsFinder } from './look/statistics.js';
export { type ChannelDigest, formatDigests, parseDigests } from './node/checksum.js';
export { channelDigests } from './node/preview.js';
