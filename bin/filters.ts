import type { AnyFilter } from '../lib/engine/filter.js';
import { filtersAddress } from '../lib/node/program-files.js';

export type FilterTable = ReadonlyMap<string, AnyFilter>;

/**
 * Where other threads load the filters from. It is found by its place, and this file stands as deep as exrpipe.ts so that it
 * is found from the bundle too (scripts/bundle.ts).
 */
export const filtersModule = filtersAddress(new URL('../filters/index.js', import.meta.url));

/** The filters by name, in the order of the help. */
export async function loadFilters(): Promise<FilterTable> {
  const { filters } = await import('../filters/index.js');
  return new Map(filters.map((filter) => [filter.definition.name, filter]));
}
