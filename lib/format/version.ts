/** The eight bytes every file begins with (OpenEXR file layout, "Magic number" and "Version field"). */
export const magic = 0x01312f76;
export const versionMask = 0xff;
export const flags = { tiled: 0x200, longNames: 0x400, deep: 0x800, multiPart: 0x1000 } as const;
