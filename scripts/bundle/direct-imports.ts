import { readFile } from 'node:fs/promises';
import { dirname, relative, resolve, sep } from 'node:path';
import type { Plugin } from 'esbuild';

/** Where a name that an entry exports comes from. */
interface Origin {
  readonly file: string;
  readonly name: string;
}

const reexport = /^export \{([^}]*)\} from '(\.[^']*)';$/gm;
const staticImport = /^import \{([^}]*)\} from '(\.[^']*)';$/gm;
const lazyImport = /const \{ (\w+) \} = await import\('(\.[^']*)'\)/g;

/**
 * Imports from the API's entries become imports of the modules behind them. An entry brings all its modules, and a command that
 * starts in 40 ms must not run two hundred where it needs ten. `entries` are modules that hold nothing but `export { … } from`.
 */
export async function directImports(entries: readonly string[]): Promise<Plugin> {
  const tables = await readTables(entries);
  return {
    name: 'direct-imports',
    setup({ onLoad }) {
      onLoad({ filter: /\.js$/, namespace: 'file' }, async ({ path }) => {
        if (path.includes(`${sep}node_modules${sep}`) || tables.has(path)) return undefined;
        return { contents: withDirectImports(await readFile(path, 'utf8'), path, tables) };
      });
    },
  };
}

/** The modules among the compiled ones in `dist` (with a slash at its end) that only export what others have. */
export function apiEntries(dist: string): string[] {
  return [
    'lib/index.js',
    'lib/program.js',
    'lib/look.js',
    'lib/previews.js',
    'lib/cryptomatte/index.js',
    'lib/cryptomatte/blend/index.js',
    'lib/layers/index.js',
    'lib/format/index.js',
    'lib/sequence/index.js',
    'lib/farm/index.js',
  ].map((file) => `${dist}${file}`);
}

/** What each entry exports, and from where. */
export async function readTables(entries: readonly string[]): Promise<Tables> {
  const table = async (entry: string) =>
    [resolve(entry), originsIn(await readFile(entry, 'utf8'), resolve(entry))] as const;
  return new Map(await Promise.all(entries.map(table)));
}

type Tables = ReadonlyMap<string, ReadonlyMap<string, Origin>>;

/** A module's code as it would be without the entries. Throws for a name that an entry does not have. */
export function withDirectImports(code: string, path: string, tables: Tables): string {
  const isEntry = (target: string): boolean => tables.has(resolve(dirname(path), target));
  const origin = (name: string, target: string): Origin => {
    let found: Origin = { file: resolve(dirname(path), target), name };
    // One entry may export what another has.
    for (let table = tables.get(found.file); table; table = tables.get(found.file)) {
      const next = table.get(found.name);
      if (!next) throw new Error(`${path}: ${found.file} does not export ${found.name}`);
      found = next;
    }
    return found;
  };
  const from = ({ file }: Origin): string => `'./${relative(dirname(path), file).replaceAll(sep, '/')}'`;
  return code
    .replace(staticImport, (all, names: string, target: string) =>
      isEntry(target)
        ? pairs(names)
            .map(({ outer, inner }) => {
              const own = origin(outer, target);
              return `import { ${own.name} as ${inner} } from ${from(own)};`;
            })
            .join(' ')
        : all,
    )
    .replace(lazyImport, (all, outer: string, target: string) => {
      if (!isEntry(target)) return all;
      const own = origin(outer, target);
      return `const { ${own.name}: ${outer} } = await import(${from(own)})`;
    });
}

/** What an entry exports. */
export function originsIn(code: string, path: string): Map<string, Origin> {
  return new Map(
    [...code.matchAll(reexport)].flatMap(([, names = '', target = '']) =>
      pairs(names).map(({ outer, inner }): [string, Origin] => [
        inner,
        { file: resolve(dirname(path), target), name: outer },
      ]),
    ),
  );
}

/** `a, b as c`: the name before `as` and the one behind it. */
function pairs(names: string): { readonly outer: string; readonly inner: string }[] {
  return names.split(',').flatMap((word) => {
    const [outer, inner = outer] = word.trim().split(/\s+as\s+/);
    return outer ? [{ outer, inner: inner as string }] : [];
  });
}
