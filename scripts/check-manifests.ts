/**
 * Cuts the manifests of real files, moves them beside the images and back, and looks at what comes of it:
 * `npm run check:manifests -- CORPUS EXR-DIGEST [BLENDER] [--all]`. CORPUS is a folder of EXR files, EXR-DIGEST a program of the
 * reference library that prints a digest of every channel, BLENDER a folder with Blender and the judge's Python in it, which judges
 * files of Blender. Without --all every eighth file is tried.
 *
 *   pruned; pruned into a sidecar; that embedded again: `validate --pixels` finds nothing new, all channels are the same, and so is
 *   the matte of every name that covers anything
 *   embedded again is the same as pruned, and pruning twice changes nothing
 *   Blender's Cryptomatte node gives the same mattes of pruned and embedded files
 */
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { manifest } from '../filters/index.js';
import { describeError, isExrError, runFrame } from '../lib/index.js';
import { demandsOfKept, unmet } from './blender5/mattes.js';
import { look } from './blender5/programs.js';
import { digests, findings, mattes, namedSets } from './manifests/facts.js';

const { positionals, values } = parseArgs({ allowPositionals: true, options: { all: { type: 'boolean' } } });
const [corpus, program, blender] = positionals.map((path) => resolve(path));
if (corpus === undefined || program === undefined) {
  console.error('usage: check-manifests CORPUS EXR-DIGEST [BLENDER] [--all]');
  process.exit(2);
}
const everyOther = values.all === true ? 1 : 8;
const failures: string[] = [];
const counts = new Map<string, number>();

function count(what: string, by = 1): void {
  counts.set(what, (counts.get(what) ?? 0) + by);
}

/** What a file with a sidecar is warned of, since it has one. */
const ofSidecars = /^CM-B1[36] /;

interface Outputs {
  readonly pruned: string;
  readonly beside: string;
  readonly embedded: string;
}

async function make(path: string, folder: string): Promise<Outputs> {
  await mkdir(folder, { recursive: true });
  const outputs = { pruned: join(folder, 'p.exr'), beside: join(folder, 's.exr'), embedded: join(folder, 'e.exr') };
  // Files whose names lie beside them are brought together first.
  await runFrame([path], [manifest({ prune: true, embed: true })], outputs.pruned);
  await runFrame([outputs.pruned], [manifest({ sidecarOut: '{stem}.{layer}.json' })], outputs.beside);
  await runFrame([outputs.beside], [manifest({ embed: true })], outputs.embedded);
  return outputs;
}

async function check(path: string, folder: string): Promise<Outputs | undefined> {
  const sets = await namedSets(path);
  if (sets.size === 0) return undefined;
  const outputs = await make(path, folder);
  const before = await findings(path);
  const channels = await digests(program as string, path);
  for (const [how, output] of Object.entries(outputs)) {
    const fresh = [...(await findings(output))].filter(
      (one) => !before.has(one) && !(how === 'beside' && ofSidecars.test(one)),
    );
    if (fresh.length > 0) throw new Error(`${how}: validate finds ${fresh.join(', ')}`);
    if (channels === undefined) count('files that the reference library does not read');
    else if ((await digests(program as string, output)) !== channels) throw new Error(`${how}: other channels`);
  }
  const left = await namedSets(outputs.pruned);
  for (const [name, names] of sets) {
    count('names before', names);
    count('names after', left.get(name) ?? 0);
    const expected = await mattes(program as string, path, name, join(folder, 'm.exr'));
    if (expected === undefined) {
      count('Cryptomattes whose mattes are not compared');
      continue;
    }
    for (const [how, output] of Object.entries(outputs)) {
      const found = (await mattes(program as string, output, name, join(folder, 'm.exr'))) ?? [];
      if (found.join('\n') !== expected.join('\n')) throw new Error(`${how}: other mattes of "${name}"`);
    }
    count('Cryptomattes', 1);
    count('mattes that are the same', expected.length);
  }
  if ((await namedSets(outputs.embedded)).size !== left.size) throw new Error('embedded: other names');
  count('files');
  return outputs;
}

/** JSON has to escape these, and Blender's reader, which drops the backslash, picks another name then. */
function hasControls(name: string): boolean {
  return /\p{Cc}/u.test(name);
}

/** Asks Blender about the files that it may have written. */
async function askBlender(made: ReadonlyMap<string, Outputs>): Promise<void> {
  if (blender === undefined || made.size === 0) return;
  const judge = { folder: blender, digest: program as string };
  const paths = [...made].flatMap(([path, { pruned, embedded }]) => [path, pruned, embedded]);
  const seen = await look(judge, paths, (path) => path.includes('/workspace/'));
  for (const [path, { pruned, embedded }] of made) {
    const source = seen.get(path);
    if (!source) continue;
    const demands = demandsOfKept([source], () => true).map((demand) => ({
      ...demand,
      picked: demand.picked.filter((name) => !hasControls(name)),
    }));
    count(
      'mattes that Blender gives',
      demands.reduce((sum, { names = [] }) => sum + names.length, 0),
    );
    for (const [how, output] of Object.entries({ pruned, embedded })) {
      const result = seen.get(output);
      for (const failure of result ? unmet(demands, [result]) : ['not read'])
        failures.push(`${relative(corpus as string, path)}: ${how}: in Blender ${failure}`);
    }
  }
}

const scratch = await mkdtemp(join(tmpdir(), 'exrpipe-manifests-'));
try {
  const names = (await readdir(corpus, { recursive: true })).filter((name) => name.endsWith('.exr')).sort();
  const chosen = names.filter((name, at) => at % everyOther === 0 && !/(?:^|[/\\])damaged[/\\]/.test(name));
  const made = new Map<string, Outputs>();
  for (const [number, name] of chosen.entries()) {
    const path = join(corpus, name);
    // Where Blender converts colours, its judge has to know by the folder.
    const folder = join(scratch, name.includes('workspace') ? 'workspace' : 'plain', String(number));
    try {
      const outputs = await check(path, folder);
      if (outputs && blender !== undefined && /(?:^|[/\\])blender/.test(join(corpus, name))) made.set(path, outputs);
      else await rm(folder, { recursive: true, force: true });
    } catch (error) {
      if (isExrError(error) && ['unsupported', 'limit'].includes(error.kind)) count(`refused: ${error.code}`);
      else if (isExrError(error) && (await isBroken(path))) count('files that are broken');
      else failures.push(`${name}: ${isExrError(error) ? describeError(error) : error}`);
    }
  }
  await askBlender(made);
} finally {
  await rm(scratch, { recursive: true, force: true });
}

/** Whether the reference library does not read a file either. */
async function isBroken(path: string): Promise<boolean> {
  return (await digests(program as string, path)) === undefined;
}

for (const [what, number] of [...counts].sort()) console.log(`${String(number).padStart(8)} ${what}`);
for (const failure of failures) console.error(`FAILED ${failure}`);
process.exitCode = failures.length > 0 || (counts.get('files') ?? 0) === 0 ? 1 : 0;
