/**
 * Why a .blend file could not be read.
 *
 * - `NOT_BLEND`: the file is something else.
 * - `BLEND_TRUNCATED`: the file ends before its end block.
 * - `BLEND_CORRUPT`: the file contradicts itself or its format.
 * - `BLEND_UNSUPPORTED`: a format or compression this reader does not know (or was given no decompressor for).
 * - `BLEND_LIMIT`: a safety limit was exceeded, see `BlendLimits`.
 */
export type BlendErrorCode = 'NOT_BLEND' | 'BLEND_TRUNCATED' | 'BLEND_CORRUPT' | 'BLEND_UNSUPPORTED' | 'BLEND_LIMIT';

/** The only error that this folder throws itself. Errors of the caller's source pass through unchanged. */
export class BlendError extends Error {
  override readonly name = 'BlendError';
  /** Stable, meant for programs; the message is for people. */
  readonly code: BlendErrorCode;
  /** The exceeded limit, if it is one for files of any kind (`Limits`). */
  readonly limit: 'claimBytes' | undefined;

  constructor(code: BlendErrorCode, message: string, cause?: unknown, limit?: 'claimBytes') {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.limit = limit;
  }
}

export function corrupt(message: string): BlendError {
  return new BlendError('BLEND_CORRUPT', message);
}

export function truncated(message: string): BlendError {
  return new BlendError('BLEND_TRUNCATED', message);
}
