/** Lists in messages: as much as a person reads of them. */

/** Names in one message. What follows them is counted. */
export const mostListed = 5;

/** Letters of one of them. OpenEXR allows 255 bytes, and more in the names of parts. */
const mostLetters = 80;

/** Names in quotes, five of them at most: `"a", "b" and 3 more`. Long ones are cut in their middle. */
export function listed(names: Iterable<string>, most = mostListed): string {
  return firstFew(
    [...names].map((name) => `"${shortened(name, mostLetters)}"`),
    ', ',
    most,
  );
}

/** Items of a message as they are, five of them at most. */
export function firstFew(items: readonly string[], separator = ', ', most = mostListed): string {
  const shown = items.slice(0, most).map((item) => shortened(item, 2 * mostLetters));
  const more = items.length - shown.length;
  return more > 0 ? `${shown.join(separator)} and ${more} more` : shown.join(separator);
}

/** A text of so many letters at most, without its middle where it has more: how it begins and ends tells most names apart. */
export function shortened(text: string, most: number): string {
  if (text.length <= most) return text;
  const letters = [...text];
  if (letters.length <= most) return text;
  const end = Math.floor((most - 1) / 2);
  return `${letters.slice(0, most - 1 - end).join('')}…${end === 0 ? '' : letters.slice(-end).join('')}`;
}
