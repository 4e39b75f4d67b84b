/**
 * From one naming convention to another. A name is taken apart into view layer, pass, view and component by the
 * convention the file follows, and put together by the wanted one. What no convention knows keeps its name.
 */
import { formatAttribute, parseAttribute } from '../../format/attribute-types.js';
import type { Attributes } from '../../model/attributes.js';
import type { Channel, Header } from '../../model/header.js';
import { joinChannelName, parseChannelName } from '../../model/names.js';
import { type CryptomatteKind, cryptomatteKinds } from '../kinds.js';
import { cutView, parseComponent, type Slot, viewNames } from '../ranks.js';
import { type NamingPreset, type PassId, passIds, presets } from './preset.js';

/**
 * A string vector of `shown=original`: view layers whose names a preset has left out or changed, so that another preset
 * can give them back.
 */
export const viewLayersAttribute = 'exrpipe/viewLayers';

/** New names, as `rename` applies them. */
export interface PresetRenaming {
  /** The convention the file was found to follow. */
  readonly from: NamingPreset;
  channel(channel: Pick<Channel, 'name'>): string;
  /** Parts are named `<view layer>.<pass>[-<view>]` by Blender 5; other names stay. */
  part(name: string): string;
  /** The attributes with what another preset needs to give the names back. */
  attributes(attributes: Attributes): Attributes;
}

/** What is left of Blender's compositor is no view layer's, and keeps its name. */
const untouched = 'Composite';

/**
 * The renaming that brings a header to a convention. `from` is the one it follows; without it, it is the one that knows
 * most of its names.
 */
export function presetRenaming(header: Header, to: NamingPreset, from = followedPreset(header)): PresetRenaming {
  const views = viewNames(header.parts);
  const originals = readOriginals(header);
  const reader = new NameReader(from, channelNames(header), views, originals);
  const layers = new Set(channelNames(header).map((name) => reader.channel(name).viewLayer));
  layers.delete(untouched);
  const shown = shownNames([...layers], to);
  const format = (name: Name): string => formatName(name, to, shown.get(name.viewLayer) ?? name.viewLayer);
  return {
    from,
    channel: ({ name }) => {
      const parsed = reader.channel(name);
      return parsed.viewLayer === untouched ? name : format(parsed);
    },
    part: (name) => {
      const [, stem = name, view = ''] = /^(.*?)(-[^-.]*)?$/s.exec(name) ?? [];
      const parsed = reader.layer(stem);
      if (parsed === undefined || parsed.viewLayer === untouched || !stem.includes(from.separator)) return name;
      return `${layerOf(parsed, to, shown.get(parsed.viewLayer) ?? parsed.viewLayer) || stem}${view}`;
    },
    attributes: (attributes) => {
      const changed = [...shown].filter(([original, name]) => original !== name);
      if (changed.length === 0) return attributes.without(viewLayersAttribute);
      const value = formatAttribute(
        'stringvector',
        changed.map(([original, name]) => `${name}=${original}`),
      );
      return attributes.with(viewLayersAttribute, { type: 'stringvector', value });
    },
  };
}

/** The preset that knows most of a header's names; of several the first. */
export function followedPreset(header: Header): NamingPreset {
  const views = viewNames(header.parts);
  const all = channelNames(header);
  const scores = presets.map((preset) => {
    const reader = new NameReader(preset, all, views, new Map());
    return { preset, score: all.filter((name) => reader.channel(name).pass !== undefined).length };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).preset;
}

function channelNames({ parts }: Header): string[] {
  return parts.flatMap(({ channels }) => channels.map(({ name }) => name));
}

/** What a pass is: one that presets know, a light group, a Cryptomatte, or undefined for one nobody knows. */
type Pass =
  | { readonly kind: 'pass'; readonly id: PassId }
  | { readonly kind: 'light'; readonly group: string }
  | { readonly kind: 'cryptomatte'; readonly of: CryptomatteKind; readonly digits: string };

interface LayerName {
  readonly viewLayer: string;
  readonly pass: Pass | undefined;
  /** The pass as it is called in the file. */
  readonly text: string;
}

interface Name extends LayerName {
  readonly view: string;
  readonly component: string;
}

/** Takes names apart by one convention. */
class NameReader {
  readonly #preset: NamingPreset;
  readonly #views: ReadonlySet<string>;
  readonly #originals: ReadonlyMap<string, string>;
  readonly #passes: ReadonlyMap<string, Pass>;
  /** View layers as they are shown, found before known passes. */
  readonly #known: ReadonlySet<string>;

  constructor(
    preset: NamingPreset,
    channels: readonly string[],
    views: ReadonlySet<string>,
    originals: ReadonlyMap<string, string>,
  ) {
    this.#preset = preset;
    this.#views = views;
    this.#originals = originals;
    this.#passes = passTable(preset);
    const stems = channels
      .map((name) => cutView(parseChannelName(name).layer, views).stem)
      .filter((stem) => !stem.startsWith(`${untouched}.`));
    this.#known = new Set(stems.flatMap((stem) => this.#divide(stem)?.shown ?? []).filter((shown) => shown !== ''));
  }

  channel(name: string): Name {
    const { layer, component } = parseChannelName(name);
    const { stem, view } = cutView(layer, this.#views);
    if (stem.startsWith(`${untouched}.`)) return { viewLayer: untouched, pass: undefined, text: stem, view, component };
    if (stem === '') return { ...this.#rootPass(component), view, component };
    return { ...(this.layer(stem) ?? { viewLayer: this.#original(''), pass: undefined, text: stem }), view, component };
  }

  /** A layer's or part's name; undefined when neither view layer nor pass is known. */
  layer(stem: string): LayerName | undefined {
    const { separator } = this.#preset;
    const division = this.#divide(stem);
    if (division) {
      const { shown, pass } = division;
      const text = stem.slice(shown === '' ? 0 : shown.length + 1);
      return { viewLayer: this.#original(shown), pass, text };
    }
    for (let at = stem.lastIndexOf(separator); at > 0; at = stem.lastIndexOf(separator, at - 1)) {
      const shown = stem.slice(0, at);
      if (this.#known.has(shown))
        return { viewLayer: this.#original(shown), pass: undefined, text: stem.slice(at + 1) };
    }
    return undefined;
  }

  #rootPass(component: string): LayerName {
    const { beautyInRoot, depthInRoot } = this.#preset;
    const beauty = beautyInRoot && /^[RGBA]$/.test(component);
    const depth = depthInRoot && component === 'Z';
    const pass = beauty
      ? ({ kind: 'pass', id: 'beauty' } as const)
      : depth
        ? ({ kind: 'pass', id: 'depth' } as const)
        : undefined;
    return { viewLayer: this.#original(''), pass, text: '' };
  }

  /** Divides at the first separator after which a known pass stands. */
  #divide(stem: string): { shown: string; pass: Pass } | undefined {
    const { separator } = this.#preset;
    for (let at = -1; ; ) {
      const pass = this.#pass(stem.slice(at + 1));
      if (pass) return { shown: stem.slice(0, Math.max(0, at)), pass };
      at = stem.indexOf(separator, at + 1);
      if (at < 0) return undefined;
    }
  }

  #pass(text: string): Pass | undefined {
    const known = this.#passes.get(text);
    if (known) return known;
    const digits = text.slice(-2);
    const cryptomatte = /^\d\d$/.test(digits) ? this.#passes.get(text.slice(0, -2)) : undefined;
    if (cryptomatte?.kind === 'cryptomatte') return { ...cryptomatte, digits };
    const { lightGroup } = this.#preset;
    const group = text.startsWith(lightGroup) ? text.slice(lightGroup.length) : '';
    return group === '' || group.includes('.') ? undefined : { kind: 'light', group };
  }

  #original(shown: string): string {
    return this.#originals.get(shown) ?? shown;
  }
}

function passTable(preset: NamingPreset): Map<string, Pass> {
  const table = new Map<string, Pass>();
  for (const id of passIds) {
    const name = preset.passes[id];
    if (name !== undefined) table.set(name, { kind: 'pass', id });
  }
  for (const of of cryptomatteKinds) table.set(preset.cryptomattes[of], { kind: 'cryptomatte', of, digits: '' });
  return table;
}

function formatName(name: Name, to: NamingPreset, shown: string): string {
  const layer = layerOf(name, to, shown);
  return joinChannelName(name.view === '' ? layer : joinChannelName(layer, name.view), componentOf(name, to));
}

/** The layer, '' for the root. */
function layerOf({ pass, text }: LayerName, to: NamingPreset, shown: string): string {
  if (shown === '' && pass?.kind === 'pass') {
    if (pass.id === 'beauty' && to.beautyInRoot) return '';
    if (pass.id === 'depth' && to.depthInRoot) return '';
  }
  const name = passText(pass, to) ?? text;
  return shown === '' ? name : name === '' ? shown : `${shown}${to.separator}${name}`;
}

function passText(pass: Pass | undefined, to: NamingPreset): string | undefined {
  switch (pass?.kind) {
    case 'pass':
      return to.passes[pass.id];
    case 'light':
      return `${to.lightGroup}${pass.group}`;
    case 'cryptomatte':
      return `${to.cryptomattes[pass.of]}${pass.digits}`;
    default:
      return undefined;
  }
}

function componentOf({ pass, component }: Name, to: NamingPreset): string {
  if (pass?.kind === 'pass' && pass.id === 'depth' && component === 'V') return 'Z';
  const slot = pass?.kind === 'cryptomatte' ? parseComponent(component)?.slot : undefined;
  return slot === undefined ? component : slotName(slot, to);
}

function slotName(slot: Slot, to: NamingPreset): string {
  return to.cryptomatteComponents === 'upper' ? slot.toUpperCase() : slot;
}

/** What each view layer is called in a convention; no two the same. */
function shownNames(layers: readonly string[], to: NamingPreset): Map<string, string> {
  if (to.dropsOnlyViewLayer && layers.length === 1) return new Map(layers.map((layer) => [layer, '']));
  const taken = new Set<string>();
  return new Map(
    layers.map((layer) => {
      const plain = to.plainNames ? plainName(layer) : layer;
      let name = plain;
      for (let number = 2; taken.has(name); number++) name = `${plain}_${number}`;
      taken.add(name);
      return [layer, name];
    }),
  );
}

/** Nuke drops digits in front and takes dots for ends of layers, so neither may be there. */
function plainName(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9_]/gu, '_');
  return /^\d/.test(plain) ? `_${plain}` : plain;
}

/** View layers by the name they are shown under, as an earlier preset has noted them. */
function readOriginals({ parts }: Header): Map<string, string> {
  for (const { attributes } of parts) {
    const attribute = attributes.get(viewLayersAttribute);
    if (attribute?.type !== 'stringvector') continue;
    const entries = parseEntries(attribute.value);
    if (entries) return new Map(entries);
  }
  return new Map();
}

function parseEntries(value: Uint8Array): [string, string][] | undefined {
  try {
    const parsed = parseAttribute('stringvector', value);
    if (!Array.isArray(parsed)) return undefined;
    return parsed.flatMap((entry): [string, string][] => {
      const equals = typeof entry === 'string' ? entry.indexOf('=') : -1;
      return typeof entry === 'string' && equals >= 0 ? [[entry.slice(0, equals), entry.slice(equals + 1)]] : [];
    });
  } catch {
    return undefined; // Damaged notes only mean that shown names are taken for the original ones.
  }
}
