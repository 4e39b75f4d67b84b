import {
  BlendError,
  type BlendNames,
  candidateNames,
  cryptomatteKinds,
  decodeText,
  defaultLimits,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  headerSets,
  type InjectTarget,
  injectNames,
  injectTargets,
  isExrError,
  listed,
  type Manifest,
  type NameSource,
  nameBits,
  nameSource,
  type OptionSpecs,
  type OptionValues,
  passName,
  readBlend,
  rehashSets,
  type SceneFile,
  sceneSources,
  viewLayerOf,
} from '../lib/index.js';
import { openSceneFile, withSceneAttributes } from './shared/scene.js';

const options = {
  from: {
    type: 'files',
    placeholder: 'DONOR',
    summary: 'an EXR file with Cryptomatte metadata (repeatable; #### stands for the frame)',
  },
  donorLayer: { type: 'text', placeholder: 'NAME', summary: "use only this one of the donor's view layers" },
  sidecar: { type: 'files', placeholder: 'FILE', summary: 'a manifest as a JSON file (repeatable)' },
  layer: {
    type: 'list',
    placeholder: 'NAME',
    summary: 'the Cryptomatte a sidecar is for, in the order of the sidecars; otherwise the ones to work on',
  },
  names: {
    type: 'files',
    placeholder: 'FILE',
    summary: 'a list of names, one a line; - is the standard input (repeatable)',
  },
  blend: { type: 'files', placeholder: 'FILE', summary: 'a .blend file (repeatable)' },
  scene: { type: 'file', placeholder: 'FILE', summary: 'the names of a scene as JSON (docs/scene.md)' },
  rehash: { type: 'flag', summary: 'make every ID anew from its name, as the specification has it' },
  replace: { type: 'flag', summary: 'also Cryptomattes that have names already' },
  noVerify: { type: 'flag', summary: 'do not look at the pixels' },
} as const satisfies OptionSpecs;

export const injectManifest = defineFilter({
  name: 'inject-manifest',
  summary: 'Give Cryptomattes their names back',
  description: [
    "Brings back Cryptomatte metadata that a program has dropped, such as Blender's File Output node when a real node stands before it. The pixels are still right then; what is missing are the names, and those can come from many places:",
    '--from takes them from another EXR file: a render of the same scene, be it one sample of one frame, or the frame before. --sidecar takes a manifest file. --names takes a list, one name a line. --blend takes the names of objects, materials and top parents from the .blend file itself, and from the libraries it links to, with no render at all. All of these can be given several times and together.',
    '--scene takes one JSON file that a program has written while it renders (docs/scene.md): the names of every view layer, which of them each Cryptomatte shows, and attributes for part 0. All its names are written, also those that this frame does not show.',
    "Channels and donors are matched by name: exactly, then with . and _ and case taken for the same, then without view layer. Where several of a donor's view layers fit, the IDs in the pixels decide.",
    'The result is checked against the pixels, and what share of the coverage has a name is reported. IDs that were stored as half or with a lossy codec are refused, since no name can be matched to them. --no-verify skips all this and only edits the header.',
    'Cryptomattes that have names already are left alone, unless you add --replace.',
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
    { command: 'inject-manifest --scene shot.json lost.0001.exr -o shot.0001.exr', what: 'from what the render knew' },
  ],
  options,
  check: ({ from, donorLayer, sidecar, layer, names, blend, scene, rehash }) => {
    if (from.length + sidecar.length + names.length + blend.length === 0 && scene === undefined && !rehash)
      throw usage(
        'NOTHING_ASKED',
        'say where the names come from, with --from, --sidecar, --names, --blend or --scene',
      );
    if (donorLayer !== undefined && from.length === 0) throw usage('BAD_OPTION', '--donor-layer needs --from');
    if (sidecar.length > 1 && layer.length !== sidecar.length)
      throw usage('BAD_OPTION', `${sidecar.length} sidecars need as many --layer, in the same order`);
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
      context.note('NOTHING_TO_DO', 'every Cryptomatte of the file has names; --replace would change them');
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

function usage(code: string, message: string): ExrError {
  return new ExrError('usage', code, `inject-manifest: ${message}`);
}

function chosenTargets(targets: readonly InjectTarget[], layers: readonly string[]): readonly InjectTarget[] {
  if (layers.length === 0) return targets;
  const missing = layers.filter((layer) => !targets.some(({ name }) => name === layer));
  if (missing.length > 0)
    throw new ExrError('usage', 'NO_SUCH_LAYER', `no Cryptomatte without names is called ${listed(missing)}`, {
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

/** Sidecars say nothing about whom they are for: the user does, or the file's name (`shot.crypto_object.json`), or there is only one choice. */
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
        hint: `Add --layer with one of: ${listed(targets.map(({ name }) => name))}.`,
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
  const names: string[] = [];
  for (const path of lists) names.push(...readList(await readNames(path, context)));
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
    const pool = new Map<string, number>();
    for (const list of [names, fitting]) for (const one of list) pool.set(one, nameBits(one));
    made.set(kind, pool);
    return pool;
  };
}

async function readNames(path: string, context: FilterContext): Promise<Uint8Array> {
  if (path !== '-') return context.readFile(path);
  if (context.inputs.some((input) => input.path === undefined))
    throw usage('BAD_OPTION', 'the standard input cannot be both the picture and the list of names');
  return context.readFile('/dev/stdin');
}

function readList(bytes: Uint8Array): string[] {
  return decodeText(bytes)
    .replace(/^\ufeff/, '')
    .split(/\r?\n/)
    .filter((line) => line !== '');
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
  } catch (cause) {
    // What is neither about the file nor the system is a fault of the program, and no library is to blame.
    if (!isExrError(cause) && !isAboutBlend(cause)) throw cause;
    if (linked) {
      context.warn('LIBRARY_UNREAD', `the linked library ${path} cannot be read; names that only it holds are missing`);
      return undefined;
    }
    if (isExrError(cause)) throw cause.at({ file: path });
    const { message } = cause;
    if (cause instanceof BlendError && cause.limit !== undefined)
      throw new ExrError('limit', 'BAD_BLEND', message, { where: { file: path }, cause, limit: cause.limit });
    throw new ExrError('invalid', 'BAD_BLEND', message, { where: { file: path }, cause });
  }
}

/** What the reader of .blend files and the decompressor throw for bytes that are wrong. */
function isAboutBlend(error: unknown): error is Error {
  return (
    error instanceof Error && (error.name === 'BlendError' || ('code' in error && String(error.code).startsWith('Z_')))
  );
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
