import { type ErrorKind, ExrError } from '../model/error.js';

/** Of what kind the kernels' errors are, by their codes (`CodecErrorCode` of openexr-wasm). */
const kinds: ReadonlyMap<string, ErrorKind> = new Map([
  ['truncated', 'invalid'],
  ['corrupt', 'invalid'],
  ['too-large', 'invalid'],
  ['unsupported', 'unsupported'],
  ['out-of-memory', 'limit'],
  ['bad-argument', 'internal'],
  ['internal', 'internal'],
]);

/** An error of the kernels as an ExrError; any other as it is. */
export function explainCodecError(error: unknown): unknown {
  // By its name: the class is not known here, since the kernels may come from elsewhere.
  if (!(error instanceof Error) || error.name !== 'CodecError' || !('code' in error)) return error;
  const code = String(error.code);
  return new ExrError(kinds.get(code) ?? 'internal', code, error.message, { cause: error });
}
