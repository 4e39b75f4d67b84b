/**
 * Checks that dependencies point one way: `npm run check:layers`.
 * A folder of lib may import from itself and from those before it in the list; so may one of bin, where no module may import
 * itself by way of others either, be it on demand: which of two comes first must never depend on what was asked for.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join, normalize } from 'node:path';

const layers = ['model', 'format', 'blend', 'cryptomatte', 'codecs', 'engine', 'io', 'sequence'];

/** Folders of bin. Of what lies in bin itself, the filters' table is below them all and the rest above. */
const programLayers = ['terminal', 'words', 'chain', 'commands'];

/** The only code of lib that may use Node's own modules; the rest must also run in a browser. */
const nodeAllowed = [/^lib\/(io|sequence)\//, /^lib\/codecs\/(pool|worker)\.ts$/];

/** Filters do all they do through the public API, as a third party's would. */
const filterImports = [/^lib\/index\.ts$/, /^filters\//];

const importPattern = /(?:^|\n)\s*(?:import|export)[^'"`;]*?from\s*['"]([^'"]+)['"]|import\(\s*['"]([^'"]+)['"]\s*\)/g;

function sources(folder: string): string[] {
  return readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts'))
    .map((name) => join(folder, name));
}

function imports(file: string): string[] {
  return [...readFileSync(file, 'utf8').matchAll(importPattern)].map((match) => match[1] ?? match[2] ?? '');
}

/** The file that one of ours means by a relative path. */
function resolve(file: string, target: string): string {
  return normalize(join(file, '..', target)).replace(/\.js$/, '.ts');
}

/** Why a file may not import something; undefined when it may. */
function complaint(file: string, target: string): string | undefined {
  if (target.startsWith('node:'))
    return file.startsWith('lib/') && !nodeAllowed.some((rule) => rule.test(file))
      ? 'must run in a browser'
      : undefined;
  if (!target.startsWith('.')) return undefined;
  const path = resolve(file, target);
  if (file.startsWith('filters/'))
    return filterImports.some((rule) => rule.test(path)) ? undefined : 'filters use only the public API';
  if (file.startsWith('bin/')) return programComplaint(file, path);
  if (!file.startsWith('lib/')) return undefined;
  if (!path.startsWith('lib/')) return 'lib knows nothing of what is built on it';
  const [own, other] = [file, path].map((name) => layers.indexOf(name.split('/')[1] ?? ''));
  if (file === 'lib/index.ts') return undefined;
  if (own === undefined || other === undefined || own < 0 || other < 0)
    return 'is in no known layer (see scripts/check-layers.ts)';
  return other > own ? 'points up' : undefined;
}

function programComplaint(file: string, path: string): string | undefined {
  if (!path.startsWith('bin/')) return undefined;
  const [own, other] = [programLevel(file), programLevel(path)];
  if (own < 0 || other < 0) return 'is in no known folder of bin (see scripts/check-layers.ts)';
  if (other > own) return 'points up';
  return leadsTo(path, file, new Set()) ? 'comes back to itself' : undefined;
}

function programLevel(path: string): number {
  const [, folder = '', ...rest] = path.split('/');
  if (rest.length > 0) return programLayers.includes(folder) ? programLayers.indexOf(folder) + 1 : -1;
  return folder === 'filters.ts' ? 0 : programLayers.length + 1;
}

/** Whether a module of bin is another one or imports it, itself or by way of others. */
function leadsTo(file: string, wanted: string, seen: Set<string>): boolean {
  if (file === wanted) return true;
  if (seen.has(file)) return false;
  seen.add(file);
  return imports(file)
    .filter((target) => target.startsWith('.'))
    .map((target) => resolve(file, target))
    .some((path) => path.startsWith('bin/') && leadsTo(path, wanted, seen));
}

const complaints = ['lib', 'filters', 'bin']
  .flatMap(sources)
  .flatMap((file) => imports(file).map((target) => ({ file, target, why: complaint(file, target) })))
  .filter(({ why }) => why !== undefined);
for (const { file, target, why } of complaints) console.error(`${file} -> ${target}: ${why}`);
console.log(`dependency direction: ${complaints.length === 0 ? 'holds' : `${complaints.length} wrong`}`);
process.exitCode = complaints.length === 0 ? 0 : 1;
