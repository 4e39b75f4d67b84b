/** Frame numbers as text. */

/**
 * The shortest way to write frames that `parseFrames` reads back, ascending: `1-100,120-200x2`. Frames in steps are
 * written as a range from three on; two frames are written as such.
 */
export function formatFrames(frames: Iterable<number>): string {
  const sorted = [...new Set(frames)].sort((a, b) => a - b);
  const words: string[] = [];
  for (let at = 0; at < sorted.length; ) {
    const first = sorted[at] as number;
    const step = (sorted[at + 1] ?? first) - first;
    let end = at + 1;
    while (end < sorted.length && (sorted[end] as number) - (sorted[end - 1] as number) === step) end++;
    // Two numbers that are not neighbours are clearer by themselves, and the second one may begin a longer range.
    if (end - at === 2 && step > 1) end = at + 1;
    const last = sorted[end - 1] as number;
    words.push(first === last ? `${first}` : `${first}-${last}${step > 1 ? `x${step}` : ''}`);
    at = end;
  }
  return words.join(',');
}
