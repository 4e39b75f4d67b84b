/**
 * What the command line uses beyond the public API: its own work at the edges, such as errors without a place, or the files of
 * `--explain`. Nothing of it is promised to anyone else.
 */

export { shellWord } from './cryptomatte/rules/advice.js';
export { reporter } from './engine/filter.js';
export { spellingHint } from './io/frame-path.js';
export { findPackedAsSamples } from './io/packed-as-samples.js';
export { type Route, routeParts, settleRoutes } from './io/route.js';
export { placeSideFiles } from './io/side-files.js';
export { orAbort } from './model/abort.js';
export type { Advice, AdvisedStep } from './model/advice.js';
export { closeQuietly } from './model/close.js';
export { asExrError, withPlace } from './model/error.js';
export { fromErrorData } from './model/error-data.js';
export { filterContext } from './node/pipeline.js';
export { readSideFile } from './node/side-file.js';
export { findInput, noFiles } from './sequence/find.js';
