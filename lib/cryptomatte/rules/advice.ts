/** The commands that findings suggest, with the names in the file, quoted for a shell. */
import { partView } from '../../format/attribute-types.js';
import { type ComponentSlot, parseComponent, type Spelling, slots } from '../../layers/components.js';
import { placesOf } from '../../layers/place.js';
import type { RankLayer } from '../../layers/rank-groups.js';
import { fullName } from '../../layers/respell.js';
import { nukeChannel } from '../../layers/seen-by/nuke-name.js';
import type { Header } from '../../model/header.js';
import { parseChannelName } from '../../model/names.js';
import { onceForParts } from '../../model/once.js';
import { textLength } from '../../model/text.js';

/** A word of a command line for a shell: as is, or in single quotes. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+:,./=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `--map A=B --map C=D`; undefined if a name contains something that `--map` does not accept. */
export function renameCommand(pairs: Iterable<readonly [string, string]>): string | undefined {
  const list = [...pairs].filter(([from, to]) => from !== to);
  if (list.length === 0 || list.some(([from]) => from.includes('='))) return undefined;
  return ['rename', ...list.map(([from, to]) => `--map ${shellWord(`${from}=${to}`)}`)].join(' ');
}

/** Rounded IDs are restored from the names, so these come first. */
export const namesThenRepair = 'inject-manifest --from DONOR.exr then repair';

/** An option repeated for each of some values. */
export function optionWords(option: string, values: Iterable<string>): string {
  return [...values].map((value) => `--${option} ${shellWord(globLiteral(value))}`).join(' ');
}

/** A pattern that only this text matches. */
function globLiteral(text: string): string {
  return text.replaceAll(/[\\*?[\]{}()!]/g, (found) => (found === '*' || found === '?' ? '?' : `\\${found}`));
}

/** Every name that a new one must not equal: of layers, and of their beginnings. */
function namesIn(header: Header): Set<string> {
  const found = new Set<string>();
  for (const { channels, name } of header.parts) {
    if (name !== undefined) found.add(name);
    for (const channel of channels) {
      const { layer } = parseChannelName(channel.name);
      found.add(layer);
      found.add(layer.replace(/\d+$/, ''));
    }
  }
  return found;
}

/** Hands out names that are unique in a file and among each other. */
export class NewNames {
  readonly #taken: Set<string>;
  /** The letter to try next for each requested name, since many may request the same one. */
  readonly #tried = new Map<string, number>();

  constructor(header: Header) {
    this.#taken = namesIn(header);
  }

  /** The requested name, or the same with a suffix that does not end in a digit. */
  give(wished: string): string {
    let tried = this.#tried.get(wished) ?? 0;
    let name = wished;
    for (; this.#taken.has(name); tried++)
      name = tried < letters.length ? `${wished}_${letters[tried]}` : `${wished}_${tried}_`;
    this.#tried.set(wished, tried);
    this.#taken.add(name);
    return name;
  }
}

const letters = 'abcdefghijklmnopqrstuvwxyz';

/**
 * A name that Nuke and its plug-in spell the same way: pieces of ASCII letters, digits and `_`, none with a leading
 * digit. One dot is harmless, and separates the pass from its layer for Blender; but in files with views Nuke puts the view
 * first, and a second dot is one too many. Then the pass comes first, so that no layer is a prefix of the name.
 */
export function plainForNuke(name: string, withViews: boolean): string {
  const pieces = name.split('.').map(plainPiece);
  const last = pieces.pop() ?? '';
  const before = pieces.join('_');
  if (before === '') return last;
  return withViews ? `${last}_${before}` : `${before}.${last}`;
}

function plainPiece(text: string): string {
  const plain = text.replace(/[^A-Za-z0-9]/gu, '_').replace(/^([0-9]+)_*(.*)$/s, '$2_$1_');
  return plain.replace(/^_+/, '') === '' ? 'crypto' : plain;
}

export function nukeLayer(name: string): string {
  return nukeChannel(`${name}.r`, new Set()).layer;
}

/** Bytes of `CryptoMaterial`, the longest that Cycles writes. */
const longestKind = 14;

/** A name cut so that our own letter, a rank's number and a component fit after it; the Cryptomatte's kind stays whole. */
export function shortName(name: string, bytes: number): string {
  const dot = name.lastIndexOf('.');
  const last = cut(name.slice(dot + 1), bytes - 16);
  // Cryptomattes of one view layer keep one: a name that is a prefix of another would hide that from Blender before 4.5.
  const room = Math.max(textLength(last), longestKind);
  const before = cut(name.slice(0, Math.max(0, dot)), bytes - 17 - room).replace(/\.+$/, '');
  return before === '' || last === '' ? cut(name.replaceAll('.', '_'), bytes - 16) : `${before}.${last}`;
}

function cut(text: string, bytes: number): string {
  // No character is shorter than a byte, and names out of metadata may have any length.
  let short = [...text.slice(0, Math.max(0, bytes))];
  while (short.length > 0 && textLength(short.join('')) > bytes) short = short.slice(0, -1);
  return short.join('');
}

/** The parts of one view by the end of their names; undefined if these do not determine it. */
export function partsOfView(view: string, header: Pick<Header, 'parts'>): string | undefined {
  const known = viewCommands(header);
  if (!known.has(view)) known.set(view, pickParts(view, header));
  return known.get(view);
}

/** Cached, since every Cryptomatte of a file needs the same few views. */
const viewCommands = onceForParts(() => new Map<string, string | undefined>());

function pickParts(view: string, { parts }: Pick<Header, 'parts'>): string | undefined {
  if (parts.some(({ name }) => name === view)) return `pick ${optionWords('part', [view])}`;
  const mark = ['-', '.', '_'].find((one) => parts.some(({ name }) => name?.endsWith(one + view)));
  return mark === undefined ? undefined : `pick --part ${shellWord(`*${mark}${view}`)}`;
}

/** The command that brings all channels into one part; for several views, which share channel names, those of the first. */
export const mergeCommand: (header: Header) => string | undefined = onceForParts((header) => {
  const places = placesOf(header);
  const names = header.parts.flatMap(({ channels }) =>
    channels.map((channel) => {
      const place = places.get(channel);
      return place?.speltBy === 'part' ? fullName(place) : channel.name;
    }),
  );
  const [view] = header.parts.flatMap((part) => partView(part) ?? []);
  if (new Set(names).size === names.length) return 'merge';
  if (view === undefined) return 'merge --on-clash prefix';
  const pick = partsOfView(view, header);
  return pick && `${pick} then merge`;
});

/** Ranks numbered per the specification: `N00`, `N01`, … in order, whatever their names are now. */
export function renumbered(name: string, layers: readonly RankLayer[]): [string, string][] {
  const numbers = new Map<string, number>();
  return layers.map((layer): [string, string] => {
    const number = numbers.get(layer.view) ?? 0;
    numbers.set(layer.view, number + 1);
    return [layer.layer, `${name}${String(number).padStart(2, '0')}`];
  });
}

const spelt: Readonly<Record<Spelling, Readonly<Record<ComponentSlot, string>>>> = {
  lower: { r: 'r', g: 'g', b: 'b', a: 'a' },
  upper: { r: 'R', g: 'G', b: 'B', a: 'A' },
  word: { r: 'red', g: 'green', b: 'blue', a: 'alpha' },
};

/** The channels of all ranks spelt as most of them are. */
export function respelt(layers: readonly RankLayer[]): [string, string][] {
  const all = layers.flatMap(({ channels }) => channels);
  const count = (spelling: Spelling): number =>
    all.filter(({ name }) => parseComponent(parseChannelName(name).component)?.spelling === spelling).length;
  const spelling = (['lower', 'upper', 'word'] as const).reduce((best, one) => (count(one) > count(best) ? one : best));
  return all.flatMap(({ name }): [string, string][] => {
    const { layer, component } = parseChannelName(name);
    const slot = slots.find((one) => one === parseComponent(component)?.slot);
    return slot ? [[name, layer === '' ? spelt[spelling][slot] : `${layer}.${spelt[spelling][slot]}`]] : [];
  });
}
