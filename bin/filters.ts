import type { FilterTable } from '../lib/index.js';
import { filtersAddress } from '../lib/program.js';

/**
 * Where other threads load the filters from. It is found by its place, and this file stands as deep as exrpipe.ts so that it
 * is found from the bundle too (scripts/bundle.ts).
 */
export const filtersModule = filtersAddress(new URL('../filters/index.js', import.meta.url));

/** The filters by name, in the order of the help; those of plug-ins follow. */
export async function loadFilters(plugins: readonly string[] = []): Promise<FilterTable> {
  const { filters } = await import('../filters/index.js');
  const table = new Map(filters.map((filter) => [filter.definition.name, filter]));
  if (plugins.length === 0) return table;
  const { loadPlugins, withPlugins } = await import('../lib/index.js');
  return withPlugins(table, await loadPlugins(plugins));
}
