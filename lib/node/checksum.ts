/** Digests of pixels, however they are stored. */
import type { ExrDocument } from '../engine/document.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import { type BandOptions, fullResolution, readBands } from '../io/bands.js';
import { ExrError } from '../model/error.js';
import { isDeep, type Part, type PixelType } from '../model/header.js';
import { newSha256 } from './digest.js';

/** The digest of one channel's samples. */
export interface ChannelDigest {
  /** SHA-256 in hex digits. */
  readonly digest: string;
  /** The data window: `64x36+0+0`. */
  readonly window: string;
  readonly type: PixelType;
  /** The channel's name, behind its part's where the file has several. */
  readonly name: string;
}

/**
 * A digest for each flat channel: of its samples at full resolution, line after line from the top, each as 32 bits
 * (little-endian; halves as the floats that they are). It is the same whatever the codec, the tiles, the order of lines and the
 * names.
 *
 * @throws ExrError of kind `invalid` for a file that lacks chunks.
 */
export async function channelDigests(
  document: Pick<ExrDocument, 'header' | 'arrived' | 'source'>,
  options: BandOptions,
): Promise<ChannelDigest[]> {
  const { header, source } = document;
  if (source.missing.length > 0)
    throw new ExrError(
      'invalid',
      'CHUNKS_MISSING',
      `${source.missing.length} chunks are missing: the file is unfinished`,
    );
  const flat = header.parts.filter((part) => !isDeep(part));
  if (flat.length > 1) await source.makeRandom();
  const found: ChannelDigest[] = [];
  for (const part of flat) {
    const hashes = part.channels.map(() => newSha256());
    for await (const { planes } of readBands(document, part, part.channels, fullResolution, options))
      for (const [at, { buffer, byteOffset, byteLength }] of planes.entries())
        hashes[at]?.update(new Uint8Array(buffer, byteOffset, byteLength));
    const prefix = header.parts.length > 1 && part.name !== undefined ? `${part.name}: ` : '';
    for (const [at, { name, type }] of part.channels.entries())
      found.push({ digest: hashes[at]?.digest('hex') ?? '', window: windowText(part), type, name: prefix + name });
  }
  return found;
}

function windowText({ dataWindow }: Part): string {
  const { xMin, yMin } = dataWindow;
  const signed = (value: number) => (value < 0 ? String(value) : `+${value}`);
  return `${boxWidth(dataWindow)}x${boxHeight(dataWindow)}${signed(xMin)}${signed(yMin)}`;
}

/** One line a channel. */
export function formatDigests(digests: readonly ChannelDigest[]): string {
  return digests.map(({ digest, window, type, name }) => `${digest}  ${window}  ${type}  ${name}\n`).join('');
}

/**
 * What {@link formatDigests} wrote; lines that begin with `#` and empty ones are ignored.
 *
 * @throws ExrError of kind `invalid` for others.
 */
export function parseDigests(text: string): ChannelDigest[] {
  return text.split(/\r?\n/).flatMap((line, at): ChannelDigest[] => {
    if (line === '' || line.startsWith('#')) return [];
    const { digest, window, type, name } =
      /^(?<digest>[0-9a-f]{64}) {2}(?<window>\S+) {2}(?<type>uint|half|float) {2}(?<name>.*)$/.exec(line)?.groups ?? {};
    if (!digest || !window || (type !== 'uint' && type !== 'half' && type !== 'float') || name === undefined)
      throw new ExrError('invalid', 'BAD_CHECKSUM', `line ${at + 1} is not a checksum`, {
        hint: 'Lists are made by "exrpipe checksum FILE > LIST".',
      });
    return [{ digest, window, type, name }];
  });
}
