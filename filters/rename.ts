import { findPreset, isPresetFile, presets } from '../lib/cryptomatte/index.js';
import { groupBy, listed } from '../lib/format/index.js';
import {
  advise,
  type Channel,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  optionNamed,
  type Part,
} from '../lib/index.js';
import {
  type ChannelPlace,
  fullName,
  headerSets,
  orphanGroups,
  placesOf,
  type Respelling,
  rankChannels,
} from '../lib/layers/index.js';
import { nothingAsked } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { notFound } from './shared/not-found.js';
import { applyPreset, loadPreset } from './shared/preset.js';
import { applyRenaming } from './shared/renaming.js';
import { namesIn, selectParts } from './shared/select.js';
import { parseSubstitution } from './shared/substitution.js';
import { viewerImages } from './shared/viewers.js';

const presetNames = presets.map(({ name }) => name);

/** No convention, but the names that programs for plain images know. */
const viewers = 'viewers';

/**
 * Renames channels, layers, parts and Cryptomattes together, by pairs, patterns or a preset. See docs/reference.md#rename for
 * its options.
 */
export const rename = defineFilter({
  name: 'rename',
  summary: 'Rename channels, layers, Cryptomattes and parts',
  description: [
    'Names change together: channels, their layers, the Cryptomatte metadata that refers to them, Cycles statistics of a view layer, and part names.',
    '--map OLD=NEW renames a channel ("Z=depth.Z"), a layer with everything under it ("Chars=main"), a Cryptomatte with all its ranks ("Chars.CryptoObject=crypto_object"), or a part. "Chars=" removes a layer name, "=beauty" puts the channels without a layer into one. The most specific OLD wins. All of them apply to the original names, so "a=b" and "b=a" swap.',
    "--regex 's/PATTERN/REPLACEMENT/flags' applies to full names: JavaScript regular expressions, $1 or \\1 for groups, flags g and i. Any character may replace the slash.",
    '--preset converts all names to the convention of a program: layers, passes, components and Cryptomattes together. blender, nuke, arnold and fusion are built in; a file that ends in .yaml or .json is a preset of your own (docs/presets.md). The current convention is detected from the names; --from-preset names it, which is required for a preset of your own. Names of Blender 3 to 5 are known. A pass without a name in the new convention keeps its name, with a note. What the new names do not show, such as the only view layer, is recorded in the file, so that the previous preset restores the original names.',
    '--preset viewers is for programs without layers: in a file with one layer, as "pick" makes it, the channels are called R, G, B and A, or Y if there is only one. "split --for viewers" does this for all layers, and whatever else such programs need.',
    'Several options apply in this order: --preset, --map, --regex, --strip-prefix, --add-prefix; those after --preset see its new names. For a single frame --dry-run prints a table of old and new names and writes nothing.',
    'Names that clash or are not allowed are an error that lists all of them. The key of a Cryptomatte stays as it is, which is legal and keeps old comps working; --rekey recomputes it from the new name.',
  ].join('\n\n'),
  examples: [
    {
      command: 'rename --map Chars=main --map Chars.Combined=beauty shot.0001.exr -o comp/shot.0001.exr',
      what: 'a view layer, and one of its passes',
    },
    {
      command: 'rename --preset arnold render.0001.exr -o arnold_like.0001.exr',
      what: 'Blender names for a comp that was made for Arnold',
    },
    { command: 'rename --preset nuke --dry-run render.0001.exr', what: 'only print what would be renamed' },
    {
      command: "rename --regex 's/\\.([^.]+)\\.([^.]+)$/_$1.$2/' shot.0001.exr -o one_dot.0001.exr",
      what: '"main.Combined.R" becomes "main_Combined.R", for old plug-ins',
    },
  ],
  options: {
    preset: {
      type: 'file',
      names: [...presetNames, viewers],
      placeholder: 'NAME|FILE',
      summary: 'the naming convention to use: nuke, arnold, blender, fusion, viewers, or a preset file of your own',
    },
    fromPreset: {
      type: 'file',
      names: presetNames,
      placeholder: 'NAME|FILE',
      summary: 'the convention of the current names',
    },
    map: {
      type: 'list',
      placeholder: 'OLD=NEW',
      summary: 'rename a channel, layer, Cryptomatte or part (repeatable)',
    },
    regex: { type: 'list', placeholder: 's/A/B/', summary: 'replace by a regular expression (repeatable)' },
    stripPrefix: {
      type: 'list',
      placeholder: 'PREFIX',
      summary: 'remove this from the beginning of names (repeatable)',
    },
    addPrefix: {
      type: 'text',
      placeholder: 'PREFIX',
      summary: 'add this to the beginning of names; end it with a dot to make a layer',
    },
    rekey: { type: 'flag', summary: 'recompute the keys of the Cryptomattes that are renamed' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'only in parts with this name or number (repeatable)' },
  },
  check: ({ preset, fromPreset, map, regex, stripPrefix, addPrefix }) => {
    if (preset === undefined && map.length + regex.length + stripPrefix.length === 0 && addPrefix === undefined)
      throw nothingAsked(
        'rename',
        advise`choose what to rename, with ${optionNamed('preset')}, ${optionNamed('map')}, ${optionNamed('regex')}, ${optionNamed('stripPrefix')} or ${optionNamed('addPrefix')}`,
      );
    if (preset === undefined && fromPreset !== undefined)
      throw new ExrError('usage', 'NO_PRESET', advise`${optionNamed('fromPreset')} requires ${optionNamed('preset')}`);
    for (const name of [preset === viewers ? undefined : preset, fromPreset])
      if (name !== undefined && !isPresetFile(name)) findPreset(name);
    parseMaps(map);
    for (const text of regex) parseSubstitution(text);
  },
  async header(header, options, context) {
    const chosen = selectParts(header, compileGlobs(options.part));
    const arrived = await presetStep(header, chosen, options, context);
    // A preset may rename parts but keeps their order.
    const selected = new Set(arrived.parts.filter((_, number) => chosen.has(header.parts[number] as Part)));
    const maps = new NameMap(parseMaps(options.map), arrived);
    const used = new Set<string>();
    const affixes = affixRenaming(options.regex, options.stripPrefix, options.addPrefix ?? '', (text) =>
      used.add(text),
    );
    const renaming: Respelling = {
      channel: (name, place) =>
        selected.has(arrived.parts[place.part] as Part) ? affixes(maps.channel(name, place), place) : name,
      part: (name, part) => (selected.has(part) ? affixes(maps.plain(name)) || name : name),
    };
    const result = applyRenaming(arrived, renaming, context, { rekey: options.rekey });
    const idle = [...options.regex, ...options.stripPrefix].filter((text) => !used.has(text));
    report(header, result, { unused: maps.unused(), idle }, context);
    return result;
  },
});

async function presetStep(
  header: Header,
  selected: ReadonlySet<Part>,
  { preset, fromPreset, rekey }: { preset?: string; fromPreset?: string; rekey: boolean },
  context: FilterContext,
): Promise<Header> {
  if (preset === undefined) return header;
  if (preset === viewers) return applyRenaming(header, viewerRenaming(header, selected), context, { rekey });
  const to = await loadPreset(preset, context);
  const from = fromPreset === undefined ? undefined : await loadPreset(fromPreset, context);
  return applyPreset(header, selected, { to, from }, context, { rekey });
}

/** Every layer becomes the image itself; Cryptomattes stay, and so do channels that are in no image with others. */
function viewerRenaming(header: Header, selected: ReadonlySet<Part>): Respelling {
  const ranks = rankChannels(header);
  const places = [...placesOf(header).values()].filter(
    ({ channel, part }) => !ranks.has(channel) && selected.has(header.parts[part] as Part),
  );
  const layers = groupBy(places, ({ part, layer, view }) => JSON.stringify([part, layer, view]));
  const names = new Map<Channel, string>();
  for (const own of layers.values())
    for (const { channels, title } of viewerImages(own))
      if (title === '') for (const { channel, name } of channels) names.set(channel, name);
  return {
    channel: (name, { channel, component }) => names.get(channel) ?? (ranks.has(channel) ? name : component),
    part: (name) => name,
  };
}

/** Warns of names of --map that are not there, and of prefixes and expressions that fit no name. */
function report(
  before: Header,
  after: Header,
  { unused, idle }: { readonly unused: readonly string[]; readonly idle: readonly string[] },
  context: FilterContext,
): void {
  if (unused.length > 0) context.warn('NO_MATCH', `nothing has the name ${notFound(unused, namesIn(before))}`);
  const names = (header: Header): string =>
    JSON.stringify(header.parts.map(({ name, channels }) => [name, channels.map((channel) => channel.name)]));
  const isSame = names(before) === names(after);
  if (idle.length > 0 && !isSame) context.warn('NO_MATCH', `no name matches ${listed(idle)}`);
  if (unused.length === 0 && isSame) context.warn('NOTHING_RENAMED', 'no name has changed');
}

interface NamePair {
  readonly from: string;
  readonly to: string;
}

function parseMaps(texts: readonly string[]): NamePair[] {
  const pairs = texts.map((text) => {
    const equals = text.indexOf('=');
    if (equals < 0 || text === '=')
      throw new ExrError('usage', 'BAD_MAP', `"${text}" is not OLD=NEW`, {
        hint: advise`Write for example "Chars=main". For names with an equals sign use ${optionNamed('regex')}.`,
      });
    return { from: text.slice(0, equals), to: text.slice(equals + 1) };
  });
  const twice = pairs.find(({ from }, index) => pairs.findIndex((other) => other.from === from) !== index);
  if (twice) throw new ExrError('usage', 'BAD_MAP', `"${twice.from}" is mapped twice`);
  return pairs;
}

/** The pairs of --map, applied to names as they arrive. */
class NameMap {
  /** Longest first, so that the most exact one is found first. */
  readonly #pairs: readonly NamePair[];
  readonly #ranks: ReadonlyMap<Channel, RankName>;
  readonly #used = new Set<NamePair>();

  constructor(pairs: readonly NamePair[], header: Header) {
    this.#pairs = pairs.toSorted((a, b) => b.from.length - a.from.length);
    this.#ranks = pairs.length > 0 ? rankNames(header) : new Map();
  }

  channel(name: string, place: ChannelPlace): string {
    return this.#apply(name, (pair) => mapChannel(pair, name, place, this.#ranks.get(place.channel)));
  }

  /** A name that is no channel's: a part's. */
  plain(name: string): string {
    return this.#apply(name, (pair) => mapName(pair, name));
  }

  unused(): string[] {
    return this.#pairs.filter((pair) => !this.#used.has(pair)).map(({ from }) => from);
  }

  #apply(name: string, map: (pair: NamePair) => string | undefined): string {
    for (const pair of this.#pairs) {
      const now = map(pair);
      if (now === undefined) continue;
      this.#used.add(pair);
      return now;
    }
    return name;
  }
}

/** By the full name, as the name of a Cryptomatte, or by the layer, which a view may stand before. */
function mapChannel(pair: NamePair, name: string, place: ChannelPlace, rank: RankName | undefined): string | undefined {
  const { from, to } = pair;
  if (name !== from && rank?.sets.has(from)) return fullName(place, { layer: to + rank.text });
  if (from === '') return place.layer === '' ? fullName(place, { layer: to }) : undefined;
  const whole = mapName(pair, name);
  if (whole !== undefined || place.view === '') return whole;
  const layer = place.layer === from ? to : mapName(pair, place.layer);
  return layer === undefined ? undefined : fullName(place, { layer });
}

function mapName({ from, to }: NamePair, name: string): string | undefined {
  if (name === from) return to;
  if (from === '' || !name.startsWith(`${from}.`)) return undefined;
  const rest = name.slice(from.length + 1);
  return to === '' ? rest : `${to}.${rest}`;
}

/** What a rank channel's Cryptomatte is called, and what follows that in the layer's name. */
interface RankName {
  readonly sets: ReadonlySet<string>;
  readonly text: string;
}

/** By the name in the metadata, and by the name the channels have where that is spelt in another way. */
function rankNames(header: Header): Map<Channel, RankName> {
  const names = new Map<Channel, RankName>();
  for (const { name, layers } of [...headerSets(header), ...orphanGroups(header)])
    for (const { channels, layer, text } of layers) {
      const stem = layer.slice(0, layer.length - text.length);
      for (const channel of channels) names.set(channel, { sets: new Set([stem, name ?? stem]), text });
    }
  return names;
}

/**
 * Regular expressions, then prefixes. A dot left at the front by a prefix without one goes too. Where a view stands in front of a
 * layer, prefixes are the layer's unless they begin with the view: behind a layer it would be no view any more.
 */
function affixRenaming(
  regex: readonly string[],
  stripPrefix: readonly string[],
  addPrefix: string,
  onUse: (text: string) => void,
): (name: string, place?: ChannelPlace) => string {
  const substitutions = regex.map((text) => {
    const substitute = parseSubstitution(text);
    return (name: string): string => {
      const replaced = substitute(name);
      if (replaced !== name) onUse(text);
      return replaced;
    };
  });
  const prefixes = stripPrefix.toSorted((a, b) => b.length - a.length);
  const strip = (name: string): string | undefined => {
    const prefix = prefixes.find((one) => name.startsWith(one));
    if (prefix === undefined) return undefined;
    onUse(prefix);
    const rest = name.slice(prefix.length);
    return prefix.endsWith('.') ? rest : rest.replace(/^\./, '');
  };
  return (name, place) => {
    const replaced = substitutions.reduce((text, substitute) => substitute(text), name);
    const whole = strip(replaced);
    const view = whole === undefined && place?.viewSpelt === 'before' ? `${place.view}.` : '';
    if (view === '' || !replaced.startsWith(view)) return addPrefix + (whole ?? replaced);
    const rest = replaced.slice(view.length);
    return view + addPrefix + (strip(rest) ?? rest);
  };
}
