// A chunk made of components of other chunks: their packets are moved as they are, and only headers are written.
import { CodecError } from '../errors.js';
import { type ChunkMagic, chunkHeaderSize, writeChunkHeader } from './chunk-header.js';
import type { Codestream, Component } from './codestream.js';
import { type Plan, planComponents, type Resolution } from './geometry.js';
import * as marker from './markers.js';
import { orderPackets, type PacketOrder } from './packet-order.js';
import type { PacketTable } from './packets.js';
import { SOT_BYTES } from './tile-parts.js';
import { CCAP_MAGNITUDE, tilePartLengthsSize, writeMainHeader, writeTilePartLengths } from './write-header.js';

/** A codestream with its packets. */
export interface PackedSource {
  readonly codestream: Codestream;
  readonly packets: PacketTable;
  /** The index in the table, by component (`first`) and number in it (Resolution.firstPacket). */
  readonly first: Uint32Array;
  readonly index: Uint32Array;
}

/** A component of a source. */
export interface Piece {
  readonly source: PackedSource;
  readonly component: number;
}

export interface Composition {
  readonly magic: ChunkMagic;
  /** In the order of the new codestream. */
  readonly pieces: readonly Piece[];
  /** The channel of the new chunk that each piece holds. */
  readonly map: readonly number[];
  /** A colour transform of the first three, which are those that were under one before. */
  readonly colourTransform: boolean;
  readonly comments: readonly Uint8Array[];
  /** A tile-part for each resolution, preceded by their lengths, as OpenEXR 3.5.2 and later write; otherwise one for all. */
  readonly byResolution: boolean;
}

/** Finds packets by component and number. */
export function indexPackets(codestream: Codestream, packets: PacketTable): PackedSource {
  const { plans, count } = packets;
  const first = new Uint32Array(plans.length + 1);
  for (const [c, plan] of plans.entries()) first[c + 1] = (first[c] as number) + plan.packets;
  const index = new Uint32Array(count);
  for (let i = 0; i < count; ++i) {
    const c = packets.component[i] as number;
    index[(first[c] as number) + numberOf(plans[c] as Plan, packets, i)] = i;
  }
  return { codestream, packets, first, index };
}

function numberOf({ resolutions }: Plan, order: PacketOrder, i: number): number {
  return (resolutions[order.resolution[i] as number] as Resolution).firstPacket + (order.precinct[i] as number);
}

/** The parts of a composition that are computed before its bytes are written. */
interface Layout {
  readonly header: Uint8Array;
  readonly order: PacketOrder;
  /** Start and end of each packet in its source. */
  readonly start: Uint32Array;
  readonly end: Uint32Array;
  /** Bytes of the packets of each tile-part. */
  readonly bodies: readonly number[];
  readonly size: number;
}

/** A chunk as slices: new bytes, and views of the sources' bytes. */
export interface SlicedChunk {
  readonly slices: readonly Uint8Array[];
  readonly size: number;
}

/** Makes a chunk in a buffer of its own; undefined when it would take `limit` bytes or more. See slice. */
export function compose(composition: Composition, limit: number): Uint8Array | undefined {
  const chunk = slice(composition, limit);
  return chunk && joinSlices(chunk);
}

export function joinSlices({ slices, size }: SlicedChunk): Uint8Array {
  const packed = new Uint8Array(size);
  let at = 0;
  for (const bytes of slices) {
    packed.set(bytes, at);
    at += bytes.length;
  }
  return packed;
}

/**
 * Makes a chunk without copying packets; undefined when it would take `limit` bytes or more.
 * @throws CodecError `unsupported` when the pieces do not cover the same pixels.
 */
export function slice(composition: Composition, limit: number): SlicedChunk | undefined {
  const { pieces, map, magic, byResolution } = composition;
  const { header, order, start, end, bodies, size } = layOut(composition);
  if (size >= limit) return undefined;
  const front = new Uint8Array(chunkHeaderSize(map.length));
  writeChunkHeader(front, magic, map);
  const slices: Uint8Array[] = [front, header];
  if (byResolution) slices.push(writeTilePartLengths(bodies.map(tilePartSize)));
  let packet = 0;
  for (const [part, length] of bodies.entries()) {
    slices.push(writeTilePartHeader(part, bodies.length, length));
    for (let left = length; left > 0; ) {
      const { bytes } = (pieces[order.component[packet] as number] as Piece).source.codestream;
      const from = start[packet] as number;
      let to = end[packet] as number;
      // Packets that are neighbours in their source go together.
      for (++packet; packet < order.count && to - from < left; ++packet) {
        const next = (pieces[order.component[packet] as number] as Piece).source.codestream.bytes;
        if (next !== bytes || start[packet] !== to) break;
        to = end[packet] as number;
      }
      slices.push(bytes.subarray(from, to));
      left -= to - from;
    }
  }
  slices.push(Uint8Array.of(marker.EOC >> 8, marker.EOC & 0xff));
  return { slices, size };
}

/** Bytes of a tile-part that holds this many bytes of packets. */
function tilePartSize(packets: number): number {
  return SOT_BYTES + 2 + packets;
}

/** SOT: u16 length, u16 tile, u32 length of the tile-part, u8 its number, u8 their number; and SOD. */
function writeTilePartHeader(part: number, parts: number, packets: number): Uint8Array {
  const header = new Uint8Array(SOT_BYTES + 2);
  const view = new DataView(header.buffer);
  view.setUint16(0, marker.SOT);
  view.setUint16(2, SOT_BYTES - 2);
  view.setUint32(6, tilePartSize(packets));
  view.setUint8(10, part);
  view.setUint8(11, parts);
  view.setUint16(SOT_BYTES, marker.SOD);
  return header;
}

function layOut({ pieces, map, colourTransform, comments, byResolution }: Composition): Layout {
  const [{ codestream: model }] = pieces.map(({ source }) => source) as [PackedSource];
  const components = pieces.map(({ source, component }) => {
    const { width, height } = source.codestream;
    // Such as those that LJ2K codes larger than they are.
    if (width !== model.width || height !== model.height) {
      throw new CodecError('unsupported', 'channels of different coded sizes cannot be joined');
    }
    return source.codestream.components[component] as Component;
  });
  const { width, height } = model;
  const streams = [...new Set(pieces.map(({ source }) => source.codestream))];
  const header = writeMainHeader({
    rsiz: streams.reduce((bits, { rsiz }) => bits | rsiz, 0),
    capability: streams.map(({ capability }) => capability).reduce(joinCapabilities),
    width,
    height,
    progression: 'RPCL',
    colourTransform,
    components,
    comments,
  });
  const plans = planComponents(components);
  const order = orderPackets('RPCL', components, plans);
  const start = new Uint32Array(order.count);
  const end = new Uint32Array(order.count);
  const parts = byResolution ? Math.max(...components.map(({ coding }) => coding.levels)) + 1 : 1;
  const bodies = new Array<number>(parts).fill(0);
  for (let i = 0; i < order.count; ++i) {
    const c = order.component[i] as number;
    const { source, component } = pieces[c] as Piece;
    const packet = source.index[(source.first[component] as number) + numberOf(plans[c] as Plan, order, i)] as number;
    start[i] = source.packets.start[packet] as number;
    end[i] = source.packets.end[packet] as number;
    const part = byResolution ? (order.resolution[i] as number) : 0;
    bodies[part] = (bodies[part] as number) + (end[i] as number) - (start[i] as number);
  }
  const framing = parts * (SOT_BYTES + 2) + (byResolution ? tilePartLengthsSize(parts) : 0) + 2;
  const size = chunkHeaderSize(map.length) + header.length + framing + bodies.reduce((sum, bytes) => sum + bytes, 0);
  return { header, order, start, end, bodies, size };
}

/** The flags of both, and the larger number of magnitude bits. */
function joinCapabilities(a: number, b: number): number {
  return ((a | b) & ~CCAP_MAGNITUDE) | Math.max(a & CCAP_MAGNITUDE, b & CCAP_MAGNITUDE);
}
