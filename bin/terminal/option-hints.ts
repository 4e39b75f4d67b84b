import { spellingHint } from '../../lib/io/frame-path.js';
import { ExrError, isExrError } from '../../lib/model/error.js';

/** What to do about some errors, in the words of the command line instead of those of the library's options. */
const hints: ReadonlyMap<string, string> = new Map([
  [
    'FRAMES_MISSING',
    'Skip them with --missing skip, repeat the previous frame with --missing hold, or select other frames with --frames.',
  ],
  ['OUTPUT_IS_INPUT', 'Write somewhere else, or use --in-place to replace the input.'],
]);

/** An error with such a hint; any other as it is. */
export function inOptionWords(error: unknown): unknown {
  if (!isExrError(error)) return error;
  const { kind, code, message, where, cause } = error;
  const hint = hintFor(error);
  return hint === undefined ? error : new ExrError(kind, code, message, { where, hint, cause });
}

function hintFor({ code, limit, where }: ExrError): string | undefined {
  if (limit !== undefined) return `Raise it with "--limit ${limit}=VALUE" if the file can be trusted.`;
  return code === 'ENOENT' ? spellingHint(where.file ?? '') : hints.get(code);
}
