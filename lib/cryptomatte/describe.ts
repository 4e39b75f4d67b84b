/** A file's header as plain JSON values: the pure part of `exrpipe info`. The pixels are not needed. */

import { type AttributeValue, parseAttribute } from '../format/attribute-types.js';
import { blockLength } from '../format/block-length.js';
import type { FileState, TableState, UnfinishedPart } from '../format/file-state.js';
import { boxHeight, boxWidth } from '../format/geometry.js';
import type { FileSizes } from '../format/offset-table.js';
import { structuralNames } from '../format/structural.js';
import { type ChannelPlace, type LayerSpeller, placesOf, viewLayersOf, viewsOf } from '../layers/place.js';
import { type CryptomatteSet, headerSets, orphanGroups } from '../layers/sets.js';
import type { Attribute } from '../model/attributes.js';
import type { Compression } from '../model/compression.js';
import { groupBy } from '../model/group-by.js';
import {
  type Box,
  type Channel,
  type Header,
  isDeep,
  type LineOrder,
  type Part,
  type PartType,
  type PixelType,
  type TileDescription,
} from '../model/header.js';
import { layerNames, parseChannelName } from '../model/names.js';
import { storedManifest } from './manifest.js';

/** One channel, as `describeHeader` gives it; sampling is in pixels (1: a sample for each). */
export interface ChannelDescription {
  /** The name in full: `Chars.Combined.R`. */
  readonly name: string;
  readonly component: string;
  readonly type: PixelType;
  readonly xSampling: number;
  readonly ySampling: number;
}

/** Channels of one part that belong to one layer. */
export interface LayerDescription {
  /** As the channels' names have it; '' for channels without a dot in their names. */
  readonly name: string;
  /** The layer itself, whether the channels or the part carry its name. Without the view. */
  readonly layer: string;
  /** Absent in files without views. */
  readonly view?: string;
  /** Absent where nothing proves one. */
  readonly viewLayer?: string;
  /** Who carries the layer's name. */
  readonly speltBy: LayerSpeller;
  /** Bytes of its samples at full resolution before they are packed; absent in deep parts, whose pixels hold any number of samples. */
  readonly unpackedBytes?: number;
  readonly channels: readonly ChannelDescription[];
}

/** One attribute, with its value where its type is known. */
export interface AttributeDescription {
  readonly name: string;
  readonly type: string;
  /** Bytes of the stored value. */
  readonly bytes: number;
  /** Absent for types only their own programs understand, for damaged values, and for Cryptomatte manifests. */
  readonly value?: AttributeValue;
}

/** One part; windows are in pixels, both corners included. */
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
  /** Bytes of its chunks in the file, where the file shows it. */
  readonly bytes?: number;
  readonly layers: readonly LayerDescription[];
  /** In file order, without those that the fields above cover. */
  readonly attributes: readonly AttributeDescription[];
}

/** One Cryptomatte: its metadata, and the layers that were found for it. */
export interface CryptomatteDescription {
  /** Undefined, as the others, where the metadata lacks it. */
  readonly name?: string;
  readonly key: string;
  readonly hash?: string;
  readonly conversion?: string;
  /** Numbers of the parts with the metadata. */
  readonly parts: readonly number[];
  /** Its layers of channels, as `CryptoObject00`; none when the metadata has lost its channels. */
  readonly layers: readonly string[];
  /** Numbers of the parts with these layers. */
  readonly layerParts: readonly number[];
  /** The views that have it; absent in files without views. */
  readonly views?: readonly string[];
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

/** An attribute `idManifest` (of deep files, ImfIDManifest.h). */
export interface IdManifestDescription {
  readonly part: number;
  readonly attribute: string;
  /** Bytes as stored, packed. */
  readonly bytes: number;
}

/** A header as plain JSON values: `exrpipe info --json` (docs/json.md). */
export interface FileDescription {
  readonly multiPart: boolean;
  readonly longNames: boolean;
  /** Of the whole file, where its offset tables show how much of it each part takes. */
  readonly bytes?: number;
  /** Absent where the offset tables lead to the chunks, and where nobody has looked. */
  readonly offsetTable?: Exclude<TableState, 'sound'>;
  /** Parts that lack chunks; absent where none does, or nobody has looked. */
  readonly unfinished?: readonly UnfinishedPart[];
  /** Chunks without a single byte; absent where there are none, or nobody has looked. */
  readonly emptyChunks?: number;
  /** Names of the views that channels belong to. */
  readonly views: readonly string[];
  /** Names of the view layers, those of channels without one left out. */
  readonly viewLayers: readonly string[];
  readonly parts: readonly PartDescription[];
  readonly cryptomattes: readonly CryptomatteDescription[];
  /** Names of layers that look like a Cryptomatte and have no metadata. */
  readonly cryptomattesWithoutMetadata: readonly string[];
  readonly idManifests: readonly IdManifestDescription[];
}

/** Describes a header in JSON values. Never throws for what a file may hold: values that cannot be read are left out. */
export function describeHeader(header: Header, sizes?: FileSizes, state?: FileState): FileDescription {
  const sets = headerSets(header);
  const places = placesOf(header);
  const manifests = new Set(sets.flatMap(({ attributes }) => attributes.get('manifest') ?? []));
  return {
    multiPart: header.multiPart || header.parts.length > 1,
    longNames: header.longNames,
    ...(sizes && { bytes: sizes.file }),
    ...(state && describeState(state)),
    views: viewsOf(header),
    viewLayers: viewLayersOf(header),
    parts: header.parts.map((part, number) => describePart(part, number, manifests, places, sizes?.parts[number])),
    cryptomattes: sets.map(describeSet),
    cryptomattesWithoutMetadata: [...new Set(orphanGroups(header).map(({ name }) => name))],
    idManifests: header.parts.flatMap(describeIdManifest),
  };
}

function describeState({
  table,
  unfinished,
  emptyChunks,
}: FileState): Pick<FileDescription, 'offsetTable' | 'unfinished' | 'emptyChunks'> {
  return {
    ...(table !== 'sound' && { offsetTable: table }),
    ...(unfinished.length > 0 && { unfinished }),
    ...(emptyChunks > 0 && { emptyChunks }),
  };
}

function describePart(
  part: Part,
  number: number,
  manifests: ReadonlySet<string>,
  places: ReadonlyMap<Channel, ChannelPlace>,
  bytes: number | undefined,
): PartDescription {
  const { name, type, compression, lineOrder, dataWindow, displayWindow, tiles, attributes } = part;
  return {
    part: number,
    ...(name !== undefined && { name }),
    type,
    compression,
    lineOrder,
    dataWindow,
    displayWindow,
    ...(tiles && { tiles }),
    ...(bytes !== undefined && { bytes }),
    layers: describeLayers(part, places),
    attributes: [...attributes].flatMap(([attribute, stored]) =>
      structuralNames.has(attribute) ? [] : [describeAttribute(attribute, stored, manifests.has(attribute))],
    ),
  };
}

function describeLayers(part: Part, places: ReadonlyMap<Channel, ChannelPlace>): LayerDescription[] {
  const { channels, dataWindow } = part;
  const region = { x: dataWindow.xMin, y: dataWindow.yMin, width: boxWidth(dataWindow), height: boxHeight(dataWindow) };
  const layers = groupBy(channels, ({ name }) => parseChannelName(name).layer);
  return layerNames(channels).map((name) => {
    const own = layers.get(name) ?? [];
    // Channels with the same layer name in one part all have the same place.
    const { layer, view, viewLayer, speltBy } = places.get(own[0] as Channel) as ChannelPlace;
    return {
      name,
      layer,
      ...(view !== '' && { view }),
      ...(viewLayer !== '' && { viewLayer }),
      speltBy,
      ...(!isDeep(part) && { unpackedBytes: blockLength(own, region) }),
      channels: own.map(
        (channel): ChannelDescription => ({
          name: channel.name,
          component: parseChannelName(channel.name).component,
          type: channel.type,
          xSampling: channel.xSampling,
          ySampling: channel.ySampling,
        }),
      ),
    };
  });
}

function describeAttribute(name: string, { type, value }: Attribute, manifest: boolean): AttributeDescription {
  const parsed = manifest ? undefined : readValue(type, value);
  return { name, type, bytes: value.length, ...(parsed !== undefined && { value: parsed }) };
}

function readValue(type: string, bytes: Uint8Array): AttributeValue | undefined {
  try {
    return parseAttribute(type, bytes);
  } catch {
    return undefined; // A damaged value must not keep the rest of the file from being shown.
  }
}

function describeSet(set: CryptomatteSet): CryptomatteDescription {
  const { name, key, hash, conversion, parts, layers, manifestFile } = set;
  const manifest = set.manifest && storedManifest(set.manifest);
  // Stereo files hold each rank once for every view.
  const perView = groupBy(layers, ({ view }) => view);
  const views = [...perView.keys()].filter((view) => view !== '');
  const halves = [...perView.values()].map((own) => own.reduce((sum, { slots }) => sum + Object.keys(slots).length, 0));
  return {
    ...(name !== undefined && { name }),
    key,
    ...(hash !== undefined && { hash }),
    ...(conversion !== undefined && { conversion }),
    parts,
    layers: layers.map(({ layer, view }) => (view === '' ? layer : `${layer} (${view})`)),
    layerParts: [...new Set(layers.map(({ part }) => part))].sort((a, b) => a - b),
    ...(views.length > 0 && { views }),
    // A rank is an ID and its coverage: two channels.
    ranks: Math.floor(Math.max(0, ...halves) / 2),
    manifest: manifest ? 'embedded' : manifestFile === undefined ? 'none' : 'sidecar',
    ...(manifest && { names: manifest.names.size }),
    ...(manifest && manifest.problems.size > 0 && { problems: [...manifest.problems.keys()] }),
    ...(manifestFile !== undefined && { manifestFile }),
  };
}

/** Names of IDs in OpenEXR 3's own scheme, for deep and flat images: unrelated to Cryptomatte, and passed on unchanged. */
function describeIdManifest({ attributes }: Part, part: number): IdManifestDescription[] {
  return [...attributes].flatMap(([attribute, { type, value }]) =>
    type === 'idmanifest' ? [{ part, attribute, bytes: value.length }] : [],
  );
}
