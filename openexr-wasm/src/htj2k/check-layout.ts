// Whether a codestream holds the samples of a chunk.
import { CodecError } from '../errors.js';
import { channelExtent } from '../layout.js';
import type { ChannelLayout, ChunkLayout, PixelType } from '../types.js';
import type { Component } from './codestream.js';
import type { HtChunk } from './read.js';

/** Ssiz of OpenEXR's types (internal_ht.cpp): bits less one, and 0x80 for signed ones, as half and float are taken for. */
export const DEPTH: Readonly<Record<PixelType, number>> = { half: 0x8f, float: 0x9f, uint: 0x1f };

/** LJ2K codes chunks with lossy channels at the next size that is one more than a multiple of this, in both directions. */
const PADDING = 32;

/** @throws CodecError unless each component is as large as its channel, or as LJ2K makes it, and of its type. */
export function checkLayout({ header, codestream }: HtChunk, layout: ChunkLayout): void {
  const { components } = codestream;
  if (components.length !== header.map.length) {
    throw new CodecError('corrupt', `the codestream has ${components.length} of ${header.map.length} channels`);
  }
  const mayBePadded = components.some(({ coding }) => !coding.reversible);
  const isSize = (coded: number, own: number): boolean =>
    coded === own || (mayBePadded && coded === Math.ceil((own - 1) / PADDING) * PADDING + 1);
  for (const [c, component] of components.entries()) {
    const channel = layout.channels[header.map[c] as number] as ChannelLayout;
    const { width, height } = channelExtent(layout, channel);
    if (component.depth !== DEPTH[channel.type]) throw misfit(component, channel, 'type');
    const fits =
      isSize(component.width, width) &&
      isSize(component.height, height) &&
      component.xSampling === channel.xSampling &&
      component.ySampling === channel.ySampling;
    if (!fits) throw misfit(component, channel, `size, which is ${width} x ${height}`);
  }
}

function misfit({ width, height }: Component, { name }: ChannelLayout, what: string): CodecError {
  return new CodecError(
    'corrupt',
    `the codestream's component for channel ${JSON.stringify(name)} (${width} x ${height}) does not have its ${what}`,
  );
}
