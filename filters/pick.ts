import { advise, defineFilter, optionNamed } from '../lib/index.js';
import { nothingAsked } from './shared/attributes.js';
import { compileGlobs } from './shared/glob.js';
import { keepChannels } from './shared/keep.js';
import { notFound } from './shared/not-found.js';
import { channelMatcher, namesIn, selectParts, unusedGlobs } from './shared/select.js';

/** Keeps layers, channels or parts, and removes the others. See docs/reference.md#pick for its options. */
export const pick = defineFilter({
  name: 'pick',
  summary: 'Keep only some channels, layers or parts',
  description: [
    'Keeps what you name and removes the rest. --layer keeps everything under a name: "Chars" means all passes of the view layer Chars, "Chars.CryptoObject" a Cryptomatte with all its ranks and its metadata. --channel names single channels. A channel is kept when any of several options matches it.',
    '--part alone keeps whole parts; with --layer or --channel it selects the parts in which to look.',
    'In patterns * and ? match any characters, including dots. Metadata follows: with the channels of a Cryptomatte goes its metadata, and keeping only some of its channels is an error.',
  ].join('\n\n'),
  examples: [
    {
      command: 'pick --layer Chars --layer "BG.Crypto*" shot.0001.exr -o comp.0001.exr',
      what: "one view layer, and another one's Cryptomattes",
    },
    { command: 'pick --channel "*.Combined.[RGBA]" shot.0001.exr -o beauty.0001.exr', what: 'all beauty passes' },
    { command: 'pick --part "*.left" stereo.exr -o left.exr', what: 'some parts of a multi-part file' },
  ],
  options: {
    channel: { type: 'list', placeholder: 'GLOB', summary: 'keep channels with this name (repeatable)' },
    layer: { type: 'list', placeholder: 'GLOB', summary: 'keep all channels under this layer (repeatable)' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'keep only parts of this name or number (repeatable)' },
  },
  rewritesChunks: ({ channel, layer }) => channel.length + layer.length > 0,
  check: ({ channel, layer, part }) => {
    if (channel.length + layer.length + part.length === 0)
      throw nothingAsked(
        'pick',
        advise`name what to keep, with ${optionNamed('channel')}, ${optionNamed('layer')} or ${optionNamed('part')}`,
      );
  },
  header(header, options, context) {
    const globs = { channel: compileGlobs(options.channel), layer: compileGlobs(options.layer) };
    const parts = selectParts(header, compileGlobs(options.part));
    const whole = globs.channel.length + globs.layer.length === 0;
    const matches = channelMatcher(header, globs);
    const result = keepChannels(header, context, (part, channel) => parts.has(part) && (whole || matches(channel)));
    const unused = unusedGlobs(header, globs);
    if (unused.length > 0)
      context.warn(
        'NO_MATCH',
        `nothing is called ${notFound(
          unused.map(({ pattern }) => pattern),
          namesIn(header),
        )}`,
      );
    return result;
  },
});
