/** What comes before the pixels of a PNG. */
import { ExrError } from '../model/error.js';
import { crc32 } from './crc32.js';

/** Where the bytes of a PNG are. */
export interface PngBytes {
  readonly size: number;
  /** Exactly these bytes; throws where there are fewer. */
  read(position: number, length: number): Promise<Uint8Array>;
}

/** The first eight bytes of every PNG. */
export const pngSignature = Uint8Array.of(0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a);

export interface PngHead {
  readonly width: number;
  readonly height: number;
  /** Bits of a sample, or of a number of a palette. */
  readonly depth: number;
  /** Samples of a pixel as stored; one for numbers of a palette. */
  readonly samples: number;
  /** What the samples are, with the names that an EXR has for them. */
  readonly channels: readonly string[];
  /** Bits of a channel's values: those of the palette's colours are 8. */
  readonly bits: number;
  /** Its colours, each with as many values as there are channels. */
  readonly palette: readonly (readonly number[])[] | undefined;
  /** Where the first chunk of pixels begins. */
  readonly pixels: number;
}

/** Channels by the colour type, and the depths that it may have (ISO/IEC 15948, table 11.1). */
const colourTypes: ReadonlyMap<number, { readonly channels: readonly string[]; readonly depths: readonly number[] }> =
  new Map([
    [0, { channels: ['Y'], depths: [1, 2, 4, 8, 16] }],
    [2, { channels: ['R', 'G', 'B'], depths: [8, 16] }],
    [3, { channels: ['R', 'G', 'B'], depths: [1, 2, 4, 8] }],
    [4, { channels: ['Y', 'A'], depths: [8, 16] }],
    [6, { channels: ['R', 'G', 'B', 'A'], depths: [8, 16] }],
  ]);

/** Chunks before the pixels are small, except for embedded profiles and texts, which are ignored. */
const mostChunks = 10_000;

export async function readPngHead(bytes: PngBytes): Promise<PngHead> {
  const { size } = bytes;
  const start = await bytes.read(0, Math.min(size, 33));
  if (start.length < 33 || !pngSignature.every((byte, at) => start[at] === byte))
    throw new ExrError('invalid', 'NOT_PNG', 'this is no PNG');
  const view = new DataView(start.buffer, start.byteOffset, start.length);
  if (text(start, 12) !== 'IHDR' || view.getUint32(8) !== 13 || view.getUint32(29) !== crc32(start.subarray(12, 29)))
    throw damaged('its header is wrong');
  const [width, height] = [view.getUint32(16), view.getUint32(20)];
  const [depth = 0, colour = 0, packing, filter, interlace] = start.subarray(24, 29);
  const known = colourTypes.get(colour);
  if (!known?.depths.includes(depth) || packing !== 0 || filter !== 0 || width === 0 || height === 0)
    throw damaged('its header is wrong');
  if (width > 0x7fffffff || height > 0x7fffffff || width > 1 << 24)
    throw damaged(`it claims ${width} x ${height} pixels`);
  if (interlace !== 0)
    throw new ExrError('unsupported', 'PNG_INTERLACED', 'an interlaced PNG cannot be read line by line', {
      hint: 'Save it without interlacing.',
    });
  let palette: (readonly number[])[] | undefined;
  let alphas: Uint8Array | undefined;
  let position = 33;
  for (let count = 0; ; count++) {
    if (position + 12 > size || count > mostChunks) throw damaged('it has no pixels');
    const leader = await bytes.read(position, 8);
    const length = new DataView(leader.buffer, leader.byteOffset).getUint32(0);
    const type = text(leader, 4);
    if (type === 'IDAT') break;
    if (type === 'IEND' || position + 12 + length > size) throw damaged('it has no pixels');
    if (type === 'PLTE' && length <= 768) {
      const entries = await bytes.read(position + 8, length);
      palette = Array.from({ length: Math.floor(length / 3) }, (_, at) => [...entries.subarray(at * 3, at * 3 + 3)]);
    }
    if (type === 'tRNS' && length <= 256) alphas = await bytes.read(position + 8, length);
    position += 12 + length;
  }
  const head = { width, height, depth, pixels: position };
  if (colour !== 3)
    return { ...head, samples: known.channels.length, channels: known.channels, bits: depth, palette: undefined };
  if (!palette || palette.length === 0) throw damaged('it has no palette');
  const colours = alphas ? palette.map((own, at) => [...own, alphas[at] ?? 255]) : palette;
  const channels = alphas ? [...known.channels, 'A'] : known.channels;
  return { ...head, samples: 1, channels, bits: 8, palette: colours };
}

function text(bytes: Uint8Array, at: number): string {
  return String.fromCharCode(...bytes.subarray(at, at + 4));
}

function damaged(what: string): ExrError {
  return new ExrError('invalid', 'BAD_PNG', `the PNG is damaged: ${what}`, { hint: 'Export it again.' });
}
