import { type ErrorKind, ExrError } from '../../model/error.js';

/**
 * Why a .blend file could not be read: the `code` of the {@link ExrError}.
 *
 * - `NOT_BLEND`: the file is something else.
 * - `BLEND_TRUNCATED`: the file ends before its end block.
 * - `BLEND_CORRUPT`: the file contradicts itself or its format.
 * - `BLEND_UNSUPPORTED`: a format or compression this reader does not know (or was given no decompressor for).
 * - `BLEND_LIMIT`: a safety limit was exceeded, see `BlendLimits`.
 */
export type BlendErrorCode = 'NOT_BLEND' | 'BLEND_TRUNCATED' | 'BLEND_CORRUPT' | 'BLEND_UNSUPPORTED' | 'BLEND_LIMIT';

const kinds: Readonly<Record<BlendErrorCode, ErrorKind>> = {
  NOT_BLEND: 'invalid',
  BLEND_TRUNCATED: 'invalid',
  BLEND_CORRUPT: 'invalid',
  BLEND_UNSUPPORTED: 'unsupported',
  BLEND_LIMIT: 'limit',
};

/** `limit` is the limit that was met, where it is one that files of any kind have (`Limits`). */
export function blendError(code: BlendErrorCode, message: string, cause?: unknown, limit?: 'claimBytes'): ExrError {
  return new ExrError(kinds[code], code, message, { cause, ...(limit !== undefined && { limit }) });
}

export function corrupt(message: string): ExrError {
  return blendError('BLEND_CORRUPT', message);
}

export function truncated(message: string): ExrError {
  return blendError('BLEND_TRUNCATED', message);
}
