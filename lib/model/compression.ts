/** Every compression of OpenEXR 3.4, by its id in the file (ImfCompression.h). */
export const compressions = [
  { name: 'none', lines: 1 },
  { name: 'rle', lines: 1 },
  { name: 'zips', lines: 1 },
  { name: 'zip', lines: 16 },
  { name: 'piz', lines: 32 },
  { name: 'pxr24', lines: 16 },
  { name: 'b44', lines: 32 },
  { name: 'b44a', lines: 32 },
  { name: 'dwaa', lines: 32 },
  { name: 'dwab', lines: 256 },
  { name: 'htj2k256', lines: 256 },
  { name: 'htj2k32', lines: 32 },
] as const;

export type Compression = (typeof compressions)[number]['name'];

/** Scan lines per chunk of a scan-line part. */
export function linesPerChunk(compression: Compression): number {
  return compressions[compressionId(compression)]?.lines ?? 1;
}

/** Id in the file's `compression` attribute. */
export function compressionId(compression: Compression): number {
  return compressions.findIndex(({ name }) => name === compression);
}

/** Name for an id, or undefined for an id no OpenEXR version defines. */
export function compressionName(id: number): Compression | undefined {
  return compressions[id]?.name;
}
