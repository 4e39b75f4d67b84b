import type { FilterTable } from './grammar.js';

/** The filters by name, in the order of the help. */
export async function loadFilters(): Promise<FilterTable> {
  const { filters } = await import('../filters/index.js');
  return new Map(filters.map((filter) => [filter.definition.name, filter]));
}
