/** The table of filters, in the order of the help. A new filter is one line here and one in the exports. */
import type { AnyFilter } from '../lib/index.js';
import { compress } from './compress.js';
import { convert } from './convert.js';
import { copyAttributes } from './copy-attributes.js';
import { cryptomatteFromMasks } from './cryptomatte-from-masks.js';
import { drop } from './drop.js';
import { dropAttribute } from './drop-attribute.js';
import { injectManifest } from './inject-manifest.js';
import { layout } from './layout.js';
import { manifest } from './manifest.js';
import { matte } from './matte.js';
import { merge } from './merge.js';
import { pick } from './pick.js';
import { rename } from './rename.js';
import { renameAttribute } from './rename-attribute.js';
import { repair } from './repair.js';
import { setAttribute } from './set-attribute.js';
import { split } from './split.js';

/** All filters, in the order of the help. */
export const filters: readonly AnyFilter[] = [
  rename,
  injectManifest,
  repair,
  manifest,
  split,
  merge,
  layout,
  pick,
  drop,
  matte,
  cryptomatteFromMasks,
  compress,
  convert,
  setAttribute,
  dropAttribute,
  renameAttribute,
  copyAttributes,
];

export {
  compress,
  convert,
  copyAttributes,
  cryptomatteFromMasks,
  drop,
  dropAttribute,
  injectManifest,
  layout,
  manifest,
  matte,
  merge,
  pick,
  rename,
  renameAttribute,
  repair,
  setAttribute,
  split,
};
