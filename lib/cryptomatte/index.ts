/**
 * Cryptomattes: their sets, manifests, names and IDs, the rules that find what is wrong with them, and repairs. Nothing
 * here needs Node.
 */

export { candidateNames, readBlend } from './blend/index.js';
export { type CarryOptions, carrySets } from './carry.js';
export {
  describeSeen,
  type SeenCryptomatteDescription,
  type SeenDescription,
  type SeenLayerDescription,
} from './describe-seen.js';
export { bitsToHex, layerKey, nameBits, nameHash } from './hash.js';
export type { FoundId } from './id-table.js';
export { type IdState, IdStatistics, judgeIds, pxr24Bits, type RankPair, readIds, type SampleReader } from './ids.js';
export { type InjectOptions, injectNames, type NameSource, nameSource } from './inject.js';
export { type InjectTarget, injectTargets } from './inject-targets.js';
export { holdsIds, type Weights, weighLayers } from './layer-weights.js';
export type { LegacyEncoding } from './legacy-text.js';
export {
  formatManifest,
  isStrictManifest,
  type Manifest,
  type PossibleNames,
  possibleNames,
  type ReadManifest,
  readManifest,
  storedManifest,
} from './manifest.js';
export type { ManifestProblem, ManifestProblems } from './manifest-problems.js';
export { MaskRanks, mostRankLayers, type RankedMask } from './mask-ranks.js';
export { mattePlane } from './matte.js';
export { OccurringIds, occurringIds } from './occurring.js';
export { isPresetFile, parsePreset } from './presets/file.js';
export { namesAttribute } from './presets/note.js';
export { findPreset, type NamingPreset, type PassId, type PassNames, presetFrom, presets } from './presets/preset.js';
export { type PresetRenaming, presetRenaming } from './presets/renaming.js';
export { pruned, pruningProblem } from './prune.js';
export { rehashSets } from './rehash.js';
export { noteOddNumbers, renumberRanks } from './renumber.js';
export { completeSets, type RepairOptions, repairHeader, repairSets } from './repair.js';
export type { NoticeReporter } from './report.js';
export { type IdRestoration, refuseDestroyed, restoreIds } from './restore.js';
export { type ReuniteOptions, reuniteSets } from './reunite.js';
export type { Breach, RuleInfo, Severity } from './rules/rule.js';
export { SequenceCheck } from './rules/sequence.js';
export { ManifestCheck } from './rules/shot-manifests.js';
export { readSceneFile, type SceneFile, type SceneSet, type SceneViewLayer, sceneSources } from './scene-file.js';
export { namesOfSet, type ReadSidecar } from './set-names.js';
export { type FrameNames, type ShotChange, ShotNames, type ShotSet } from './shot-names.js';
export { fillSidecarName, type SidecarWords, sidecarPath } from './sidecar.js';
export { uniteSameNames } from './unite.js';
export {
  cryptomatteRules,
  type Finding,
  type HeaderOptions,
  type ShotOptions,
  type SidecarCheck,
  type SidecarReader,
  type ValidateOptions,
  validateChunks,
  validateHeader,
  validatePixels,
  validateSequence,
  validateSidecars,
} from './validate.js';
export {
  type Candidate as LayerCandidate,
  type Claimant,
  claimantsOf,
  type Match as LayerMatch,
  type Weighing,
} from './weigh.js';
