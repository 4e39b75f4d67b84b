import { type Catalogue, readCatalogue } from './catalogue.js';
import { type Compression, type Content, type Gunzip, openContent } from './content.js';
import { blendError, corrupt, truncated } from './error.js';
import { type Address, type BlockHead, type Layout, layoutBytes, readBlockHead, readLayout } from './layout.js';
import { type BlendLimits, defaultBlendLimits } from './limits.js';
import { Record } from './record.js';
import { type BlendSource, bytesSource } from './source.js';
import type { Unzstd } from './zstd.js';

/** An object, a material, a light's data or a world, by the name Cryptomatte hashes. */
export interface BlendName {
  readonly name: string;
  /** Path of the library it is linked from, as in the file; undefined for the file's own. */
  readonly library: string | undefined;
}

export interface BlendObject extends BlendName {
  /**
   * Name of the object at the top of its chain of parents, its own where it has no parent: what CryptoAsset hashes.
   * Undefined for a linked object, whose parents are in the library. If the chain leads to a linked object, it ends
   * there as far as this file is concerned.
   */
  readonly topParent: string | undefined;
}

/** A scene, with the names of its view layers. */
export interface BlendScene {
  readonly name: string;
  /** In the order of Blender's list. */
  readonly viewLayers: readonly string[];
}

/** The names in a .blend file. Text that is not valid UTF-8 is kept without loss, as in `model/text`. */
export interface BlendNames {
  /** Blender's version times 100: 279, 304, 500. */
  readonly version: number;
  readonly compression: Compression;
  /** Most bytes a name can have: 63 before Blender 5, 255 from then on. */
  readonly nameBytes: number;
  readonly objects: readonly BlendObject[];
  readonly materials: readonly BlendName[];
  /** What lights are made of; the objects that hold them are among the objects. */
  readonly lights: readonly BlendName[];
  readonly worlds: readonly BlendName[];
  readonly scenes: readonly BlendScene[];
  /**
   * Paths of the libraries the file links to, as in the file (`//` is its own folder). Only direct links are named
   * here; what those in turn need (the objects of a linked collection, a linked object's
   * materials and parents) is named in the library's own file.
   */
  readonly libraries: readonly string[];
}

/** What it takes to read packed files, and safety limits. */
export interface BlendOptions {
  /** Needed for files that Blender 2.93 and earlier compressed. */
  readonly gunzip?: Gunzip;
  /** Needed for files that Blender 3.0 and later compressed. */
  readonly unzstd?: Unzstd;
  readonly limits?: Partial<BlendLimits>;
}

/**
 * Reads the names in a .blend file: plain, gzip or zstd, of any version, pointer size and endianness.
 *
 * Two visits: the first steps from block head to block head to find the struct catalogue, which is near the end,
 * and the few blocks that matter; the second reads those. Memory is bounded by their number, not by the file's size.
 *
 * @throws ExrError with a `BlendErrorCode` for everything that is wrong with the file; errors of the source pass unchanged
 */
export async function readBlend(input: BlendSource | Uint8Array, options: BlendOptions = {}): Promise<BlendNames> {
  const limits = { ...defaultBlendLimits, ...options.limits };
  const source = input instanceof Uint8Array ? bytesSource(input) : input;
  const content = await openContent(source, limits, options);
  try {
    const layout = await findLayout(content);
    const index = await indexBlocks(content, layout, limits);
    const catalogue = readCatalogue(await content.readAt(index.catalogue.at, index.catalogue.length), layout);
    const file = { content, layout, catalogue };
    const found = new Findings(layout.version, content.compression);
    for (const block of index.datablocks) {
      const record = await readRecord(file, block, structOf[block.code as DatablockCode]);
      if (block.code === 'SC') found.addScene(record, await readViewLayers(file, block, record));
      else found.add(block, record);
    }
    return found.names();
  } finally {
    await content.close();
  }
}

/**
 * The datablocks that hold names of interest, and the structs they are. `ID` stands for one of a library. Blender's sources call
 * `Lamp` `Light` now; files keep its old name (makesdna/intern/dna_rename_defs.h).
 */
const structOf = {
  OB: 'Object',
  MA: 'Material',
  LA: 'Lamp',
  WO: 'World',
  SC: 'Scene',
  LI: 'Library',
  ID: 'ID',
} as const;
type DatablockCode = keyof typeof structOf;

interface Block extends BlockHead {
  /** Offset of the block's data, after its head. */
  readonly at: number;
}

interface OpenFile {
  readonly content: Content;
  readonly layout: Layout;
  readonly catalogue: Catalogue;
}

async function findLayout(content: Content): Promise<Layout> {
  const oldHeader = await content.readAt(0, 12);
  // The newer header has a digit where the older one has its pointer size.
  const newer = /\d/.test(String.fromCharCode(oldHeader[7] as number));
  return readLayout(newer ? await content.readAt(0, layoutBytes) : oldHeader);
}

async function indexBlocks(
  content: Content,
  layout: Layout,
  limits: BlendLimits,
): Promise<{ catalogue: Block; datablocks: Block[] }> {
  const datablocks: Block[] = [];
  let catalogue: Block | undefined;
  let at = layout.headerBytes;
  for (let count = 0; ; count++) {
    if (count >= limits.blocks) throw blendError('BLEND_LIMIT', `the file has more than ${limits.blocks} blocks`);
    const block = await readBlock(content, layout, at);
    if (block.code === 'ENDB') break;
    if (block.code === 'DNA1') catalogue = block;
    else if (Object.hasOwn(structOf, block.code)) {
      if (datablocks.length >= limits.datablocks)
        throw blendError('BLEND_LIMIT', `the file has more than ${limits.datablocks} datablocks`);
      datablocks.push(block);
    }
    at = block.at + block.length;
  }
  if (catalogue === undefined) throw corrupt('the file has no struct catalogue');
  if (catalogue.length > limits.catalogueBytes)
    throw blendError('BLEND_LIMIT', `the struct catalogue has ${catalogue.length} bytes`);
  return { catalogue, datablocks };
}

async function readBlock(content: Content, layout: Layout, at: number): Promise<Block> {
  const head = readBlockHead(await content.readAt(at, layout.blockHeadBytes), layout);
  const start = at + layout.blockHeadBytes;
  const end = start + head.length;
  if (!Number.isSafeInteger(end) || end > (content.size ?? end))
    throw truncated(`a block of ${head.length} bytes at ${at} ends beyond the file`);
  return { ...head, at: start };
}

/** @param name the struct the block must be */
async function readRecord({ content, catalogue, layout }: OpenFile, block: Block, name: string): Promise<Record> {
  const struct = catalogue.structs[block.struct];
  if (struct?.name !== name) throw corrupt(`a block ${block.code} at ${block.at} is no ${name}`);
  if (block.length < struct.size) throw corrupt(`a block ${block.code} at ${block.at} is too short for its struct`);
  // Copied, because a content's result is valid only until its next read.
  return new Record((await content.readAt(block.at, struct.size)).slice(), struct, catalogue, layout);
}

/**
 * Names of a scene's view layers. They are a linked list of blocks among those that follow the scene's own; Blender
 * before 2.80 had render layers instead.
 */
async function readViewLayers(file: OpenFile, scene: Block, record: Record): Promise<string[]> {
  const modern = record.has('view_layers');
  const struct = modern ? 'ViewLayer' : 'SceneRenderLayer';
  let next = record.address(modern ? ['view_layers', 'first'] : ['r', 'layers', 'first']);
  const layers = new Map<Address, { name: string; next: Address }>();
  let at = scene.at + scene.length;
  for (;;) {
    const block = await readBlock(file.content, file.layout, at);
    if (block.code !== 'DATA') break;
    if (file.catalogue.structs[block.struct]?.name === struct) {
      const layer = await readRecord(file, block, struct);
      layers.set(block.address, { name: layer.text(['name']), next: layer.address(['next']) });
    }
    at = block.at + block.length;
  }
  const names: string[] = [];
  while (next !== 0n) {
    const layer = layers.get(next);
    if (layer === undefined) throw corrupt('the list of view layers is broken');
    names.push(layer.name);
    // Removed, so that a circular list ends as a broken one.
    layers.delete(next);
    next = layer.next;
  }
  return names;
}

/** Bytes before a name that identify the kind of the datablock (blender/source/blender/makesdna/DNA_ID.h). */
const kindBytes = 2;

interface FoundObject {
  readonly name: string;
  readonly library: Address;
  /** 0n if there is none, undefined if the object's own struct is not in the file. */
  readonly parent: Address | undefined;
}

/** Datablocks of which the name is all that matters. */
type PlainCode = 'MA' | 'LA' | 'WO';

/** Collects datablocks; what points from one to the other is resolved when all are known. */
class Findings {
  readonly #version: number;
  readonly #compression: Compression;
  readonly #objects = new Map<Address, FoundObject>();
  readonly #plain: { readonly [Code in PlainCode]: { name: string; library: Address }[] } = {
    MA: [],
    LA: [],
    WO: [],
  };
  readonly #scenes: BlendScene[] = [];
  readonly #libraries = new Map<Address, string>();
  readonly #tops = new Map<Address, string>();
  #nameBytes = 0;

  constructor(version: number, compression: Compression) {
    this.#version = version;
    this.#compression = compression;
  }

  addScene(record: Record, viewLayers: string[]): void {
    this.#scenes.push({ name: record.text(['id', 'name'], kindBytes), viewLayers });
  }

  add(block: Block, record: Record): void {
    const linked = block.code === 'ID';
    const id = linked ? [] : ['id'];
    this.#nameBytes = record.sizeOf([...id, 'name']) - kindBytes - 1;
    const name = record.text([...id, 'name'], kindBytes);
    if (block.code === 'LI') {
      // Blender's sources call the path `filepath` now; files keep its old name (makesdna/intern/dna_rename_defs.h).
      this.#libraries.set(block.address, record.text([record.has('name') ? 'name' : 'filepath']));
      return;
    }
    const library = record.address([...id, 'lib']);
    const kind = linked ? record.text(['name']).slice(0, kindBytes) : block.code;
    if (kind === 'MA' || kind === 'LA' || kind === 'WO') this.#plain[kind].push({ name, library });
    if (kind === 'OB')
      this.#objects.set(block.address, { name, library, parent: linked ? undefined : record.address(['parent']) });
  }

  names(): BlendNames {
    const objects = [...this.#objects].map(([address, { name, library, parent }]) => ({
      name,
      library: this.#libraries.get(library),
      topParent: parent === undefined ? undefined : this.#topParent(address),
    }));
    const plain = (kind: PlainCode): BlendName[] =>
      this.#plain[kind].map(({ name, library }) => ({ name, library: this.#libraries.get(library) }));
    return {
      version: this.#version,
      compression: this.#compression,
      nameBytes: this.#nameBytes,
      objects,
      materials: plain('MA'),
      lights: plain('LA'),
      worlds: plain('WO'),
      scenes: this.#scenes,
      libraries: [...this.#libraries.values()],
    };
  }

  /** Climbs until an object without a parent in this file, or one whose root is known from an earlier climb. */
  #topParent(address: Address): string {
    const climbed = new Set<Address>();
    let at = address;
    let top = this.#tops.get(at);
    while (top === undefined) {
      if (climbed.has(at)) throw corrupt('an object is its own ancestor');
      climbed.add(at);
      const own = this.#objects.get(at);
      if (own === undefined) throw corrupt('an object is missing');
      // Blender drops a pointer to something that is not in the file; so does this.
      if (!own.parent || !this.#objects.has(own.parent)) top = own.name;
      else {
        at = own.parent;
        top = this.#tops.get(at);
      }
    }
    for (const passed of climbed) this.#tops.set(passed, top);
    return top;
  }
}
