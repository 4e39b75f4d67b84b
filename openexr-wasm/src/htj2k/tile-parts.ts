// Tile-parts: OpenEXR 3.4 to 3.5.1 write one, 3.5.2 and later one for each resolution. Their bodies, each of
// whole packets, follow one another (T.800, A.4.2).
import { CodecError } from '../errors.js';
import * as marker from './markers.js';

/** Marker, length and content of SOT. */
export const SOT_BYTES = 12;

export interface TileParts {
  /** Start and end in pairs, as in Codestream. */
  readonly tileParts: Uint32Array;
  readonly bodies: Uint32Array;
}

/**
 * Finds the bodies of all tile-parts.
 * @param at Where the first SOT is.
 * @param isPrefix Only the first bytes of the chunk are available: the last body ends where they do.
 * @throws CodecError unless the last is followed by EOC and nothing else.
 */
export function readTileParts(bytes: Uint8Array, at: number, isPrefix: boolean): TileParts {
  const view = marker.viewOf(bytes);
  const tileParts: number[] = [];
  const bodies: number[] = [];
  let announced = 0;
  for (let index = 0; ; ++index) {
    if (isPrefix && at + 2 > bytes.length && index > 0) break;
    const code = marker.markerAt(view, at);
    if (code === marker.EOC && index > 0) {
      if (at + 2 !== bytes.length) throw new CodecError('corrupt', `there are bytes after the end of the codestream`);
      if (announced !== 0 && announced !== index) {
        throw new CodecError('corrupt', `the codestream has ${index} of ${announced} tile-parts`);
      }
      break;
    }
    if (code !== marker.SOT) throw marker.unexpectedMarker(code, 'place of a tile-part');
    if (isPrefix && at + SOT_BYTES > bytes.length && index > 0) break;
    const sot = marker.segmentAt(view, at, 'SOT');
    const [tile, length, part, count] = [sot.u16(), sot.u32(), sot.u8(), sot.u8()];
    sot.finish();
    if (tile !== 0) throw new CodecError('unsupported', 'the codestream has several tiles, which is not supported');
    if (part !== index || (announced !== 0 && count !== 0 && count !== announced)) {
      throw new CodecError('corrupt', `the codestream's tile-parts are not in order`);
    }
    announced ||= count;
    // Without a length it is the last one, up to EOC.
    let end = length === 0 ? bytes.length - (isPrefix ? 0 : 2) : at + length;
    if (end > bytes.length) {
      if (!isPrefix) throw new CodecError('truncated', `the codestream ends in its tile-part ${index}`);
      end = bytes.length;
    }
    const start = readTilePartHeader(view, sot.end);
    if (start > end) throw new CodecError('corrupt', `tile-part ${index} of the codestream is shorter than its header`);
    tileParts.push(at, end);
    bodies.push(start, end);
    at = end;
  }
  return { tileParts: Uint32Array.from(tileParts), bodies: Uint32Array.from(bodies) };
}

/** Where the body begins: after SOD. Nothing may be coded differently from the main header. */
function readTilePartHeader(view: DataView, at: number): number {
  for (;;) {
    const code = marker.markerAt(view, at);
    if (code === marker.SOD) return at + 2;
    if (code !== marker.PLT && code !== marker.COM) {
      const overrides = [marker.COD, marker.COC, marker.QCD, marker.QCC, marker.NLT].includes(code);
      if (!overrides) throw marker.unexpectedMarker(code, "a tile-part's header");
      throw new CodecError('unsupported', 'the codestream has a tile with its own coding, which is not supported');
    }
    at = marker.segmentAt(view, at, 'PLT or COM').end;
  }
}
