// The main header of a codestream, in the order in which OpenEXR's encoder writes it.
import { ByteWriter } from './byte-writer.js';
import { type Codestream, type Component, PROGRESSIONS } from './codestream.js';
import * as marker from './markers.js';

/** Bits of Rsiz: high throughput (T.814), and extensions of Part 2 of which only NLT is used (T.801, table A.2). */
const RSIZ_HT = 0x4000;
const RSIZ_NLT = 0x8200;

/** Bits of Ccap15 (T.814, A.3.2): some transform is irreversible; the number of magnitude bits. */
const CCAP_IRREVERSIBLE = 0x20;
export const CCAP_MAGNITUDE = 0x1f;

export type WrittenHeader = Omit<Codestream, 'bytes' | 'bodies' | 'tileParts'>;

/** The header from SOC up to, and without, TLM and the first SOT. `rsiz` and `capability` are of the sources. */
export function writeMainHeader(header: WrittenHeader): Uint8Array {
  const { components, comments } = header;
  const writer = new ByteWriter();
  const wideNumbers = components.length > 256;
  const [{ coding, quantization }] = components as [Component];
  writer.u16(marker.SOC);
  writeSize(writer, header);
  segment(writer, marker.CAP, 6).u32(0x0002_0000).u16(capabilityOf(header));
  segment(writer, marker.COD, 5 + coding.bytes.length);
  writer.u8(coding.precincts ? 1 : 0).u8(PROGRESSIONS.indexOf(header.progression));
  writer
    .u16(1)
    .u8(header.colourTransform ? 1 : 0)
    .raw(coding.bytes);
  const number = (c: number): void => {
    if (wideNumbers) writer.u16(c);
    else writer.u8(c);
  };
  const numberBytes = wideNumbers ? 2 : 1;
  for (const [c, { coding: own }] of components.entries()) {
    if (isSame(own, coding) && own.precincts === coding.precincts) continue;
    segment(writer, marker.COC, numberBytes + 1 + own.bytes.length);
    number(c);
    writer.u8(own.precincts ? 1 : 0).raw(own.bytes);
  }
  segment(writer, marker.QCD, quantization.bytes.length).raw(quantization.bytes);
  for (const [c, { quantization: own }] of components.entries()) {
    if (isSame(own, quantization)) continue;
    segment(writer, marker.QCC, numberBytes + own.bytes.length);
    number(c);
    writer.raw(own.bytes);
  }
  for (const [c, { nonlinearity }] of components.entries()) {
    if (nonlinearity !== undefined)
      segment(writer, marker.NLT, 2 + nonlinearity.length)
        .u16(c)
        .raw(nonlinearity);
  }
  for (const comment of comments) segment(writer, marker.COM, comment.length).raw(comment);
  return writer.bytes;
}

/** One TLM segment: the length of each tile-part, in four bytes, after the number of its tile, in two. */
export function writeTilePartLengths(lengths: readonly number[]): Uint8Array {
  const writer = new ByteWriter();
  segment(writer, marker.TLM, 2 + 6 * lengths.length)
    .u8(0)
    .u8(0x60);
  for (const length of lengths) writer.u16(0).u32(length);
  return writer.bytes;
}

/** Bytes of writeTilePartLengths. */
export function tilePartLengthsSize(count: number): number {
  return 6 + 6 * count;
}

/** Begins a segment with this many bytes of content. */
function segment(writer: ByteWriter, code: number, content: number): ByteWriter {
  return writer.u16(code).u16(2 + content);
}

function writeSize(writer: ByteWriter, { rsiz, width, height, components }: WrittenHeader): void {
  const nonlinear = components.some(({ nonlinearity }) => nonlinearity !== undefined);
  segment(writer, marker.SIZ, 36 + 3 * components.length);
  writer.u16((rsiz & ~RSIZ_NLT) | RSIZ_HT | (nonlinear ? RSIZ_NLT : 0));
  // The image, its offset, and the same for its one tile.
  for (const size of [width, height, 0, 0, width, height, 0, 0]) writer.u32(size);
  writer.u16(components.length);
  for (const { depth, xSampling, ySampling } of components) writer.u8(depth).u8(xSampling).u8(ySampling);
}

function capabilityOf({ capability, components }: WrittenHeader): number {
  // The range of a quantized transform does not follow from its exponents alone.
  if (components.some(({ coding }) => !coding.reversible)) return capability;
  let most = 0;
  for (const { coding, quantization } of components) {
    const bands = quantization.magnitudeBits.subarray(0, 3 * coding.levels + 1);
    most = Math.max(most, ...bands);
  }
  return (capability & ~(CCAP_MAGNITUDE | CCAP_IRREVERSIBLE)) | magnitudeCode(most);
}

/** A number of magnitude bits as Ccap15 stores it (T.814, A.3.2). */
function magnitudeCode(bits: number): number {
  if (bits <= 8) return 0;
  if (bits < 28) return bits - 8;
  return bits < 72 ? 13 + (bits >> 2) : 31;
}

function isSame(a: { readonly bytes: Uint8Array }, b: { readonly bytes: Uint8Array }): boolean {
  return a === b || (a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]));
}
