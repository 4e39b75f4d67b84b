/**
 * Writes .blend files for tests, in every layout of the format. The struct catalogue is made up on purpose: fields
 * stand in other orders and have other sizes than Blender's, so that a reader which assumes offsets cannot pass.
 */
export interface BuildLayout {
  readonly pointerBytes: 4 | 8;
  readonly littleEndian: boolean;
  /** Blender 5's header and block heads. */
  readonly format1: boolean;
  /** Bytes of ID.name: 66 before Blender 5, 258 from then on. */
  readonly idNameBytes: number;
  /** Blender before 2.80: render layers instead of view layers. */
  readonly renderLayers?: boolean;
  /** Name of the field with a library's path. */
  readonly pathField?: 'name' | 'filepath';
}

export const layouts: Readonly<Record<string, BuildLayout>> = {
  '64 bit, little endian': { pointerBytes: 8, littleEndian: true, format1: false, idNameBytes: 66 },
  '32 bit, little endian': { pointerBytes: 4, littleEndian: true, format1: false, idNameBytes: 24 },
  '64 bit, big endian': { pointerBytes: 8, littleEndian: false, format1: false, idNameBytes: 66 },
  '32 bit, big endian, render layers': {
    pointerBytes: 4,
    littleEndian: false,
    format1: false,
    idNameBytes: 24,
    renderLayers: true,
  },
  'Blender 5': { pointerBytes: 8, littleEndian: true, format1: true, idNameBytes: 258, pathField: 'filepath' },
};

export interface BuildBlock {
  readonly code: string;
  readonly struct: string;
  readonly address?: number;
  /** Text or bytes for arrays of characters, numbers for pointers, by the path of the field joined with dots. */
  readonly values?: Readonly<Record<string, string | number | Uint8Array>>;
  /** Bytes instead of a struct. */
  readonly data?: Uint8Array;
  /** The length the block's head claims, where it lies. */
  readonly claims?: number;
}

interface BuildField {
  readonly type: string;
  /** As the catalogue has it: `*next`, `name[64]`. */
  readonly name: string;
}

function structs(layout: BuildLayout): Record<string, BuildField[]> {
  const { idNameBytes, renderLayers = false, pathField = 'name' } = layout;
  return {
    ListBase: [
      { type: 'void', name: '*first' },
      { type: 'void', name: '*last' },
    ],
    ID: [
      { type: 'void', name: '(*hook)()' },
      { type: 'char', name: `name[${idNameBytes}]` },
      { type: 'char', name: 'pad[2][3]' },
      { type: 'Library', name: '*lib' },
    ],
    Object: [
      { type: 'float', name: 'matrix[4][4]' },
      { type: 'Object', name: '*parent' },
      { type: 'Object', name: '**several[3]' },
      { type: 'ID', name: 'id' },
    ],
    Material: [{ type: 'ID', name: 'id' }],
    Lamp: [{ type: 'ID', name: 'id' }],
    World: [
      { type: 'float', name: 'horizon[3]' },
      { type: 'ID', name: 'id' },
    ],
    Library: [
      { type: 'ID', name: 'id' },
      { type: 'char', name: `${pathField}[64]` },
    ],
    RenderData: [
      { type: 'int', name: 'width' },
      { type: 'ListBase', name: 'layers' },
    ],
    Scene: [
      { type: 'RenderData', name: 'r' },
      { type: 'ID', name: 'id' },
      ...(renderLayers ? [] : [{ type: 'ListBase', name: 'view_layers' }]),
    ],
    [renderLayers ? 'SceneRenderLayer' : 'ViewLayer']: [
      { type: 'char', name: 'name[64]' },
      { type: 'void', name: '*next' },
    ],
    Base: [{ type: 'void', name: '*next' }],
  };
}

const basicSizes: Record<string, number> = { char: 1, void: 0, int: 4, float: 4 };

/** A whole file: header, the blocks, the struct catalogue, the end block. */
export function buildBlend(layout: BuildLayout, blocks: readonly BuildBlock[]): Uint8Array {
  const all = structs(layout);
  const names = Object.keys(all);
  const pieces = [ascii(headerOf(layout))];
  for (const block of blocks) {
    const data = block.data ?? structBytes(layout, all, block.struct, block.values ?? {});
    pieces.push(
      blockHead(layout, block.code, block.claims ?? data.length, block.address ?? 0, names.indexOf(block.struct)),
      data,
    );
  }
  const catalogue = catalogueBytes(layout, all);
  pieces.push(blockHead(layout, 'DNA1', catalogue.length, 0, 0), catalogue, blockHead(layout, 'ENDB', 0, 0, 0));
  return join(pieces);
}

/** The names of a datablock: `OBCube`. Its library is given by address. */
export function datablock(code: string, name: string | Uint8Array, more: Partial<BuildBlock> = {}): BuildBlock {
  const struct = { OB: 'Object', MA: 'Material', LA: 'Lamp', WO: 'World', LI: 'Library', SC: 'Scene' }[code] ?? 'Base';
  const prefixed = typeof name === 'string' ? `${code}${name}` : join([ascii(code), name]);
  return { code, struct, ...more, values: { 'id.name': prefixed, ...more.values } };
}

function headerOf({ pointerBytes, littleEndian, format1 }: BuildLayout): string {
  if (format1) return 'BLENDER17-01v0500';
  return `BLENDER${pointerBytes === 8 ? '-' : '_'}${littleEndian ? 'v' : 'V'}279`;
}

function blockHead(layout: BuildLayout, code: string, length: number, address: number, struct: number): Uint8Array {
  const { pointerBytes, littleEndian, format1 } = layout;
  const bytes = new Uint8Array(format1 ? 32 : 16 + pointerBytes);
  const view = new DataView(bytes.buffer);
  // Two-letter codes are numbers of 16 bits, widened to 32.
  bytes.set(ascii(code), !littleEndian && code.length === 2 ? 2 : 0);
  if (format1) {
    view.setInt32(4, struct, true);
    view.setBigUint64(8, BigInt(address), true);
    view.setBigInt64(16, BigInt(length), true);
    view.setBigInt64(24, 1n, true);
    return bytes;
  }
  view.setInt32(4, length, littleEndian);
  setPointer(layout, view, 8, address);
  view.setInt32(8 + pointerBytes, struct, littleEndian);
  view.setInt32(12 + pointerBytes, 1, littleEndian);
  return bytes;
}

function structBytes(
  layout: BuildLayout,
  all: Record<string, BuildField[]>,
  struct: string,
  values: Readonly<Record<string, string | number | Uint8Array>>,
): Uint8Array {
  const bytes = new Uint8Array(sizeOf(layout, all, struct)).fill(0);
  const view = new DataView(bytes.buffer);
  for (const [path, value] of Object.entries(values)) {
    let type = struct;
    let offset = 0;
    for (const step of path.split('.')) {
      for (const field of all[type] ?? []) {
        if (/\w+/.exec(field.name)?.[0] === step) {
          type = field.type;
          break;
        }
        offset += fieldSize(layout, all, field);
      }
    }
    if (typeof value === 'number') setPointer(layout, view, offset, value);
    else bytes.set(typeof value === 'string' ? new TextEncoder().encode(value) : value, offset);
  }
  return bytes;
}

function sizeOf(layout: BuildLayout, all: Record<string, BuildField[]>, type: string): number {
  const fields = all[type];
  if (fields === undefined) return basicSizes[type] ?? 0;
  return fields.reduce((sum, field) => sum + fieldSize(layout, all, field), 0);
}

function fieldSize(layout: BuildLayout, all: Record<string, BuildField[]>, field: BuildField): number {
  const elements = [...field.name.matchAll(/\[(\d+)\]/g)].reduce((product, [, size]) => product * Number(size), 1);
  return elements * (field.name.includes('*') ? layout.pointerBytes : sizeOf(layout, all, field.type));
}

function catalogueBytes(layout: BuildLayout, all: Record<string, BuildField[]>): Uint8Array {
  const { littleEndian } = layout;
  const fieldNames = [...new Set(Object.values(all).flatMap((fields) => fields.map(({ name }) => name)))];
  const types = [...Object.keys(basicSizes), ...Object.keys(all)];
  const u16 = (value: number) => {
    const bytes = new Uint8Array(2);
    new DataView(bytes.buffer).setUint16(0, value, littleEndian);
    return bytes;
  };
  const u32 = (value: number) => {
    const bytes = new Uint8Array(4);
    new DataView(bytes.buffer).setUint32(0, value, littleEndian);
    return bytes;
  };
  const strings = (values: string[]) => join([u32(values.length), ...values.map((value) => ascii(`${value}\0`))]);
  const structList = Object.entries(all).map(([type, fields]) =>
    join([
      u16(types.indexOf(type)),
      u16(fields.length),
      ...fields.flatMap((field) => [u16(types.indexOf(field.type)), u16(fieldNames.indexOf(field.name))]),
    ]),
  );
  const sections = [
    ascii('SDNA'),
    join([ascii('NAME'), strings(fieldNames)]),
    join([ascii('TYPE'), strings(types)]),
    join([ascii('TLEN'), ...types.map((type) => u16(sizeOf(layout, all, type)))]),
    join([ascii('STRC'), u32(structList.length), ...structList]),
  ];
  return join(sections.map((section) => join([section, new Uint8Array((4 - (section.length % 4)) % 4)])));
}

function setPointer({ pointerBytes, littleEndian }: BuildLayout, view: DataView, at: number, value: number): void {
  if (pointerBytes === 8) view.setBigUint64(at, BigInt(value), littleEndian);
  else view.setUint32(at, value, littleEndian);
}

export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0));
}

export function join(pieces: readonly Uint8Array[]): Uint8Array {
  const whole = new Uint8Array(pieces.reduce((sum, piece) => sum + piece.length, 0));
  let at = 0;
  for (const piece of pieces) {
    whole.set(piece, at);
    at += piece.length;
  }
  return whole;
}

/** A small scene with what matters in it: parents, links, list of layers, bytes that are not UTF-8. */
export function smallScene(layout: BuildLayout): BuildBlock[] {
  const list = layout.renderLayers ? 'r.layers.first' : 'view_layers.first';
  const layer = layout.renderLayers ? 'SceneRenderLayer' : 'ViewLayer';
  return [
    { code: 'DATA', struct: 'Base', data: ascii('noise') },
    datablock('SC', 'Scene', { address: 0x10, values: { [list]: 0x12 } }),
    { code: 'DATA', struct: 'Base', address: 0x13 },
    { code: 'DATA', struct: layer, address: 0x11, values: { name: 'second' } },
    { code: 'DATA', struct: layer, address: 0x12, values: { name: 'first', next: 0x11 } },
    datablock('OB', 'child', { address: 0x20, values: { parent: 0x21 } }),
    datablock('OB', 'middle', { address: 0x21, values: { parent: 0x22 } }),
    datablock('OB', 'top', { address: 0x22 }),
    datablock('OB', 'orphan', { address: 0x23, values: { parent: 0x999 } }),
    datablock('OB', 'held', { address: 0x24, values: { parent: 0x31 } }),
    datablock('OB', Uint8Array.of(0x41, 0xff, 0xc3), { address: 0x25 }),
    datablock('OB', 'n'.repeat(layout.idNameBytes - 3), { address: 0x26 }),
    datablock('MA', '', { address: 0x40 }),
    datablock('LA', 'Key light', { address: 0x41 }),
    datablock('WO', 'Sky', { address: 0x42 }),
    datablock('LI', 'lib.blend', { address: 0x30, values: { [layout.pathField ?? 'name']: '//lib.blend' } }),
    { code: 'ID', struct: 'ID', address: 0x31, values: { name: 'OBlinked', lib: 0x30 } },
    { code: 'ID', struct: 'ID', address: 0x32, values: { name: 'MAlinked', lib: 0x30 } },
    { code: 'ID', struct: 'ID', address: 0x34, values: { name: 'LAlinked', lib: 0x30 } },
    { code: 'ID', struct: 'ID', address: 0x35, values: { name: 'WOlinked', lib: 0x30 } },
    { code: 'ID', struct: 'ID', address: 0x33, values: { name: 'GRlinked', lib: 0x30 } },
  ];
}
