/**
 * A filter that looks at the pixels before it decides about the header: it notes the nearest and farthest depth as
 * attributes, so that a compositor can set up a Z-defocus without opening the frame.
 *
 *     node dist/examples/06-read-pixels.js main.Depth.V shot.0001.exr out.exr
 */

import { formatAttribute } from '../lib/format/index.js';
import { defineFilter, ExrError, runFrame } from '../lib/index.js';
import { asProgram } from './as-program.js';

/** Depths from here on are the background (Blender writes 1e10). */
const background = 1e9;

export const noteDepth = defineFilter({
  name: 'note-depth',
  summary: 'Write the range of a depth channel into the header',
  description: 'Sets the float attributes depthNear and depthFar.',
  examples: [{ command: 'note-depth --channel main.Depth.V shot.exr -o out.exr', what: "Blender's depth pass" }],
  options: {
    channel: { type: 'text', required: true, placeholder: 'NAME', summary: 'the channel with the depth' },
  },
  async header(header, { channel }, context) {
    const part = header.parts.find(({ channels }) => channels.some(({ name }) => name === channel));
    if (!part) throw new ExrError('usage', 'NO_DEPTH', `there is no channel "${channel}"`);
    let near = Number.POSITIVE_INFINITY;
    let far = Number.NEGATIVE_INFINITY;
    // The samples come chunk by chunk, so the picture may be larger than the memory.
    for await (const { samples } of context.samples(part, [channel]))
      for (const depth of samples[0] ?? [])
        if (depth < background) {
          near = Math.min(near, depth);
          far = Math.max(far, depth);
        }
    const attributes = part.attributes.merge([
      ['depthNear', { type: 'float', value: formatAttribute('float', near) }],
      ['depthFar', { type: 'float', value: formatAttribute('float', far) }],
    ]);
    context.note('DEPTH', `${channel} reaches from ${near} to ${far}`);
    return { ...header, parts: header.parts.map((one) => (one === part ? { ...part, attributes } : one)) };
  },
});

export async function noteDepthRange(channel: string, input: string, output: string): Promise<void> {
  await runFrame([input], [noteDepth({ channel })], output);
}

await asProgram(import.meta.url, ['CHANNEL', 'INPUT', 'OUTPUT'], (channel = '', input = '', output = '') =>
  noteDepthRange(channel, input, output),
);
