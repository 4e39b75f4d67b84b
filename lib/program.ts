/**
 * What the command line uses beyond the public API: its own work at the edges, such as errors without a place, or the files of
 * `--explain`. Nothing of it is promised to anyone else.
 */

export { coverages } from './cryptomatte/coverage.js';
export { shellWord } from './cryptomatte/rules/advice.js';
export { reporter } from './engine/filter.js';
export { kebabCase, typedValue } from './engine/option-text.js';
export {
  attemptOf,
  type FarmEngine,
  type FarmJob,
  farmEngines,
  framesOfTask,
  framesPiece,
  fullPath,
  gatherReports,
  isTaskReport,
  type JobFile,
  type JobReport,
  type JobWord,
  memoryOfTask,
  parseTaskReport,
  pixelMemoryPerThread,
  splitPattern,
  type TaskReport,
  taskCount,
  taskReportName,
  timeoutOfTask,
} from './farm/index.js';
export { type BandOptions, fullResolution, readBands } from './io/bands.js';
export { spellingHint } from './io/frame-path.js';
export { findPackedAsSamples } from './io/packed-as-samples.js';
export { type Route, renderPath, routeParts, settleRoutes } from './io/route.js';
export { placeSideFiles } from './io/side-files.js';
export { orAbort } from './model/abort.js';
export type { Advice, AdvisedOption, AdvisedStep } from './model/advice.js';
export { closeQuietly } from './model/close.js';
export { asExrError, isAbort, withPlace } from './model/error.js';
export { fromErrorData, toErrorData } from './model/error-data.js';
export { suggest } from './model/near.js';
export { shortName } from './model/path.js';
export { sha256 } from './node/digest.js';
export { openFileSink } from './node/file-sink.js';
export { isFolder, lookAt } from './node/files.js';
export { examine, type Health, megabytes } from './node/health.js';
export { loadKernels } from './node/kernels.js';
export { loadModule, moduleAddress } from './node/modules.js';
export { filterContext } from './node/pipeline.js';
export { hasPngText } from './node/png-text.js';
export { filtersAddress, isStandalone, queuePackages } from './node/program-files.js';
export { sharedRunners } from './node/runners.js';
export { readSideFile } from './node/side-file.js';
export { readWholeHeader } from './node/whole.js';
export { type FoundSequence, findInput, noFiles } from './sequence/find.js';
export type { Item } from './sequence/items.js';
export { canonicalText, markName } from './sequence/mark.js';
export { planShot, type ShotSource } from './sequence/plan-shot.js';
export { untouchedFrame } from './sequence/report.js';
export { type ItemSource, listItems } from './sequence/source.js';
