/** Plug-ins: modules of a user that export filters. They are named one by one; nothing is searched for. */
import type { AnyFilter } from '../engine/filter.js';
import { ExrError } from '../model/error.js';
import { loadModule, moduleAddress, modulePath } from '../node/modules.js';

/** Filters by name, in the order of the help. */
export type FilterTable = ReadonlyMap<string, AnyFilter>;

/** A plug-in that is loaded. */
export interface Plugin {
  /** Its `file:` URL, which names it from any folder. */
  readonly address: string;
  readonly filters: readonly AnyFilter[];
}

/**
 * Loads plug-ins by their names: paths (`./my-filter.js`), `file:` URLs or packages, seen from `folder`.
 * @throws ExrError `usage` for a name that leads nowhere and a module without filters, `invalid` for one that fails to load.
 */
export async function loadPlugins(names: readonly string[], folder = '.'): Promise<Plugin[]> {
  return Promise.all(
    names.map(async (name) => {
      const address = await moduleAddress(name, folder);
      const filters = exportedFilters(await loadModule(address));
      if (filters.length === 0)
        throw badPlugin(address, 'this module exports no filter', 'Export what defineFilter returns.');
      return { address, filters };
    }),
  );
}

/**
 * Filters by name with those of plug-ins.
 *
 * @throws ExrError of kind `usage` for a name that another filter has, or that is no name for a filter.
 */
export function withPlugins(filters: FilterTable, plugins: readonly Plugin[]): FilterTable {
  const table = new Map(filters);
  for (const { address, filters: own } of plugins)
    for (const filter of own) {
      const { name } = filter.definition;
      if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name))
        throw badPlugin(address, `"${name}" is not a name for a filter`, 'Use lower-case letters, digits and dashes.');
      // The same plug-in may be named twice, on the command line and in a pipeline file.
      if (table.has(name) && table.get(name) !== filter)
        throw badPlugin(address, `there already is a filter "${name}"`, 'Give the filter of the plug-in another name.');
      table.set(name, filter);
    }
  return table;
}

/** The filters that a module exports: those in an array `filters`, or else each by itself. One that is exported twice counts once. */
export function exportedFilters(module: Readonly<Record<string, unknown>>): AnyFilter[] {
  const { filters: list } = module;
  const candidates = Array.isArray(list) ? list : Object.values(module);
  return [...new Set(candidates.filter(isFilter))];
}

function isFilter(value: unknown): value is AnyFilter {
  return (
    (typeof value === 'function' || (typeof value === 'object' && value !== null)) &&
    'definition' in value &&
    'create' in value &&
    typeof value.create === 'function'
  );
}

function badPlugin(address: string, message: string, hint: string): ExrError {
  return new ExrError('usage', 'BAD_PLUGIN', message, { where: { file: modulePath(address) }, hint });
}
