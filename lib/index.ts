/** The public API of exrpipe. Filters use nothing else, so that a third party's filter can do all that ours do. */

export type { Codec } from './codecs/codec.js';
export { deepProse, lossProse } from './codecs/prose.js';
export { codecOf, codecs } from './codecs/table.js';
export { BlendError, type BlendNames, candidateNames } from './cryptomatte/blend/index.js';
export { type CarryOptions, carrySets, type Reporter } from './cryptomatte/carry.js';
export {
  type AttributeDescription,
  type ChannelDescription,
  type CryptomatteDescription,
  describeHeader,
  type FileDescription,
  type IdManifestDescription,
  type LayerDescription,
  type PartDescription,
} from './cryptomatte/describe.js';
export { layerKey, nameBits, nameHash } from './cryptomatte/hash.js';
export { type IdState, IdStatistics, judgeIds, pxr24Bits, readIds, type SampleReader } from './cryptomatte/ids.js';
export { type InjectOptions, injectNames, type NameSource, nameSource, rehashSets } from './cryptomatte/inject.js';
export { type InjectTarget, injectTargets } from './cryptomatte/inject-targets.js';
export {
  formatManifest,
  isStrict,
  type Manifest,
  possibleNames,
  type ReadManifest,
  readManifest,
  storedManifest,
} from './cryptomatte/manifest.js';
export { mattePlane } from './cryptomatte/matte.js';
export { OccurringIds, occurringIds } from './cryptomatte/occurring.js';
export { isPresetFile, parsePreset } from './cryptomatte/presets/file.js';
export { namesAttribute } from './cryptomatte/presets/note.js';
export { findPreset, type NamingPreset, presetFrom, presets } from './cryptomatte/presets/preset.js';
export { type PresetRenaming, presetRenaming } from './cryptomatte/presets/renaming.js';
export { pruned, pruningProblem } from './cryptomatte/prune.js';
export { noteOddNumbers, renumberRanks } from './cryptomatte/renumber.js';
export { completeSets, mendSets, type RepairOptions, repairHeader } from './cryptomatte/repair.js';
export { type Restoration, refuseDestroyed, restoreIds } from './cryptomatte/restore.js';
export { type ReuniteOptions, reuniteSets } from './cryptomatte/reunite.js';
export type { RuleInfo, Severity } from './cryptomatte/rules/rule.js';
export { SequenceCheck } from './cryptomatte/rules/sequence.js';
export { ManifestCheck } from './cryptomatte/rules/shot-manifests.js';
export { type FrameNames, type ShotChange, ShotNames, type ShotSet } from './cryptomatte/shot-names.js';
export { fillSidecarName, type SidecarWords, sidecarPath } from './cryptomatte/sidecar.js';
export { uniteSameNames } from './cryptomatte/unite.js';
export {
  cryptomatteRules,
  type Finding,
  type SidecarReader,
  validateHeader,
  validatePixels,
  validateSequence,
  validateSidecars,
} from './cryptomatte/validate.js';
export { type Claimant, claimantsOf, holdsIds, type Weights, weighLayers } from './cryptomatte/weigh.js';
export type { ExrDocument, InputInfo } from './engine/document.js';
export type {
  AnyFilter,
  FilterContext,
  FilterDefinition,
  Notice,
  SampleBlock,
  SampleOptions,
  Step,
  StepSurvey,
  SurveyDefinition,
  SurveyPass,
} from './engine/filter.js';
export type { OptionInput, OptionSpec, OptionSpecs, OptionValues } from './engine/options.js';
export { type Method, makePlan, type PartPlan, type Plan } from './engine/plan.js';
export { lossyChannels } from './engine/quality.js';
export {
  type AttributeShape,
  type AttributeValue,
  attributeShape,
  formatAttribute,
  makeString,
  parseAttribute,
  partView,
  stringAttribute,
  writableTypes,
} from './format/attribute-types.js';
export { equalBytes } from './format/bytes.js';
export { sameBox, sameTiles } from './format/geometry.js';
export { sharedAttributes } from './format/header-writer.js';
export { defaultLimits, type LimitName, type Limits, longestName } from './format/limits.js';
export { structuralNames } from './format/structural.js';
export type { ReducedBlock, ReducedOptions } from './io/reduced.js';
export type { ByteSink, ImageSink, OutputFormat, OutputStart } from './io/sink.js';
export type { Destination, WriteOptions, WriteReport } from './io/write.js';
export { isKnownPass } from './layers/blender-passes.js';
export { colourAttribute, colourFirst, colourSpace, dataColour, settleColour } from './layers/colour.js';
export type { Slot } from './layers/components.js';
export { parseComponent } from './layers/components.js';
export { type Fit, passName, viewLayerOf } from './layers/fit.js';
export { doubtfulLayers, type Evidence, guardedChannels, rankChannels, suspectLayers } from './layers/guard.js';
export { type CryptomatteKind, cryptomatteKinds } from './layers/kinds.js';
export { type Place, placeOf, placesOf, type Speller, viewLayersOf, viewsOf } from './layers/place.js';
export { distinctRanks, type LayerChannels, type RankGroup, type RankLayer } from './layers/rank-groups.js';
export { fullName, nameProblem, type Respelling, respell } from './layers/respell.js';
export { legalName } from './layers/seen-by/nuke-name.js';
export { type Program, type ProgramFacts, programFacts, programs } from './layers/seen-by/program.js';
export { isSetAttribute, type SetDefinition, withSet } from './layers/set-attributes.js';
export { type CryptomatteSet, cryptomatteSets, headerSets, orphanGroups, withoutSets } from './layers/sets.js';
export { cyclesLayer, viewLayersAttribute } from './layers/view-layers.js';
export { listedViews } from './layers/views.js';
export { type Attribute, Attributes } from './model/attributes.js';
export { sortChannels, sourcePlanes } from './model/channels.js';
export type { Compression } from './model/compression.js';
export { describeError, ExrError, isExrError } from './model/error.js';
export { groupBy } from './model/group-by.js';
export {
  type Box,
  type Channel,
  type DerivedPlane,
  type Header,
  isArrived,
  isDeep,
  type Part,
  type PartType,
  type PiecedPlane,
  type PixelType,
  type Plane,
  type Samples,
  type SideFile,
  type TileDescription,
} from './model/header.js';
export { firstFew, listed, mostListed } from './model/listed.js';
export { joinChannelName, layerNames, parseChannelName } from './model/names.js';
export { nearest } from './model/near.js';
export { compareText, decodeText, textLength } from './model/text.js';
export { listTokens, replaceTokens, type TokenWord } from './model/tokens.js';
export { readBlend } from './node/blend.js';
export { openExr, openExrStream } from './node/open.js';
export {
  type Input,
  type PipelineOptions,
  readReduced,
  readSamples,
  runFrame,
  writeDocument,
} from './node/pipeline.js';
export { readExrHeader } from './node/read-header.js';
export { readSidecar } from './node/side-file.js';
export { defineFilter, type ExrSinkOptions, exrSink, exrSource, type Filter } from './node/streams.js';
export {
  type FrameReport,
  formatFrames,
  isSequence,
  parseFrames,
  ReportBuilder,
  runSequence,
  type SequenceEvent,
  type SequenceOptions,
  type SequenceReport,
  type SequenceSummary,
} from './sequence/index.js';
