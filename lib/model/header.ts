import type { Attributes } from './attributes.js';
import type { Compression } from './compression.js';

/** How samples are stored: 32-bit unsigned integers, 16-bit floats, or 32-bit floats (ImfPixelType.h). */
export type PixelType = 'uint' | 'half' | 'float';

/** Pixel types by their id in a channel list. */
export const pixelTypes = ['uint', 'half', 'float'] as const satisfies readonly PixelType[];

export function bytesPerSample(type: PixelType): 2 | 4 {
  return type === 'half' ? 2 : 4;
}

/** Storage kinds of a part, by the value of its `type` attribute. */
export type PartType = 'scanlineimage' | 'tiledimage' | 'deepscanline' | 'deeptile';

/** In which order chunks lie in the file (`lineOrder`): from the top, from the bottom, or in any order (tiles). */
export type LineOrder = 'increasing' | 'decreasing' | 'random';
export const lineOrders = ['increasing', 'decreasing', 'random'] as const satisfies readonly LineOrder[];

/** A window in pixels; both corners belong to it (box2i). */
export interface Box {
  readonly xMin: number;
  readonly yMin: number;
  readonly xMax: number;
  readonly yMax: number;
}

/**
 * The `tiles` attribute: width and height of a tile in pixels, which levels there are, and how their sizes are rounded.
 */
export interface TileDescription {
  readonly width: number;
  readonly height: number;
  readonly levels: 'one' | 'mipmap' | 'ripmap';
  readonly rounding: 'down' | 'up';
}

/** A plane of the payload that arrived: channel number `index` (in file order) of part number `part`. */
export interface Plane {
  readonly part: number;
  readonly index: number;
}

/**
 * A plane computed from planes that arrived, sample by sample. `compute` gets one array per input
 * (Float32Array for float and half, Uint32Array for uint), each of the same length, and fills `out`.
 * It sees one chunk at a time, so it must not depend on neighbouring pixels.
 */
export interface DerivedPlane {
  readonly inputs: readonly Plane[];
  /** Fills `out` from the inputs, all arrays being of the same length. */
  readonly compute: (inputs: readonly Samples[], out: Samples) => void;
}

/** Samples in memory: Float32Array for half and float, Uint32Array for uint. */
export type Samples = Float32Array | Uint32Array;

/** A plane assembled from several that arrived, each of which provides the pixels of its window: renders of regions. */
export interface PiecedPlane {
  readonly pieces: readonly { readonly plane: Plane; readonly window: Box }[];
}

/** One channel as wanted, and the plane of the arrived payload its samples come from. */
export interface Channel {
  readonly name: string;
  readonly type: PixelType;
  readonly xSampling: number;
  readonly ySampling: number;
  /** pLinear: B44 and DWA treat the channel as perceptually linear. */
  readonly linear: boolean;
  readonly plane: Plane | DerivedPlane | PiecedPlane;
  /**
   * Whether the samples are Cryptomatte IDs and coverages, where the pixels or the user have decided. Undefined where names and
   * metadata decide. Never stored in a file.
   */
  readonly ids?: 'yes' | 'no';
}

/**
 * One part of a file. The fields here rule; `attributes` holds every attribute in file order, these
 * included, and the writer brings the two together, keeping the stored bytes wherever they still agree.
 */
export interface Part {
  /** The `name` attribute: required in multi-part files, rare in others. */
  readonly name: string | undefined;
  readonly type: PartType;
  readonly compression: Compression;
  /** Sorted by name in byte order, as every reader takes them. */
  readonly channels: readonly Channel[];
  readonly dataWindow: Box;
  readonly displayWindow: Box;
  readonly lineOrder: LineOrder;
  /** Present exactly for tiled parts. */
  readonly tiles: TileDescription | undefined;
  readonly attributes: Attributes;
  /** Scan lines per chunk, taken from the file if nothing else determines them (see `lines` in codecs/codec.ts). */
  readonly chunkLines?: number;
  /** What `{layer}` stands for in the name of the output file, where several parts share one. The part's name where it is undefined. */
  readonly output?: string;
  /** Bits of a sample where the file's format stores whole numbers from 0 to 1, as PNG does; 8 where it is undefined. */
  readonly bits?: 8 | 16;
  /** True when the user chose the codec, and so its loss, by name. */
  readonly codecChosen?: boolean;
}

/** A small file that accompanies an image: a manifest that a Cryptomatte's `manif_file` names. */
export interface SideFile {
  /** Relative to the image, as in the header. */
  readonly name: string;
  readonly bytes: Uint8Array;
  /** True for one that all frames of a shot name: it is the same for each of them. */
  readonly shared?: boolean;
}

/** The header of a file: its parts in file order. */
export interface Header {
  readonly parts: readonly Part[];
  /** The version field's long-name flag as it arrived; the writer sets it whenever a name needs it. */
  readonly longNames: boolean;
  /** The version field's multi-part flag as it arrived; more than one part always sets it. */
  readonly multiPart: boolean;
  /** The programs that the steps so far have made the file for, by exrpipe's names for them. */
  readonly madeFor?: readonly string[];
  /** Files to write beside each image whose attributes name them. */
  readonly sideFiles?: readonly SideFile[];
}

/** Whether a part is deep: its pixels have any number of samples each. */
export function isDeep(part: Pick<Part, 'type'>): boolean {
  return part.type === 'deepscanline' || part.type === 'deeptile';
}

export function isDerived(plane: Channel['plane']): plane is DerivedPlane {
  return 'compute' in plane;
}

export function isPieced(plane: Channel['plane']): plane is PiecedPlane {
  return 'pieces' in plane;
}

/** Whether a channel simply is one that arrived. */
export function isArrived(plane: Channel['plane']): plane is Plane {
  return !isDerived(plane) && !isPieced(plane);
}
