/**
 * What OpenEXR files are made of: attributes and their types, compressions, limits, the state of chunks; and text, as files have
 * it and as people may see it. Nothing here needs Node.
 */

export { deepProse, levelProse, lossProse } from '../codecs/prose.js';
export { codecOf, codecs } from '../codecs/table.js';
export { printable } from '../model/error.js';
export { groupBy } from '../model/group-by.js';
export { brief, firstFew, listed, mostListed, shortened } from '../model/listed.js';
export { nearest } from '../model/near.js';
export { compareText, decodeText, textLength } from '../model/text.js';
export { displayWidth, startWithin } from '../model/width.js';
export {
  type AttributeShape,
  type AttributeValue,
  attributeShape,
  formatAttribute,
  makeStringAttribute,
  parseAttribute,
  partView,
  stringAttribute,
  writableTypes,
} from './attribute-types.js';
export { equalBytes } from './bytes.js';
export { emptyChunksText, fileState, tableText, unfinishedText } from './file-state.js';
export { sameBox, sameTiles } from './geometry.js';
export { sharedAttributes } from './header-writer.js';
export { defaultLimits, limitNames, longestName, makeLimits } from './limits.js';
export { structuralNames } from './structural.js';
