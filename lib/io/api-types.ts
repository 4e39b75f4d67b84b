/** The types of the public API that need nothing of Node: `exrpipe` and `exrpipe/browser` export them. */

export type { Codec } from '../codecs/codec.js';
export type {
  AttributeDescription,
  ChannelDescription,
  CryptomatteDescription,
  FileDescription,
  IdManifestDescription,
  LayerDescription,
  PartDescription,
} from '../cryptomatte/describe.js';
export type { ChunkSource, ExrDocument, InputInfo, OpenDocument } from '../engine/document.js';
export type {
  AnyFilter,
  FilterContext,
  FilterDefinition,
  FilterExample,
  FilterStep,
  Notice,
  SampleBlock,
  SampleOptions,
  StepSurvey,
  SurveyDefinition,
  SurveyPass,
} from '../engine/filter.js';
export type { OptionInput, OptionSpec, OptionSpecs, OptionValues } from '../engine/options.js';
export type { PartPlan, Plan, PlanMethod } from '../engine/plan.js';
export type { LimitName, Limits } from '../format/limits.js';
export type { JobRunner } from '../jobs/runner.js';
export type { Attribute } from '../model/attributes.js';
export type { Compression } from '../model/compression.js';
export type {
  Box,
  Channel,
  DerivedPlane,
  Header,
  Part,
  PartType,
  PiecedPlane,
  PixelType,
  Plane,
  Samples,
  SideFile,
  TileDescription,
} from '../model/header.js';
export type { ReducedBlock, ReducedOptions } from './reduced.js';
export type { ByteSink, ImageSink, OutputFormat, OutputStart } from './sink.js';
export type { Destination, WriteOptions, WriteReport } from './write.js';
