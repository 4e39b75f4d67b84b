import { listed } from '../../lib/format/index.js';
import { advise, type Channel, ExrError, type Header, optionNamed, type Part } from '../../lib/index.js';
import { headerSets, orphanGroups, parseChannelName, placesOf } from '../../lib/layers/index.js';
import { type Glob, matchesAny } from './glob.js';

/**
 * The parts whose name fits one of the globs; a glob that fits no name and is a number means the part of that number, from 0. All
 * parts where no glob is given. Throws `usage` when none fits.
 */
export function selectParts(header: Header, globs: readonly Glob[]): ReadonlySet<Part> {
  if (globs.length === 0) return new Set(header.parts);
  const found = globs.flatMap((glob) => {
    const named = header.parts.filter(({ name }) => matchesAny([glob], name ?? ''));
    return named.length > 0 ? named : (numberedPart(header, glob) ?? []);
  });
  if (found.length > 0) return new Set(header.parts.filter((part) => found.includes(part)));
  const names = header.parts.flatMap(({ name }) => (name === undefined ? [] : [name]));
  throw new ExrError('usage', 'NO_SUCH_PART', `no part has the name ${listed(globs.map(({ pattern }) => pattern))}`, {
    hint:
      names.length > 0
        ? `There are: ${listed(names)}; or give the number of one, from 0 to ${header.parts.length - 1}.`
        : advise`The file has one part without a name: omit ${optionNamed('part')}.`,
  });
}

/** A number may be a part's name, so it is one only where no name is meant. */
function numberedPart(header: Header, { pattern }: Glob): Part | undefined {
  return /^\d{1,9}$/.test(pattern) ? header.parts[Number(pattern)] : undefined;
}

/**
 * Gives every channel the names of the layers it is in, from the outermost to its own. `main.CryptoObject00.r` is in
 * `main` and in `main.CryptoObject00`, and as a rank of a Cryptomatte also in `main.CryptoObject`; `R` is in the root layer ''.
 * A view in a channel's name counts as a layer too: `right.CryptoObject00.r` is in `right` and in `CryptoObject00`.
 */
export function channelLayers(header: Header): (channel: Channel) => readonly string[] {
  const ranks = new Map<Channel, Set<string>>();
  const add = (channel: Channel, name: string | undefined): void => {
    if (name === undefined) return;
    const names = ranks.get(channel) ?? new Set<string>();
    ranks.set(channel, names.add(name));
  };
  for (const set of headerSets(header))
    for (const { channels } of set.layers) for (const channel of channels) add(channel, set.name);
  for (const group of orphanGroups(header))
    for (const { channels } of group.layers) for (const channel of channels) add(channel, group.name);
  const places = placesOf(header);
  return (channel) => {
    const layers = ancestors(parseChannelName(channel.name).layer);
    return [...new Set([...layers, ...ancestors(places.get(channel)?.layer ?? ''), ...(ranks.get(channel) ?? [])])];
  };
}

/** Whether a channel is meant: by its own name, or by the name of a layer it is in. */
export function channelMatcher(
  header: Header,
  globs: { readonly channel: readonly Glob[]; readonly layer: readonly Glob[] },
): (channel: Channel) => boolean {
  const layersOf = channelLayers(header);
  return (channel) =>
    matchesAny(globs.channel, channel.name) ||
    (globs.layer.length > 0 && layersOf(channel).some((layer) => matchesAny(globs.layer, layer)));
}

/** The globs that fit no channel. */
export function unusedGlobs(
  header: Header,
  globs: { readonly channel: readonly Glob[]; readonly layer: readonly Glob[] },
): Glob[] {
  const all = header.parts.flatMap(({ channels }) => channels);
  const layersOf = channelLayers(header);
  const layers = new Set(globs.layer.length > 0 ? all.flatMap(layersOf) : []);
  return [
    ...globs.channel.filter((glob) => !all.some(({ name }) => glob.matches(name))),
    ...globs.layer.filter((glob) => ![...layers].some((layer) => glob.matches(layer))),
  ];
}

/** What a file holds, for error messages. */
export function contents(header: Header): string {
  const layers = new Set([...placesOf(header).values()].map(({ layer }) => layer));
  const parts = header.parts.flatMap(({ name }) => (name === undefined ? [] : [name]));
  const named = parts.length > 0 ? ` Its parts: ${listed(parts)}.` : '';
  return `The layers of the file: ${listed([...layers].map((layer) => (layer === '' ? '(root)' : layer)))}.${named}`;
}

/** Everything a dotted name begins with, itself included: `a`, `a.b` and `a.b.c`. */
export function ancestors(layer: string): string[] {
  const pieces = layer.split('.');
  return pieces.map((_, index) => pieces.slice(0, index + 1).join('.'));
}

/** All that options may name: channels, layers and what they are in, Cryptomattes and parts. */
export function* namesIn(header: Header): Generator<string> {
  const layersOf = channelLayers(header);
  for (const { name, channels } of header.parts) {
    if (name !== undefined) yield name;
    for (const channel of channels) {
      yield channel.name;
      yield* layersOf(channel);
    }
  }
}
