/**
 * From one naming convention to another. A name is taken apart into view layer, pass, view and component by the
 * convention the file follows, and put together by the wanted one. What no convention knows keeps its name.
 */
import { makeString } from '../../format/attribute-types.js';
import { parseComponent, type Slot } from '../../layers/components.js';
import { type CryptomatteKind, cryptomatteKinds } from '../../layers/kinds.js';
import { type Place, placesOf } from '../../layers/place.js';
import { fullName } from '../../layers/respell.js';
import { formatNote, notedViewLayers, viewLayersAttribute } from '../../layers/view-layers.js';
import type { Attributes } from '../../model/attributes.js';
import type { Header } from '../../model/header.js';
import { type NamingPreset, type PassId, passIds, presets } from './preset.js';

/** New names, as `rename` applies them. */
export interface PresetRenaming {
  /** The convention the file was found to follow. */
  readonly from: NamingPreset;
  channel(name: string, place: Place): string;
  /** A part's name that is no layer's: it may be a view layer's. */
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
  const places = [...placesOf(header).values()];
  const originals = notedViewLayers(header);
  const reader = new NameReader(from, places, originals);
  const layers = new Set(places.map((place) => reader.channel(place).viewLayer));
  layers.delete(untouched);
  const shown = shownNames([...layers], to);
  return {
    from,
    channel: (name, place) => {
      const parsed = reader.channel(place);
      if (parsed.viewLayer === untouched) return name;
      const layer = layerOf(parsed, to, shown.get(parsed.viewLayer) ?? parsed.viewLayer);
      return fullName(place, { layer, component: componentOf(parsed, to) });
    },
    part: (name) => shown.get(originals.get(name) ?? name) || name,
    attributes: (attributes) => {
      const changed = [...shown].filter(([original, name]) => original !== name);
      if (changed.length === 0) return attributes.without(viewLayersAttribute);
      return attributes.with(
        viewLayersAttribute,
        makeString(formatNote(changed.map(([original, name]) => [name, original]))),
      );
    },
  };
}

/** The preset that knows most of a header's names; of several the first. */
export function followedPreset(header: Header): NamingPreset {
  const places = [...placesOf(header).values()];
  const scores = presets.map((preset) => {
    const reader = new NameReader(preset, places, new Map());
    return { preset, score: places.filter((place) => reader.channel(place).pass !== undefined).length };
  });
  return scores.reduce((best, one) => (one.score > best.score ? one : best)).preset;
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
  readonly component: string;
}

/** Takes names apart by one convention. */
class NameReader {
  readonly #preset: NamingPreset;
  readonly #originals: ReadonlyMap<string, string>;
  readonly #passes: ReadonlyMap<string, Pass>;
  /** View layers as they are shown, found before known passes. */
  readonly #known: ReadonlySet<string>;

  constructor(preset: NamingPreset, places: readonly Place[], originals: ReadonlyMap<string, string>) {
    this.#preset = preset;
    this.#originals = originals;
    this.#passes = passTable(preset);
    const stems = places.map(({ layer }) => layer).filter((layer) => !layer.startsWith(`${untouched}.`));
    this.#known = new Set(stems.flatMap((stem) => this.#divide(stem)?.shown ?? []).filter((shown) => shown !== ''));
  }

  channel({ layer, component }: Pick<Place, 'layer' | 'component'>): Name {
    if (layer.startsWith(`${untouched}.`)) return { viewLayer: untouched, pass: undefined, text: layer, component };
    if (layer === '') return { ...this.#rootPass(component), component };
    return { ...(this.layer(layer) ?? { viewLayer: this.#original(''), pass: undefined, text: layer }), component };
  }

  /** A layer's name; undefined when neither view layer nor pass is known. */
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
