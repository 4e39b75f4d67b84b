/** Jobs for render farms: the same chain in tasks, and the files of each engine. Used by the command line; docs/farms.md. */
export { type Attempt, attemptOf } from './attempt.js';
export { farmEngines } from './engines.js';
export { gatherReports, type JobReport } from './gather.js';
export {
  type EmittedJob,
  type FarmEngine,
  type FarmJob,
  framesPiece,
  type JobFile,
  type JobWord,
} from './job.js';
export { splitPattern } from './job-path.js';
export { framesOfTask, memoryOfTask, pixelMemoryPerThread, timeoutOfTask } from './resources.js';
export { isTaskReport, parseTaskReport, type TaskReport, taskReportName } from './task-report.js';
export { fullPath, taskCount } from './words.js';
