// Decodes a chunk's components with the kernels of assembly/htj2k, from the contents of the packet headers.
import { CodecError, statusError } from '../errors.js';
import type { Instance } from '../instance.js';
import { type ChannelExtent, channelExtent } from '../layout.js';
import type { ChannelLayout, ChunkLayout } from '../types.js';
import { placeOf } from './block-place.js';
import { checkLayout } from './check-layout.js';
import type { Component } from './codestream.js';
import { type ComponentKind, kindOf } from './component-kind.js';
import type { Plan } from './geometry.js';
import { BLOCK_VALUES, COMPONENT_VALUES, placeRecords } from './kernel-records.js';
import {
  BLOCK_CLEANUP,
  BLOCK_PASSES,
  BLOCK_RECORD,
  BLOCK_REFINEMENT,
  BLOCK_START,
  BLOCK_ZERO_PLANES,
  type BlockTable,
  readBlocks,
} from './packets.js';
import { type HtChunk, readChunk } from './read.js';

/** With more magnitude bits, a component is decoded in 64-bit numbers (NARROW_BITS and WIDE_BITS in block-decode.ts). */
const NARROW_MAGNITUDE = 27;
const WIDE_MAGNITUDE = 55;

/** Code-block style (T.800, table A.19): vertically causal contexts. */
const STYLE_CAUSAL = 0x08;

/** The kernel's mode of decoding components. */
const NARROW = 0;
const WIDE = 1;
const LOSSY = 2;

/** Components that are decoded together: one, or three under the colour transform. */
type Group = readonly number[];

export interface DecodeTarget {
  /** For each channel of the layout the address of its samples; undefined for one that is not requested. */
  readonly addresses: readonly (number | undefined)[];
  /** How many of the finest resolutions are skipped. */
  readonly skipped: number;
  /** The chunk is LJ2K. */
  readonly mayBeLossy?: boolean;
}

/**
 * Decodes channels of a chunk that is not stored raw, in an instance's memory, each into lines without gaps.
 * @param source Address of `packed` in the instance's memory.
 * @throws CodecError when the chunk is damaged, or coded in a way that is not supported.
 */
export function decodeChunk(
  instance: Instance,
  layout: ChunkLayout,
  packed: Uint8Array,
  source: number,
  { addresses, skipped, mayBeLossy = false }: DecodeTarget,
): void {
  const chunk = readChunk(packed, layout.channels.length, { isPrefix: skipped > 0 });
  checkChunk(chunk, layout, mayBeLossy);
  const { components, colourTransform } = chunk.codestream;
  const wanted = skipped > 0 ? { resolutions: resolutionsLeft(components, skipped) } : {};
  const { packets, blocks } = readBlocks(chunk.codestream, wanted);
  for (const group of groupsOf(components.length, colourTransform)) {
    const places = group.map((c) => addresses[chunk.header.map[c] as number]);
    if (places.every((place) => place === undefined)) continue;
    const kept = group.map((c) => {
      const channel = layout.channels[chunk.header.map[c] as number] as ChannelLayout;
      return channelExtent(layout, channel);
    });
    const [size] = kept as [ChannelExtent];
    decodeGroup(instance, chunk, group, { places, size, source, skipped, mayBeLossy, blocks, plans: packets.plans });
  }
}

function checkChunk(chunk: HtChunk, layout: ChunkLayout, mayBeLossy: boolean): void {
  checkLayout(chunk, layout);
  const { components, colourTransform } = chunk.codestream;
  for (const component of components) kindOf(component, mayBeLossy);
  const [first, ...others] = components.slice(0, 3);
  if (colourTransform && others.some(({ coding }) => coding.levels !== first?.coding.levels)) {
    throw new CodecError('corrupt', 'the codestream has a colour transform over different numbers of decompositions');
  }
}

/** How many resolutions of all components remain. */
function resolutionsLeft(components: readonly Component[], skipped: number): number {
  const levels = new Set(components.map(({ coding }) => coding.levels));
  const [least = 0] = levels;
  if (levels.size > 1) throw new CodecError('unsupported', 'the channels do not have the same resolutions');
  if (least < skipped) {
    throw new CodecError('unsupported', `the chunk has ${least} lower resolutions, not ${skipped}`);
  }
  return least + 1 - skipped;
}

function groupsOf(count: number, colourTransform: boolean): Group[] {
  const groups: Group[] = colourTransform ? [[0, 1, 2]] : [];
  for (let c = colourTransform ? 3 : 0; c < count; ++c) groups.push([c]);
  return groups;
}

interface GroupTarget {
  /** For each component of the group the address of its samples, if they are requested. */
  readonly places: readonly (number | undefined)[];
  /** Samples of each at full resolution. */
  readonly size: ChannelExtent;
  readonly source: number;
  readonly skipped: number;
  readonly mayBeLossy: boolean;
  readonly blocks: BlockTable;
  readonly plans: readonly Plan[];
}

function decodeGroup(instance: Instance, { codestream }: HtChunk, group: Group, target: GroupTarget): void {
  const { skipped, plans, blocks } = target;
  const components = group.map((c) => codestream.components[c] as Component);
  const [{ width, height, coding }] = components as [Component];
  const lists = group.map((c, i) => {
    const plan = plans[c] as Plan;
    const magnitudeBits = (components[i] as Component).quantization.magnitudeBits;
    return blockRecords(plan, blocks, c, magnitudeBits, target);
  });
  const kinds = components.map((component) => kindOf(component, target.mayBeLossy));
  const [{ isLossy }] = kinds as [ComponentKind];
  const most = Math.max(...components.flatMap(({ quantization }) => [...quantization.magnitudeBits]));
  if (most > (isLossy ? NARROW_MAGNITUDE : WIDE_MAGNITUDE)) {
    throw new CodecError('unsupported', `the codestream has numbers of ${most} bits`);
  }
  const keptWidth = Math.ceil(target.size.width / 2 ** skipped);
  const keptHeight = Math.ceil(target.size.height / 2 ** skipped);
  const records = new Uint32Array(group.length * COMPONENT_VALUES);
  for (const [i, list] of lists.entries()) {
    const { kind, steps, table } = kinds[i] as ComponentKind;
    const at = i * COMPONENT_VALUES;
    records[at] = kind;
    records[at + 1] = target.places[i] ?? instance.allocate(keptWidth * keptHeight * 4);
    records[at + 2] = placeRecords(instance, list);
    records[at + 3] = list.length / BLOCK_VALUES;
    if (steps) records[at + 4] = placeRecords(instance, steps);
    if (table) records[at + 5] = placeRecords(instance, table);
    records[at + 6] = table?.length ?? 0;
    records[at + 7] = (coding.style & STYLE_CAUSAL) !== 0 ? 1 : 0;
  }
  const status = instance.kernel('htj2kDecode')(
    placeRecords(instance, records),
    group.length,
    width,
    height,
    coding.levels,
    skipped,
    keptWidth,
    keptHeight,
    isLossy ? LOSSY : most > NARROW_MAGNITUDE ? WIDE : NARROW,
  );
  if (status < 0) throw statusError(status, 'cannot decode HTJ2K code blocks');
}

/** The records of a component's blocks with any coefficients, band by band and row by row. */
function blockRecords(
  plan: Plan,
  { records, first }: BlockTable,
  component: number,
  magnitudeBits: Uint8Array,
  { source, skipped }: GroupTarget,
): Uint32Array {
  const list = new Uint32Array(plan.blocks * BLOCK_VALUES);
  let at = 0;
  for (const resolution of plan.resolutions.slice(0, plan.resolutions.length - skipped)) {
    for (const band of resolution.bands) {
      const bits = magnitudeBits[band.index] as number;
      for (let block = 0; block < band.blocksWide * band.blocksHigh; ++block) {
        const record = ((first[component] as number) + band.firstBlock + block) * BLOCK_RECORD;
        const passes = records[record + BLOCK_PASSES] as number;
        if (passes === 0) continue;
        const zeroPlanes = records[record + BLOCK_ZERO_PLANES] as number;
        const plane = bits - 1 - zeroPlanes;
        if (passes > 1 && plane < 1) throw new CodecError('corrupt', 'a code block has passes beyond its last bit');
        const [x, y, width, height] = placeOf(resolution, band, block);
        list[at++] = band.index;
        list[at++] = x;
        list[at++] = y;
        list[at++] = width;
        list[at++] = height;
        list[at++] = source + (records[record + BLOCK_START] as number);
        list[at++] = records[record + BLOCK_CLEANUP] as number;
        list[at++] = zeroPlanes + 2;
        list[at++] = plane;
        list[at++] = records[record + BLOCK_REFINEMENT] as number;
        list[at++] = passes;
      }
    }
  }
  return list.slice(0, at);
}
