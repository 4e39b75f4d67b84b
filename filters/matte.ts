import {
  type Channel,
  type CryptomatteSet,
  carrySets,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  headerSets,
  type Manifest,
  mattePlane,
  type Part,
  readManifest,
  sidecarPath,
  sortChannels,
} from '../lib/index.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';

export const matte = defineFilter({
  name: 'matte',
  summary: 'Turn names of a Cryptomatte into a matte channel',
  description: [
    'Adds up the coverage of everything whose name fits, and writes it as one channel with values from 0 to 1. In patterns * and ? stand for any characters; a pattern between slashes is a regular expression.',
    'Without --layer there must be only one Cryptomatte in which a name fits. The new channel is called "matte", or as --as says; --only leaves all other channels out.',
  ].join('\n\n'),
  examples: [
    {
      command: "matte --name 'Hero*' --layer Chars.CryptoObject shot.0001.exr -o shot_matte.0001.exr",
      what: 'one more channel',
    },
    {
      command: "matte --name '/^tree_\\d+$/' --as trees --only shot.0001.exr -o trees.0001.exr",
      what: 'a file of its own',
    },
  ],
  options: {
    name: { type: 'list', required: true, placeholder: 'GLOB', summary: 'names to take, or /REGEX/ (repeatable)' },
    layer: { type: 'text', placeholder: 'NAME', summary: 'the Cryptomatte to look in' },
    as: { type: 'text', default: 'matte', placeholder: 'CHANNEL', summary: 'name of the new channel' },
    only: { type: 'flag', summary: 'write the matte and nothing else' },
  },
  async header(header, { name: patterns, layer, as, only }, context) {
    const fits = compilePatterns(patterns);
    const { set, names } = await chosenSet(header, layer, fits, patterns, context);
    const ids = new Set(names.map(([, bits]) => bits));
    const mattes = matteChannels(set, ids, as);
    const number = set.layers[0]?.part ?? 0;
    const part = header.parts[number] as Part;
    const clash = mattes.find((matte) => !only && part.channels.some((channel) => channel.name === matte.name));
    if (clash)
      throw new ExrError('usage', 'CHANNEL_EXISTS', `there is a channel "${clash.name}" already`, {
        hint: 'Choose another name with --as.',
      });
    context.note(
      'MATTE',
      `"${as}" is the coverage of ${names.length} names of "${set.name}": ${shorten(names.map(([name]) => name))}`,
    );
    if (!only) return withPart(header, number, { ...part, channels: sortChannels([...part.channels, ...mattes]) });
    const alone = { ...header, parts: [{ ...part, channels: sortChannels(mattes) }], multiPart: false };
    return carrySets(header, alone, context);
  },
});

function withPart(header: Header, number: number, part: Part): Header {
  return { ...header, parts: header.parts.map((other, index) => (index === number ? part : other)) };
}

/** One channel, or one for each view of a stereo file. */
function matteChannels({ layers }: CryptomatteSet, ids: ReadonlySet<number>, as: string): Channel[] {
  const views = [...new Set(layers.map(({ view }) => view))];
  return views.map((view) => ({
    name: view === '' ? as : `${as}.${view}`,
    type: 'float',
    xSampling: 1,
    ySampling: 1,
    linear: false,
    plane: mattePlane(
      layers.filter((one) => one.view === view),
      ids,
    ),
  }));
}

function compilePatterns(patterns: readonly string[]): (name: string) => boolean {
  const globs: Glob[] = [];
  const regexes: RegExp[] = [];
  for (const pattern of patterns) {
    const regex = /^\/(.+)\/([iu]*)$/s.exec(pattern);
    if (regex) regexes.push(compileRegex(pattern, regex[1] as string, regex[2] as string));
    else globs.push(...compileGlobs([pattern]));
  }
  return (name) => matchesAny(globs, name) || regexes.some((regex) => regex.test(name));
}

function compileRegex(pattern: string, source: string, flags: string): RegExp {
  try {
    return new RegExp(source, flags);
  } catch (cause) {
    throw new ExrError('usage', 'BAD_REGEX', `${pattern} is no regular expression`, { cause });
  }
}

interface Chosen {
  readonly set: CryptomatteSet;
  /** The names that fit, with their IDs. */
  readonly names: readonly (readonly [string, number])[];
}

async function chosenSet(
  header: Header,
  layer: string | undefined,
  fits: (name: string) => boolean,
  patterns: readonly string[],
  context: FilterContext,
): Promise<Chosen> {
  const sets = headerSets(header).filter(({ layers }) => layers.length > 0);
  const asked = layer === undefined ? sets : sets.filter(({ name }) => name === layer);
  if (asked.length === 0)
    throw new ExrError(
      'usage',
      'NO_SUCH_LAYER',
      layer === undefined ? 'the file has no Cryptomatte with metadata' : `there is no Cryptomatte "${layer}"`,
      {
        hint:
          sets.length > 0
            ? `There are: ${shorten(sets.map(({ name }) => name ?? ''))}.`
            : '"inject-manifest" gives lost names back.',
      },
    );
  const all: string[] = [];
  const fitting: Chosen[] = [];
  for (const set of asked) {
    const manifest = await manifestOf(set, context);
    all.push(...manifest.keys());
    const names = [...manifest].filter(([name]) => fits(name));
    if (names.length > 0) fitting.push({ set, names });
  }
  const [only, ...others] = fitting;
  if (!only)
    throw new ExrError(
      'usage',
      'NO_SUCH_NAME',
      `no name fits ${patterns.map((pattern) => `"${pattern}"`).join(' or ')}`,
      {
        hint:
          all.length > 0
            ? `There are: ${shorten(all)}.`
            : 'The file has no names; "inject-manifest" gives lost names back.',
      },
    );
  if (others.length > 0)
    throw new ExrError('usage', 'SEVERAL_FIT', 'names fit in several Cryptomattes', {
      hint: `Add --layer with one of: ${fitting.map(({ set }) => `"${set.name}"`).join(', ')}.`,
    });
  return only;
}

async function manifestOf(set: CryptomatteSet, { inputs, readFile }: FilterContext): Promise<Manifest> {
  const picture = inputs[0]?.path;
  if (set.manifestFile === undefined || picture === undefined)
    return set.manifest ? readManifest(set.manifest).names : new Map();
  return readManifest(await readFile(sidecarPath(picture, set.manifestFile))).names;
}

function shorten(names: readonly string[]): string {
  const distinct = [...new Set(names)].map((name) => `"${name}"`);
  return distinct.length > 20
    ? `${distinct.slice(0, 20).join(', ')} and ${distinct.length - 20} more`
    : distinct.join(', ');
}
