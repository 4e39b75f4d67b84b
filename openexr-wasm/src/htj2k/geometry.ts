// Where coefficients are: resolutions, bands, precincts and code blocks of a component whose origin is 0, 0
// (T.800, annex B).
import type { Coding, Component } from './codestream.js';

/** 0 LL, 1 HL (high from left to right), 2 LH, 3 HH: the order in which packets hold them. */
export type Orientation = 0 | 1 | 2 | 3;

export interface Band {
  readonly orientation: Orientation;
  /** Its number in the component: 0 LL, then HL, LH, HH of each resolution. */
  readonly index: number;
  /** In coefficients; a band may be empty. */
  readonly width: number;
  readonly height: number;
  readonly blocksWide: number;
  readonly blocksHigh: number;
  /** Number of its first code block (row by row) among those of the component. */
  readonly firstBlock: number;
}

export interface Resolution {
  readonly width: number;
  readonly height: number;
  readonly bands: readonly Band[];
  /** Binary logarithms of the size of its code blocks, which precincts may limit. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Code blocks of a band in a precinct, in each direction; fewer at an edge. */
  readonly precinctBlocksWide: number;
  readonly precinctBlocksHigh: number;
  readonly precinctsWide: number;
  readonly precinctsHigh: number;
  /** Number of its first packet (precinct by precinct, row by row) among those of the component. */
  readonly firstPacket: number;
}

/** How a component of a given size and coding is divided. */
export interface Plan {
  /** From the smallest on. */
  readonly resolutions: readonly Resolution[];
  readonly blocks: number;
  readonly packets: number;
}

/** The plans of components; components of the same size and coding share one. */
export function planComponents(components: readonly Component[]): Plan[] {
  const known = new Map<Coding, Map<string, Plan>>();
  return components.map(({ coding, width, height }) => {
    const bySize = known.get(coding) ?? new Map<string, Plan>();
    known.set(coding, bySize);
    const key = `${width}x${height}`;
    const plan = bySize.get(key) ?? planComponent(width, height, coding);
    bySize.set(key, plan);
    return plan;
  });
}

export function planComponent(width: number, height: number, coding: Coding): Plan {
  const resolutions: Resolution[] = [];
  let blocks = 0;
  let packets = 0;
  for (let r = 0; r <= coding.levels; ++r) {
    const scale = 2 ** (coding.levels - r);
    const own = { width: Math.ceil(width / scale), height: Math.ceil(height / scale) };
    // A precinct of a resolution above the smallest holds half as much of each of its bands, in each direction.
    const halved = r === 0 ? 0 : 1;
    const precinctWidth = coding.precinctWidths[r] as number;
    const precinctHeight = coding.precinctHeights[r] as number;
    const blockWidth = Math.min(coding.blockWidth, precinctWidth - halved);
    const blockHeight = Math.min(coding.blockHeight, precinctHeight - halved);
    const bands = bandsOf(r, own).map((band): Band => {
      const blocksWide = Math.ceil(band.width / 2 ** blockWidth);
      const blocksHigh = Math.ceil(band.height / 2 ** blockHeight);
      const firstBlock = blocks;
      blocks += blocksWide * blocksHigh;
      return { ...band, blocksWide, blocksHigh, firstBlock };
    });
    const precinctsWide = Math.ceil(own.width / 2 ** precinctWidth);
    const precinctsHigh = Math.ceil(own.height / 2 ** precinctHeight);
    resolutions.push({
      ...own,
      bands,
      blockWidth,
      blockHeight,
      precinctBlocksWide: 2 ** (precinctWidth - halved - blockWidth),
      precinctBlocksHigh: 2 ** (precinctHeight - halved - blockHeight),
      precinctsWide,
      precinctsHigh,
      firstPacket: packets,
    });
    packets += precinctsWide * precinctsHigh;
  }
  return { resolutions, blocks, packets };
}

/** The low half of a length gets the odd sample, if there is one. */
function bandsOf(r: number, { width, height }: { width: number; height: number }) {
  if (r === 0) return [{ orientation: 0 as Orientation, index: 0, width, height }];
  const [highWide, highHigh] = [Math.floor(width / 2), Math.floor(height / 2)];
  const [lowWide, lowHigh] = [width - highWide, height - highHigh];
  const index = 3 * r - 2;
  return [
    { orientation: 1 as Orientation, index, width: highWide, height: lowHigh },
    { orientation: 2 as Orientation, index: index + 1, width: lowWide, height: highHigh },
    { orientation: 3 as Orientation, index: index + 2, width: highWide, height: highHigh },
  ];
}
