/** Compares channels before and after a command, by the digests of the reference library. */

/** A channel with the name of its part. */
export interface PlacedChannel {
  readonly part: string;
  readonly name: string;
  readonly type: string;
  readonly digest: string;
}

/**
 * What must be the same: `names` and samples, in whatever part; `parts`, too; or `values` alone, where a command gives
 * names that the trial does not foretell.
 */
export type Sameness = 'names' | 'parts' | 'values';

const told: Readonly<Record<Sameness, (channel: PlacedChannel) => readonly string[]>> = {
  names: ({ name, type, digest }) => [name, type, digest],
  parts: ({ part, name, type, digest }) => [part, name, type, digest],
  values: ({ type, digest }) => [type, digest],
};

/** The fault of the channels after a command; undefined if there is none. */
export function difference(
  before: readonly PlacedChannel[],
  after: readonly PlacedChannel[],
  same: Sameness,
): string | undefined {
  const spelt = (channel: PlacedChannel): string => JSON.stringify(told[same](channel));
  const left = new Map<string, PlacedChannel[]>();
  for (const channel of after) {
    const key = spelt(channel);
    left.set(key, [...(left.get(key) ?? []), channel]);
  }
  const missing = before.filter((channel) => left.get(spelt(channel))?.pop() === undefined);
  const more = [...left.values()].flat();
  if (missing.length === 0 && more.length === 0) return undefined;
  const [lost, found] = [missing[0], more[0]];
  const changed = more.filter(({ name }) => missing.some((channel) => channel.name === name)).length;
  if (lost && changed > 0 && same === 'names') return `${changed} channels have other samples, such as ${lost.name}`;
  const place = ({ part, name }: PlacedChannel): string => (same === 'parts' ? `${part}/${name}` : name);
  return [
    ...(lost ? [`${missing.length} channels are gone, such as ${place(lost)}`] : []),
    ...(found ? [`${more.length} are new, such as ${place(found)}`] : []),
  ].join('; ');
}
