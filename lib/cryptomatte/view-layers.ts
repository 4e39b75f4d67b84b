/**
 * Which view layer a channel belongs to. Blender writes `<view layer>.<pass>.<component>` and allows dots and blanks in
 * view layers' names, so no dot by itself tells where one ends. These do, in this order: the names in attributes
 * (`cycles.<view layer>.samples`), the names of Cryptomattes, the passes that Blender knows.
 */
import type { Channel, Header, Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';
import { passName } from './fit.js';
import { blenderPass, isKind } from './kinds.js';
import { cutView, rankGroups, viewNames } from './ranks.js';
import { headerSets } from './sets.js';

export interface PlacedChannel {
  /** Number of the part in the header. */
  readonly part: number;
  readonly channel: Channel;
  /** What follows the view layer, without component and view: `Combined`, `CryptoObject00`. */
  readonly pass: string;
}

export interface ViewLayer {
  /** '' for channels that belong to none: `R`, `Z`, `diffuse.R`. */
  readonly name: string;
  readonly channels: readonly PlacedChannel[];
}

/** Passes as Blender names them in files (RE_pipeline.h and Cycles' pass registry, 2.8 to 5.0). */
const passes: ReadonlySet<string> = new Set([
  'Combined',
  'Depth',
  'Mist',
  'Position',
  'Normal',
  'Vector',
  'UV',
  'Emit',
  'Env',
  'Shadow',
  'Shadow Catcher',
  'AO',
  'IndexOB',
  'IndexMA',
  'Freestyle',
  'BloomCol',
  'Transp',
  'GreasePencil',
  'Noisy Image',
  'Noisy Shadow Catcher',
  'Denoising Normal',
  'Denoising Albedo',
  'Denoising Depth',
  'Debug Sample Count',
  ...['Diff', 'Gloss', 'Trans', 'Subsurface', 'Volume'].flatMap((kind) => [`${kind}Dir`, `${kind}Ind`, `${kind}Col`]),
]);

/** True for a pass Blender itself makes; light groups (`Combined_key`) count, AOVs have names of the artist's. */
export function isKnownPass(pass: string): boolean {
  return passes.has(pass) || pass.startsWith('Combined_') || blenderPass.test(pass);
}

/** The header's view layers in the order their first channels come, each channel in exactly one. */
export function viewLayers(header: Header): ViewLayer[] {
  const views = viewNames(header.parts);
  const known = knownViewLayers(header, views);
  const found = new Map<string, PlacedChannel[]>();
  for (const [number, part] of header.parts.entries())
    for (const channel of part.channels) {
      const { layer } = parseChannelName(channel.name);
      const { stem } = cutView(layer, views);
      const { name, pass } = divide(stem, known) ?? fromPartName(part, known) ?? guess(stem);
      const placed = { part: number, channel, pass: pass === '' ? stem : pass };
      const channels = found.get(name);
      if (channels) channels.push(placed);
      else found.set(name, [placed]);
    }
  return [...found].map(([name, channels]) => ({ name, channels }));
}

interface Division {
  readonly name: string;
  readonly pass: string;
}

function knownViewLayers(header: Header, views: ReadonlySet<string>): Set<string> {
  const known = new Set<string>();
  const add = (prefix: string | undefined): void => {
    if (prefix) known.add(prefix);
  };
  for (const { attributes, channels, name } of header.parts) {
    for (const attribute of attributes.names())
      add(/^cycles\.(.+)\.(?:samples|render_time|synchronization_time|total_time)$/s.exec(attribute)?.[1]);
    if (name !== undefined) add(beforeKnownPass(name.replace(/-[^-.]*$/, '')) ?? beforeKnownPass(name));
    for (const channel of channels) add(beforeKnownPass(cutView(parseChannelName(channel.name).layer, views).stem));
  }
  for (const { name } of headerSets(header)) add(name === undefined ? undefined : beforePass(name));
  for (const { name } of rankGroups(header.parts, views)) add(beforeKnownPass(name));
  return known;
}

/** What stands before the pass in a Cryptomatte's name: `main` of `main.CryptoObject`. */
function beforePass(name: string): string | undefined {
  const known = beforeKnownPass(name);
  if (known !== undefined) return known;
  const dot = name.lastIndexOf('.');
  return dot > 0 && isKind(passName(name)) ? name.slice(0, dot) : undefined;
}

/** The longest beginning of a layer name that is followed by a dot and a known pass. */
function beforeKnownPass(layer: string): string | undefined {
  for (let dot = layer.lastIndexOf('.'); dot > 0; dot = layer.lastIndexOf('.', dot - 1))
    if (isKnownPass(layer.slice(dot + 1))) return layer.slice(0, dot);
  return undefined;
}

/** Divides a layer name at the longest known view layer it begins with. A name cut at 63 bytes may be nothing else. */
function divide(layer: string, known: ReadonlySet<string>): Division | undefined {
  if (known.has(layer) && !isKnownPass(layer)) return { name: layer, pass: '' };
  for (let dot = layer.lastIndexOf('.'); dot > 0; dot = layer.lastIndexOf('.', dot - 1)) {
    const name = layer.slice(0, dot);
    if (known.has(name)) return { name, pass: layer.slice(dot + 1) };
  }
  return undefined;
}

/** Blender 5 names parts `<view layer>.<pass>[-<view>]`; their channels may then do without it. */
function fromPartName({ name, channels }: Part, known: ReadonlySet<string>): Division | undefined {
  if (name === undefined || channels.some((channel) => channel.name.includes('.'))) return undefined;
  return divide(name.replace(/-[^-.]*$/, ''), known);
}

/** Nothing is known: a pass by itself belongs to no view layer, of `x.y` the last dot divides. */
function guess(layer: string): Division {
  const dot = layer.lastIndexOf('.');
  if (isKnownPass(layer) || dot <= 0) return { name: '', pass: layer };
  return { name: layer.slice(0, dot), pass: layer.slice(dot + 1) };
}
