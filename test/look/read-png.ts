/** A reader of PNG for tests, after the specification and not after our writer: every chunk's checksum, every filter. */
import { crc32, inflateSync } from 'node:zlib';

export interface ReadPng {
  readonly width: number;
  readonly height: number;
  readonly depth: number;
  readonly colour: number;
  readonly types: readonly string[];
  readonly palette: Uint8Array | undefined;
  readonly text: ReadonlyMap<string, string>;
  /** Rows of bytes without their filters. */
  readonly rows: readonly Uint8Array[];
}

const samples: Readonly<Record<number, number>> = { 0: 1, 2: 3, 3: 1, 4: 2, 6: 4 };

export function readPng(bytes: Uint8Array): ReadPng {
  const file = Buffer.from(bytes);
  if (file.toString('latin1', 0, 8) !== '\x89PNG\r\n\x1a\n') throw new Error('no PNG');
  const chunks: { type: string; data: Buffer }[] = [];
  for (let at = 8; at < file.length; ) {
    const length = file.readUInt32BE(at);
    const data = file.subarray(at + 8, at + 8 + length);
    if (crc32(file.subarray(at + 4, at + 8 + length)) !== file.readUInt32BE(at + 8 + length))
      throw new Error('bad CRC');
    chunks.push({ type: file.toString('latin1', at + 4, at + 8), data });
    at += length + 12;
  }
  const all = (type: string): Buffer[] => chunks.filter((chunk) => chunk.type === type).map(({ data }) => data);
  const [header] = all('IHDR');
  if (!header || chunks.at(-1)?.type !== 'IEND') throw new Error('not whole');
  const [width, height] = [header.readUInt32BE(0), header.readUInt32BE(4)];
  const [depth, colour] = [header.readUInt8(8), header.readUInt8(9)];
  const pixel = ((samples[colour] ?? 0) * depth) / 8;
  const words = all('tEXt').map((data) => data.toString('latin1').split('\0') as [string, string]);
  const raw = inflateSync(Buffer.concat(all('IDAT')));
  const line = width * pixel;
  if (raw.length !== (line + 1) * height) throw new Error('wrong number of bytes');
  const rows: Uint8Array[] = [];
  for (let y = 0; y < height; y++) {
    const from = y * (line + 1);
    rows.push(unfilter(raw.readUInt8(from), raw.subarray(from + 1, from + 1 + line), rows.at(-1), pixel));
  }
  const types = chunks.map(({ type }) => type);
  return { width, height, depth, colour, types, palette: all('PLTE')[0], text: new Map(words), rows };
}

function unfilter(kind: number, packed: Uint8Array, above: Uint8Array | undefined, pixel: number): Uint8Array {
  const out = new Uint8Array(packed.length);
  for (let i = 0; i < out.length; i++) {
    const left = out[i - pixel] ?? 0;
    const up = above?.[i] ?? 0;
    const corner = i < pixel ? 0 : (above?.[i - pixel] ?? 0);
    const guess = [0, left, up, Math.floor((left + up) / 2), paeth(left, up, corner)][kind];
    if (guess === undefined) throw new Error(`filter ${kind}`);
    out[i] = (packed[i] ?? 0) + guess;
  }
  return out;
}

function paeth(left: number, up: number, corner: number): number {
  const guess = left + up - corner;
  const [a, b, c] = [Math.abs(guess - left), Math.abs(guess - up), Math.abs(guess - corner)];
  if (a <= b && a <= c) return left;
  return b <= c ? up : corner;
}
