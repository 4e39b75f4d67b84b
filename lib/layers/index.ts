/**
 * Names of channels taken apart and respelt: layers, view layers, views and rank layers, in the spellings of all programs, and
 * what each program makes of them. Nothing here needs Node.
 */

export { type ChannelName, joinChannelName, layerNames, parseChannelName } from '../model/names.js';
export { listTokens, replaceTokens, type TokenWord } from '../model/tokens.js';
export { isKnownPass } from './blender-passes.js';
export { colourAttribute, colourFirst, colourSpace, dataColour, settleColour } from './colour.js';
export {
  type Component as RankComponent,
  type ComponentSlot,
  parseComponent,
  type Spelling as RankSpelling,
} from './components.js';
export { type NameFit, passName, viewLayerOf } from './fit.js';
export { doubtfulLayers, guardedChannels, type IdEvidence, rankChannels, suspectLayers } from './guard.js';
export { type CryptomatteKind, cryptomatteKinds } from './kinds.js';
export { type ChannelPlace, type LayerSpeller, placeOf, placesOf, viewLayersOf, viewsOf } from './place.js';
export { distinctRanks, type LayerChannels, type RankGroup, type RankLayer } from './rank-groups.js';
export { fullName, nameProblem, type Respelling, respell } from './respell.js';
export { legalName } from './seen-by/nuke-name.js';
export {
  type Note as SeenNote,
  type Problem as SeenProblem,
  type ProblemCode as SeenProblemCode,
  type Program,
  type ProgramFacts,
  programFacts,
  programs,
} from './seen-by/program.js';
export {
  isSetAttribute,
  parseSetAttribute,
  type SetAttributeName,
  type SetDefinition,
  withSet,
} from './set-attributes.js';
export { type CryptomatteSet, cryptomatteSets, headerSets, orphanGroups, withoutSets } from './sets.js';
export { type LayoutChange, type LayoutSubject, ShotLayout } from './shot-layout.js';
export { cyclesLayer, viewLayersAttribute } from './view-layers.js';
export { listedViews, type ViewSpelling } from './views.js';
