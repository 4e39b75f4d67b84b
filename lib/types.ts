/** The types of the API's first page, lib/index.ts. They are the same in every entry. */

export type * from './io/api-types.js';
export type { FrameInput, PipelineOptions } from './node/pipeline.js';
export type { FileFacts } from './node/read-header.js';
export type { ExrSinkOptions, Filter } from './node/streams.js';
export type {
  ErrorPolicy,
  EventError,
  FilterTable,
  FrameDoneEvent,
  FrameFailedEvent,
  FrameId,
  FrameReader,
  FrameReport,
  FrameSkippedEvent,
  FrameStartEvent,
  MissingFrames,
  MissingPolicy,
  NoticeEvent,
  PartReport,
  Pipeline,
  PipelineRunOptions,
  PlanEvent,
  Plugin,
  ProgressEvent,
  SequenceEvent,
  SequenceOptions,
  SequenceReport,
  SequenceSummary,
  StartEvent,
  SummaryEvent,
  SurveyEvent,
  Unfinished,
  WatchOptions,
} from './sequence/index.js';
