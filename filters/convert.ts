import { type Channel, defineFilter, parseChannelName, rankChannels } from '../lib/index.js';
import { compileGlobs, type Glob } from './shared/glob.js';
import { channelLayers, listed } from './shared/select.js';

export const convert = defineFilter({
  name: 'convert',
  summary: 'Store channels as half or float',
  description: [
    'half takes two bytes for each sample instead of four and is enough for colour. It holds about three digits and values up to 65504, so depth and positions suffer: use --only to name what may become half.',
    'Cryptomatte channels always stay as they are, because half would destroy their IDs; channels of whole numbers (uint) stay too. float holds every half value exactly.',
  ].join('\n\n'),
  examples: [
    {
      command: 'convert --to half --only "*.Combined" --only "*.DiffCol" shot.0001.exr -o shot_half.0001.exr',
      what: 'colour as half, depth and normals stay float',
    },
    { command: 'convert --to float plate.exr -o plate_float.exr', what: 'everything as float' },
  ],
  options: {
    to: { type: 'choice', choices: ['half', 'float'], required: true, placeholder: 'TYPE', summary: 'the pixel type' },
    only: { type: 'list', placeholder: 'GLOB', summary: 'only channels of this name or in this layer (repeatable)' },
  },
  header(header, { to, only }, context) {
    const globs = compileGlobs(only);
    const layersOf = channelLayers(header);
    const fits = (glob: Glob, channel: Channel): boolean =>
      glob.matches(channel.name) || layersOf(channel).some((layer) => glob.matches(layer));
    const chosen = (channel: Channel): boolean => globs.length === 0 || globs.some((glob) => fits(glob, channel));
    const protectedNames: string[] = [];
    const risky: string[] = [];
    const ranks = rankChannels(header);
    const parts = header.parts.map((part) => {
      const channels = part.channels.map((channel): Channel => {
        if (channel.type === to || channel.type === 'uint' || !chosen(channel)) return channel;
        if (ranks.has(channel)) {
          protectedNames.push(channel.name);
          return channel;
        }
        if (to === 'half' && globs.length === 0 && needsFloat(channel.name)) risky.push(channel.name);
        return { ...channel, type: to };
      });
      return { ...part, channels };
    });
    const unused = globs.filter(
      (glob) => !header.parts.some(({ channels }) => channels.some((one) => fits(glob, one))),
    );
    if (unused.length > 0)
      context.warn('NO_MATCH', `nothing is called ${listed(unused.map(({ pattern }) => pattern))}`);
    if (protectedNames.length > 0)
      context.note(
        'CRYPTOMATTE_KEPT',
        `${protectedNames.length} Cryptomatte channels stay as they are: ${listed(protectedNames, 3)}`,
      );
    if (risky.length > 0)
      context.warn(
        'HALF_TOO_SMALL',
        `half may be too coarse or too small for ${listed(risky, 5)}; name what should become half with --only`,
      );
    return { ...header, parts };
  },
});

/** Depth, positions and motion are measured in scene units and pixels: beyond the 11 bits and 65504 that half has. */
function needsFloat(name: string): boolean {
  const { layer, component } = parseChannelName(name);
  const pass = layer.slice(layer.lastIndexOf('.') + 1);
  return /^z(back)?$/i.test(component) || /^(depth|position|vector|p|uv)$/i.test(pass);
}
