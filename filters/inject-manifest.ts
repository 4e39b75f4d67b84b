import {
  candidateNames,
  type InjectTarget,
  injectNames,
  injectTargets,
  type Manifest,
  type NameSource,
  nameBits,
  nameSource,
  possibleNames,
  readManifest,
  rehashSets,
  type SceneFile,
  sceneSources,
} from '../lib/cryptomatte/index.js';
import { decodeText, defaultLimits, listed } from '../lib/format/index.js';
import {
  type Advice,
  advise,
  type BlendNames,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  isExrError,
  type OptionSpecs,
  type OptionValues,
  optionNamed,
  readBlend,
} from '../lib/index.js';
import { cryptomatteKinds, headerSets, passName, viewLayerOf } from '../lib/layers/index.js';
import { openSceneFile, withSceneAttributes } from './shared/scene.js';

const options = {
  from: {
    type: 'files',
    placeholder: 'DONOR',
    summary: 'an EXR file with Cryptomatte metadata (repeatable; #### stands for the frame)',
  },
  donorLayer: { type: 'text', placeholder: 'NAME', summary: 'use only this view layer of the donor' },
  sidecar: { type: 'files', placeholder: 'FILE', summary: 'a manifest as a JSON file (repeatable)' },
  layer: {
    type: 'list',
    placeholder: 'NAME',
    summary:
      'the Cryptomatte that a sidecar is for, in the order of the sidecars; without sidecars, the ones to process',
  },
  names: {
    type: 'files',
    placeholder: 'FILE',
    summary: 'a list of names, one per line, or the sidecar of a shot; - is stdin (repeatable)',
  },
  blend: { type: 'files', placeholder: 'FILE', summary: 'a .blend file (repeatable)' },
  scene: { type: 'file', placeholder: 'FILE', summary: 'the names of a scene as JSON (docs/scene.md)' },
  rehash: { type: 'flag', summary: 'recompute every ID from its name, per the specification' },
  replace: { type: 'flag', summary: 'also process Cryptomattes that already have names' },
  noVerify: { type: 'flag', summary: 'do not check against the pixels' },
} as const satisfies OptionSpecs;

/**
 * Gives Cryptomattes the names of a donor frame, a sidecar, a list or a `.blend` file. See docs/reference.md#inject-manifest
 * for its options.
 */
export const injectManifest = defineFilter({
  name: 'inject-manifest',
  summary: 'Restore the names of Cryptomattes',
  description: [
    "Restores Cryptomatte metadata that a program has dropped, such as Blender's File Output node behind any node that processes the image. The pixels are still right; only the names are missing, and those can come from several sources:",
    '--from reads them from another EXR file: a render of the same scene (one sample of one frame is enough), or the previous frame. --sidecar reads a manifest file. --names reads a list, one name per line, or a manifest for any of the Cryptomattes, such as the sidecar of a shot. --blend reads the names of objects, materials and top parents from the .blend file itself, without any render; name the libraries that it links as well. All of them can be repeated and combined.',
    '--scene reads one JSON file that a program has written during the render (docs/scene.md): the names of every view layer, which of them each Cryptomatte shows, and attributes for part 0. All its names are written, even those that this frame does not show.',
    'Channels and donors are matched by name: first exactly, then ignoring case and the difference between . and _, then without the view layer. Where several view layers of a donor match, the IDs in the pixels decide.',
    'The result is checked against the pixels, and the share of the coverage that has a name is reported. IDs that were stored as half or with a lossy codec are refused, since no name can match them. --no-verify skips all this and only edits the header.',
    'Cryptomattes that already have names are left alone unless you add --replace.',
  ].join('\n\n'),
  examples: [
    {
      command: 'inject-manifest --from donor.0001.exr lost.0001.exr -o shot.0001.exr',
      what: 'from a one-sample render',
    },
    {
      command: "inject-manifest --from 'panel/shot.####.exr' lost/shot.0007.exr -o shot.0007.exr",
      what: 'from the same frame of another sequence',
    },
    { command: 'inject-manifest --blend shot.blend lost.0001.exr -o shot.0001.exr', what: 'without any render' },
    {
      command: 'inject-manifest --sidecar objects.json --layer main.CryptoObject lost.exr -o shot.exr',
      what: 'from a manifest file',
    },
    {
      command: 'inject-manifest --scene shot.json lost.0001.exr -o shot.0001.exr',
      what: 'with names that the render script wrote',
    },
  ],
  options,
  check: ({ from, donorLayer, sidecar, layer, names, blend, scene, rehash }) => {
    if (from.length + sidecar.length + names.length + blend.length === 0 && scene === undefined && !rehash)
      throw usage(
        'NOTHING_ASKED',
        advise`choose where the names come from, with ${optionNamed('from')}, ${optionNamed('sidecar')}, ${optionNamed('names')}, ${optionNamed('blend')} or ${optionNamed('scene')}`,
      );
    if (donorLayer !== undefined && from.length === 0)
      throw usage('BAD_OPTION', advise`${optionNamed('donorLayer')} needs ${optionNamed('from')}`);
    if (sidecar.length > 1 && layer.length !== sidecar.length)
      throw usage(
        'BAD_OPTION',
        advise`${sidecar.length} sidecars require ${optionNamed('layer')} as many times, in the same order`,
      );
  },
  async header(header, options, context) {
    const scene = options.scene === undefined ? undefined : await openSceneFile(options.scene, context);
    const named = await withNames(header, options, scene, context);
    return scene ? withSceneAttributes(named, scene) : named;
  },
});

type Options = OptionValues<typeof options>;

async function withNames(
  header: Header,
  options: Options,
  scene: SceneFile | undefined,
  context: FilterContext,
): Promise<Header> {
  const samples = options.noVerify ? undefined : context.samples;
  const given = options.from.length + options.sidecar.length + options.names.length + options.blend.length;
  if (given === 0 && !scene) return rehashSets(header, context, samples);
  const targets = chosenTargets(injectTargets(header, options.replace), options.layer);
  if (targets.length === 0) {
    if (headerSets(header).some(({ layers }) => layers.length > 0))
      context.note(
        'NOTHING_TO_DO',
        advise`every Cryptomatte of the file has names; ${optionNamed('replace')} would change them`,
      );
    else if (scene) context.note('NO_CRYPTOMATTE', 'there are no Cryptomatte channels in the file; it gets no names');
    else
      throw new ExrError('invalid', 'NO_CRYPTOMATTE', 'there are no Cryptomatte channels in the file', {
        hint: 'Their layers end in two digits, 00 first: "main.CryptoObject00". "rename" can give them such names.',
      });
    return header;
  }
  if (headerSets(header).some(({ layers }) => layers.length === 0))
    context.note(
      'DANGLING',
      'the file has Cryptomatte names that lead to no channels; "repair" matches them by the pixels, without a donor',
    );
  const sources = [
    ...(await donorSources(options.from, options.donorLayer, options.rehash, context)),
    ...(await sidecarSources(options.sidecar, options.layer, targets, options.rehash, context)),
    ...(scene ? sceneSources(scene, options.scene ?? '') : []),
  ];
  const pool = await namePool(options.names, options.blend, context);
  return injectNames(header, targets, sources, context, { samples, ...(pool ? { pool } : {}) });
}

function usage(code: string, message: string | Advice): ExrError {
  return new ExrError('usage', code, advise`inject-manifest: ${message}`);
}

function chosenTargets(targets: readonly InjectTarget[], layers: readonly string[]): readonly InjectTarget[] {
  if (layers.length === 0) return targets;
  const missing = layers.filter((layer) => !targets.some(({ name }) => name === layer));
  if (missing.length > 0)
    throw new ExrError('usage', 'NO_SUCH_LAYER', `there is no Cryptomatte without names called ${listed(missing)}`, {
      hint: `There are: ${listed(targets.map(({ name }) => name)) || 'none'}.`,
    });
  return targets.filter(({ name }) => layers.includes(name));
}

async function donorSources(
  paths: readonly string[],
  donorLayer: string | undefined,
  rehash: boolean,
  context: FilterContext,
): Promise<NameSource[]> {
  const sources: NameSource[] = [];
  for (const path of paths) {
    const sets = headerSets(await context.readHeader(path));
    const found: NameSource[] = [];
    for (const { name, manifest, manifestFile } of sets) {
      if (name === undefined) continue;
      const text = manifestFile === undefined ? manifest : await context.readSidecar(path, manifestFile);
      if (text)
        found.push({ ...nameSource(name, `${path}: ${name}`, text, rehash), group: `${path}: ${viewLayerOf(name)}` });
    }
    if (found.length === 0)
      throw new ExrError('invalid', 'NO_METADATA', 'the donor has no Cryptomatte names', {
        where: { file: path },
        hint: 'A donor is a render that still has its Cryptomatte metadata; "info" shows it.',
      });
    sources.push(...found);
  }
  if (donorLayer === undefined) return sources;
  const chosen = sources.filter(({ name }) => viewLayerOf(name) === donorLayer);
  if (paths.length > 0 && chosen.length === 0)
    throw new ExrError('usage', 'NO_SUCH_LAYER', `the donor has no view layer "${donorLayer}"`, {
      hint: `It has: ${listed(new Set(sources.map(({ name }) => viewLayerOf(name))))}.`,
    });
  return chosen;
}

/** Sidecars do not name their Cryptomatte: the user does, or the file's name (`shot.crypto_object.json`), or there is only one choice. */
async function sidecarSources(
  paths: readonly string[],
  layers: readonly string[],
  targets: readonly InjectTarget[],
  rehash: boolean,
  context: FilterContext,
): Promise<NameSource[]> {
  const sources: NameSource[] = [];
  for (const [index, path] of paths.entries()) {
    const named = targets.filter(({ name }) => path.endsWith(`.${name}.json`));
    const [only] = named.length === 1 ? named : targets.length === 1 ? targets : [];
    const layer = layers[index] ?? only?.name;
    if (layer === undefined)
      throw new ExrError('usage', 'SEVERAL_FIT', `the sidecar ${path} could be for several Cryptomattes`, {
        hint: advise`Add ${optionNamed('layer')} with one of: ${listed(targets.map(({ name }) => name))}.`,
      });
    const source = nameSource(layer, path, await context.readFile(path), rehash);
    if (source.names.size === 0)
      throw new ExrError('invalid', 'BAD_MANIFEST', 'there are no names in this manifest', { where: { file: path } });
    sources.push(source);
  }
  return sources;
}

/** Names from lists are good for every Cryptomatte; those of a .blend file depend on what a Cryptomatte shows. */
async function namePool(
  lists: readonly string[],
  blends: readonly string[],
  context: FilterContext,
): Promise<((target: InjectTarget) => Manifest) | undefined> {
  if (lists.length + blends.length === 0) return undefined;
  const listed = new Map<string, number>();
  for (const path of lists) for (const [name, bits] of readList(await readNames(path, context))) listed.set(name, bits);
  const files = await readBlends(blends, context);
  const made = new Map<string, Manifest>();
  const pools = cryptomatteKinds.map((kind) => ({
    kind,
    names: files.length === 0 ? [] : candidateNames(files, kind),
  }));
  return ({ name }) => {
    const kind = cryptomatteKinds.find((one) => one === passName(name)) ?? 'any';
    const known = made.get(kind);
    if (known) return known;
    const fitting = pools.filter((one) => kind === 'any' || one.kind === kind).flatMap((one) => one.names);
    const pool = new Map(listed);
    for (const one of fitting) pool.set(one, nameBits(one));
    made.set(kind, pool);
    return pool;
  };
}

async function readNames(path: string, context: FilterContext): Promise<Uint8Array> {
  if (path !== '-') return context.readFile(path);
  if (context.inputs.some((input) => input.path === undefined))
    throw usage('BAD_OPTION', 'stdin cannot be both the image and the list of names');
  return context.readFile('/dev/stdin');
}

/** Names with their IDs: a name a line, or a manifest such as the sidecar of a shot, whose IDs may be of another spelling. */
function readList(bytes: Uint8Array): Iterable<readonly [string, number]> {
  const text = decodeText(bytes).replace(/^\ufeff/, '');
  if (/^\s*\{\s*(?:"|\})/.test(text)) return possibleNames(readManifest(bytes)).names;
  const lines = text.split(/\r?\n/).filter((line) => line !== '');
  return lines.map((line) => [line, nameBits(line)] as const);
}

/** How many linked libraries are followed. */
const maxLibraries = 256;

async function readBlends(paths: readonly string[], context: FilterContext): Promise<BlendNames[]> {
  const files: BlendNames[] = [];
  const queue = paths.map((path) => ({ path, linked: false }));
  const seen = new Set(paths);
  for (let entry = queue.shift(); entry; entry = queue.shift()) {
    const { path, linked } = entry;
    const file = await readOne(path, linked, context);
    if (!file) continue;
    files.push(file);
    for (const library of file.libraries) {
      const next = libraryPath(path, library);
      if (seen.has(next) || seen.size >= maxLibraries || !/\.blend\d*$/i.test(next)) continue;
      seen.add(next);
      queue.push({ path: next, linked: true });
    }
  }
  return files;
}

async function readOne(path: string, linked: boolean, context: FilterContext): Promise<BlendNames | undefined> {
  try {
    const file = await context.openFile(path);
    try {
      const { claimBytes } = { ...defaultLimits, ...context.limits };
      return await readBlend(file, { gunzip, limits: { claimBytes } });
    } finally {
      await file.close();
    }
  } catch (error) {
    // What is neither about the file nor the system is a fault of the program, and no library is to blame.
    if (!isExrError(error)) throw error;
    if (!linked) throw error.at({ file: path });
    context.warn('LIBRARY_UNREAD', `the linked library ${path} cannot be read; names that only it has are missing`);
    return undefined;
  }
}

/** `//` stands for the folder of the file that links; Blender on Windows writes backslashes. */
function libraryPath(from: string, library: string): string {
  const relative = /^\/\/(.*)$/s.exec(library)?.[1];
  if (relative === undefined) return library;
  const folder = /^.*[/\\]/s.exec(from)?.[0] ?? '';
  return folder + relative.replaceAll('\\', '/');
}

async function* gunzip(packed: AsyncIterable<Uint8Array>): AsyncIterable<Uint8Array> {
  yield* ReadableStream.from(packed).pipeThrough(new DecompressionStream('gzip'));
}
