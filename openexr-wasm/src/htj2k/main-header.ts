// The main header: SOC, SIZ, CAP, COD, QCD and the optional segments among them, up to the first SOT.
import { CodecError } from '../errors.js';
import type { Codestream, Coding, Component, Nonlinearity, Quantization } from './codestream.js';
import { PROGRESSIONS } from './codestream.js';
import { readCoding } from './coding.js';
import * as marker from './markers.js';
import { readQuantization } from './quantization.js';

/** JPEG 2000's own limit. */
const MAX_COMPONENTS = 16384;

/** Only Part 15 of the standard, high-throughput blocks: bit 15 of Pcap, counted from the left and from 1. */
const PCAP_HT = 0x0002_0000;

/** Bits 14 and 15 of Ccap15: 00 when all blocks are high-throughput ones (T.814, A.3.2). */
const CCAP_NOT_HT_ONLY = 0xc000;

/** NLT's number for all components. */
const ALL_COMPONENTS = 0xffff;

type Size = Pick<Component, 'depth' | 'xSampling' | 'ySampling' | 'width' | 'height'>;

export interface MainHeader extends Omit<Codestream, 'bytes' | 'bodies' | 'tileParts'> {
  /** Lengths of the tile-parts, if TLM gives them. */
  readonly tilePartLengths: readonly number[];
  /** Where the first SOT is. */
  readonly end: number;
}

interface Style {
  readonly coding: Coding;
  readonly progression: Codestream['progression'];
  readonly colourTransform: boolean;
}

/** Reads the header at `start`. @throws CodecError when it is damaged, or of a kind that is not supported. */
export function readMainHeader(bytes: Uint8Array, start: number): MainHeader {
  const view = marker.viewOf(bytes);
  if (marker.markerAt(view, start) !== marker.SOC) {
    throw new CodecError('corrupt', 'no codestream follows the HTJ2K header');
  }
  let at = start + 2;
  if (marker.markerAt(view, at) !== marker.SIZ)
    throw new CodecError('corrupt', 'the codestream does not begin with its size (SIZ)');
  const siz = marker.segmentAt(view, at, 'SIZ');
  const size = readSize(siz);
  at = siz.end;
  const count = size.components.length;
  let capability: number | undefined;
  let style: Style | undefined;
  let quantization: Quantization | undefined;
  let nonlinearity: Nonlinearity | undefined;
  const codings = new Map<number, Coding>();
  const quantizations = new Map<number, Quantization>();
  const nonlinearities = new Map<number, Nonlinearity>();
  const comments: Uint8Array[] = [];
  const tilePartLengths: number[] = [];
  for (;;) {
    const code = marker.markerAt(view, at);
    if (code === marker.SOT) break;
    const name = NAMES[code];
    if (name === undefined) throw marker.unexpectedMarker(code, "the codestream's main header");
    const segment = marker.segmentAt(view, at, name);
    switch (code) {
      case marker.CAP:
        once(name, capability);
        capability = readCapability(segment);
        break;
      case marker.COD:
        once(name, style);
        style = readStyle(segment);
        break;
      case marker.COC:
        setFor(codings, name, componentOf(segment, count), readOwnCoding(segment));
        break;
      case marker.QCD:
        once(name, quantization);
        quantization = readQuantization(segment);
        break;
      case marker.QCC:
        setFor(quantizations, name, componentOf(segment, count), readQuantization(segment));
        break;
      case marker.NLT: {
        const component = segment.u16();
        if (component === ALL_COMPONENTS) {
          once(name, nonlinearity);
          nonlinearity = readNonlinearity(segment);
        } else {
          if (component >= count) throw new CodecError('corrupt', `the codestream has no component ${component}`);
          setFor(nonlinearities, name, component, readNonlinearity(segment));
        }
        break;
      }
      case marker.COM:
        comments.push(segment.rest());
        break;
      case marker.TLM:
        readLengths(segment, tilePartLengths);
        break;
      default:
        // Segments about how to find or show the image, not about its contents.
        break;
    }
    at = segment.end;
  }
  if (capability === undefined)
    throw new CodecError('unsupported', 'the codestream is not a high-throughput one (no CAP)');
  if (style === undefined) throw new CodecError('corrupt', "the codestream's main header has no COD");
  if (quantization === undefined && quantizations.size < count) {
    throw new CodecError('corrupt', "the codestream's main header has no QCD");
  }
  const { coding, progression, colourTransform } = style;
  const shared = sharing();
  const components = size.components.map((own, i): Component => {
    const component = {
      ...own,
      coding: shared.coding(codings.get(i) ?? coding),
      quantization: shared.quantization((quantizations.get(i) ?? quantization) as Quantization),
      nonlinearity: nonlinearities.get(i) ?? nonlinearity,
    };
    checkBands(component, i);
    return component;
  });
  checkColourTransform(colourTransform, components);
  const { rsiz, width, height } = size;
  return {
    rsiz,
    capability,
    width,
    height,
    progression,
    colourTransform,
    components,
    comments,
    tilePartLengths,
    end: at,
  };
}

/** Segments that the main header may have after SIZ. */
const NAMES: Readonly<Record<number, string>> = {
  [marker.CAP]: 'CAP',
  [marker.COD]: 'COD',
  [marker.COC]: 'COC',
  [marker.QCD]: 'QCD',
  [marker.QCC]: 'QCC',
  [marker.NLT]: 'NLT',
  [marker.COM]: 'COM',
  [marker.TLM]: 'TLM',
  [marker.PLM]: 'PLM',
  [marker.CRG]: 'CRG',
};

function readSize(siz: marker.SegmentReader): { rsiz: number; width: number; height: number; components: Size[] } {
  const rsiz = siz.u16();
  const [width, height, left, top, tileWidth, tileHeight, tileLeft, tileTop] = Array.from({ length: 8 }, () =>
    siz.u32(),
  );
  const count = siz.u16();
  if (!width || !height) throw new CodecError('corrupt', 'the codestream has no pixels');
  if (left !== 0 || top !== 0 || tileLeft !== 0 || tileTop !== 0) {
    throw new CodecError('unsupported', 'the codestream begins at an offset, which is not supported');
  }
  if ((tileWidth as number) < width || (tileHeight as number) < height) {
    throw new CodecError('unsupported', 'the codestream has several tiles, which is not supported');
  }
  if (count < 1 || count > MAX_COMPONENTS) throw new CodecError('corrupt', `the codestream has ${count} components`);
  const components: Size[] = [];
  for (let i = 0; i < count; ++i) {
    const [depth, xSampling, ySampling] = [siz.u8(), siz.u8(), siz.u8()];
    if ((depth & 0x7f) > 37 || xSampling === 0 || ySampling === 0) {
      throw new CodecError('corrupt', `component ${i} of the codestream has an invalid size`);
    }
    components.push({
      depth,
      xSampling,
      ySampling,
      width: Math.ceil(width / xSampling),
      height: Math.ceil(height / ySampling),
    });
  }
  siz.finish();
  return { rsiz, width, height, components };
}

function readCapability(segment: marker.SegmentReader): number {
  const parts = segment.u32();
  if (parts !== PCAP_HT) {
    throw new CodecError(
      'unsupported',
      'the codestream has capabilities besides high throughput, which are not supported',
    );
  }
  const capability = segment.u16();
  segment.finish();
  if ((capability & CCAP_NOT_HT_ONLY) !== 0) {
    throw new CodecError('unsupported', 'the codestream has code blocks that are not high-throughput ones');
  }
  return capability;
}

/** Scod, SGcod and SPcod (T.800, A.6.1). */
function readStyle(segment: marker.SegmentReader): Style {
  const flags = segment.u8();
  if ((flags & ~7) !== 0)
    throw new CodecError('unsupported', 'the codestream has a coding style that is not supported');
  if ((flags & 6) !== 0) {
    throw new CodecError(
      'unsupported',
      'the codestream has markers among its packets (SOP, EPH), which is not supported',
    );
  }
  const progression = PROGRESSIONS[segment.u8()];
  if (progression === undefined) throw new CodecError('corrupt', 'the codestream has an unknown progression');
  const layers = segment.u16();
  if (layers !== 1) throw new CodecError('unsupported', `the codestream has ${layers} quality layers instead of one`);
  const transform = segment.u8();
  if (transform > 1) throw new CodecError('unsupported', 'the codestream has a colour transform that is not supported');
  return { coding: readCoding(segment, flags), progression, colourTransform: transform === 1 };
}

function readOwnCoding(segment: marker.SegmentReader): Coding {
  const flags = segment.u8();
  if (flags > 1) throw new CodecError('corrupt', 'the codestream has an unknown coding style');
  return readCoding(segment, flags);
}

function readNonlinearity(segment: marker.SegmentReader): Nonlinearity {
  const content = segment.rest();
  if (content.length < 2) throw new CodecError('corrupt', "the codestream's NLT segment is too short");
  return content;
}

/** TLM: u8 number, u8 sizes of the fields that follow, and for each tile-part its tile and length (T.800, A.7.1). */
function readLengths(segment: marker.SegmentReader, lengths: number[]): void {
  segment.u8();
  const sizes = segment.u8();
  const tileBytes = (sizes >> 4) & 3;
  if (tileBytes === 3) throw new CodecError('corrupt', "the codestream's TLM segment is damaged");
  while (segment.left > 0) {
    for (let i = 0; i < tileBytes; ++i) segment.u8();
    lengths.push((sizes & 0x40) !== 0 ? segment.u32() : segment.u16());
  }
}

/** The number of the component that COC or QCC is for: one byte while there are fewer than 257. */
function componentOf(segment: marker.SegmentReader, count: number): number {
  const component = count < 257 ? segment.u8() : segment.u16();
  if (component >= count) throw new CodecError('corrupt', `the codestream has no component ${component}`);
  return component;
}

function setFor<T>(map: Map<number, T>, name: string, component: number, value: T): void {
  once(name, map.get(component));
  map.set(component, value);
}

function once(name: string, known: unknown): void {
  if (known !== undefined) throw new CodecError('corrupt', `the codestream has a second ${name} segment`);
}

/** Makes components with the same bytes share one object, the first of them. */
function sharing(): { coding: (own: Coding) => Coding; quantization: (own: Quantization) => Quantization } {
  const codings: Coding[] = [];
  const quantizations: Quantization[] = [];
  return {
    coding: (own) => keep(codings, own, (other) => other.precincts === own.precincts && sameBytes(other, own)),
    quantization: (own) => keep(quantizations, own, (other) => sameBytes(other, own)),
  };
}

/** Hostile streams may have many different ones; only this many are compared. */
const MOST_SHARED = 16;

function keep<T>(known: T[], own: T, isSame: (other: T) => boolean): T {
  const first = known.find((other) => other === own || isSame(other));
  if (first !== undefined) return first;
  if (known.length < MOST_SHARED) known.push(own);
  return own;
}

function sameBytes(a: { readonly bytes: Uint8Array }, b: { readonly bytes: Uint8Array }): boolean {
  return a.bytes.length === b.bytes.length && a.bytes.every((byte, i) => byte === b.bytes[i]);
}

function checkBands({ coding: { levels, reversible }, quantization }: Component, number: number): void {
  const { bytes, magnitudeBits } = quantization;
  if (magnitudeBits.length < 3 * levels + 1) {
    throw new CodecError('corrupt', `the codestream lacks the quantization of some bands of component ${number}`);
  }
  if (reversible && ((bytes[0] as number) & 0x1f) !== 0) {
    throw new CodecError('corrupt', `component ${number} of the codestream is quantized although it is reversible`);
  }
}

/** The colour transform takes three components of the same size and wavelet. */
function checkColourTransform(colourTransform: boolean, components: readonly Component[]): void {
  if (!colourTransform) return;
  const [first, ...others] = components.slice(0, 3);
  const alike = others.every(
    ({ xSampling, ySampling, coding }) =>
      xSampling === first?.xSampling && ySampling === first.ySampling && coding.reversible === first.coding.reversible,
  );
  if (others.length < 2 || !alike) {
    throw new CodecError('corrupt', 'the codestream has a colour transform, but no three components for it');
  }
}
