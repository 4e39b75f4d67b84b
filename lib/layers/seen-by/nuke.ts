/**
 * Nuke: its own reader as published in the NDK examples (exrReader.cpp, exrGeneral.cpp), and Psyop's Cryptomatte plug-in
 * from 1.2.6 on (cryptomatte_utilities.py), whose rules Nuke's own node has followed since Nuke 13.
 */
import { parseAttribute, partView } from '../../format/attribute-types.js';
import { sameBox } from '../../format/geometry.js';
import type { Attribute, Attributes } from '../../model/attributes.js';
import { groupBy } from '../../model/group-by.js';
import type { Channel, Header, Part } from '../../model/header.js';
import { listedViews } from '../views.js';
import { legalName, type NukeChannel, nukeChannel } from './nuke-name.js';
import { refusal } from './openexr.js';
import { type Declaration, type Finding, type Reader, type SeenChannel, unlisted } from './program.js';

/** Rank layers that the plug-in's gizmo has knobs for (GIZMO_CHANNEL_KNOBS). */
const mostRanks = 12;

export const nuke: Reader = {
  channels: nukeChannels,
  find(header, channels, declarations) {
    const refused = refusal(header);
    const different = differentParts(header);
    const ranks = rankLayersByName(channels);
    const bad = badAttribute(header);
    return declarations.map((declaration) => find(declaration, ranks, { refused, different, bad }));
  },
};

function find(
  { set, fields }: Declaration,
  ranksOf: (legal: string) => readonly (readonly Channel[])[],
  { refused, different, bad }: Readonly<Record<'refused' | 'different' | 'bad', string | undefined>>,
): Finding {
  if (refused !== undefined) return unlisted('unreadable', refused);
  if (different !== undefined) return unlisted('unequal-windows', different);
  if (set.prefix !== 'cryptomatte/')
    return unlisted('other-prefix', `Nuke's Cryptomatte does not look for attributes that begin with ${set.prefix}`);
  const own = fields.get(0);
  if (!own) return unlisted('other-part', 'Nuke reads only the attributes of part 0');
  if (bad !== undefined)
    return unlisted(
      'bad-attribute',
      `the attribute "${bad}" stops Nuke's Cryptomatte: it takes a key and one word`,
      bad,
    );
  if (!set.name) return unlisted('no-name', "Nuke's Cryptomatte finds no layers for a name that is missing or empty");
  const legal = legalName(set.name);
  const ranks = ranksOf(legal);
  return {
    listed: legal,
    ranks: ranks.slice(0, mostRanks),
    problem:
      ranks.length > mostRanks
        ? { code: 'missing-ranks', text: `Nuke's Cryptomatte uses ${mostRanks} rank layers of ${ranks.length}` }
        : undefined,
    notes: own.has('manifest') || own.has('manif_file') ? undefined : [noNames],
  };
}

const noNames = { code: 'no-names', text: "without a manifest Nuke's Cryptomatte shows IDs instead of names" } as const;

/**
 * `key/word` after the prefix: the plug-in splits what it finds there at slashes and expects two pieces, else it ends
 * with a ValueError. By default Nuke puts `exr/` before an attribute's name, which the plug-in expects.
 */
function badAttribute({ parts: [first] }: Pick<Header, 'parts'>): string | undefined {
  for (const [name] of first?.attributes ?? [])
    if (name.startsWith('cryptomatte/') && name.split('/').length !== 3) return name;
  return undefined;
}

/** Parts that differ where the reader requires them to be equal: it rejects the whole file. */
function differentParts({ parts: [first, ...others] }: Pick<Header, 'parts'>): string | undefined {
  for (const [index, part] of others.entries()) {
    const what =
      first && !sameBox(part.dataWindow, first.dataWindow)
        ? 'data window'
        : part.lineOrder !== first?.lineOrder
          ? 'line order'
          : undefined;
    if (what) return `Nuke refuses the file: part ${index + 1} has another ${what} than part 0`;
  }
  return undefined;
}

/** Layers whose first channel matches the plug-in's pattern `NAME\d+\.(red|r)$`, by NAME, in the order of their names. */
function rankLayersByName(channels: readonly SeenChannel[]): (legal: string) => readonly (readonly Channel[])[] {
  const layers = groupBy(channels, ({ layer }) => layer);
  const byName = new Map<string, string[]>();
  for (const [layer, own] of layers) {
    if (!own.some(({ name }) => name === 'red')) continue;
    // `Char200` is a rank of "Char2", "Char20" and "Char" alike.
    for (let end = layer.length; end > 0 && /[0-9]/.test(layer[end - 1] as string); end--) {
      const name = layer.slice(0, end - 1);
      const same = byName.get(name);
      if (same) same.push(layer);
      else byName.set(name, [layer]);
    }
  }
  const found = new Map<string, readonly (readonly Channel[])[]>();
  return (legal) => {
    const known =
      found.get(legal) ?? (byName.get(legal) ?? []).toSorted(byText).map((layer) => rankOf(layers.get(layer) ?? []));
    found.set(legal, known);
    return known;
  };
}

function byText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** The gizmo takes red, green, blue and alpha of a layer; missing ones are black. */
function rankOf(channels: readonly SeenChannel[]): Channel[] {
  const byName = new Map(channels.map(({ name, channel }) => [name, channel]));
  return ['red', 'green', 'blue', 'alpha'].flatMap((name) => byName.get(name) ?? []);
}

interface Candidate extends NukeChannel {
  readonly part: number;
  readonly source: Channel;
}

/**
 * The channels of the file's first view, which is the one that a script with other views gets. Of several channels with one
 * name in Nuke, the reader keeps the better one (`isBetterThan`).
 */
function nukeChannels({ parts }: Pick<Header, 'parts'>): SeenChannel[] {
  const views = new Set<string>();
  const chosen = new Map<string, Candidate>();
  const useParts = parts.length > 1 && !ignoresPartNames(parts);
  let hero = '';
  for (const [number, part] of parts.entries()) {
    const listed = listedViews(part).filter((view) => view !== '');
    for (const view of listed) views.add(view);
    hero = listed[0] ?? hero;
    const own = parts.length > 1 ? partView(part) : undefined;
    if (own !== undefined) views.add(own);
    hero ||= own ?? '';
    const prefix = parts.length > 1 ? prefixOf(part.name ?? '', useParts, own) : '';
    for (const channel of part.channels) {
      const named = nukeChannel(prefix + channel.name, views);
      if (named.view !== '' && named.view !== hero) continue;
      const candidate = { ...named, part: number, source: channel };
      const key = `${named.layer}.${named.channel}`;
      const known = chosen.get(key);
      if (!known || isBetter(candidate, known, hero)) chosen.set(key, candidate);
    }
  }
  return [...chosen.values()].map(({ part, source, layer, channel, view }) => ({
    part,
    channel: source,
    layer: layer === '' ? mainLayer(channel) : layer,
    name: channel,
    view,
  }));
}

/** Nuke's layers for channels without one. */
function mainLayer(channel: string): string {
  if (channel === 'Z' || channel === 'z') return 'depth';
  return ['red', 'green', 'blue', 'alpha'].includes(channel) ? 'rgba' : 'other';
}

/** The prefix of a part's channels: the part's name, if parts name layers, and its view. */
function prefixOf(part: string, useName: boolean, view: string | undefined): string {
  const name = useName && part !== '' ? `${part}.` : '';
  if (view === undefined) return name;
  return name.endsWith(`.${view}.`) ? name : `${name}${view}.`;
}

/** Nuke's own files declare whether their channels' names are full; in others, a single dot anywhere means that they are. */
function ignoresPartNames(parts: readonly Part[]): boolean {
  const full = integerAttribute(parts[0]?.attributes, 'nuke/full_layer_names');
  if (full !== undefined) return full !== 0;
  return parts.some(({ channels }) => channels.some(({ name }) => name.includes('.')));
}

function integerAttribute(attributes: Attributes | undefined, name: string): number | undefined {
  const attribute: Attribute | undefined = attributes?.get(name);
  if (attribute?.type !== 'int') return undefined;
  try {
    return Number(parseAttribute('int', attribute.value));
  } catch {
    return undefined; // Damaged: treated as missing.
  }
}

function isBetter(one: Candidate, known: Candidate, view: string): boolean {
  if (one.view === view && known.view !== view) return true;
  if (known.view === view && one.view !== view) return false;
  const [length, knownLength] = [one.source.name.length, known.source.name.length];
  if (known.source.name.startsWith('.') && knownLength === length + 1) return true;
  return knownLength <= length;
}
