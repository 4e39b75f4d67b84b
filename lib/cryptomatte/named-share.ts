import { type IdStatistics, judgeIds, pxr24Bits } from './ids.js';

/** How much of the coverage a manifest's IDs name: exactly, or with PXR24's rounding if only that matches. */
export function namedShare(
  statistics: IdStatistics,
  ids: Iterable<number>,
): { share: number; rounded: boolean; known: Set<number> } {
  const known = new Set(ids);
  const share = statistics.share((bits) => known.has(bits));
  if (share >= 0.5) return { share, rounded: false, known };
  if (judgeIds(statistics, () => false) !== 'rounded') return { share, rounded: false, known };
  const rounded = new Set([...known].map(pxr24Bits));
  const roundedShare = statistics.share((bits) => rounded.has(bits));
  return roundedShare > share
    ? { share: roundedShare, rounded: true, known: rounded }
    : { share, rounded: false, known };
}
