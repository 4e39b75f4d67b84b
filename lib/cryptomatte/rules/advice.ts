/** The commands that findings advise, with the names that are in the file and as a shell takes them. */
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

/** A word of a command line as a shell takes it: as it is, or in single quotes. */
export function shellWord(text: string): string {
  return /^[A-Za-z0-9_@%+:,./=-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;
}

/** `--map A=B --map C=D`; undefined where a name has what `--map` cannot take. */
export function renameCommand(pairs: Iterable<readonly [string, string]>): string | undefined {
  const list = [...pairs].filter(([from, to]) => from !== to);
  if (list.length === 0 || list.some(([from]) => from.includes('='))) return undefined;
  return ['rename', ...list.map(([from, to]) => `--map ${shellWord(`${from}=${to}`)}`)].join(' ');
}

/** Rounded IDs are restored from the names, so that these come first. */
export const namesThenRepair = 'inject-manifest --from DONOR.exr then repair';

/** Every option with each of some values. */
export function optionWords(option: string, values: Iterable<string>): string {
  return [...values].map((value) => `--${option} ${shellWord(globLiteral(value))}`).join(' ');
}

/** A pattern that only this text fits. */
function globLiteral(text: string): string {
  return text.replaceAll(/[\\*?[\]{}()!]/g, (found) => (found === '*' || found === '?' ? '?' : `\\${found}`));
}

/** Every name that a new one may not have: of layers, and of what they begin with. */
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

/** Gives out names that nothing in a file has, nor another of them. */
export class NewNames {
  readonly #taken: Set<string>;
  /** The letter to try next, for each wish: many may wish for one name. */
  readonly #tried = new Map<string, number>();

  constructor(header: Header) {
    this.#taken = namesIn(header);
  }

  /** The wished name, or the same with something behind it that is no digit at the end. */
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
 * A name that Nuke and its plug-in spell the same way: pieces of letters and digits of ASCII and `_`, none with a digit in
 * front. One dot is no harm, and keeps the pass apart from its layer for Blender; but in files of views Nuke puts these in
 * front, and a dot more is one too many. Then the pass comes first, so that no layer is the beginning of the name.
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

/** A name cut so that a letter of our own, a rank's number and a component fit behind it; what the Cryptomatte shows stays whole. */
export function shortName(name: string, bytes: number): string {
  const dot = name.lastIndexOf('.');
  const last = cut(name.slice(dot + 1), bytes - 16);
  // Cryptomattes of one view layer keep one: a name that begins another's would hide it from Blender before 4.5.
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

/** The parts of one view by the end of their names; undefined where these do not tell it. */
export function partsOfView(view: string, header: Pick<Header, 'parts'>): string | undefined {
  const known = viewCommands(header);
  if (!known.has(view)) known.set(view, pickParts(view, header));
  return known.get(view);
}

/** Every Cryptomatte of a file asks for the same few views. */
const viewCommands = onceForParts(() => new Map<string, string | undefined>());

function pickParts(view: string, { parts }: Pick<Header, 'parts'>): string | undefined {
  if (parts.some(({ name }) => name === view)) return `pick ${optionWords('part', [view])}`;
  const mark = ['-', '.', '_'].find((one) => parts.some(({ name }) => name?.endsWith(one + view)));
  return mark === undefined ? undefined : `pick --part ${shellWord(`*${mark}${view}`)}`;
}

/** What brings all channels into one part; of several views, which have channels of the same names, those of the first. */
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

/** Ranks as the specification numbers them: `N00`, `N01`, … in their order, whatever they are called now. */
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
