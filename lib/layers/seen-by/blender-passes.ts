/**
 * Blender's layers and passes for the channels of an EXR file (openexr_api.cpp, from `imb_exr_split_channel_name`
 * on): the last piece of a name is the channel, the one before it the pass, all others are the layer.
 */
import { partView } from '../../format/attribute-types.js';
import type { Channel, Header, Part } from '../../model/header.js';
import { decodeText, encodeText } from '../../model/text.js';
import { listedViews } from '../views.js';

/** Differences between versions. */
export interface BlenderRules {
  /** From 4.5 on, a part's name is put before the names of its channels that do not begin with it. */
  readonly joinsPartNames: boolean;
  /** From 4.5 on, a channel with an unknown component is read as X; before that it is ignored. */
  readonly keepsUnknown: boolean;
}

export interface PassChannel {
  readonly part: number;
  readonly channel: Channel;
  /** The channel's letter: R, G, B, A, X, Y, Z, … */
  readonly letter: string;
}

export interface BlenderPass {
  readonly layer: string;
  readonly pass: string;
  readonly view: string;
  /** Position of its layer among the layers, which are in the order of their first channels. */
  readonly layerOrder: number;
  /** Longer than Blender's limit. */
  readonly tooLong: boolean;
  readonly channels: readonly PassChannel[];
}

/** Bytes of a layer's or a pass's name, without the zero at its end (EXR_LAY_MAXNAME, EXR_PASS_MAXNAME). */
export const nameBytes = 63;

export function cutName(text: string): string {
  const bytes = encodeText(text);
  return bytes.length <= nameBytes ? text : decodeText(bytes.subarray(0, nameBytes));
}

export function fitsName(text: string): boolean {
  return encodeText(text).length <= nameBytes;
}

/** The passes in the order of layers and passes, each with its channels in file order. */
export function blenderPasses({ parts }: Pick<Header, 'parts'>, rules: BlenderRules): BlenderPass[] {
  const spelt = parts.flatMap((part, number) => spell(part, number, rules));
  const roots = new Set(spelt.map(({ name }) => name.toLowerCase()));
  const rootIsXyz = roots.has('x') && roots.has('y') && roots.has('z');
  const layers = new Map<string, Map<string, UnfinishedPass>>();
  for (const { part, channel, name, view } of spelt) {
    const split = splitName(name, rootIsXyz, rules);
    if (!split) continue;
    const layer = cutName(split.layer);
    const passes = layers.get(layer) ?? new Map<string, UnfinishedPass>();
    layers.set(layer, passes);
    const tooLong = !fitsName(split.layer) || !fitsName(split.pass);
    const pass = cutName(split.pass);
    const key = view === '' ? pass : cutName(`${pass}.${view}`);
    const known = passes.get(key) ?? { layer, pass, view, tooLong, channels: [] };
    passes.set(key, known);
    known.channels.push({ part, channel, letter: split.letter });
  }
  // The pass "Combined" is moved to the front of its layer.
  return [...layers.values()].flatMap((passes, layerOrder) =>
    [...passes.values()]
      .sort((a, b) => Number(b.pass === 'Combined') - Number(a.pass === 'Combined'))
      .map((pass): BlenderPass => ({ ...pass, layerOrder })),
  );
}

interface UnfinishedPass extends Omit<BlenderPass, 'layerOrder' | 'channels'> {
  readonly channels: PassChannel[];
}

interface Spelt {
  readonly part: number;
  readonly channel: Channel;
  readonly name: string;
  readonly view: string;
}

function spell(part: Part, number: number, { joinsPartNames }: BlenderRules): Spelt[] {
  const listed = listedViews(part);
  const own = partView(part) ?? '';
  const label = joinsPartNames ? labelOf(part.name ?? '', listed.length > 0 ? undefined : own) : '';
  return part.channels.map((channel) => {
    const { name, view } = listed.length > 0 ? cutListedView(channel.name, listed) : { name: channel.name, view: own };
    return {
      part: number,
      channel,
      name: label === '' || name.startsWith(`${label}.`) ? name : `${label}.${name}`,
      view,
    };
  });
}

/** A part's name without its view after `.` or `-` (`exr_channels_in_multi_part_file`); for the view '' only a mark is removed. */
function labelOf(name: string, view: string | undefined): string {
  if (view === undefined) return name;
  for (const mark of ['.', '-']) if (name.endsWith(mark + view)) return name.slice(0, name.length - view.length - 1);
  return name;
}

/**
 * The view in a channel's name (ImfMultiView.cpp, `viewFromChannelName`): the piece before the last one, if it is a
 * view of the part; a name of one piece belongs to the first view.
 */
function cutListedView(name: string, views: readonly string[]): { readonly name: string; readonly view: string } {
  const pieces = name.split('.');
  if (pieces.length === 1) return { name, view: views[0] ?? '' };
  const view = pieces.at(-2) ?? '';
  if (!views.includes(view)) return { name, view: '' };
  return { name: [...pieces.slice(0, -2), pieces.at(-1)].join('.'), view };
}

interface SplitName {
  readonly layer: string;
  readonly pass: string;
  readonly letter: string;
}

function splitName(name: string, rootIsXyz: boolean, { keepsUnknown }: BlenderRules): SplitName | undefined {
  if (name.length <= 1) return { layer: '', ...rootPass(name, rootIsXyz, keepsUnknown) };
  const last = name.lastIndexOf('.');
  const component = name.slice(last + 1);
  if (component === '') return undefined;
  const letter = letterOf(component) ?? (keepsUnknown ? 'X' : undefined);
  if (letter === undefined) return undefined;
  // Before 4.5, a name of one piece had no pass, which the code does not expect.
  if (last < 0) return keepsUnknown ? { layer: '', pass: component, letter } : undefined;
  if (last === 0) return keepsUnknown ? { layer: '', pass: component, letter } : undefined;
  const before = name.slice(0, last);
  const middle = before.lastIndexOf('.');
  const pass = before.slice(middle + 1);
  return pass === '' ? undefined : { layer: before.slice(0, Math.max(0, middle)), pass, letter };
}

function rootPass(name: string, rootIsXyz: boolean, anyCase: boolean): Omit<SplitName, 'layer'> {
  const letter = anyCase ? name.toUpperCase() : name;
  if (letter === 'Z' && !rootIsXyz) return { pass: 'Depth', letter };
  if (letter === 'Y' && !rootIsXyz) return { pass: name, letter };
  return { pass: (anyCase ? 'RGBAVXYZ' : 'RGBA').includes(letter) ? 'Combined' : name, letter: name.toUpperCase() };
}

const words: ReadonlyMap<string, string> = new Map([
  ['red', 'R'],
  ['green', 'G'],
  ['blue', 'B'],
  ['alpha', 'A'],
  ['depth', 'Z'],
]);

function letterOf(component: string): string | undefined {
  if (component.length === 1) return component.toUpperCase();
  const end = component.slice(1).toUpperCase();
  if (component.length === 2) return 'XYZRGBUVA'.includes(end) ? end : undefined;
  return words.get(component.toLowerCase());
}

/**
 * The channels of a pass in the order in which Blender lays them out: red, green, blue, alpha or X, Y, Z, W. Passes with other
 * numbers of channels than three or four keep the file's order, and of two channels with one place the later one wins.
 */
export function layOut({ channels }: BlenderPass): Channel[] {
  if (channels.length !== 3 && channels.length !== 4) return channels.map(({ channel }) => channel);
  const first = channels.slice(0, 3).map(({ letter }) => letter);
  const order = first.includes('B') ? 'RGBA' : first.includes('Y') ? 'XYZW' : 'UVA';
  const places: Channel[] = [];
  for (const { channel, letter } of channels) places[Math.max(0, order.indexOf(letter))] = channel;
  return places.filter((channel) => channel !== undefined);
}
