/**
 * The files that the program consists of besides the one that runs: beside it as a rule, and in the executable itself where it is
 * one without Node (scripts/build-standalone.ts). Whoever looks for a file by `import.meta.url` asks here first.
 */
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { getAsset, isSea } from 'node:sea';
import { fileURLToPath } from 'node:url';
import { types } from 'node:util';

/** What the executable holds, by the names that scripts/build-standalone.ts gives. */
export type ProgramFile =
  | 'worker.js'
  | 'frame-thread.js'
  | 'filters.js'
  | 'queue-packages.js'
  | 'package.json'
  | 'openexr.wasm'
  | 'zstd.wasm';

/** Whether this is the executable without Node. Also known in its threads. */
export const isStandalone = isSea();

/** A file out of the executable; undefined where the program is in files of its own. */
export function embeddedFile(name: ProgramFile): Uint8Array<ArrayBuffer> | undefined {
  return isStandalone ? new Uint8Array(getAsset(name)) : undefined;
}

/** The same of source text. */
export function embeddedText(name: ProgramFile): string | undefined {
  const bytes = embeddedFile(name);
  return bytes && new TextDecoder().decode(bytes);
}

/** A small text file that belongs to the program. */
export function programText(name: ProgramFile, place: URL): string {
  return embeddedText(name) ?? readFileSync(place, 'utf8');
}

/** Modules that the executable holds, by the addresses that stand for them where no file has them. */
const embeddedModules: ReadonlyMap<string, ProgramFile> = new Map([
  ['exrpipe:filters', 'filters.js'],
  ['exrpipe:queue-packages', 'queue-packages.js'],
]);

/** The address of the filters' module: the file, or what {@link importModule} knows in the executable. */
export function filtersAddress(place: URL): URL {
  return isStandalone ? new URL('exrpipe:filters') : place;
}

/** The address of BullMQ and ioredis in the executable; undefined where they are packages that are installed. */
export const queuePackages = isStandalone ? 'exrpipe:queue-packages' : undefined;

/** The filters where they are bundled (scripts/bundle.ts); unbundled, nothing is there. */
const bundledFilters = new URL('../filters/index.js', import.meta.url).href;

type Exports = Readonly<Record<string, unknown>>;

/** Imports a module by its address. */
export async function importModule(address: string): Promise<Exports> {
  const name = embeddedModules.get(address);
  const text = name && embeddedText(name);
  if (text !== undefined) return runText(text);
  // Node searches all of a CommonJS module for its exports when that is imported: a tenth of a second for each thread.
  if (address === bundledFilters) return createRequire(import.meta.url)(fileURLToPath(address));
  if (isStandalone) return requireModule(address);
  const load: (address: string) => Promise<Exports> = createRequire(import.meta.url)('./import.cjs');
  return load(address);
}

/** The executable's program cannot `import`, but `require` loads both kinds of modules since Node 22.12. */
function requireModule(address: string): Exports {
  const loaded: unknown = createRequire(process.execPath)(fileURLToPath(address));
  const named = loaded as Exports;
  return types.isModuleNamespaceObject(loaded) ? named : { ...named, default: loaded };
}

/** Runs a bundled CommonJS module. It needs modules of Node only. */
function runText(text: string): Exports {
  const module: { exports: Exports } = { exports: {} };
  const require = createRequire(process.execPath);
  new Function('module', 'exports', 'require', '__filename', text)(module, module.exports, require, process.execPath);
  return module.exports;
}
