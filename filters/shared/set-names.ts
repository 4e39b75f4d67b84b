import {
  formatManifest,
  isStrictManifest,
  type Manifest,
  possibleNames,
  storedManifest,
} from '../../lib/cryptomatte/index.js';
import { makeStringAttribute } from '../../lib/format/index.js';
import type { FilterContext, Header, Part, SideFile } from '../../lib/index.js';
import type { CryptomatteSet } from '../../lib/layers/index.js';

/** The names of a Cryptomatte with the IDs that pixels have. */
export interface SetNames {
  readonly names: Manifest;
  /** Bytes of the manifest as it was. */
  readonly bytes: number;
  /** Whether every reader reads the manifest as it is, so that it may stay when no name goes. */
  readonly isSound: boolean;
}

/** The manifest of a Cryptomatte as it is stored, or its sidecar where it names one; undefined where it has neither. */
export async function manifestBytes(
  { manifest, manifestFile }: CryptomatteSet,
  context: FilterContext,
): Promise<Uint8Array | undefined> {
  const image = context.inputs[0]?.path;
  return manifestFile === undefined || image === undefined ? manifest : context.readSidecar(image, manifestFile);
}

/** Reads a manifest as it is stored in the file. */
export function storedNames(set: CryptomatteSet): SetNames | undefined {
  if (!set.manifest) return undefined;
  const reading = storedManifest(set.manifest);
  const { names, changed, nothing } = possibleNames(reading);
  const isSound = isStrictManifest(reading) && changed === 0 && nothing.length === 0;
  return { names, bytes: set.manifest.length, isSound };
}

/** The header with other names for a Cryptomatte, in the file. All its other attributes stay. */
export function withNames(header: Header, set: CryptomatteSet, names: Manifest): Header {
  return withField(header, set, 'manifest', { type: 'string', value: formatManifest(names) });
}

/** The header with a Cryptomatte whose names are in a sidecar. */
export function withSidecar(header: Header, set: CryptomatteSet, file: SideFile): Header {
  const named = withField(header, set, 'manif_file', makeStringAttribute(file.name));
  const others = (header.sideFiles ?? []).filter(({ name }) => name !== file.name);
  return { ...named, sideFiles: [...others, file] };
}

/** Sets the manifest, or what names its file; the other one goes. */
export function withField(
  header: Header,
  { prefix, key, attributes: fields, parts }: CryptomatteSet,
  field: 'manifest' | 'manif_file',
  attribute: Parameters<Part['attributes']['with']>[1],
): Header {
  const other = fields.get(field === 'manifest' ? 'manif_file' : 'manifest');
  const name = fields.get(field) ?? `${prefix}${key}/${field}`;
  return {
    ...header,
    parts: header.parts.map((part, number): Part => {
      if (!parts.includes(number)) return part;
      const left = other === undefined ? part.attributes : part.attributes.without(other);
      return { ...part, attributes: left.with(name, attribute) };
    }),
  };
}

/** `11.0 MB`, in powers of 1000. */
export function bytesText(bytes: number): string {
  if (bytes < 1000) return `${bytes} bytes`;
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}
