/** Channels that may hold Cryptomatte IDs without saying so: the user decides, else the pixels. */

import { claimantsOf, holdsIds, weighLayers } from '../../lib/cryptomatte/index.js';
import { listed, mostListed } from '../../lib/format/index.js';
import {
  type AdvisedOption,
  advise,
  type Channel,
  ExrError,
  type FilterContext,
  type Header,
  isExrError,
  optionNamed,
} from '../../lib/index.js';
import { doubtfulLayers, headerSets, type LayerChannels } from '../../lib/layers/index.js';
import { compileGlobs } from './glob.js';
import { channelMatcher, unusedGlobs } from './select.js';
import { stemsOf } from './stems.js';

export const idOptions = {
  ids: {
    type: 'list',
    placeholder: 'GLOB',
    summary: 'these channels or layers hold Cryptomatte IDs, whatever they are called (repeatable)',
  },
  notIds: { type: 'list', placeholder: 'GLOB', summary: 'these hold none (repeatable)' },
} as const;

export interface IdChoices {
  readonly ids: readonly string[];
  readonly notIds: readonly string[];
}

/**
 * The header with a verdict (`Channel.ids`) for channels that the user names, and for the doubtful ones that a change would harm:
 * a few chunks of these are read. `harmedIn` tells for a header which channels those are.
 */
export async function judgeSuspects(
  header: Header,
  choices: IdChoices,
  harmedIn: (header: Header) => (channel: Channel) => boolean,
  context: FilterContext,
): Promise<Header> {
  const told = withChoices(header, choices, context);
  const harmed = harmedIn(told);
  const stemOf = stemsOf(context);
  const saysCrypto = (number: number): boolean => {
    const part = told.parts[number];
    return part !== undefined && /crypto/i.test(stemOf(part) ?? '');
  };
  const doubtful = doubtfulLayers(told, saysCrypto).filter(({ channels }) => channels.some(harmed));
  if (doubtful.length === 0) return told;
  const verdicts = await verdictsOf(told, doubtful, saysCrypto, context);
  return withVerdicts(told, verdicts);
}

function withChoices(header: Header, { ids, notIds }: IdChoices, context: FilterContext): Header {
  if (ids.length + notIds.length === 0) return header;
  const [yes, no] = [ids, notIds].map(compileGlobs) as [
    ReturnType<typeof compileGlobs>,
    ReturnType<typeof compileGlobs>,
  ];
  const unused = [...yes, ...no].filter((glob) => unusedGlobs(header, { channel: [glob], layer: [glob] }).length > 1);
  if (unused.length > 0) context.warn('NO_MATCH', `nothing is called ${listed(unused.map(({ pattern }) => pattern))}`);
  const isYes = channelMatcher(header, { channel: yes, layer: yes });
  const isNo = channelMatcher(header, { channel: no, layer: no });
  const all = header.parts.flatMap(({ channels }) => channels);
  const both = all.filter((channel) => isYes(channel) && isNo(channel));
  if (both.length > 0)
    throw new ExrError(
      'usage',
      'IDS_CONTRADICT',
      advise`${optionNamed('ids')} and ${optionNamed('notIds')} both name ${listed(names(both), 3)}`,
    );
  refuseDeclared(header, isNo);
  const verdicts = new Map<Channel, 'yes' | 'no'>();
  for (const channel of all)
    if (isYes(channel)) verdicts.set(channel, 'yes');
    else if (isNo(channel)) verdicts.set(channel, 'no');
  return withVerdicts(header, verdicts);
}

/** Metadata that names the channels as a Cryptomatte's would be wrong from then on. */
function refuseDeclared(header: Header, isNo: (channel: Channel) => boolean): void {
  const set = headerSets(header).find(({ layers }) => layers.some(({ channels }) => channels.some(isNo)));
  if (!set) return;
  throw new ExrError(
    'usage',
    'IDS_DECLARED',
    `the metadata of "${set.name}" declares that its channels hold Cryptomatte IDs`,
    {
      hint: `Drop that first, if it is wrong: "drop-attribute '${set.prefix}${set.key}/*'".`,
    },
  );
}

function names(channels: readonly Channel[]): string[] {
  return channels.map(({ name }) => name);
}

async function verdictsOf(
  header: Header,
  layers: readonly LayerChannels[],
  saysCrypto: (part: number) => boolean,
  context: FilterContext,
): Promise<ReadonlyMap<Channel, 'yes' | 'no'>> {
  // A pipe would have to be copied to a file for more than its beginning.
  const isPipe = context.inputs.some(({ path }) => path === undefined);
  const weights = await weighed(header, layers, !isPipe, context);
  const manifests = claimantsOf(headerSets(header)).map(({ ids }) => ids);
  const verdicts = new Map<Channel, 'yes' | 'no'>();
  const open: LayerChannels[] = [];
  // Where metadata has lost its channels, or a layer without a name is in a file that is called like a rank, these may be the last
  // ranks, which cover nothing in most frames.
  const areMissed = headerSets(header).some((set) => set.layers.length === 0);
  for (const layer of layers) {
    const statistics = weights?.get(layer);
    const isBlank = statistics !== undefined && statistics.samples + statistics.badCoverageSamples === 0;
    const mayBeLast = areMissed || (layer.layer === '' && saysCrypto(layer.part));
    const verdict = statistics && (isBlank && !isPipe && !mayBeLast ? false : holdsIds(statistics, manifests));
    if (verdict === undefined) open.push(layer);
    for (const channel of layer.channels) verdicts.set(channel, verdict === false ? 'no' : 'yes');
  }
  if (open.length > 0)
    context.note(
      'IDS_POSSIBLE',
      advise`no pixel tells whether ${open.length === 1 ? 'a layer holds' : `${open.length} layers hold`} Cryptomatte IDs, so it is assumed; if not, use ${denial(open)}`,
    );
  return verdicts;
}

async function weighed(
  header: Header,
  layers: readonly LayerChannels[],
  thorough: boolean,
  context: FilterContext,
): Promise<Awaited<ReturnType<typeof weighLayers>> | undefined> {
  try {
    return await weighLayers(header, layers, context.samples, thorough);
  } catch (error) {
    // What cannot be decoded cannot be stored in another way either, and is refused later.
    if (isExrError(error) && error.kind === 'unsupported') return undefined;
    throw error;
  }
}

/** Layers as `notIds` takes them. */
function denial(layers: readonly LayerChannels[]): AdvisedOption {
  if (layers.length > mostListed) return optionNamed('notIds', 'GLOB');
  const words = layers.map(({ layer, channels }) => (layer === '' ? `{${names(channels).join(',')}}` : layer));
  return optionNamed('notIds', words);
}

function withVerdicts(header: Header, verdicts: ReadonlyMap<Channel, 'yes' | 'no'>): Header {
  const parts = header.parts.map((part) => {
    if (!part.channels.some((channel) => verdicts.has(channel))) return part;
    const channels = part.channels.map((channel): Channel => {
      const ids = channel.ids ?? verdicts.get(channel);
      return ids === undefined ? channel : { ...channel, ids };
    });
    return { ...part, channels };
  });
  return { ...header, parts };
}
