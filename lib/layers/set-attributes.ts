/** Names and values of the attributes that make up a set's metadata (specification 1.2.0, "Metadata"). */
import { makeStringAttribute } from '../format/attribute-types.js';
import type { Attribute, Attributes } from '../model/attributes.js';

/** The attributes a set may have; the first three it must have. */
export const setFields = ['name', 'hash', 'conversion', 'manifest', 'manif_file'] as const;
export type SetField = (typeof setFields)[number];

/** The only hash and conversion the specification knows. */
export const hashName = 'MurmurHash3_32';
export const conversionName = 'uint32_to_float32';

export const setPrefix = 'cryptomatte/';

/** A parsed attribute name that belongs to a set. */
export interface SetAttributeName {
  readonly prefix: string;
  readonly key: string;
  readonly field: string;
}

/** Nuke's Write node adds `nuke/`, its Read node `exr/`; either may survive into a file, and people ignore case. */
const aliases = /^((?:nuke\/)?(?:exr\/)?cryptomatte\/)(.*)$/is;

/** True for every attribute intended for Cryptomatte, even a malformed one. */
export function isSetAttribute(name: string): boolean {
  return aliases.test(name);
}

/** Prefix, key and field of `cryptomatte/<key>/<field>`; undefined for another attribute. */
export function parseSetAttribute(name: string): SetAttributeName | undefined {
  const found = aliases.exec(name);
  const [key, field, ...rest] = found?.[2]?.split('/') ?? [];
  if (!found || !key || !field || rest.length > 0) return undefined;
  return { prefix: found[1] as string, key, field };
}

/** The values of a new set's attributes. */
export interface SetDefinition {
  readonly key: string;
  readonly name: string;
  readonly manifest?: Uint8Array | undefined;
  readonly manifestFile?: string | undefined;
}

/** The attributes of a set, complete and per the specification. */
export function setAttributes({ key, name, manifest, manifestFile }: SetDefinition): [string, Attribute][] {
  const at = (field: SetField): string => `${setPrefix}${key}/${field}`;
  const entries: [string, Attribute][] = [
    [at('conversion'), makeStringAttribute(conversionName)],
    [at('hash'), makeStringAttribute(hashName)],
  ];
  if (manifestFile !== undefined) entries.push([at('manif_file'), makeStringAttribute(manifestFile)]);
  if (manifest) entries.push([at('manifest'), { type: 'string', value: manifest }]);
  entries.push([at('name'), makeStringAttribute(name)]);
  return entries;
}

/** The attributes with the metadata of a Cryptomatte (Cryptomatte specification 1.2). */
export function withSet(attributes: Attributes, definition: SetDefinition): Attributes {
  return attributes.merge(setAttributes(definition));
}
