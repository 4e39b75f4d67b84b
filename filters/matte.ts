import {
  type Channel,
  type CryptomatteSet,
  carrySets,
  cryptomatteSets,
  defineFilter,
  ExrError,
  type FilterContext,
  groupBy,
  type Header,
  headerSets,
  listed,
  type Manifest,
  mattePlane,
  nameProblem,
  type Part,
  parseChannelName,
  parseComponent,
  placeOf,
  placesOf,
  type RankLayer,
  readManifest,
  sortChannels,
  storedManifest,
  withoutSets,
} from '../lib/index.js';
import { compileGlobs, type Glob, matchesAny } from './shared/glob.js';

export const matte = defineFilter({
  name: 'matte',
  summary: 'Extract a matte channel from a Cryptomatte by name',
  description: [
    'Adds up the coverage of everything whose name matches, and writes it as one channel with values from 0 to 1. In patterns * and ? match any characters; a pattern between slashes is a regular expression.',
    'Without --layer only one Cryptomatte may have a matching name. The new channel is called "matte", or as --as names it. It joins the layer in its name ("Chars.Combined.A" becomes the alpha of the beauty of Chars), with the pixel type of the colour there; otherwise, in a multi-part file, it gets a part of its own.',
    '--only removes all other channels; the channel is then called "Y", which every viewer shows as an image. In a stereo file each view gets its own matte.',
  ].join('\n\n'),
  examples: [
    {
      command: "matte --name 'Hero*' --layer Chars.CryptoObject shot.0001.exr -o shot_matte.0001.exr",
      what: 'one more channel',
    },
    {
      command: "matte --name '/^tree_\\d+$/' --only shot.0001.exr -o trees.0001.exr",
      what: 'a file of its own, as a grey image',
    },
    {
      command: 'matte --name Hero --as A shot.0001.exr -o hero_alpha.0001.exr',
      what: 'an alpha for an image without one',
    },
  ],
  options: {
    name: { type: 'list', required: true, placeholder: 'GLOB', summary: 'names to take, or /REGEX/ (repeatable)' },
    layer: { type: 'text', placeholder: 'NAME', summary: 'the Cryptomatte to look in' },
    as: { type: 'text', placeholder: 'CHANNEL', summary: 'name of the new channel (default: matte; with --only Y)' },
    only: { type: 'flag', summary: 'write the matte and nothing else' },
  },
  check: ({ as }) => {
    const problem = as === undefined ? undefined : nameProblem(as);
    if (problem !== undefined) throw new ExrError('usage', 'BAD_NAMES', `--as: the name "${as}" ${problem}`);
  },
  async header(header, { name: patterns, layer, as: asked, only }, context) {
    const fits = compilePatterns(patterns);
    const { set, names } = await chosenSet(header, layer, fits, patterns, context);
    const ids = new Set(names.map(([, bits]) => bits));
    const as = asked ?? (only ? 'Y' : 'matte');
    context.note(
      'MATTE',
      `"${as}" is the coverage of ${names.length} names of "${set.name}": ${listed(names.map(([name]) => name))}`,
    );
    const views = groupBy(set.layers, ({ view }) => view);
    const mattes = [...views].map(([view, layers]) => matteOf(header, view, layers, ids, as));
    if (only) return carrySets(header, alone(header, mattes), context);
    return mattes.reduce((current, one) => added(current, header, one), header);
  },
});

/** The matte of one view. */
interface Matte {
  readonly channel: Channel;
  /** Its name without the view. */
  readonly as: string;
  readonly view: string;
  /** The number of the part with its first rank. */
  readonly part: number;
}

function matteOf(
  header: Header,
  view: string,
  layers: readonly RankLayer[],
  ids: ReadonlySet<number>,
  as: string,
): Matte {
  const plane = mattePlane(layers, ids);
  const [rank] = layers.flatMap(({ channels }) => channels);
  // Where the ranks of a view bear its name, its matte does too.
  const name = rank && placeOf(header, rank).viewSpelt !== undefined ? `${view}.${as}` : as;
  const channel: Channel = { name, type: 'float', xSampling: 1, ySampling: 1, linear: false, plane };
  return { channel, as, view, part: layers[0]?.part ?? 0 };
}

/** Nothing but the mattes: one image, or a part for each view where the views have parts of their own. */
function alone(header: Header, mattes: readonly Matte[]): Header {
  const byPart = [...groupBy(mattes, ({ part }) => part)];
  const several = byPart.length > 1;
  const parts = byPart.map(([number, own]): Part => {
    const [{ as, view }] = own as [Matte];
    const name = several ? `${as}-${view}` : undefined;
    return { ...(header.parts[number] as Part), name, channels: sortChannels(own.map(({ channel }) => channel)) };
  });
  return { ...header, parts, multiPart: several };
}

/** The header with one matte more, in the part that has its layer, or in one of its own. */
function added(current: Header, arrived: Header, { channel, as, view, part: number }: Matte): Header {
  const { layer, component } = parseChannelName(as);
  const homes = [...placesOf(arrived).values()].filter(
    (place) => place.layer === layer && place.view === view && (layer !== '' || arrived.parts.length === 1),
  );
  const single = arrived.parts.length === 1;
  const home = single ? 0 : homes[0]?.part;
  const part = current.parts[home ?? number] as Part;
  if (home === undefined) {
    const name = view === '' ? as : `${as}-${view}`;
    const own = withoutSets(part.attributes, cryptomatteSets(part));
    return withChannel(current, current.parts.length, { ...part, name, attributes: own, channels: [] }, channel);
  }
  const name = homes[0]?.speltBy === 'part' ? component : channel.name;
  // An alpha of another type than its colour is misread by viewers; other mattes keep their precision.
  const colour = parseComponent(component) && homes.find((one) => parseComponent(one.component))?.channel.type;
  return withChannel(current, home, part, { ...channel, name, type: colour ?? 'float' });
}

function withChannel(header: Header, number: number, part: Part, channel: Channel): Header {
  if (part.channels.some(({ name }) => name === channel.name))
    throw new ExrError('usage', 'CHANNEL_EXISTS', `there is a channel "${channel.name}" already`, {
      hint: `Remove that one first, with "drop --channel '${channel.name}'", or choose another name with --as.`,
    });
  const parts = [...header.parts];
  parts[number] = { ...part, channels: sortChannels([...part.channels, channel]) };
  return { ...header, parts };
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
    throw new ExrError('usage', 'BAD_REGEX', `${pattern} is not a regular expression`, { cause });
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
            ? `There are: ${listed(sets.map(({ name }) => name ?? ''))}.`
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
    throw new ExrError('usage', 'NO_SUCH_NAME', `no name matches ${listed(patterns)}`, {
      hint:
        all.length > 0
          ? `There are: ${listed(new Set(all))}.`
          : 'The file has no names; "inject-manifest" gives lost names back.',
    });
  if (others.length > 0)
    throw new ExrError('usage', 'SEVERAL_FIT', 'names match in several Cryptomattes', {
      hint: `Add --layer with one of: ${listed(fitting.map(({ set }) => set.name ?? ''))}.`,
    });
  return only;
}

async function manifestOf(set: CryptomatteSet, { inputs, readSidecar }: FilterContext): Promise<Manifest> {
  const picture = inputs[0]?.path;
  if (set.manifestFile === undefined || picture === undefined)
    return set.manifest ? storedManifest(set.manifest).names : new Map();
  return readManifest(await readSidecar(picture, set.manifestFile)).names;
}
