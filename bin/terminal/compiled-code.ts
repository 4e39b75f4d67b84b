/**
 * Node compiles the program each time it starts, a third of the time of a short command. Since 22.1 it can keep what it compiled:
 * for the program and its threads in a folder of the user's own, since whoever can write there decides what runs.
 */
import * as nodeModule from 'node:module';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** What Node 22.1 added (https://nodejs.org/api/module.html#moduleenablecompilecachecachedir). */
interface CompileCache {
  readonly enableCompileCache?: (folder: string) => { readonly status: number };
  readonly constants?: { readonly compileCacheStatus?: { readonly ENABLED: number } };
}

/** Has Node keep what it compiles from here on. A folder that cannot be made or written costs nothing but time. */
export function keepCompiledCode(): void {
  const { enableCompileCache, constants } = nodeModule as CompileCache;
  const { NODE_COMPILE_CACHE: told } = process.env;
  // Who has told Node where to keep it knows better. NODE_DISABLE_COMPILE_CACHE is obeyed by Node itself.
  if (enableCompileCache === undefined || told) return;
  const folder = cacheFolder(process.platform, process.env, homeFolder());
  if (folder === undefined) return;
  const { status } = enableCompileCache(folder);
  // Threads do not inherit it otherwise.
  if (status === constants?.compileCacheStatus?.ENABLED) Object.assign(process.env, { NODE_COMPILE_CACHE: folder });
}

/** Where a system keeps what programs can make again; undefined if there is no home. */
export function cacheFolder(
  system: NodeJS.Platform,
  { LOCALAPPDATA, XDG_CACHE_HOME }: Readonly<NodeJS.ProcessEnv>,
  home: string | undefined,
): string | undefined {
  const at = (...path: string[]): string | undefined => (home ? join(home, ...path) : undefined);
  const base =
    system === 'win32'
      ? LOCALAPPDATA || at('AppData', 'Local')
      : XDG_CACHE_HOME || (system === 'darwin' ? at('Library', 'Caches') : at('.cache'));
  return base ? join(base, 'exrpipe') : undefined;
}

/** A process without a user has none. */
function homeFolder(): string | undefined {
  try {
    return homedir();
  } catch {
    return undefined;
  }
}
