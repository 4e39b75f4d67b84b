/** What a file's header says, as plain JSON values: the pure part of `exrpipe info`. The pixels are not needed. */

import { type AttributeValue, parseAttribute } from '../format/attribute-types.js';
import { structuralNames } from '../format/structural.js';
import { viewLayersOf } from '../layers/place.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../layers/sets.js';
import type { Attribute } from '../model/attributes.js';
import type { Compression } from '../model/compression.js';
import { groupBy } from '../model/group-by.js';
import type { Box, Channel, Header, LineOrder, Part, PartType, PixelType, TileDescription } from '../model/header.js';
import { layerNames, parseChannelName } from '../model/names.js';
import { readManifest } from './manifest.js';

export interface ChannelDescription {
  /** The name in full: `Chars.Combined.R`. */
  readonly name: string;
  readonly component: string;
  readonly type: PixelType;
  readonly xSampling: number;
  readonly ySampling: number;
}

export interface LayerDescription {
  /** '' for channels without a dot in their names. */
  readonly name: string;
  readonly channels: readonly ChannelDescription[];
}

export interface AttributeDescription {
  readonly name: string;
  readonly type: string;
  /** Bytes of the stored value. */
  readonly bytes: number;
  /** Absent for types only their own programs understand, for damaged values, and for Cryptomatte manifests. */
  readonly value?: AttributeValue;
}

export interface PartDescription {
  /** Counted from 0, as in the file. */
  readonly part: number;
  readonly name?: string;
  readonly type: PartType;
  readonly compression: Compression;
  readonly lineOrder: LineOrder;
  readonly dataWindow: Box;
  readonly displayWindow: Box;
  readonly tiles?: TileDescription;
  readonly layers: readonly LayerDescription[];
  /** In file order, without those that the fields above tell. */
  readonly attributes: readonly AttributeDescription[];
}

export interface CryptomatteDescription {
  /** Undefined, as the others, where the metadata does not say. */
  readonly name?: string;
  readonly key: string;
  readonly hash?: string;
  readonly conversion?: string;
  /** Numbers of the parts with the metadata. */
  readonly parts: readonly number[];
  /** Its layers of channels, as `CryptoObject00`; none when the metadata has lost its channels. */
  readonly layers: readonly string[];
  /** IDs each pixel has room for. */
  readonly ranks: number;
  readonly manifest: 'embedded' | 'sidecar' | 'none';
  /** Names in the embedded manifest, also when it is damaged and can be read in part. */
  readonly names?: number;
  /** What is wrong with the text of the manifest, by exrpipe's names for it. */
  readonly problems?: readonly string[];
  /** The sidecar's path as the file gives it. */
  readonly manifestFile?: string;
}

export interface IdManifestDescription {
  readonly part: number;
  readonly attribute: string;
  /** Bytes as stored, packed. */
  readonly bytes: number;
}

export interface FileDescription {
  readonly multiPart: boolean;
  readonly longNames: boolean;
  /** Names of the view layers, those of channels without one left out. */
  readonly viewLayers: readonly string[];
  readonly parts: readonly PartDescription[];
  readonly cryptomattes: readonly CryptomatteDescription[];
  /** Names of layers that look like a Cryptomatte and have no metadata. */
  readonly cryptomattesWithoutMetadata: readonly string[];
  readonly idManifests: readonly IdManifestDescription[];
}

/** Describes a header in JSON values. Never throws for what a file may hold: values that cannot be read are left out. */
export function describeHeader(header: Header): FileDescription {
  const sets = headerSets(header);
  const manifests = new Set(sets.flatMap(({ attributes }) => attributes.get('manifest') ?? []));
  return {
    multiPart: header.multiPart || header.parts.length > 1,
    longNames: header.longNames,
    viewLayers: viewLayersOf(header),
    parts: header.parts.map((part, number) => describePart(part, number, manifests)),
    cryptomattes: sets.map(describeSet),
    cryptomattesWithoutMetadata: [...new Set(orphanGroups(header).map(({ name }) => name))],
    idManifests: header.parts.flatMap(describeIdManifest),
  };
}

function describePart(part: Part, number: number, manifests: ReadonlySet<string>): PartDescription {
  const { name, type, compression, lineOrder, dataWindow, displayWindow, tiles, channels, attributes } = part;
  return {
    part: number,
    ...(name !== undefined && { name }),
    type,
    compression,
    lineOrder,
    dataWindow,
    displayWindow,
    ...(tiles && { tiles }),
    layers: describeLayers(channels),
    attributes: [...attributes].flatMap(([attribute, stored]) =>
      structuralNames.has(attribute) ? [] : [describeAttribute(attribute, stored, manifests.has(attribute))],
    ),
  };
}

function describeLayers(channels: readonly Channel[]): LayerDescription[] {
  const layers = new Map(layerNames(channels).map((name): [string, ChannelDescription[]] => [name, []]));
  for (const { name, type, xSampling, ySampling } of channels) {
    const { layer, component } = parseChannelName(name);
    layers.get(layer)?.push({ name, component, type, xSampling, ySampling });
  }
  return [...layers].map(([name, own]) => ({ name, channels: own }));
}

function describeAttribute(name: string, { type, value }: Attribute, manifest: boolean): AttributeDescription {
  const parsed = manifest ? undefined : readValue(type, value);
  return { name, type, bytes: value.length, ...(parsed !== undefined && { value: parsed }) };
}

function readValue(type: string, bytes: Uint8Array): AttributeValue | undefined {
  try {
    return parseAttribute(type, bytes);
  } catch {
    return undefined; // A damaged value is no reason to show nothing of the file.
  }
}

function describeSet(set: CryptomatteSet): CryptomatteDescription {
  const { name, key, hash, conversion, parts, layers, manifestFile } = set;
  const manifest = set.manifest && readManifest(set.manifest);
  // Stereo files hold each rank once for every view.
  const perView = groupBy(layers, ({ view }) => view);
  const halves = [...perView.values()].map((own) => own.reduce((sum, { slots }) => sum + Object.keys(slots).length, 0));
  return {
    ...(name !== undefined && { name }),
    key,
    ...(hash !== undefined && { hash }),
    ...(conversion !== undefined && { conversion }),
    parts,
    layers: layers.map(({ layer, view }) => (view === '' ? layer : `${layer} (${view})`)),
    // A rank is an ID and its coverage: two channels.
    ranks: Math.floor(Math.max(0, ...halves) / 2),
    manifest: manifest ? 'embedded' : manifestFile === undefined ? 'none' : 'sidecar',
    ...(manifest && { names: manifest.names.size }),
    ...(manifest && manifest.problems.size > 0 && { problems: [...manifest.problems.keys()] }),
    ...(manifestFile !== undefined && { manifestFile }),
  };
}

/** Names of IDs as OpenEXR 3 has them, for deep and flat pictures: another scheme than Cryptomatte, passed on as it is. */
function describeIdManifest({ attributes }: Part, part: number): IdManifestDescription[] {
  return [...attributes].flatMap(([attribute, { type, value }]) =>
    type === 'idmanifest' ? [{ part, attribute, bytes: value.length }] : [],
  );
}
