/**
 * Whole shots. {@link runSequence} takes what a user names (patterns, folders, globs), finds the frames, runs the same
 * chain over each, several at once, and reports what happens through events. It writes nothing to a terminal.
 *
 * ```ts
 * const summary = await runSequence({
 *   inputs: ['shots/sh010.####.exr'],
 *   steps: [rename({ stripPrefix: 'ViewLayer.' }), split({ by: 'layer' })],
 *   output: 'out/{layer}/{stem}.{frame}.exr',
 *   frames: '1-100',
 *   skipExisting: true,
 *   onEvent: (event) => { if (event.type === 'frame-failed') console.error(event.frame, event.error.message); },
 * });
 * if (summary.failed.length > 0) process.exitCode = 3;
 * ```
 *
 * It throws (`usage`, `io`) only for what is wrong before the first frame: no such file, frames missing under
 * `missing: 'fail'`, outputs that would overwrite inputs or one another. After that a failure is a frame's, and the
 * summary has it. An abort is not an error either: the summary lists what is left. What `onEvent` throws ends the run and is thrown.
 *
 * {@link isSequence} decides whether inputs ask for this rather than for one run of `runFrame`.
 */

export type {
  EventError,
  FrameDoneEvent,
  FrameFailedEvent,
  FrameId,
  FrameSkippedEvent,
  FrameStartEvent,
  MissingFrames,
  NoticeEvent,
  PartReport,
  PlanEvent,
  ProgressEvent,
  SequenceEvent,
  SequenceSummary,
  StartEvent,
  SummaryEvent,
  SurveyEvent,
  Unfinished,
} from './events.js';
export { cutFrames, type FrameReader, formatFrames, parseFrames } from './frames.js';
export { isSequence } from './is-sequence.js';
export type { ErrorPolicy, MissingPolicy, SequenceOptions, WatchOptions } from './options.js';
export { type Pipeline, type PipelineRunOptions, readPipeline, runPipeline } from './pipeline.js';
export { type FilterTable, loadPlugins, type Plugin, withPlugins } from './plugins.js';
export { type FrameReport, ReportBuilder, type SequenceReport } from './report.js';
export { runSequence } from './run.js';
