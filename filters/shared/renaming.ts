import {
  type Attributes,
  type Channel,
  carrySets,
  ExrError,
  type FilterContext,
  type Header,
  longestName,
  type Part,
  sortChannels,
  textLength,
} from '../../lib/index.js';

/** New names for old ones. Options, presets and prefixes of "split" and "merge" all come down to this. */
export interface Renaming {
  channel(channel: Channel, part: Part): string;
  part(name: string, part: Part): string;
}

/** More lines than a person reads in an error. */
const mostProblems = 100;

/**
 * Renames channels and parts. Every channel keeps its plane, the list is sorted anew, and Cryptomatte metadata follows.
 * Throws one `usage` error that lists everything wrong with the new names.
 */
export function applyRenaming(
  header: Header,
  renaming: Renaming,
  context: FilterContext,
  { rekey = false }: { readonly rekey?: boolean } = {},
): Header {
  const names = new Map(
    header.parts.flatMap((part) => part.channels.map((one) => [one, renaming.channel(one, part)] as const)),
  );
  const nameOf = (channel: Channel): string => names.get(channel) ?? channel.name;
  const parts = header.parts.map((part): Part => {
    const channels = part.channels.map((channel) => ({ ...channel, name: nameOf(channel) }));
    const attributes = followViewLayers(part, nameOf);
    const name = part.name === undefined ? undefined : renaming.part(part.name, part);
    return { ...part, name, channels: sortChannels(channels), attributes };
  });
  const problems = [
    ...header.parts.flatMap((part) => channelProblems(part, nameOf)),
    ...partProblems(header.parts, parts),
  ];
  if (problems.length > 0) throw badNames(problems);
  return carrySets(header, { ...header, parts }, context, { rekey });
}

/** What is wrong with a name, or undefined. */
export function nameProblem(name: string): string | undefined {
  if (name === '') return 'is empty';
  if (textLength(name) > longestName) return `is longer than ${longestName} bytes`;
  if (name.includes('\0')) return 'has a zero byte in it';
  if (name.split('.').includes('')) return 'has nothing before, after or between its dots';
  return undefined;
}

/** Names that arrived are the file's business, however odd; a new name must not be wrong in a way the old one was not. */
function channelProblems(part: Part, nameOf: (channel: Channel) => string): string[] {
  const sources = new Map<string, string[]>();
  for (const channel of part.channels) {
    const twins = sources.get(nameOf(channel));
    if (twins) twins.push(channel.name);
    else sources.set(nameOf(channel), [channel.name]);
  }
  const clashes = [...sources].flatMap(([name, from]) =>
    from.length > 1 ? [`${from.map((one) => `"${one}"`).join(' and ')} would all be called "${name}"`] : [],
  );
  const illegal = part.channels.flatMap((channel) => {
    const name = nameOf(channel);
    const problem = nameProblem(name);
    return problem === undefined || problem === nameProblem(channel.name)
      ? []
      : [`"${channel.name}" would become "${name}", which ${problem}`];
  });
  return [...clashes, ...illegal];
}

function partProblems(before: readonly Part[], after: readonly Part[]): string[] {
  const counts = new Map<string, number>();
  for (const { name } of after) if (name !== undefined) counts.set(name, (counts.get(name) ?? 0) + 1);
  const clashes = [...counts].flatMap(([name, count]) =>
    count > 1 ? [`${count} parts would be called "${name}"`] : [],
  );
  const illegal = after.flatMap(({ name }, number) => {
    const old = before[number]?.name;
    if (name === old || name === undefined) return [];
    const problem = name === '' ? 'is empty' : name.includes('\0') ? 'has a zero byte in it' : undefined;
    return problem === undefined ? [] : [`the part "${old}" would become "${name}", which ${problem}`];
  });
  return [...clashes, ...illegal];
}

function badNames(problems: readonly string[]): ExrError {
  const shown = problems.slice(0, mostProblems).join('; ');
  const more = problems.length > mostProblems ? `; and ${problems.length - mostProblems} more` : '';
  return new ExrError('usage', 'BAD_NAMES', `the new names do not work: ${shown}${more}`, {
    hint: 'Give each its own name, or leave one of them out with "drop" first.',
  });
}

/** Cycles names its statistics after the view layer (`cycles.main.samples`); they follow when it has another name throughout. */
function followViewLayers(part: Part, nameOf: (channel: Channel) => string): Attributes {
  const layers = new Map<string, string>();
  for (const name of part.attributes.names()) {
    const layer = cyclesLayer(name);
    if (layer === undefined || layers.has(layer)) continue;
    const now = newLayerName(layer, part.channels, nameOf);
    layers.set(layer, now ?? layer);
  }
  if ([...layers].every(([layer, now]) => layer === now)) return part.attributes;
  return part.attributes.rename((name) => {
    const layer = cyclesLayer(name);
    return layer === undefined ? name : `cycles.${layers.get(layer)}${name.slice(name.lastIndexOf('.'))}`;
  });
}

/** The view layer in the name of a Cycles attribute; it may hold dots itself. */
export function cyclesLayer(attribute: string): string | undefined {
  return /^cycles\.(.+)\.[^.]+$/s.exec(attribute)?.[1];
}

/** The layer that all channels of a layer are in now; undefined when they do not agree, or are in none. */
function newLayerName(
  layer: string,
  channels: readonly Channel[],
  nameOf: (channel: Channel) => string,
): string | undefined {
  const names = new Set(
    channels
      .filter(({ name }) => name.startsWith(`${layer}.`))
      .map((channel) => {
        const rest = channel.name.slice(layer.length);
        const now = nameOf(channel);
        return now.endsWith(rest) ? now.slice(0, -rest.length) : '';
      }),
  );
  const [name] = names;
  return names.size === 1 && name !== '' ? name : undefined;
}
