/** Compressions that exrpipe knows by name, in the order of their ids in a file. What it knows about each is in codecs/table.ts. */
export const compressionNames = [
  'none',
  'rle',
  'zips',
  'zip',
  'piz',
  'pxr24',
  'b44',
  'b44a',
  'dwaa',
  'dwab',
  'htj2k256',
  'htj2k32',
  'lj2k',
  'zstd',
] as const;

/** A compression that this version has a name for, by its name in ImfCompression.h without `_COMPRESSION`. */
export type KnownCompression = (typeof compressionNames)[number];

/** The compression of a part; one that exrpipe does not know is named by its id in the file. */
export type Compression = KnownCompression | UnknownCompression;

/** A compression of a later OpenEXR, by its number in the file. */
export type UnknownCompression = `unknown (${number})`;
