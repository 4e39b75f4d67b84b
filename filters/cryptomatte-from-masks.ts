import { formatManifest, layerKey, MaskRanks, mostRankLayers, nameBits } from '../lib/cryptomatte/index.js';
import { listed } from '../lib/format/index.js';
import {
  advise,
  type Box,
  type Channel,
  defineFilter,
  ExrError,
  type FilterContext,
  type Header,
  isDeep,
  type MadeImage,
  optionNamed,
  type Part,
  sortChannels,
  stepOf,
} from '../lib/index.js';
import {
  cryptomatteSets,
  headerSets,
  nameProblem,
  orphanGroups,
  parseSetAttribute,
  placeOf,
  placesOf,
  withoutSets,
  withSet,
} from '../lib/layers/index.js';
import { findMasks, type Mask } from './shared/mask-inputs.js';

/** Makes a Cryptomatte of named masks. See docs/reference.md#cryptomatte-from-masks for its options. */
export const cryptomatteFromMasks = defineFilter({
  name: 'cryptomatte-from-masks',
  summary: 'Make a Cryptomatte from named masks and add it to the frame',
  description: [
    'Adds a Cryptomatte to the frame in which each mask has a name, as Nuke\'s Encryptomatte does: for roto, masks from other programs, and masks written by "masks" that were then painted over.',
    '--mask takes image files, PNG or EXR with one part, the size of the display window. FILE gives a mask the name of the file, without frame number and ending; NAME=FILE gives it another; a pattern with {name} finds all matching files. #### in paths is the frame. Values are taken as they are, 0 to 1, without a curve; in files with several channels, --channel chooses one. --from-channels takes channels of the frame itself, such as those that "matte --as \'mattes.{name}\'" made.',
    'Each pixel lists its masks by coverage, in as many rank layers as the fullest pixel needs, at most 12. --layers writes a fixed number, so that all frames of a shot have the same. The manifest has all names, even of masks that cover nothing in this frame.',
    'Masks that add up to more than 1 in a pixel are an error that names the first such pixel, or are scaled down to 1 with --normalise. Rounding is not an error: two masks of 0.5 are both stored as 128 of 255, and are corrected to 0.5. Masks of 8 or 16 bits come out exactly as they went in.',
    'In a file with one part the channels join that part, whose data window grows where masks reach beyond it; where all its channels are in view layers, as Blender writes them, the default name is within the view layer of the first Cryptomatte. In a multi-part file they get a part of their own. The masks are read twice, line by line, whatever their number and size.',
  ].join('\n\n'),
  examples: [
    {
      command: "cryptomatte-from-masks --mask 'masks/{name}.####.png' shot.0001.exr -o with_crypto.0001.exr",
      what: 'all masks of a folder',
    },
    {
      command:
        'cryptomatte-from-masks --mask Hero=roto/hero_v3.png --mask Dog=roto/dog.png --as RotoMattes shot.0001.exr -o roto.0001.exr',
      what: 'two masks with names of their own',
    },
    {
      command:
        "matte --name '*' --as 'mattes.{name}' then cryptomatte-from-masks --from-channels 'mattes.{name}' then drop --layer mattes shot.0001.exr -o again.0001.exr",
      what: 'from channels of the frame, in a chain',
    },
  ],
  options: {
    mask: {
      type: 'list',
      placeholder: 'FILE|NAME=FILE',
      summary: 'a mask, or a pattern of masks with {name} (repeatable)',
    },
    fromChannels: {
      type: 'list',
      placeholder: 'PATTERN',
      summary: 'channels of the frame that are masks, with {name} (repeatable)',
    },
    channel: { type: 'text', placeholder: 'NAME', summary: 'the channel that is the mask, in files with several' },
    as: {
      type: 'text',
      placeholder: 'NAME',
      summary: 'name of the Cryptomatte (default: CryptoMask)',
    },
    normalise: { type: 'flag', summary: 'scale down to 1 what adds up to more in a pixel' },
    layers: {
      type: 'number',
      min: 1,
      max: mostRankLayers,
      placeholder: 'N',
      summary: 'exactly this many rank layers, the same in every frame',
    },
  },
  check: ({ mask, fromChannels, as, layers }) => {
    if (mask.length + fromChannels.length === 0)
      throw new ExrError(
        'usage',
        'NOTHING_ASKED',
        advise`cryptomatte-from-masks: name masks with ${optionNamed('mask')} or ${optionNamed('fromChannels')}`,
      );
    const problem = as === undefined ? undefined : nameProblem(as);
    if (problem !== undefined)
      throw new ExrError('usage', 'BAD_NAMES', advise`${optionNamed('as')}: the name "${as ?? ''}" ${problem}`);
    // Nuke and Blender take digits at the end of a name for the number of a rank layer.
    if (as !== undefined && /\d$/.test(as))
      throw new ExrError(
        'usage',
        'BAD_NAMES',
        advise`${optionNamed('as')}: the name "${as}" ends in a digit, which programs take for a rank's`,
      );
    if (layers !== undefined && !Number.isInteger(layers))
      throw new ExrError('usage', 'BAD_LAYERS', advise`${optionNamed('layers')}: ${layers} is not a whole number`);
  },
  async header(header, { as: named, normalise, layers: asked, ...wishes }, context) {
    const as = named ?? freeName(header);
    refuseTaken(header, as);
    const masks = await findMasks(header, wishes, context);
    refuseSameId(masks);
    const window = union(masks.map((mask) => mask.window));
    const made = new MadeRanks(masks, window, normalise, context);
    const { fullest, covered } = await made.survey();
    const needed = Math.max(1, Math.ceil(fullest / 2));
    if (asked !== undefined && asked < needed)
      throw new ExrError('usage', 'TOO_FEW_LAYERS', `${asked} rank layers are too few: a pixel has ${fullest} masks`, {
        hint: `They need ${needed} rank layers.`,
      });
    const layers = asked ?? needed;
    context.note(
      'MASKS',
      `"${as}" has ${masks.length} names (${listed(masks.map(({ name }) => name))}) in ${layers} rank layers`,
    );
    return added(header, as, context.makeChannels(made.image(as, layers)), { masks, window, covered });
  },
});

/**
 * In a part in which every channel is in a view layer, a Cryptomatte outside of them would keep Blender before 4.5 from looking into
 * them: it is put into that of the first Cryptomatte, or of the first channel. In a part of its own it is found by its own name.
 */
function freeName(header: Header): string {
  const layers = [...placesOf(header).values()].map(({ viewLayer }) => viewLayer);
  const [first = ''] = layers;
  if (layers.includes('') || header.parts.length > 1) return defaultName;
  const [rank] = headerSets(header).flatMap((set) => set.layers.flatMap(({ channels }) => channels));
  return `${rank ? placeOf(header, rank).viewLayer : first}.${defaultName}`;
}

const defaultName = 'CryptoMask';

function refuseTaken(header: Header, as: string): void {
  const known = [...headerSets(header), ...orphanGroups(header)].map(({ name }) => name);
  if (!known.includes(as)) return;
  throw new ExrError('usage', 'SET_EXISTS', `there is a Cryptomatte "${as}" already`, {
    hint: advise`Remove that one first, with ${stepOf('drop', { layer: [as] })}, or choose another name with ${optionNamed('as')}.`,
  });
}

/** Two names of the same hash are one in four billion; one of them would be lost. */
function refuseSameId(masks: readonly Mask[]): void {
  const names = new Map<number, string>();
  for (const { name } of masks) {
    const bits = nameBits(name);
    const other = names.get(bits);
    if (other !== undefined)
      throw new ExrError('usage', 'SAME_ID', `the names "${other}" and "${name}" have the same ID`, {
        hint: 'Give one of them another name, with NAME=FILE.',
      });
    names.set(bits, name);
  }
}

/** The ranks of masks, read as often as they are needed. */
class MadeRanks {
  readonly #masks: readonly Mask[];
  readonly #window: Box;
  readonly #normalise: boolean;
  readonly #context: FilterContext;

  constructor(masks: readonly Mask[], window: Box, normalise: boolean, context: FilterContext) {
    this.#masks = masks;
    this.#window = window;
    this.#normalise = normalise;
    this.#context = context;
  }

  /** How many masks the fullest pixel has, and the box around all that is covered. */
  async survey(): Promise<{ fullest: number; covered: Box | undefined }> {
    let fullest = 0;
    let covered: Box | undefined;
    for await (const { ranks, y, used } of this.#lines()) {
      fullest = Math.max(fullest, used);
      const span = ranks.covered();
      if (!span) continue;
      const line = { xMin: span[0], yMin: y, xMax: span[1], yMax: y };
      covered = covered ? union([covered, line]) : line;
    }
    return { fullest, covered };
  }

  /** With channels in the order of their names. */
  image(name: string, layers: number): MadeImage {
    const lines = () => this.#planes(layers);
    return { dataWindow: this.#window, channels: rankNames(name, layers), lines };
  }

  async *#planes(layers: number): AsyncGenerator<readonly Float32Array[]> {
    const width = this.#window.xMax - this.#window.xMin + 1;
    const planes = Array.from({ length: layers * 4 }, () => new Float32Array(width));
    for await (const { ranks } of this.#lines()) {
      for (let layer = 0; layer < layers; layer++) {
        const [a, b, g, r] = planes.slice(layer * 4) as [Plane, Plane, Plane, Plane];
        ranks.rank(layer * 2, new Uint32Array(r.buffer), g);
        ranks.rank(layer * 2 + 1, new Uint32Array(b.buffer), a);
      }
      yield planes;
    }
  }

  async *#lines(): AsyncGenerator<{ readonly ranks: MaskRanks; readonly y: number; readonly used: number }> {
    const { xMin, xMax, yMin, yMax } = this.#window;
    const options = { x: xMin, normalise: this.#normalise };
    const ranks = new MaskRanks(this.#masks, xMax - xMin + 1, options);
    const readers = this.#masks.map((mask) => mask.lines(this.#window));
    try {
      for (let y = yMin; y <= yMax; y++) {
        this.#context.signal?.throwIfAborted();
        const lines = await Promise.all(readers.map((reader) => reader.next()));
        ranks.clear();
        for (const [at, { done, value }] of lines.entries()) if (!done) ranks.add(at, value, y);
        yield { ranks, y, used: ranks.settle(y) };
      }
    } finally {
      await Promise.allSettled(readers.map((reader) => reader.return?.()));
    }
  }
}

type Plane = Float32Array<ArrayBuffer>;

/** Layer by layer A, B, G, R, as they are sorted (Cryptomatte specification 1.2.0, "Rank": two ranks a layer, numbered from 00). */
function rankNames(name: string, layers: number): string[] {
  return Array.from({ length: layers }, (_, layer) =>
    ['a', 'b', 'g', 'r'].map((component) => `${name}${String(layer).padStart(2, '0')}.${component}`),
  ).flat();
}

interface Found {
  readonly masks: readonly Mask[];
  readonly window: Box;
  readonly covered: Box | undefined;
}

/** The header with the ranks, and their metadata where every program looks for it: in the first part, and beside the channels. */
function added(header: Header, as: string, channels: readonly Channel[], { masks, window, covered }: Found): Header {
  const [first, ...others] = header.parts as [Part, ...Part[]];
  const manifest = formatManifest(masks.map(({ name }) => [name, nameBits(name)] as const));
  const key = freeKey(as, first);
  const named = (part: Part): Part => ({
    ...part,
    attributes: withSet(part.attributes, { key, name: as, manifest }),
  });
  if (others.length === 0 && !isDeep(first)) {
    const dataWindow = covered ? union([first.dataWindow, covered]) : first.dataWindow;
    const part = { ...first, dataWindow, channels: sortChannels([...first.channels, ...channels]) };
    return { ...header, parts: [named(part)] };
  }
  const { chunkLines: _none, ...rest } = first;
  const own: Part = {
    ...rest,
    name: as,
    type: 'scanlineimage',
    compression: 'zip',
    channels,
    dataWindow: window,
    lineOrder: 'increasing',
    tiles: undefined,
    attributes: withoutSets(first.attributes, cryptomatteSets(first)),
  };
  return { ...header, multiPart: true, parts: [named(first), ...others, named(own)] };
}

function freeKey(name: string, { attributes }: Part): string {
  const taken = new Set(attributes.names().flatMap((one) => parseSetAttribute(one)?.key ?? []));
  let key = layerKey(name);
  for (let number = 2; taken.has(key); number++) key = layerKey(`${name}#${number}`);
  return key;
}

function union(boxes: readonly Box[]): Box {
  return {
    xMin: Math.min(...boxes.map(({ xMin }) => xMin)),
    yMin: Math.min(...boxes.map(({ yMin }) => yMin)),
    xMax: Math.max(...boxes.map(({ xMax }) => xMax)),
    yMax: Math.max(...boxes.map(({ yMax }) => yMax)),
  };
}
