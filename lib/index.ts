/**
 * exrpipe on Node: open, read, check and write OpenEXR files, one frame or a whole shot. `exrpipe/filters` has the filters, and
 * docs/api.md describes the other entries.
 */

// Run a chain of filters: over a frame, over a shot, as Node streams.

export { createRunner } from './node/create-runner.js';
export { openFrame, runFrame, writeDocument } from './node/pipeline.js';
export { stdoutSink } from './node/stdio.js';
export { defineFilter, exrSink, exrSource } from './node/streams.js';
export {
  cutFrames,
  formatFrames,
  isSequence,
  loadPlugins,
  parseFrames,
  ReportBuilder,
  readPipeline,
  runPipeline,
  runSequence,
  withPlugins,
} from './sequence/index.js';

// Read: headers, samples, and the files beside images.

export { readBlend } from './node/blend.js';
export { openExr, openExrStream } from './node/open.js';
export { readReduced, readSamples } from './node/pipeline.js';
export { readExrFacts, readExrHeader } from './node/read-header.js';
export { readSidecar } from './node/side-file.js';

// Understand a header, and what would be done with its pixels.

export { describeHeader } from './cryptomatte/describe.js';
export { makePlan } from './engine/plan.js';
export { lossyChannels } from './engine/quality.js';

// Change a header: what filters are written with.

export { checkOptions, takesList } from './engine/options.js';
export { Attributes } from './model/attributes.js';
export { sortChannels, sourcePlanes } from './model/channels.js';
export { isArrived, isDeep } from './model/header.js';

// When things go wrong; the version; and all types of the above.

export { adviceText, advise, chainOf, optionNamed, stepAfter, stepOf } from './model/advice.js';
export { describeError, ExrError, isExrError } from './model/error.js';
export { jsonFormat } from './model/json-format.js';
export { version } from './node/version.js';
export type * from './types.js';
