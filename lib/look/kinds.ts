/** Which look fits a layer: by its components, and where those leave it open by its name. */
import { type ComponentSlot, parseComponent } from '../layers/components.js';
import type { Channel } from '../model/header.js';

/**
 * How values are shown: as colours; as a grey image; with chroma of its own; normalised depth; directions; places; motion; texture coordinates; coverage
 * from 0 to 1; the IDs of a Cryptomatte, or numbers of objects and materials, each in a colour.
 */
export const lookKinds = [
  'colour',
  'grey',
  'chroma',
  'depth',
  'normal',
  'position',
  'motion',
  'uv',
  'mask',
  'ids',
  'numbers',
] as const;
/** One of {@link lookKinds}. */
export type LookKind = (typeof lookKinds)[number];

export interface Shown {
  readonly kind: LookKind;
  readonly channels: readonly Channel[];
}

/** What programs call passes of each kind (docs/layers.md), as the last piece of a layer's name. */
const names: readonly (readonly [LookKind, RegExp])[] = [
  ['normal', /^n$|normal|nrm/i],
  ['motion', /^vector$|motion|velocity|^mv$|^forward$|^backward$/i],
  ['position', /^p$|^pos$|position|pworld|pref/i],
  ['uv', /^uvs?$|^st$|uvmap|^texcoords?$/i],
  ['depth', /^z$|depth/i],
  // Blender stores them as Z, and they are from 0 to 1.
  ['mask', /^mist$|^volume majorant$/i],
  ['numbers', /index(ob|ma)?$|^(object|material|mat|obj)_?id$|^id$/i],
];

/** The look of components that belong together, given by their names in lower case; undefined where none do. */
export function lookOf(layer: string, own: ReadonlyMap<string, Channel>): Shown | undefined {
  const last = layer.slice(layer.lastIndexOf('.') + 1);
  const named = names.find(([, pattern]) => pattern.test(last))?.[0];
  const pick = (...components: readonly string[]): Channel[] | undefined => {
    const found = components.flatMap((component) => own.get(component) ?? []);
    return found.length === components.length ? found : undefined;
  };
  const colours = bySlot(own);
  const vector = pick('x', 'y', 'z');
  if (vector && named === 'motion') return { kind: named, channels: vector.slice(0, 2) };
  if (vector) return { kind: named === 'normal' ? named : 'position', channels: vector };
  const rgb = [colours.r, colours.g, colours.b].flatMap((channel) => channel ?? []);
  if (rgb.length === 3) {
    if (named === 'normal' || named === 'position') return { kind: named, channels: rgb };
    if (named === 'motion' || named === 'uv') return { kind: named, channels: rgb.slice(0, 2) };
    if (named === 'depth') return { kind: named, channels: rgb.slice(0, 1) };
    return { kind: 'colour', channels: colours.a ? [...rgb, colours.a] : rgb };
  }
  const plane = pick('u', 'v') ?? (named === 'motion' ? (pick('x', 'y') ?? pick('r', 'g')) : undefined);
  if (plane) return { kind: named === 'motion' ? 'motion' : 'uv', channels: plane };
  const luminance = own.get('y');
  if (luminance && own.has('ry') && own.has('by')) {
    const alpha = colours.a ? [colours.a] : [];
    return { kind: 'chroma', channels: [luminance, ...(pick('ry', 'by') ?? []), ...alpha] };
  }
  return own.size === 1 || (own.size === 2 && colours.a) ? single(own, named) : undefined;
}

function single(own: ReadonlyMap<string, Channel>, named: LookKind | undefined): Shown | undefined {
  const [component, channel] = [...own].find(([name]) => own.size === 1 || parseComponent(name)?.slot !== 'a') ?? [];
  if (component === undefined || !channel) return undefined;
  if (named === 'mask') return { kind: named, channels: [channel] };
  if (component === 'z' || component === 'zback' || named === 'depth') return { kind: 'depth', channels: [channel] };
  if (channel.type === 'uint' || named === 'numbers') return { kind: 'numbers', channels: [channel] };
  const isLight = component === 'y' || ['r', 'g', 'b'].includes(slotOf(component) ?? '');
  return { kind: isLight ? 'grey' : 'mask', channels: [channel] };
}

/** Components come in lower case here, where the slots of words are the same. */
function slotOf(component: string): ComponentSlot | undefined {
  return parseComponent(component)?.slot;
}

function bySlot(own: ReadonlyMap<string, Channel>): Partial<Record<ComponentSlot, Channel>> {
  const found: Partial<Record<ComponentSlot, Channel>> = {};
  for (const [component, channel] of own) {
    const slot = slotOf(component);
    if (slot) found[slot] ??= channel;
  }
  return found;
}
