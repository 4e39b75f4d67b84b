/**
 * A filter of your own. It only says what the header should be; how the pixels get there is the engine's business. One of
 * its channels is computed: the luminance of a layer's colour.
 *
 *     node dist/examples/04-your-own-filter.js main.Combined shot.0001.exr out.exr
 */
import { type Channel, defineFilter, ExrError, isArrived, runFrame, sortChannels } from '../lib/index.js';
import { joinChannelName } from '../lib/layers/index.js';
import { asProgram } from './as-program.js';

/** Weights of linear Rec. 709 colour (ITU-R BT.709). */
const weights = [0.2126, 0.7152, 0.0722] as const;

export const luminance = defineFilter({
  name: 'luminance',
  summary: 'Add the luminance of a layer',
  description: 'Adds a float channel Y to a layer that has R, G and B.',
  examples: [{ command: 'luminance --layer main.Combined shot.exr -o out.exr', what: 'main.Combined.Y' }],
  options: {
    layer: { type: 'text', required: true, placeholder: 'NAME', summary: 'the layer with the colour' },
  },
  header(header, { layer }) {
    let found = false;
    const parts = header.parts.map((part) => {
      const colour = ['R', 'G', 'B'].flatMap(
        (component) => part.channels.find(({ name }) => name === joinChannelName(layer, component)) ?? [],
      );
      // What an earlier filter has computed has no plane of its own in the file.
      const inputs = colour.flatMap(({ plane }) => (isArrived(plane) ? [plane] : []));
      if (inputs.length < 3) return part;
      found = true;
      const luma: Channel = {
        name: joinChannelName(layer, 'Y'),
        type: 'float',
        xSampling: 1,
        ySampling: 1,
        linear: false,
        plane: {
          inputs,
          compute([red = [], green = [], blue = []], out) {
            for (let i = 0; i < out.length; i++)
              out[i] = weights[0] * (red[i] ?? 0) + weights[1] * (green[i] ?? 0) + weights[2] * (blue[i] ?? 0);
          },
        },
      };
      return { ...part, channels: sortChannels([...part.channels, luma]) };
    });
    if (!found) throw new ExrError('usage', 'NO_COLOUR', `no part has stored R, G and B in the layer "${layer}"`);
    return { ...header, parts };
  },
});

export async function addLuminance(layer: string, input: string, output: string): Promise<void> {
  await runFrame([input], [luminance({ layer })], output);
}

await asProgram(import.meta.url, ['LAYER', 'INPUT', 'OUTPUT'], (layer = '', input = '', output = '') =>
  addLuminance(layer, input, output),
);
