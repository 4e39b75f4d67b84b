/**
 * Sixel graphics (DEC STD 070, "Sixel Graphics Extension"): six rows at a time, a pass for each colour. Colours are the 216 that have six
 * steps each of red, green and blue, with an ordered dither between them.
 */
const bayer = [0, 8, 2, 10, 12, 4, 14, 6, 3, 11, 1, 9, 15, 7, 13, 5];

export const sixelStart = `\x1bPq${Array.from({ length: 216 }, (_, at) => {
  const [red, green, blue] = [Math.floor(at / 36), Math.floor(at / 6) % 6, at % 6];
  return `#${at};2;${red * 20};${green * 20};${blue * 20}`;
}).join('')}`;
export const sixelEnd = '\x1b\\';

/** Up to six rows of RGB pixels, of which the first is row `y`, as text. */
export function sixelBand(rows: readonly Uint8Array[], y: number): string {
  const columns = (rows[0]?.length ?? 0) / 3;
  const masks = new Map<number, Uint8Array>();
  for (const [line, row] of rows.entries())
    for (let x = 0; x < columns; x++) {
      const threshold = ((bayer[((y + line) % 4) * 4 + (x % 4)] ?? 0) + 0.5) / 16;
      const step = (at: number) => Math.min(5, Math.floor(((row[x * 3 + at] ?? 0) / 255) * 5 + threshold));
      const colour = step(0) * 36 + step(1) * 6 + step(2);
      const mask = masks.get(colour) ?? new Uint8Array(columns);
      masks.set(colour, mask);
      mask[x] = (mask[x] ?? 0) | (1 << line);
    }
  return `${[...masks].map(([colour, mask]) => `#${colour}${runs(mask)}`).join('$')}-`;
}

/** Letters from `?`, equal ones as a count. */
function runs(mask: Uint8Array): string {
  let text = '';
  for (let at = 0; at < mask.length; ) {
    let end = at;
    while (end < mask.length && mask[end] === mask[at]) end += 1;
    const letter = String.fromCharCode(63 + (mask[at] ?? 0));
    text += end - at > 3 ? `!${end - at}${letter}` : letter.repeat(end - at);
    at = end;
  }
  return text;
}
