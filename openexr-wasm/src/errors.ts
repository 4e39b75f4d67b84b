/** Stable codes of CodecError. The negative status codes of assembly/status.ts map to the first six, in order. */
export type CodecErrorCode =
  | 'out-of-memory'
  | 'truncated'
  | 'corrupt'
  | 'too-large'
  | 'bad-argument'
  | 'unsupported'
  | 'internal';

const STATUS: readonly (readonly [CodecErrorCode, string])[] = [
  ['out-of-memory', 'the chunk needs more memory than allowed'],
  ['truncated', 'the packed data ends too early'],
  ['corrupt', 'the packed data is damaged'],
  ['too-large', 'the packed data unpacks to more than the chunk can hold'],
  ['bad-argument', 'the channel layout and the buffers do not match'],
  ['unsupported', 'the packed data is of a kind this codec does not implement'],
];

/** Statuses that both this side and the module name. */
export const STATUS_OUTPUT_FULL = -4;
export const STATUS_UNSUPPORTED = -6;

/** What every function of this package throws for damaged data or impossible arguments. */
export class CodecError extends Error {
  override readonly name = 'CodecError';
  readonly code: CodecErrorCode;

  constructor(code: CodecErrorCode, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
  }
}

/** The error for a negative status code of the module. `what` names the codec and direction. */
export function statusError(status: number, what: string): CodecError {
  const [code, text] = STATUS[-status - 1] ?? ['internal', `unknown status ${status}`];
  return new CodecError(code, `${what}: ${text}`);
}
