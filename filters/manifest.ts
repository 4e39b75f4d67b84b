import { fillSidecarName, occurringIds, pruned, pruningProblem } from '../lib/cryptomatte/index.js';
import {
  type Advice,
  advise,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
} from '../lib/index.js';
import { headerSets } from '../lib/layers/index.js';
import { compileGlobs, matchesAny } from './shared/glob.js';
import { bytesText, storedNames, withNames } from './shared/set-names.js';
import { type FoundNames, gatherNames, isFoundNames, withShotNames } from './shared/shot-manifest.js';
import { embedSidecars, moveToSidecars } from './shared/sidecars.js';

/** Cuts manifests down to the names in view, and makes them the same over a shot. See docs/reference.md#manifest for its options. */
export const manifest = defineFilter({
  name: 'manifest',
  summary: 'Reduce manifests to the names in view, or unify them across a shot',
  description: [
    'Renderers list all objects of a scene in each header, perhaps a hundred thousand where four are in view, and often different ones from frame to frame. Nuke and other programs read them all.',
    '--prune keeps the names whose IDs occur in the frame, in any rank and view, and those that match --keep. It reads the rank channels before it writes the header: files are read twice, and input from a pipe goes through a temporary file.',
    '--shot gives all frames of a sequence the same names and keys: the names whose IDs occur in any of the frames. A first pass over all frames reads headers and rank channels and writes nothing; a run that was interrupted is resumed with --skip-existing. All frames must exist, so it cannot be combined with --watch. With --keep "*" all names of all frames are kept, and no pixels are read.',
    '--sidecar-out puts the names into JSON files beside the images. With --shot and a pattern without {frame} it is one file for the shot, to which every frame refers. --embed does the opposite: it puts the names from sidecar files into the image. Blender reads no sidecars.',
    'If the IDs in the pixels are rounded or destroyed, or none of them has a name, nothing is removed, and a warning explains why.',
  ].join('\n\n'),
  examples: [
    { command: 'manifest --prune shot.0001.exr -o small.0001.exr', what: 'only the names in view' },
    {
      command: "manifest --shot --keep 'Hero*' 'renders/shot.####.exr' -o out/",
      what: 'the same names on every frame, with all heroes, seen or not',
    },
    {
      command: "manifest --shot --sidecar-out 'names.{layer}.json' 'renders/shot.####.exr' -o out/",
      what: 'one file of names for the whole shot',
    },
    { command: "manifest --embed 'out/shot.####.exr' -o whole/", what: 'the names back into the images' },
  ],
  options: {
    prune: { type: 'flag', summary: 'keep only the names whose IDs occur in the frame' },
    shot: { type: 'flag', summary: 'the same names and keys on all frames: those whose IDs occur in any of them' },
    keep: {
      type: 'list',
      placeholder: 'GLOB',
      summary: 'with --prune or --shot: names to keep, seen or not (repeatable)',
    },
    // A pattern for names beside the output, not a path: no file of this name is read, and none need be there.
    sidecarOut: {
      type: 'text',
      placeholder: 'PATTERN',
      summary: 'put the names into JSON files beside the output; {stem}, {layer} and {frame} are filled in',
    },
    embed: { type: 'flag', summary: 'put the names of sidecar files into the image' },
  },
  check: ({ prune, shot, keep, sidecarOut, embed }) => {
    if (!prune && !shot && sidecarOut === undefined && !embed)
      throw usage(
        'NOTHING_ASKED',
        advise`choose at least one of ${optionNamed('prune')}, ${optionNamed('shot')}, ${optionNamed('sidecarOut')} and ${optionNamed('embed')}`,
      );
    if (keep.length > 0 && !prune && !shot)
      throw usage('BAD_OPTION', advise`${optionNamed('keep')} needs ${optionNamed('prune')} or ${optionNamed('shot')}`);
    if (sidecarOut !== undefined) fillSidecarName(sidecarOut, { stem: 's', layer: 'l', frame: '1' });
  },
  survey: {
    wanted: ({ shot }) => shot,
    begin: ({ keep }) => {
      const globs = compileGlobs(keep);
      return gatherNames((name) => matchesAny(globs, name), keep.includes('*'));
    },
    isFound: isFoundNames,
  },
  async header(header, { prune, shot, keep, sidecarOut, embed }, context, found: FoundNames | undefined) {
    const globs = compileGlobs(keep);
    const isKept = (name: string): boolean => matchesAny(globs, name);
    if (shot) {
      // A single image is a shot of one frame.
      const names = found ?? (await ofOneFrame(header, isKept, keep.includes('*'), context));
      return withShotNames(header, names, sidecarOut, context);
    }
    const isMoved = embed || sidecarOut !== undefined;
    const embedded = isMoved ? await embedSidecars(header, context) : header;
    if (embed && embedded === header && !prune && sidecarOut === undefined)
      context.note('NOTHING_TO_DO', 'no Cryptomatte of the file names a sidecar');
    const small = prune ? await pruneNames(embedded, isKept, context) : embedded;
    return sidecarOut === undefined ? small : moveToSidecars(small, sidecarOut, context);
  },
});

function usage(code: string, message: Advice): ExrError {
  return new ExrError('usage', code, advise`manifest: ${message}`);
}

async function ofOneFrame(
  header: Header,
  isKept: (name: string) => boolean,
  keepsAll: boolean,
  context: FilterContext,
): Promise<FoundNames> {
  const pass = gatherNames(isKept, keepsAll);
  await pass.look(header, context);
  return pass.found(context);
}

/** The header with the names whose IDs occur. Names in sidecars stay there, since other frames may share them. */
async function pruneNames(header: Header, isKept: (name: string) => boolean, context: FilterContext): Promise<Header> {
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  const inside = sets.filter(({ manifestFile }) => manifestFile === undefined);
  for (const { name, manifestFile } of sets)
    if (manifestFile !== undefined)
      context.warn(
        'SIDECAR_KEPT',
        advise`the names of "${name ?? ''}" are in "${manifestFile}", which other frames may need: add ${optionNamed('embed')} or ${optionNamed('sidecarOut')}`,
      );
  const ids = await occurringIds(header, inside, context.samples);
  let current = header;
  for (const [set, occurring] of ids) {
    const own = storedNames(set);
    if (!own || own.names.size === 0) continue;
    const problem = pruningProblem(own.names, occurring);
    if (problem !== undefined) {
      context.warn('NAMES_KEPT', advise`all names of "${set.name ?? ''}" are kept: ${problem}`);
      continue;
    }
    const names = pruned(own.names, (bits) => occurring.has(bits), isKept);
    if (names.size < own.names.size || !own.isSound) current = withNames(current, set, names);
    const after = headerSets(current).find(({ key, prefix }) => key === set.key && prefix === set.prefix)?.manifest;
    context.note(
      'PRUNED',
      `"${set.name}": ${names.size} of ${own.names.size} names occur or are kept; the manifest has ${bytesText(after?.length ?? 0)}, before ${bytesText(own.bytes)}`,
    );
  }
  if (ids.size === 0) context.warn('NO_NAMES', 'no Cryptomatte of the file has names inside it');
  return current;
}
