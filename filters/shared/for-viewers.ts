/** A frame as files that programs for plain images open: `split --for viewers`. */
import { groupBy, listed } from '../../lib/format/index.js';
import {
  type Channel,
  ExrError,
  type FilterContext,
  type Header,
  isArrived,
  isDeep,
  type Part,
  type Samples,
  sortChannels,
} from '../../lib/index.js';
import { cryptomatteSets, placesOf, rankChannels, withoutSets } from '../../lib/layers/index.js';
import { inheritGlobals } from './attributes.js';
import { viewerImages } from './viewers.js';

/** Compressions that nearly every reader has; others become ZIP, which loses nothing. */
const everywhere: readonly string[] = ['none', 'rle', 'zips', 'zip', 'piz'];

/** A part for each image that the frame has, each to be a file of its own. Throws `usage` where it has none. */
export function imagesForViewers(header: Header, context: FilterContext): Header {
  const ranks = rankChannels(header);
  const places = [...placesOf(header).values()].filter(({ channel }) => !ranks.has(channel));
  const layers = groupBy(places, ({ part, layer, view }) => JSON.stringify([part, layer, view]));
  const deep = header.parts.filter(isDeep);
  if (deep.length > 0)
    context.warn(
      'DEEP_DROPPED',
      `programs for plain images do not read deep parts: ${listed(deep.map(({ name = '' }) => name))}`,
    );
  const first = header.parts[0] as Part;
  const taken = new Set<string>();
  const images = [...layers.values()].flatMap((own) => {
    const [{ part: number, layer, view }] = own as [(typeof own)[number]];
    const part = header.parts[number] as Part;
    if (isDeep(part)) return [];
    return viewerImages(own).map(({ channels, title, zeros }): Part => {
      const label = [layer || (title === '' ? 'root' : ''), title, view].filter((piece) => piece !== '').join('.');
      const named = channels.map(({ channel, name }): Channel => ({ ...channel, name }));
      const [model] = named as [Channel, ...Channel[]];
      return imageOf(part, first, freeName(label, taken), [
        ...named,
        ...zeros.map((name) => ({ ...model, name, plane: zeroPlane(model) })),
      ]);
    });
  });
  if (images.length === 0)
    throw new ExrError('usage', 'NOTHING_LEFT', 'the frame has nothing but Cryptomattes and deep parts', {
      hint: '"masks" writes Cryptomattes as PNG.',
    });
  if (ranks.size > 0)
    context.note(
      'CRYPTOMATTE_DROPPED',
      'programs for plain images cannot show Cryptomattes; "masks" writes them as PNG',
    );
  return { ...header, parts: images, multiPart: images.length > 1 };
}

function imageOf(part: Part, first: Part, name: string, channels: readonly Channel[]): Part {
  const attributes = inheritGlobals(part.attributes, first.attributes);
  const type = channels.every((channel) => channel.type === 'half') ? 'half' : 'float';
  const isWhole = channels.every(({ xSampling, ySampling }) => xSampling === 1 && ySampling === 1);
  const dataWindow = isWhole ? part.displayWindow : part.dataWindow;
  return {
    ...part,
    name,
    dataWindow,
    tiles: part.tiles && { ...part.tiles, levels: 'one' },
    compression: everywhere.includes(part.compression) ? part.compression : 'zip',
    channels: sortChannels(channels.map((channel) => ({ ...channel, type }))),
    attributes: withoutSets(attributes, cryptomatteSets(part)).without('view').without('multiView'),
  };
}

/** As many zeros as another channel has samples. */
function zeroPlane({ plane }: Channel): Channel['plane'] {
  if (!isArrived(plane)) return plane;
  return { inputs: [plane], compute: (_inputs: readonly Samples[], out: Samples) => void out.fill(0) };
}

function freeName(label: string, taken: Set<string>): string {
  let name = label;
  for (let number = 2; taken.has(name); number++) name = `${label}_${number}`;
  taken.add(name);
  return name;
}
