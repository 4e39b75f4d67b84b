/** What each codec loses, and when that is refused. Quality is never lost silently. */

import { codecOf } from '../codecs/table.js';
import { guardedChannels, rankChannels, suspectLayers } from '../layers/guard.js';
import { placesOf } from '../layers/place.js';
import { type AdvisedStep, advise, optionNamed, stepOf } from '../model/advice.js';
import type { Compression } from '../model/compression.js';
import { ExrError } from '../model/error.js';
import { groupBy } from '../model/group-by.js';
import { type Channel, type Header, isArrived, type Part } from '../model/header.js';
import { mostListed } from '../model/listed.js';

/** Consent to losses. */
export interface QualityOptions {
  /** The user accepts that lossy data is decoded and re-encoded with loss. */
  readonly allowLossy?: boolean;
}

/** The step that loses nothing. */
const lossless = stepOf('compress', { to: 'zip' });

/** The channels of a part whose samples change when they are stored with its compression. */
export function lossyChannels({ compression, channels }: Pick<Part, 'compression' | 'channels'>): ReadonlySet<Channel> {
  return new Set(codecOf(compression).loses(channels));
}

/**
 * Refuses a loss of quality without consent.
 *
 * @throws ExrError of kind `usage` when making `wanted` by decoding and re-encoding would lose some.
 */
export function checkQuality(wanted: Part, arrived: Header, options: QualityOptions): void {
  const ranks = rankChannels({ parts: [wanted] });
  const guarded = guardedChannels(arrived);
  const losing = lossyChannels(wanted);
  const lost = new Map<Part, ReadonlySet<Channel>>();
  const harmed: Channel[] = [];
  const suspects = new Set(suspectLayers(arrived).flatMap(({ channels }) => channels));
  for (const channel of wanted.channels) {
    if (channel.ids === 'yes' && !isArrived(channel.plane))
      checkRank(channel, channel, wanted.compression, losing.has(channel));
    if (!isArrived(channel.plane)) continue;
    const from = arrived.parts[channel.plane.part];
    const stored = from?.channels[channel.plane.index];
    if (!from || !stored) continue;
    const isLost = losing.has(channel);
    // 24-bit floats, for example, do not change when rounded to 24 bits again.
    const losesAgain = from.compression !== wanted.compression || !codecOf(wanted.compression).idempotent;
    // Whatever the channel is called now, and whatever became of the metadata: IDs stay IDs.
    const isGuarded = channel.ids === undefined ? ranks.has(channel) || guarded.has(stored) : channel.ids === 'yes';
    if (isGuarded && stored.type === 'float') checkRank(channel, stored, wanted.compression, isLost && losesAgain);
    const lostBefore = lost.get(from) ?? lossyChannels(from);
    lost.set(from, lostBefore);
    const wasLossy = lostBefore.has(stored);
    const isHarmed = isLost || (stored.type === 'float' && channel.type !== 'float');
    if (channel.ids === undefined && isHarmed && !wasLossy && suspects.has(stored)) harmed.push(channel);
    if (!isLost) continue;
    if (wasLossy && !losesAgain) continue;
    const codec = wanted.compression.toUpperCase();
    if (wasLossy && !options.allowLossy)
      throw new ExrError(
        'usage',
        'LOSSY_TO_LOSSY',
        `channel "${channel.name}" would be decoded from ${from.compression.toUpperCase()} and re-encoded with ${codec}, losing quality twice`,
        {
          hint: advise`Choose a lossless codec with ${lossless}, or accept the loss with ${optionNamed('allowLossy')}.`,
        },
      );
    if (!wasLossy && !wanted.codecChosen && !options.allowLossy)
      throw new ExrError(
        'usage',
        'LOSSLESS_TO_LOSSY',
        `channel "${channel.name}" is lossless and would be encoded with ${codec}`,
        {
          hint: advise`Choose the codec by name with ${stepOf('compress', { to: wanted.compression })} or ${lossless}, or accept the loss with ${optionNamed('allowLossy')}.`,
        },
      );
  }
  refuseSuspects(harmed, wanted);
}

/** The planner reads no pixels. Steps that do, and the user, decide what such channels hold. */
function refuseSuspects(suspects: readonly Channel[], wanted: Part): void {
  const [first] = suspects;
  if (!first) return;
  const [what, step]: [string, AdvisedStep] =
    first.type === 'float'
      ? [wanted.compression.toUpperCase(), stepOf('compress', { to: wanted.compression })]
      : [first.type, stepOf('convert', { to: first.type })];
  const places = placesOf({ parts: [wanted] });
  const layers = groupBy(suspects, (channel) => places.get(channel)?.layer ?? '');
  const denials = [...layers].map(([layer, own]) =>
    layer === '' ? `{${own.map(({ name }) => name).join(',')}}` : layer,
  );
  const notIds = denials.length > mostListed ? ['GLOB'] : denials;
  const denied = stepOf(step.filter, { ...step.options, notIds });
  throw new ExrError(
    'usage',
    'CRYPTOMATTE_POSSIBLE',
    `"${first.name}" may hold the IDs of a Cryptomatte whose channels are missing, which ${what} would destroy`,
    {
      hint: advise`Put ${step} first, where metadata and pixels tell, or declare that there are none: ${denied}.`,
    },
  );
}

/** Cryptomatte IDs are bit patterns: any rounding destroys them, so even consent does not allow that. */
function checkRank(channel: Channel, stored: Channel, to: Compression, isLost: boolean): void {
  const name = channel.name === stored.name ? `"${channel.name}"` : `"${channel.name}" (once "${stored.name}")`;
  if (channel.type !== 'float')
    throw new ExrError(
      'usage',
      'CRYPTOMATTE_NOT_FLOAT',
      `${name} holds Cryptomatte IDs, which ${channel.type} would destroy`,
      {
        hint: advise`Leave it float: ${stepOf('convert')} does so by itself where it comes before metadata is dropped and names are changed.`,
      },
    );
  if (isLost)
    throw new ExrError(
      'usage',
      'CRYPTOMATTE_LOSSY',
      `${name} holds Cryptomatte IDs, which ${to.toUpperCase()} would destroy`,
      {
        hint: advise`Choose a lossless codec (${lossless}), or split the Cryptomattes into a part of their own first.`,
      },
    );
}
