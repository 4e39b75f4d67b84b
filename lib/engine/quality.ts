/** Which codecs lose what, and when that is refused. Losing quality is never silent. */

import { rankChannels } from '../cryptomatte/sets.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { type Channel, type Header, isDerived, type Part } from '../model/header.js';
import { parseChannelName } from '../model/names.js';

export interface QualityOptions {
  /** The user accepts that lossy data is decoded and coded lossy again. */
  readonly allowLossy?: boolean;
}

/** Components that DWA codes with loss, by its rules of version 2 (OpenEXRCore, internal_dwa_classifier.h). */
const dwaLossy: ReadonlySet<string> = new Set(['R', 'G', 'B', 'Y', 'BY', 'RY']);

/** True when coding this channel with this compression changes sample values. */
export function isLossy(compression: Compression, channel: Pick<Channel, 'name' | 'type'>): boolean {
  switch (compression) {
    case 'pxr24':
      return channel.type === 'float';
    case 'b44':
    case 'b44a':
      return channel.type === 'half';
    case 'dwaa':
    case 'dwab':
      return channel.type !== 'uint' && dwaLossy.has(parseChannelName(channel.name).component);
    default:
      return false;
  }
}

/** Throws a `usage` error when making `wanted` from what arrived by decoding and coding would lose quality without consent. */
export function checkQuality(wanted: Part, arrived: Header, options: QualityOptions): void {
  const ranks = rankChannels(wanted);
  for (const channel of wanted.channels) {
    if (isDerived(channel.plane)) continue;
    const from = arrived.parts[channel.plane.part];
    const stored = from?.channels[channel.plane.index];
    if (!from || !stored) continue;
    checkRank(channel, stored, from.compression, wanted.compression, ranks);
    if (!isLossy(wanted.compression, channel)) continue;
    const wasLossy = isLossy(from.compression, stored);
    // 24-bit floats stay what they are when rounded to 24 bits again.
    if (wasLossy && from.compression === 'pxr24' && wanted.compression === 'pxr24') continue;
    const codec = wanted.compression.toUpperCase();
    if (wasLossy && !options.allowLossy)
      throw new ExrError(
        'usage',
        'LOSSY_TO_LOSSY',
        `channel "${channel.name}" would be decoded from ${from.compression.toUpperCase()} and coded with ${codec} again, losing quality twice`,
        { hint: 'Choose a lossless codec with "compress --to zip", or accept the loss with --allow-lossy.' },
      );
    if (!wasLossy && !wanted.codecChosen && !options.allowLossy)
      throw new ExrError(
        'usage',
        'LOSSLESS_TO_LOSSY',
        `channel "${channel.name}" is stored without loss and would be coded with ${codec}`,
        {
          hint: `Choose the codec by name with "compress --to ${wanted.compression}" or "compress --to zip", or accept the loss with --allow-lossy.`,
        },
      );
  }
}

/** Cryptomatte IDs are bit patterns: any rounding destroys them, so not even consent lets them through. */
function checkRank(
  channel: Channel,
  stored: Channel,
  from: Compression,
  to: Compression,
  ranks: ReadonlySet<string>,
): void {
  if (!ranks.has(channel.name) || stored.type !== 'float') return;
  if (channel.type !== 'float')
    throw new ExrError(
      'usage',
      'CRYPTOMATTE_NOT_FLOAT',
      `"${channel.name}" holds Cryptomatte IDs, which ${channel.type} would destroy`,
      {
        hint: 'Leave it float ("convert" does so by itself).',
      },
    );
  if (isLossy(to, channel) && !(from === 'pxr24' && to === 'pxr24'))
    throw new ExrError(
      'usage',
      'CRYPTOMATTE_LOSSY',
      `"${channel.name}" holds Cryptomatte IDs, which ${to.toUpperCase()} would destroy`,
      {
        hint: 'Choose a lossless codec ("compress --to zip"), or split the Cryptomattes into a part of their own first.',
      },
    );
}
