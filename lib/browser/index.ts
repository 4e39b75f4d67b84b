/**
 * exrpipe in a browser: opens an EXR file that a page has as a `Blob` or `File`, reads its header, lists what is in it, and reads
 * samples. `exrpipe/cryptomatte`, `exrpipe/layers` and `exrpipe/format` run in browsers too, and take the headers of this entry.
 *
 * ```ts
 * const document = await openExrBlob(input.files[0]);
 * const { layers } = describeHeader(document.header).parts[0];
 * const decoder = createSampleDecoder({
 *   codecs: () => WebAssembly.compileStreaming(fetch(new URL('openexr-wasm/openexr.wasm', import.meta.url))),
 * });
 * for await (const { region, samples } of decoder.readSamples(document, document.header.parts[0], ['R', 'G', 'B'])) draw(region, samples);
 * await document.source.close();
 * ```
 */

export { describeHeader } from '../cryptomatte/describe.js';
export type * from '../io/api-types.js';
export { Attributes } from '../model/attributes.js';
export { describeError, ExrError, isExrError } from '../model/error.js';
export { isArrived, isDeep } from '../model/header.js';
export { type OpenBlobOptions, openExrBlob } from './blob.js';
export { type CodecModules, createSampleDecoder, type SampleDecoder } from './reader.js';
