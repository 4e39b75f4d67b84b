/** Names assembled by a convention. */
import { parseComponent } from '../../layers/components.js';
import { type NamingPreset, passNames } from './preset.js';
import { type LayerName, type Name, untouched } from './reader.js';

/** A name without its view. */
export interface SpeltName {
  readonly layer: string;
  readonly component: string;
}

/** Writes the names of one file. It must know all of them: which view layers exist, and which plain names are taken. */
export class NameWriter {
  /** The distinct name of each view layer. */
  readonly shown: ReadonlyMap<string, string>;
  readonly #preset: NamingPreset;
  readonly #plainStems: ReadonlyMap<string, string>;

  constructor(preset: NamingPreset, names: readonly Name[]) {
    this.#preset = preset;
    const layers = new Set(names.map(({ viewLayer }) => viewLayer));
    layers.delete(untouched);
    this.shown = shownNames([...layers], preset);
    const unknown = names.flatMap((name) => (this.#passText(name) === undefined ? [name.text] : []));
    this.#plainStems = preset.plainNames ? plainStems(unknown) : new Map();
  }

  write(name: Name): SpeltName {
    if (name.viewLayer === untouched) return { layer: name.text, component: name.component };
    const component = this.#component(name);
    return { layer: this.#layer(name, component), component };
  }

  /** Whether the convention has a name for a pass. */
  knows(name: LayerName): boolean {
    return this.#passText(name) !== undefined;
  }

  #layer(name: LayerName, component: string): string {
    const { pass } = name;
    const { beautyInRoot, depthInRoot, separator } = this.#preset;
    const shown = this.shown.get(name.viewLayer) ?? name.viewLayer;
    if (shown === '' && pass?.kind === 'pass') {
      if (pass.id === 'beauty' && beautyInRoot && /^[RGBA]$/.test(component)) return '';
      if (pass.id === 'depth' && depthInRoot && component === 'Z') return '';
    }
    const text = this.#passText(name) ?? this.#plain(name.text);
    return shown === '' ? text : text === '' ? shown : `${shown}${separator}${text}`;
  }

  #passText({ pass, text }: LayerName): string | undefined {
    const preset = this.#preset;
    switch (pass?.kind) {
      case 'pass': {
        const names = passNames(preset, pass.id);
        return names.includes(text) ? text : names[0];
      }
      case 'light':
        return `${preset.lightGroup}${preset.plainNames ? plainPiece(pass.group) : pass.group}`;
      case 'cryptomatte':
        return `${preset.cryptomattes[pass.of]}${pass.digits}`;
      default:
        return undefined;
    }
  }

  #component({ pass, component }: Name): string {
    if (pass?.kind === 'pass' && pass.id === 'depth' && component === 'V') return 'Z';
    const { cryptomatteComponents, plainNames } = this.#preset;
    const slot = pass?.kind === 'cryptomatte' ? parseComponent(component)?.slot : undefined;
    if (slot !== undefined) return cryptomatteComponents === 'upper' ? slot.toUpperCase() : slot;
    return plainNames ? plainName(component) : component;
  }

  #plain(text: string): string {
    if (!this.#preset.plainNames) return text;
    const { stem, digits } = divideDigits(text);
    return `${this.#plainStems.get(stem) ?? plainName(stem)}${digits}`;
  }
}

function shownNames(layers: readonly string[], preset: NamingPreset): Map<string, string> {
  if (preset.dropsOnlyViewLayer && layers.length === 1) return new Map(layers.map((layer) => [layer, '']));
  return distinct(layers, preset.plainNames ? plainName : (name) => name);
}

/**
 * Distinct plain names for unknown passes. A rank's number stays after the name, where readers look for it. Names that are
 * already plain are kept.
 */
function plainStems(texts: readonly string[]): Map<string, string> {
  const stems = [...new Set(texts.map((text) => divideDigits(text).stem))];
  const isPlain = (stem: string): boolean => plainName(stem) === stem;
  return distinct([...stems.filter(isPlain), ...stems.filter((stem) => !isPlain(stem))], plainName);
}

function divideDigits(text: string): { readonly stem: string; readonly digits: string } {
  const digits = /\d*$/.exec(text)?.[0] ?? '';
  const stem = text.slice(0, text.length - digits.length);
  return stem === '' ? { stem: text, digits: '' } : { stem, digits };
}

/** A name for each, with a number if it is taken. */
function distinct(names: readonly string[], nameOf: (name: string) => string): Map<string, string> {
  const taken = new Set<string>();
  // The next number for each name: otherwise many of one name would be counted through again and again.
  const counted = new Map<string, number>();
  return new Map(
    names.map((name) => {
      const wanted = nameOf(name);
      let found = wanted;
      let number = counted.get(wanted) ?? 1;
      while (taken.has(found)) found = `${wanted}_${++number}`;
      counted.set(wanted, number);
      taken.add(found);
      return [name, found];
    }),
  );
}

/** Nuke drops leading digits and treats dots as ends of layers, so neither may occur. */
function plainName(name: string): string {
  const plain = plainPiece(name);
  return /^\d/.test(plain) ? `_${plain}` : plain;
}

function plainPiece(name: string): string {
  return name.replace(/[^A-Za-z0-9_]/gu, '_');
}
