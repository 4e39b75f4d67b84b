import { listed, nearest } from '../../lib/format/index.js';

/** Names or patterns that fit nothing, and names of the file that they may have been meant for: `"main.Dpeth"; did you mean "main.Depth"?` */
export function notFound(patterns: readonly string[], known: Iterable<string>): string {
  const names = new Set(known);
  const near = new Set(patterns.slice(0, 5).flatMap((pattern) => nearest(pattern, names) ?? []));
  return near.size === 0 ? listed(patterns) : `${listed(patterns)}; did you mean ${listed(near)}?`;
}
