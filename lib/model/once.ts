import type { Header, Part } from './header.js';

/** What is found in a header, kept for as long as its parts are there: headers never change, and everybody asks again. */
export function onceForParts<Found>(
  find: (header: Pick<Header, 'parts'>) => Found,
): (header: Pick<Header, 'parts'>) => Found {
  const found = new WeakMap<readonly Part[], { readonly value: Found }>();
  return (header) => {
    const entry = found.get(header.parts) ?? { value: find(header) };
    found.set(header.parts, entry);
    return entry.value;
  };
}
