// Chunks as OpenEXR's encoder makes them (internal_ht.cpp with OpenJPH), except for the comment: one lossless cleanup pass per
// code-block, a tile-part for each resolution.
import { STATUS_OUTPUT_FULL, statusError } from '../errors.js';
import type { Instance } from '../instance.js';
import { channelExtent } from '../layout.js';
import type { ChannelLayout, ChunkLayout, PixelType } from '../types.js';
import { placeOf } from './block-place.js';
import { DEPTH } from './check-layout.js';
import { type Codestream, type Coding, type Component, type Quantization, SIGN_MAGNITUDE } from './codestream.js';
import { orderComponents } from './component-order.js';
import { compose } from './compose.js';
import { type Plan, planComponents } from './geometry.js';
import { BLOCK_VALUES, COMPONENT_VALUES, FLOAT, HALF, placeRecords, UINT } from './kernel-records.js';
import { PacketCollector } from './packet-collector.js';

const LEVELS = 5;

/** SPcod: decompositions, code-blocks of 128 x 32, high throughput, 5/3 wavelet. */
const CODING: Coding = {
  precincts: false,
  bytes: Uint8Array.of(LEVELS, 5, 3, 0x40, 1),
  levels: LEVELS,
  blockWidth: 7,
  blockHeight: 5,
  style: 0x40,
  reversible: true,
  precinctWidths: new Uint8Array(LEVELS + 1).fill(15),
  precinctHeights: new Uint8Array(LEVELS + 1).fill(15),
};

/** Exponents of the bands: LL, the next ones, and the three finest. */
const EXPONENTS = { half: [17, 18, 17], colourHalf: [18, 19, 18], wide: [30, 31, 30] } as const;

/** Rcom of Latin text, and the text. */
const COMMENT = new TextEncoder().encode('\0\x01openexr-wasm');

const KIND: Readonly<Record<PixelType, number>> = { uint: UINT, half: HALF, float: FLOAT };

export interface EncodeChunkOptions {
  /** Red, green and blue may be coded together; true by default, as in OpenEXR. */
  readonly colourTransform?: boolean;
}

/**
 * Whether a codestream can hold a chunk of this layout: the sizes of its components follow from an origin of 0, and
 * OpenEXR 3.5.3 reads only sizes that the sampling divides without remainder (internal_ht.cpp).
 */
export function fitsCodestream(layout: ChunkLayout): boolean {
  const { channels, width, height } = layout;
  return (
    width > 0 &&
    height > 0 &&
    channels.length > 0 &&
    channels.length <= 16384 &&
    channels.every((channel) => {
      const { xSampling, ySampling } = channel;
      const extent = channelExtent(layout, channel);
      const fits = extent.width === width / xSampling && extent.height === height / ySampling;
      return fits && xSampling < 256 && ySampling < 256;
    })
  );
}

/**
 * Encodes planar samples at an address of the instance's memory.
 * @param limit The result is undefined when the chunk would take this many bytes or more.
 */
export function encodeChunk(
  instance: Instance,
  layout: ChunkLayout,
  planar: number,
  limit: number,
  options: EncodeChunkOptions = {},
): Uint8Array | undefined {
  const order = orderComponents(layout.channels);
  const colourTransform = order.colourTransform && (options.colourTransform ?? true);
  const codestream = describe(layout, order.map, colourTransform);
  const plans = planComponents(codestream.components);
  let at = planar;
  const addresses = layout.channels.map((channel) => {
    const own = at;
    at += channelExtent(layout, channel).bytes;
    return own;
  });
  const samples = order.map.map((channel) => addresses[channel] as number);
  const packets = new PacketCollector(limit, plans, codestream);
  const output = instance.allocate(Math.min(limit, 2 ** 31 - 1));
  for (const group of groupsOf(order.map.length, colourTransform)) {
    if (!encodeGroup(instance, { codestream, plans, group, samples, output, packets })) return undefined;
  }
  const source = packets.source();
  const pieces = order.map.map((_, component) => ({ source, component }));
  const comments = [COMMENT];
  return compose({ magic: 'HT', pieces, map: order.map, colourTransform, comments, byResolution: true }, limit);
}

function describe(layout: ChunkLayout, map: readonly number[], colourTransform: boolean): Omit<Codestream, 'bytes'> {
  const { width, height } = layout;
  const known = new Map<string, Quantization>();
  const quantization = (type: PixelType, inColour: boolean): Quantization => {
    const key = `${type === 'half'} ${inColour}`;
    const own = known.get(key) ?? quantize(type, inColour);
    known.set(key, own);
    return own;
  };
  const tripleType = layout.channels[map[0] as number]?.type;
  const components = map.map((index): Component => {
    const channel = layout.channels[index] as ChannelLayout;
    const { type, xSampling, ySampling } = channel;
    const extent = channelExtent(layout, channel);
    // OpenEXR gives channels next to a triple of their type the exponents of the triple.
    const inColour = colourTransform && type === tripleType;
    const depth = DEPTH[type];
    return {
      depth,
      xSampling,
      ySampling,
      width: extent.width,
      height: extent.height,
      coding: CODING,
      quantization: quantization(type, inColour),
      nonlinearity: type === 'uint' ? undefined : Uint8Array.of(depth, SIGN_MAGNITUDE),
    };
  });
  const none = new Uint32Array(0);
  return {
    rsiz: 0,
    capability: 0,
    width,
    height,
    progression: 'RPCL',
    colourTransform,
    components,
    comments: [],
    bodies: none,
    tileParts: none,
  };
}

function quantize(type: PixelType, inColour: boolean): Quantization {
  const guard = type === 'half' ? 1 : inColour ? 5 : 4;
  const [lowest, middle, finest] = EXPONENTS[type === 'half' ? (inColour ? 'colourHalf' : 'half') : 'wide'];
  const exponents = Array.from({ length: 3 * LEVELS + 1 }, (_, band) =>
    band === 0 ? lowest : band <= 3 * LEVELS - 3 ? middle : finest,
  );
  return {
    bytes: Uint8Array.of(guard << 5, ...exponents.map((exponent) => exponent << 3)),
    magnitudeBits: Uint8Array.from(exponents, (exponent) => guard + exponent - 1),
  };
}

function groupsOf(count: number, colourTransform: boolean): number[][] {
  const groups = colourTransform ? [[0, 1, 2]] : [];
  for (let c = colourTransform ? 3 : 0; c < count; ++c) groups.push([c]);
  return groups;
}

interface GroupWork {
  readonly codestream: Omit<Codestream, 'bytes'>;
  readonly plans: readonly Plan[];
  readonly group: readonly number[];
  /** Addresses of the components' samples. */
  readonly samples: readonly number[];
  /** Address of memory for the bytes of the blocks. */
  readonly output: number;
  readonly packets: PacketCollector;
}

/** Encodes one component or three, and collects their packets; false when they take too many bytes. */
function encodeGroup(instance: Instance, work: GroupWork): boolean {
  const { codestream, plans, group, samples, output, packets } = work;
  const lists = group.map((c) => blockRecords(plans[c] as Plan));
  const addresses = lists.map((list) => placeRecords(instance, list));
  const records = new Uint32Array(group.length * COMPONENT_VALUES);
  for (const [i, c] of group.entries()) {
    const { depth } = codestream.components[c] as Component;
    const type = depth === DEPTH.half ? 'half' : depth === DEPTH.float ? 'float' : 'uint';
    const list = lists[i] as Uint32Array;
    records.set(
      [KIND[type], samples[c] as number, addresses[i] as number, list.length / BLOCK_VALUES],
      i * COMPONENT_VALUES,
    );
  }
  const placed = placeRecords(instance, records);
  const { width, height, coding } = codestream.components[group[0] as number] as Component;
  const encode = instance.kernel('htj2kEncode');
  const status = encode(placed, group.length, width, height, coding.levels, output, packets.room);
  if (status === STATUS_OUTPUT_FULL) return false;
  if (status < 0) throw statusError(status, 'cannot encode HTJ2K code blocks');
  for (const [i, c] of group.entries()) {
    const list = lists[i] as Uint32Array;
    const bytes = instance.view(addresses[i] as number, list.byteLength).slice();
    packets.add(instance, c, new Uint32Array(bytes.buffer));
  }
  return true;
}

/** Records of all blocks of a component, in the order of Band.firstBlock. */
function blockRecords({ resolutions, blocks }: Plan): Uint32Array {
  const list = new Uint32Array(blocks * BLOCK_VALUES);
  let at = 0;
  for (const resolution of resolutions)
    for (const band of resolution.bands)
      for (let block = 0; block < band.blocksWide * band.blocksHigh; ++block) {
        list.set([band.index, ...placeOf(resolution, band, block)], at);
        at += BLOCK_VALUES;
      }
  return list;
}
