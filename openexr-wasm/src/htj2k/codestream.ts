// The contents of a codestream's headers, as far as OpenEXR's chunks use them (HTJ2K and LJ2K): one tile, one quality layer,
// high-throughput code blocks (ITU-T T.814).

/** Orders in which packets follow each other (T.800, table A.16); L layer, R resolution, C component, P position. */
export const PROGRESSIONS = ['LRCP', 'RLCP', 'RPCL', 'PCRL', 'CPRL'] as const;
export type Progression = (typeof PROGRESSIONS)[number];

/** How a component's coefficients are divided: COD, or a COC of its own. Components with the same bytes share one object. */
export interface Coding {
  /** Whether sizes of precincts are stored (bit 0 of Scod and Scoc). */
  readonly precincts: boolean;
  /** SPcod and SPcoc as stored. */
  readonly bytes: Uint8Array;
  /** Decompositions; the number of resolutions is one more. */
  readonly levels: number;
  /** Binary logarithms of the size of code blocks. */
  readonly blockWidth: number;
  readonly blockHeight: number;
  /** Code-block style: 0x40, and 0x08 when vertically causal (which matters only to second passes). */
  readonly style: number;
  /** The 5/3 transform; otherwise the 9/7. */
  readonly reversible: boolean;
  /** Binary logarithms of the size of precincts, for each resolution from the smallest on. */
  readonly precinctWidths: Uint8Array;
  readonly precinctHeights: Uint8Array;
}

/** QCD, or a QCC of its own. Components with the same bytes share one object. */
export interface Quantization {
  /** Sqcd and SPqcd as stored. */
  readonly bytes: Uint8Array;
  /**
   * Magnitude bits of each band's coefficients (guard bits + exponent - 1): LL, then HL, LH, HH of each resolution. At
   * least as many as the component has bands.
   */
  readonly magnitudeBits: Uint8Array;
}

/** The content of an NLT segment after the component's number: u8 BDnlt, u8 type, and the type's data. */
export type Nonlinearity = Uint8Array;

/** NLT type 3: two's complement to sign and magnitude (T.801). */
export const SIGN_MAGNITUDE = 3;

export interface Component {
  /** Ssiz: bits of a sample less one, and 0x80 when signed. */
  readonly depth: number;
  readonly xSampling: number;
  readonly ySampling: number;
  readonly width: number;
  readonly height: number;
  readonly coding: Coding;
  readonly quantization: Quantization;
  readonly nonlinearity: Nonlinearity | undefined;
}

export interface Codestream {
  /** The bytes that all offsets refer to: the whole chunk. */
  readonly bytes: Uint8Array;
  readonly rsiz: number;
  /** Ccap15: bits 0 to 4 give the greatest number of magnitude bits (T.814, A.3.2). */
  readonly capability: number;
  /** The reference grid; its origin is 0, 0. */
  readonly width: number;
  readonly height: number;
  readonly progression: Progression;
  /** Components 0 to 2 are coded as luma and colour differences: RCT, or ICT when their coding is irreversible. */
  readonly colourTransform: boolean;
  readonly components: readonly Component[];
  /** Contents of the COM segments. */
  readonly comments: readonly Uint8Array[];
  /** Start and end of the bodies of the tile-parts, in pairs. */
  readonly bodies: Uint32Array;
  /** Start and end of the tile-parts' headers, in pairs. */
  readonly tileParts: Uint32Array;
}
