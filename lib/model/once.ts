import type { Header, Part } from './header.js';

/** Results derived from a header, cached for the lifetime of its parts: headers never change, and are queried repeatedly. */
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
