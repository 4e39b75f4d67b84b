/**
 * Safety limits. A file beyond one of them is refused with an error of kind `limit` before memory is reserved; the error names
 * the limit. They are far above every real file seen and below what would harm the machine; raise them for a file that you trust.
 */
import { type ErrorPlace, ExrError } from '../model/error.js';

interface LimitFacts {
  readonly usual: number;
  /** The unit: bytes may be written as 2G. */
  readonly unit: 'bytes' | 'pixels' | 'count';
  /** What it limits, as the end of a sentence. */
  readonly meaning: string;
}

const bytes = (usual: number, meaning: string): LimitFacts => ({ usual, unit: 'bytes', meaning });
const count = (usual: number, meaning: string): LimitFacts => ({ usual, unit: 'count', meaning });

/** All limits: the only place where they are named, set and explained. */
export const limitFacts = {
  headerBytes: bytes(64 << 20, 'bytes of all headers of a file together'),
  attributeBytes: bytes(32 << 20, 'bytes of the value of one attribute'),
  attributes: count(1 << 17, 'attributes of all parts together'),
  manifestBytes: bytes(32 << 20, 'bytes of one manifest of a Cryptomatte that is in the file itself'),
  sideFileBytes: bytes(256 << 20, 'bytes of one file read besides: a sidecar, a list of names, a preset'),
  parts: count(4096, 'parts of a file'),
  channelsPerPart: count(4096, 'channels of one part'),
  channels: count(1 << 17, 'channels of all parts together'),
  pixels: { usual: 2 ** 36, unit: 'pixels', meaning: 'pixels of all parts together, levels not counted' },
  chunksPerPart: count(1 << 20, 'chunks of one part; OpenEXR reads no more than 1048576'),
  chunks: count(1 << 21, 'chunks of all parts together'),
  chunkBytes: bytes(2 ** 30, 'unpacked bytes of one chunk'),
  claimBytes: bytes(256 << 20, 'unpacked bytes that one chunk may claim in a file of less than a hundredth of them'),
} as const satisfies { readonly [name: string]: LimitFacts };

/** What can be limited; docs/reference.md describes each. */
export type LimitName = keyof typeof limitFacts;

/** A number for each limit: bytes, pixels or a count. */
export type Limits = { readonly [Name in LimitName]: number };

/** The names of all limits. */
export const limitNames = Object.keys(limitFacts) as readonly LimitName[];

/** The limits that hold without a choice. */
export const defaultLimits = Object.fromEntries(limitNames.map((name) => [name, limitFacts[name].usual])) as Limits;

/**
 * The usual limits with some changed.
 *
 * @throws ExrError of kind `usage` for a limit that does not exist or is not a whole number above 0.
 */
export function makeLimits(changes: Partial<Limits> = {}): Limits {
  for (const [name, value] of Object.entries(changes)) {
    if (!Object.hasOwn(limitFacts, name))
      throw new ExrError('usage', 'BAD_LIMIT', `there is no limit "${name}"`, {
        hint: `The limits are ${limitNames.join(', ')}.`,
      });
    if (value !== undefined && !(Number.isSafeInteger(value) && value > 0))
      throw new ExrError('usage', 'BAD_LIMIT', `the limit "${name}" is a whole number above 0, not ${String(value)}`);
  }
  const given = Object.entries(changes).filter(([, value]) => value !== undefined);
  return given.length === 0 ? defaultLimits : { ...defaultLimits, ...Object.fromEntries(given) };
}

/** The error for exceeding a limit. */
export function limitError(
  name: LimitName,
  limits: Limits,
  code: string,
  message: string,
  where: ErrorPlace = {},
): ExrError {
  return new ExrError('limit', code, `${message}, and the limit "${name}" is ${limits[name]}`, {
    where,
    limit: name,
    hint: `Raise the limit "${name}" if the file can be trusted.`,
  });
}

/** A chunk may declare this many times the file's existing bytes before `claimBytes` applies. */
const soberClaim = 100;

/**
 * `there` is how many bytes of the file are known to exist.
 *
 * @throws ExrError of kind `limit` if a chunk would unpack to more than may be held, or to far more than is plausible for a
 *   file of this size.
 */
export function checkChunkClaim(unpacked: number, there: number, limits: Limits): void {
  if (unpacked > limits.chunkBytes)
    throw limitError('chunkBytes', limits, 'CHUNK_TOO_LARGE', `a chunk unpacks to ${unpacked} bytes`);
  if (unpacked > limits.claimBytes && unpacked > soberClaim * there)
    throw limitError(
      'claimBytes',
      limits,
      'CHUNK_CLAIM_TOO_LARGE',
      `a chunk declares ${unpacked} bytes in a file of ${there} bytes`,
    );
}

/** Bytes that the name of a channel, an attribute or a type may have, without and with the long-name flag (OpenEXR file layout, "Version field"). */
export const longestShortName = 31;
/**
 * Bytes of the longest name of a channel or attribute, where the version field's flag for long names is set (OpenEXR file layout).
 */
export const longestName = 255;

/** Largest window side: OpenEXR's reader refuses coordinates beyond half the 32-bit range. */
export const maxCoordinate = 0x3fffffff;
