import { codecs, levelProse, limitNames, makeLimits } from '../../lib/format/index.js';
import type { Limits, OptionSpecs, OptionValues } from '../../lib/index.js';
import { programs } from '../../lib/layers/index.js';
import { sequenceOptions } from './sequence-options.js';
import { usageError } from './usage.js';

/** Every command has it. */
export const helpOption = {
  help: { type: 'flag', summary: 'show this help' },
} as const satisfies OptionSpecs;

/** Every command that reads files has it. */
export const limitOption = {
  limit: {
    type: 'list',
    placeholder: 'NAME=VALUE',
    summary:
      'raise a safety limit for files that you trust, such as chunkBytes=2G (repeatable; docs/reference.md lists them)',
  },
} as const satisfies OptionSpecs;

/** Options of every chain of filters, wherever they stand in it. */
export const commonOptions = {
  output: {
    type: 'file',
    writes: true,
    placeholder: 'PATH',
    summary: 'where to write: a file, a folder, or a pattern such as out/{layer}.####.exr (default: stdout)',
  },
  explain: { type: 'flag', summary: 'print on stderr how the pixels of every part will move, and why' },
  dryRun: { type: 'flag', summary: 'explain only: read the headers, check everything, write nothing' },
  strict: { type: 'flag', summary: 'treat warnings as errors' },
  quiet: { type: 'flag', summary: 'print only errors on stderr, no warnings and notes' },
  for: {
    type: 'list',
    choices: programs,
    placeholder: 'PROGRAM',
    summary: 'a program that the result is for (repeatable): no warnings about what other programs no longer find',
  },
  allowLossy: { type: 'flag', summary: 'allow pixels that were stored with loss to be re-encoded with loss' },
  level: {
    type: 'number',
    min: 1,
    max: Math.max(...codecs.map(({ levels }) => levels?.most ?? 0)),
    placeholder: 'N',
    summary: `compression level: ${levelProse()}`,
  },
  table: {
    type: 'choice',
    choices: ['auto', 'zero'],
    default: 'auto',
    placeholder: 'HOW',
    summary: 'zero: on a pipe, leave the offset table empty instead of buffering the output in a temporary file',
  },
  memory: {
    type: 'text',
    placeholder: 'SIZE',
    summary: 'memory for pixels in progress, such as 512M',
  },
  threads: { type: 'number', min: 1, max: 256, placeholder: 'N', summary: 'threads for codecs (default: all cores)' },
  ...sequenceOptions,
  plugin: {
    type: 'files',
    placeholder: 'MODULE',
    summary: 'a module with more filters: a path such as ./my-filter.js, or a package (repeatable; docs/plugins.md)',
  },
  ...limitOption,
  ...helpOption,
} as const satisfies OptionSpecs;

export type CommonOptions = OptionValues<typeof commonOptions>;

const units: Readonly<Record<string, number>> = { '': 1, k: 1 << 10, m: 1 << 20, g: 1 << 30 };

/** Limits from words such as `chunkBytes=2G`; undefined where there are none. Throws `usage`. */
export function limitsOf(words: readonly string[]): Partial<Limits> | undefined {
  if (words.length === 0) return undefined;
  const limits = Object.fromEntries(
    words.map((word) => {
      const equals = word.indexOf('=');
      if (equals < 1)
        throw usageError(`--limit: "${word}" is not NAME=VALUE`, `The limits are ${limitNames.join(', ')}.`);
      return [word.slice(0, equals), parseSize(word.slice(equals + 1))];
    }),
  );
  makeLimits(limits);
  return limits;
}

/** Bytes from `64M`, `1.5G`, `100000`. Units are powers of 1024. */
export function parseSize(text: string): number {
  const match = /^(\d+(?:\.\d+)?)\s*([kmg]?)(?:i?b)?$/i.exec(text.trim());
  const bytes = Math.floor(Number(match?.[1]) * (units[match?.[2]?.toLowerCase() ?? ''] ?? Number.NaN));
  if (!Number.isSafeInteger(bytes) || bytes < 1)
    throw usageError(`"${text}" is not a size`, 'Write for example 512M or 2G.');
  return bytes;
}
