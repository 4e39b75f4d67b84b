import type { Attributes } from '../model/attributes.js';
import type { Header, Part } from '../model/header.js';

/** Applies a change to each part's attributes; unchanged parts stay the same objects. */
export function mapAttributes(header: Header, change: (attributes: Attributes, part: number) => Attributes): Header {
  const parts = header.parts.map((part, number): Part => {
    const attributes = change(part.attributes, number);
    return attributes === part.attributes ? part : { ...part, attributes };
  });
  return parts.every((part, number) => part === header.parts[number]) ? header : { ...header, parts };
}
