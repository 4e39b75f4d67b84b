/**
 * Blender's Cryptomatte node with an image as its source: 4.5 and 5.x, and 3.0 to 4.4. Read in blenkernel/cryptomatte.cc,
 * imbuf/openexr_api.cpp, node_composite_cryptomatte.cc and COM_CryptomatteNode.cc, and tried in 5.3 and 4.5.
 */

import { sameBox } from '../../format/geometry.js';
import type { Channel, Header } from '../../model/header.js';
import { onceForParts } from '../../model/once.js';
import { listedViews } from '../views.js';
import { type Conversion, conversionOf } from './blender-colour.js';
import { type BlenderPass, type BlenderRules, blenderPasses, fitsName, layOut, nameBytes } from './blender-passes.js';
import { refusal } from './openexr.js';
import { PrefixIndex } from './prefix-index.js';
import { type Declaration, type Finding, type Note, type Reader, type SeenChannel, unlisted } from './program.js';

interface BlenderVersion extends BlenderRules {
  /** Before 4.5, only the first layer counts whose name is a prefix of the Cryptomatte's; the layer without a name always is. */
  readonly looksInFirstLayerOnly: boolean;
  /** Before 4.5, a layer with exactly the Cryptomatte's name, its preview, is a rank too. */
  readonly takesPreview: boolean;
  /** From 5.0 on, passes are converted from the file's colour space. */
  readonly converts: boolean;
}

export const blender = readerOf({
  joinsPartNames: true,
  keepsUnknown: true,
  looksInFirstLayerOnly: false,
  takesPreview: false,
  converts: true,
});

export const blender3 = readerOf({
  joinsPartNames: false,
  keepsUnknown: false,
  looksInFirstLayerOnly: true,
  takesPreview: true,
  converts: false,
});

function readerOf(version: BlenderVersion): Reader {
  const passesOf = onceForParts((header) => blenderPasses(header, version));
  return {
    channels: (header) => seenChannels(passesOf(header)),
    find(header, _channels, declarations) {
      const file = new BlenderFile(header, version, passesOf(header));
      return declarations.map((declaration) => file.find(declaration));
    },
  };
}

function seenChannels(passes: readonly BlenderPass[]): SeenChannel[] {
  return passes.flatMap(({ layer, pass, view, channels }) =>
    channels.map(({ part, channel, letter }) => ({
      part,
      channel,
      layer: joined(layer, pass),
      name: letter,
      view,
    })),
  );
}

function joined(layer: string, pass: string): string {
  return layer === '' ? pass : `${layer}.${pass}`;
}

class BlenderFile {
  readonly #header: Pick<Header, 'parts'>;
  readonly #version: BlenderVersion;
  readonly #refusal: string | undefined;
  readonly #passes: PrefixIndex<{ readonly pass: BlenderPass; readonly order: number }>;
  /** Names of layers, in order. */
  readonly #layers: ReadonlyMap<string, number>;
  readonly #conversion: Conversion | undefined;
  readonly #views: ReadonlySet<string>;
  /** Several keys may have one name. */
  readonly #found = new Map<string, Pick<Finding, 'ranks' | 'problem'>>();

  constructor(header: Pick<Header, 'parts'>, version: BlenderVersion, passes: readonly BlenderPass[]) {
    this.#header = header;
    this.#version = version;
    this.#refusal = refusal(header) ?? overfull(passes);
    this.#passes = new PrefixIndex(
      passes.map((pass, order) => ({ pass, order })),
      ({ pass }) => joined(pass.layer, pass.pass),
    );
    this.#layers = new Map(passes.map(({ layer, layerOrder }) => [layer, layerOrder]));
    this.#conversion = version.converts ? conversionOf(header) : undefined;
    this.#views = new Set(passes.map(({ view }) => view));
  }

  find({ set, fields }: Declaration): Finding {
    if (this.#refusal !== undefined) return unlisted('unreadable', this.#refusal);
    if (set.prefix !== 'cryptomatte/')
      return unlisted('other-prefix', `Blender reads attributes that begin with cryptomatte/, not with ${set.prefix}`);
    const own = fields.get(0);
    if (!own) return unlisted('other-part', 'Blender reads only the attributes of part 0');
    if (!set.name) return unlisted('no-name', 'Blender lists no Cryptomatte without a name');
    const manifest = own.get('manifest');
    if (manifest?.type !== 'string' || manifest.value.length === 0)
      return unlisted('no-manifest', 'Blender lists no Cryptomatte without a manifest in the file itself');
    if (!isMultilayer(this.#header))
      return unlisted('no-layers', 'Blender treats a file without layers as a plain image');
    const notes = notesOn(manifest.value);
    if (!fitsName(set.name)) {
      const text = `Blender cuts names at ${nameBytes} bytes and takes another Cryptomatte for it`;
      return { listed: undefined, ranks: [], problem: { code: 'long-name', text }, notes };
    }
    return { listed: set.name, notes, ...this.#ranks(set.name) };
  }

  #ranks(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const known = this.#found.get(name) ?? this.#rank(name);
    this.#found.set(name, known);
    return known;
  }

  #rank(name: string): Pick<Finding, 'ranks' | 'problem'> {
    const matching = this.#matching(name);
    const ranks = this.#inOneView(matching).map(layOut);
    return { ranks, problem: this.#problem(name, matching) };
  }

  /** The passes that the node adds up, in Blender's order. */
  #matching(name: string): BlenderPass[] {
    const { looksInFirstLayerOnly, takesPreview } = this.#version;
    const found = this.#passes
      .startingWith(name)
      .filter(({ pass }) => name.startsWith(pass.layer) && (takesPreview || joined(pass.layer, pass.pass) !== name));
    const first = looksInFirstLayerOnly
      ? this.#firstLayer(name)
      : found.reduce((least, { pass }) => Math.min(least, pass.layerOrder), Number.POSITIVE_INFINITY);
    return found
      .filter(({ pass }) => pass.layerOrder === first)
      .sort((a, b) => a.order - b.order)
      .map(({ pass }) => pass);
  }

  /** The first layer whose name is a prefix of a Cryptomatte's name. */
  #firstLayer(name: string): number | undefined {
    let first: number | undefined;
    for (let end = 0; end <= name.length; end++) {
      const order = this.#layers.get(name.slice(0, end));
      if (order !== undefined && (first === undefined || order < first)) first = order;
    }
    return first;
  }

  /**
   * A pass with several views is read from one of them, once for each view: from `left`, which every scene has, or else
   * from the first.
   */
  #inOneView(passes: readonly BlenderPass[]): BlenderPass[] {
    if (this.#views.size < 2) return [...passes];
    const chosen = new Map<string, BlenderPass>();
    for (const pass of passes) if (!chosen.has(pass.pass) || pass.view === 'left') chosen.set(pass.pass, pass);
    return passes.map((pass) => chosen.get(pass.pass) as BlenderPass);
  }

  #problem(name: string, passes: readonly BlenderPass[]): Finding['problem'] {
    const long = passes.find(({ tooLong }) => tooLong);
    if (long)
      return {
        code: 'long-name',
        text: `Blender has ${nameBytes} bytes for a layer and for a pass; "${joined(long.layer, long.pass)}" is cut there`,
      };
    if (passes.length === 0) {
      const first = this.#version.looksInFirstLayerOnly ? this.#firstLayer(name) : undefined;
      if (first !== undefined && this.#layers.size > 1 && this.#hasRanksElsewhere(name))
        return {
          code: 'hidden-layer',
          text: 'Blender before 4.5 looks only in the first layer whose name begins this one, or in the layer without a name',
        };
      return undefined;
    }
    if (passes.some(({ channels }) => channels.some(({ part }) => this.#isCropped(part))))
      return {
        code: 'unequal-windows',
        text: 'Blender puts parts with another data window than part 0 in the wrong place',
      };
    if (this.#conversion)
      return {
        code: 'colour-space',
        text: `Blender from 5.0 on converts the colours of the file, and IDs with them, because part ${this.#conversion.part} has ${this.#conversion.from}`,
      };
    return undefined;
  }

  #hasRanksElsewhere(name: string): boolean {
    return this.#passes.startingWith(name).some(({ pass }) => name.startsWith(pass.layer));
  }

  #isCropped(part: number): boolean {
    const [first, own] = [this.#header.parts[0], this.#header.parts[part]];
    return first !== undefined && own !== undefined && !sameBox(first.dataWindow, own.dataWindow);
  }
}

/** Channels of a pass (EXR_PASS_MAXCHAN). Where names become equal by being cut there may be more, and then no pass is read. */
const passChannels = 24;

function overfull(passes: readonly BlenderPass[]): string | undefined {
  const pass = passes.find(({ channels }) => channels.length > passChannels);
  return (
    pass &&
    `Blender reads no pass of a file in which one has more than ${passChannels} channels, as "${joined(pass.layer, pass.pass)}" has where names are cut at ${nameBytes} bytes`
  );
}

/** `imb_exr_is_multi`: several parts, views, or a name with something before and after its last dot in part 0. */
function isMultilayer({ parts }: Pick<Header, 'parts'>): boolean {
  if (parts.length > 1 || parts.some((part) => listedViews(part).length > 0)) return true;
  return (parts[0]?.channels ?? []).some(({ name }: Channel) => {
    const dot = name.lastIndexOf('.');
    return dot > 0 && dot + 1 < name.length;
  });
}

const backslash = 0x5c;
const letterU = 0x75;

/** Blender drops every backslash of a manifest (`unquote_`), so that `\u0009` becomes `u0009` and the name is not found. */
function notesOn(manifest: Uint8Array): Note[] | undefined {
  for (let at = manifest.indexOf(backslash); at >= 0; at = manifest.indexOf(backslash, at + 2))
    if (manifest[at + 1] === letterU)
      return [{ code: 'escapes', text: 'Blender does not decode \\u escapes: picking gives those names wrong' }];
  return undefined;
}
