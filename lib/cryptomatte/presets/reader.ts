/** Names split by a convention: view layer, pass and component. */
import { type CryptomatteKind, cryptomatteKinds } from '../../layers/kinds.js';
import type { ChannelPlace } from '../../layers/place.js';
import { type NamingPreset, type PassId, passIds, passNames } from './preset.js';

/** The result of Blender's compositor belongs to no view layer, and keeps its name. */
export const untouched = 'Composite';

/** The kind of a pass: one that presets know, a light group, a Cryptomatte, or undefined for an unknown one. */
export type Pass =
  | { readonly kind: 'pass'; readonly id: PassId }
  | { readonly kind: 'light'; readonly group: string }
  | { readonly kind: 'cryptomatte'; readonly of: CryptomatteKind; readonly digits: string };

export interface LayerName {
  readonly viewLayer: string;
  readonly pass: Pass | undefined;
  /** The name of the pass in the file. */
  readonly text: string;
}

export interface Name extends LayerName {
  readonly component: string;
}

/** The fields of a channel's place that a name is read from. */
export type NamedPlace = Pick<ChannelPlace, 'layer' | 'viewLayer' | 'component'>;

/** Splits names by one convention. */
export class NameReader {
  readonly #preset: NamingPreset;
  readonly #originals: ReadonlyMap<string, string>;
  readonly #passes: ReadonlyMap<string, Pass>;
  /** View layers by displayed name, found before known passes. */
  readonly #known: ReadonlySet<string>;

  constructor(preset: NamingPreset, places: readonly NamedPlace[], originals: ReadonlyMap<string, string>) {
    this.#preset = preset;
    this.#originals = originals;
    this.#passes = passTable(preset);
    const stems = places.map(({ layer }) => layer).filter((layer) => !layer.startsWith(`${untouched}.`));
    this.#known = new Set(stems.flatMap((stem) => this.#divide(stem)?.shown ?? []).filter((shown) => shown !== ''));
  }

  channel({ layer, viewLayer, component }: NamedPlace): Name {
    if (layer.startsWith(`${untouched}.`)) return { viewLayer: untouched, pass: undefined, text: layer, component };
    if (layer === '') return { ...this.#rootPass(component), component };
    const name = this.#layer(layer, viewLayer) ?? { viewLayer: this.#original(''), pass: undefined, text: layer };
    return { ...name, component };
  }

  /** Whether a text is a pass of the preset. */
  knows(text: string): boolean {
    return this.#pass(text) !== undefined;
  }

  /** Undefined when neither view layer nor pass is known. */
  #layer(stem: string, proved: string): LayerName | undefined {
    const { separator } = this.#preset;
    const rest = stem.slice(proved.length);
    if (proved !== '' && (rest === '' || rest.startsWith(separator))) {
      const text = rest.slice(1);
      return { viewLayer: this.#original(proved), pass: this.#pass(text), text };
    }
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

  /** Splits at the first separator that is followed by a known pass. */
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
  for (const id of passIds) for (const name of passNames(preset, id)) table.set(name, { kind: 'pass', id });
  for (const of of cryptomatteKinds) table.set(preset.cryptomattes[of], { kind: 'cryptomatte', of, digits: '' });
  return table;
}
