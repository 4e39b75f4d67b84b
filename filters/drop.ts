import { advise, defineFilter, optionNamed } from '../lib/index.js';
import { nothingAsked } from './shared/attributes.js';
import { compileGlobs, matchesAny } from './shared/glob.js';
import { keepChannels } from './shared/keep.js';
import { notFound } from './shared/not-found.js';
import { channelMatcher, namesIn, unusedGlobs } from './shared/select.js';

/** Removes layers, channels or parts. See docs/reference.md#drop for its options. */
export const drop = defineFilter({
  name: 'drop',
  summary: 'Remove channels, layers or parts',
  description: [
    'Removes what you name and keeps the rest; the opposite of "pick", with the same options. --layer removes everything under a name; for the name of a Cryptomatte, all its ranks and its metadata.',
    '--part alone removes whole parts; with --layer or --channel it selects the parts in which to look.',
    'In patterns * and ? match any characters, including dots.',
  ].join('\n\n'),
  examples: [
    { command: 'drop --layer "*.Noisy*" --layer "*.Denoising*" shot.0001.exr -o lean.0001.exr', what: 'unused passes' },
    { command: 'drop --layer "*.CryptoAsset" shot.0001.exr -o lean.0001.exr', what: 'Cryptomattes that nobody uses' },
    { command: 'drop --part preview render.exr -o render_lean.exr', what: 'one part of a multi-part file' },
  ],
  options: {
    channel: { type: 'list', placeholder: 'GLOB', summary: 'remove channels with this name (repeatable)' },
    layer: { type: 'list', placeholder: 'GLOB', summary: 'remove all channels under this layer (repeatable)' },
    part: { type: 'list', placeholder: 'GLOB', summary: 'remove parts with this name (repeatable)' },
  },
  rewritesChunks: ({ channel, layer }) => channel.length + layer.length > 0,
  check: ({ channel, layer, part }) => {
    if (channel.length + layer.length + part.length === 0)
      throw nothingAsked(
        'drop',
        advise`name what to remove, with ${optionNamed('channel')}, ${optionNamed('layer')} or ${optionNamed('part')}`,
      );
  },
  header(header, options, context) {
    const globs = { channel: compileGlobs(options.channel), layer: compileGlobs(options.layer) };
    const partGlobs = compileGlobs(options.part);
    const parts = new Set(
      header.parts.filter(({ name }) => partGlobs.length === 0 || matchesAny(partGlobs, name ?? '')),
    );
    const whole = globs.channel.length + globs.layer.length === 0;
    const matches = channelMatcher(header, globs);
    const unused = [
      ...partGlobs.filter((glob) => !header.parts.some(({ name }) => glob.matches(name ?? ''))),
      ...unusedGlobs(header, globs),
    ];
    const patterns = unused.map(({ pattern }) => pattern);
    if (unused.length > 0) context.warn('NO_MATCH', `nothing has the name ${notFound(patterns, namesIn(header))}`);
    return keepChannels(header, context, (part, channel) => !(parts.has(part) && (whole || matches(channel))));
  },
});
