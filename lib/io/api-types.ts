/** The types of the public API that need nothing of Node: `exrpipe` and `exrpipe/browser` export them. */

export type {
  Codec,
  CodecSettings,
  CodedChannel,
  DeepCodec,
  DeepPacking,
  LevelRange,
  ReducedCodec,
  SpliceCodec,
} from '../codecs/codec.js';
export type {
  BlendErrorCode,
  BlendLimits,
  BlendName,
  BlendNames,
  BlendObject,
  BlendOptions,
  BlendScene,
  BlendSource,
  Compression as BlendCompression,
  Gunzip,
  Unzstd,
} from '../cryptomatte/blend/index.js';
export type {
  AttributeDescription,
  ChannelDescription,
  CryptomatteDescription,
  FileDescription,
  IdManifestDescription,
  LayerDescription,
  PartDescription,
} from '../cryptomatte/describe.js';
export type { ChunkMemory } from '../engine/buffers.js';
export type {
  ChunkReader,
  ChunkSource,
  ExrDocument,
  InputInfo,
  OpenDocument,
  PayloadPieces,
} from '../engine/document.js';
export type {
  AnyFilter,
  FilterContext,
  FilterDefinition,
  FilterExample,
  FilterStep,
  ImageLines,
  MadeImage,
  Notice,
  OpenFile,
  SampleBlock,
  SampleOptions,
  StepSurvey,
  SurveyDefinition,
  SurveyPass,
} from '../engine/filter.js';
export type { OptionInput, OptionSpec, OptionSpecs, OptionValues } from '../engine/options.js';
export type { PartPlan, Plan, PlanMethod, PlanOptions } from '../engine/plan.js';
export type { QualityOptions } from '../engine/quality.js';
export type { ChunkSizes, FileState, TableState, UnfinishedPart } from '../format/file-state.js';
export type { Region } from '../format/geometry.js';
export type { LimitName, Limits } from '../format/limits.js';
export type { ChunkRef, FileSizes } from '../format/offset-table.js';
export type { JobRunner } from '../jobs/runner.js';
export type { Advice, AdvisedChain, AdvisedOption, AdvisedPiece, AdvisedStep } from '../model/advice.js';
export type { Attribute } from '../model/attributes.js';
export type { Compression, KnownCompression, UnknownCompression } from '../model/compression.js';
export type { ErrorDetails, ErrorKind, ErrorPlace } from '../model/error.js';
export type {
  Box,
  Channel,
  DerivedPlane,
  Header,
  LineOrder,
  Part,
  PartType,
  PiecedPlane,
  PixelType,
  Plane,
  Samples,
  SideFile,
  TileDescription,
} from '../model/header.js';
export type { ContextOptions } from './context.js';
export type { OpenOptions } from './open.js';
export type { NamedInput } from './pipeline.js';
export type { RandomBytes } from './random-bytes.js';
export type { ReducedBlock, ReducedOptions, ReducedPlane } from './reduced.js';
export type { Route } from './route.js';
export type { OpenScratch, Scratch } from './scratch.js';
export type { ByteSink, ImageSink, OutputFormat, OutputStart, SizedChunk } from './sink.js';
export type { Destination, UnitSums, WriteOptions, WriteReport } from './write.js';
