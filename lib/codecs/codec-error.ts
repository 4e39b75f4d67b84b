import { type ErrorKind, ExrError } from '../model/error.js';

/** The kinds of the kernels' errors, by their codes (`CodecErrorCode` of openexr-wasm). */
const kinds: ReadonlyMap<string, ErrorKind> = new Map([
  ['truncated', 'invalid'],
  ['corrupt', 'invalid'],
  ['too-large', 'invalid'],
  ['unsupported', 'unsupported'],
  ['out-of-memory', 'limit'],
  ['bad-argument', 'internal'],
  ['internal', 'internal'],
]);

/** An error of the kernels as an ExrError; any other error unchanged. */
export function explainCodecError(error: unknown): unknown {
  // By name: the class is unknown here, since the kernels may come from elsewhere.
  if (!(error instanceof Error) || error.name !== 'CodecError' || !('code' in error)) return error;
  const code = String(error.code);
  return new ExrError(kinds.get(code) ?? 'internal', code, error.message, { cause: error });
}
