// Markers of a JPEG 2000 codestream (ITU-T T.800 annex A, T.801 annex A, T.814 annex A), and reading their segments.
import { CodecError } from '../errors.js';

export const SOC = 0xff4f;
export const CAP = 0xff50;
export const SIZ = 0xff51;
export const COD = 0xff52;
export const COC = 0xff53;
export const TLM = 0xff55;
export const PLM = 0xff57;
export const PLT = 0xff58;
export const QCD = 0xff5c;
export const QCC = 0xff5d;
export const CRG = 0xff63;
export const COM = 0xff64;
export const NLT = 0xff76;
export const SOT = 0xff90;
export const SOD = 0xff93;
export const EOC = 0xffd9;

/** Features that other encoders' streams may have, and that this package does not support. */
const REFUSED: Readonly<Record<number, string>> = {
  65366: 'a profile (PRF)',
  65369: 'a corresponding profile (CPF)',
  65374: 'a region of interest (RGN)',
  65375: 'changes of progression (POC)',
  65376: 'packet headers apart from their packets (PPM)',
  65377: 'packet headers apart from their packets (PPT)',
  65394: 'other decompositions (DFS)',
  65395: 'other decompositions (ADS)',
  65396: 'transforms of its own between components (MCT)',
  65397: 'transforms of its own between components (MCC)',
  65399: 'transforms of its own between components (MCO)',
  65400: 'extended components (CBD)',
  65401: 'wavelets of its own (ATK)',
};

/** Reads big-endian numbers of a segment, and nothing past its end. */
export class SegmentReader {
  readonly #view: DataView;
  readonly #name: string;
  readonly end: number;
  at: number;

  /** @param start Where the segment's content begins in `view`, after its length. */
  constructor(view: DataView, name: string, start: number, end: number) {
    this.#view = view;
    this.#name = name;
    this.at = start;
    this.end = end;
  }

  get left(): number {
    return this.end - this.at;
  }

  u8(): number {
    return this.#view.getUint8(this.#take(1));
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2));
  }

  u32(): number {
    return this.#view.getUint32(this.#take(4));
  }

  /** A view of the rest of the segment. */
  rest(): Uint8Array {
    const { left } = this;
    return new Uint8Array(this.#view.buffer, this.#view.byteOffset + this.#take(left), left);
  }

  /** @throws CodecError when bytes are left. */
  finish(): void {
    if (this.left > 0) throw new CodecError('corrupt', `the codestream's ${this.#name} segment is too long`);
  }

  #take(count: number): number {
    const { at } = this;
    if (this.left < count) throw new CodecError('corrupt', `the codestream's ${this.#name} segment is too short`);
    this.at += count;
    return at;
  }
}

/** A view of all bytes for the functions here, shared by hundreds of segments. */
export function viewOf({ buffer, byteOffset, byteLength }: Uint8Array): DataView {
  return new DataView(buffer, byteOffset, byteLength);
}

/** The marker at a place. */
export function markerAt(view: DataView, at: number): number {
  if (at + 2 > view.byteLength) throw new CodecError('truncated', 'the codestream ends where a marker is expected');
  return view.getUint16(at);
}

/** The segment of the marker at a place. */
export function segmentAt(view: DataView, at: number, name: string): SegmentReader {
  if (at + 4 > view.byteLength) throw new CodecError('truncated', `the codestream ends in its ${name} segment`);
  const length = view.getUint16(at + 2);
  if (length < 2) throw new CodecError('corrupt', `the codestream's ${name} segment has no length`);
  const end = at + 2 + length;
  if (end > view.byteLength) throw new CodecError('truncated', `the codestream ends in its ${name} segment`);
  return new SegmentReader(view, name, at + 4, end);
}

/** The error for a marker in the wrong place. */
export function unexpectedMarker(marker: number, where: string): CodecError {
  const refused = REFUSED[marker];
  if (refused !== undefined)
    return new CodecError('unsupported', `the codestream has ${refused}, which is not supported`);
  const code = marker.toString(16).padStart(4, '0');
  return new CodecError('corrupt', `the codestream has ${code} in ${where}, where that marker is not allowed`);
}
