import { compress } from '../filters/compress.js';
import { convert } from '../filters/convert.js';
import { copyAttributes } from '../filters/copy-attributes.js';
import { drop } from '../filters/drop.js';
import { dropAttribute } from '../filters/drop-attribute.js';
import { injectManifest } from '../filters/inject-manifest.js';
import { merge } from '../filters/merge.js';
import { pick } from '../filters/pick.js';
import { rename } from '../filters/rename.js';
import { setAttribute } from '../filters/set-attribute.js';
import { split } from '../filters/split.js';
import type { AnyFilter } from '../lib/engine/filter.js';
import type { FilterTable } from './grammar.js';

const filters: readonly AnyFilter[] = [
  rename,
  pick,
  drop,
  injectManifest,
  setAttribute,
  dropAttribute,
  copyAttributes,
  split,
  merge,
  compress,
  convert,
];

export async function loadFilters(): Promise<FilterTable> {
  return new Map(filters.map((filter) => [filter.definition.name, filter]));
}
