import { decodeText } from '../../model/text.js';
import { corrupt } from './error.js';
import type { Layout } from './layout.js';

/** The offset of a field in its struct, in bytes. */
export interface Field {
  readonly offset: number;
  /** Bytes of the whole field, arrays included. */
  readonly size: number;
  /** Name of its type, without pointer or array marks. */
  readonly type: string;
  readonly pointer: boolean;
}

export interface Struct {
  readonly name: string;
  readonly size: number;
  readonly fields: ReadonlyMap<string, Field>;
}

export interface Catalogue {
  /** By the numbers used in block heads. */
  readonly structs: readonly Struct[];
  readonly byName: ReadonlyMap<string, Struct>;
}

/**
 * Reads the catalogue of structs, the content of the block `DNA1`
 * (blender/source/blender/makesdna/intern/dna_genfile.cc, "dna_genfile Overview" and `init_structDNA`):
 * `SDNA`, then `NAME` and `TYPE` (a count and that many strings), `TLEN` (a 16-bit size for each type) and `STRC`
 * (a count and for each struct its type, the number of its fields and for each field type and name), each aligned to
 * four bytes. Fields follow each other without gaps: Blender's build ensures the padding.
 */
export function readCatalogue(bytes: Uint8Array, layout: Layout): Catalogue {
  const reader = new CatalogueReader(bytes, layout.littleEndian);
  reader.expect('SDNA');
  reader.expect('NAME');
  const names = reader.strings();
  reader.expect('TYPE');
  const types = reader.strings();
  reader.expect('TLEN');
  const sizes = types.map(() => reader.u16());
  reader.expect('STRC');
  const count = reader.count(4);
  const structs: Struct[] = [];
  for (let i = 0; i < count; i++) {
    const own = reader.u16();
    const fields = new Map<string, Field>();
    let offset = 0;
    for (let left = reader.u16(); left > 0; left--) {
      const type = reader.u16();
      const declared = parseFieldName(at(names, reader.u16()));
      const size = (declared.pointer ? layout.pointerBytes : at(sizes, type)) * declared.elements;
      fields.set(declared.name, { offset, size, type: at(types, type), pointer: declared.pointer });
      offset += size;
    }
    structs.push({ name: at(types, own), size: at(sizes, own), fields });
  }
  return { structs, byName: new Map(structs.map((struct) => [struct.name, struct])) };
}

/** Field names are written as in C: `*next`, `name[64]`, `mat[4][4]`, `(*call)()`. */
function parseFieldName(text: string): { name: string; pointer: boolean; elements: number } {
  const [, star = '', name = '', dimensions = ''] = /^(\(?\**)(\w*)\)?((?:\[\d+\])*)/.exec(text) ?? [];
  let elements = 1;
  for (const [, size] of dimensions.matchAll(/\[(\d+)\]/g)) elements *= Number(size);
  return { name, pointer: star.includes('*'), elements };
}

function at<T>(values: readonly T[], index: number): T {
  const value = values[index];
  if (value === undefined) throw corrupt(`the struct catalogue has no entry ${index}`);
  return value;
}

class CatalogueReader {
  readonly #bytes: Uint8Array;
  readonly #view: DataView;
  readonly #little: boolean;
  #at = 0;

  constructor(bytes: Uint8Array, littleEndian: boolean) {
    this.#bytes = bytes;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    this.#little = littleEndian;
  }

  /** The next section's four letters, at the next multiple of four bytes. */
  expect(code: string): void {
    this.#at = Math.ceil(this.#at / 4) * 4;
    const found = String.fromCharCode(...this.#bytes.subarray(this.#at, this.#at + 4));
    if (found !== code) throw corrupt(`the struct catalogue has no ${code} section where it should`);
    this.#at += 4;
  }

  u16(): number {
    return this.#view.getUint16(this.#take(2), this.#little);
  }

  /** A number of items of at least `bytesEach` bytes, which must fit into the rest. */
  count(bytesEach: number): number {
    const count = this.#view.getUint32(this.#take(4), this.#little);
    if (count * bytesEach > this.#bytes.length - this.#at)
      throw corrupt(`the struct catalogue cannot hold ${count} entries`);
    return count;
  }

  strings(): string[] {
    const strings: string[] = [];
    for (let left = this.count(1); left > 0; left--) {
      const end = this.#bytes.indexOf(0, this.#at);
      if (end < 0) throw corrupt('a name of the struct catalogue has no end');
      strings.push(decodeText(this.#bytes.subarray(this.#at, end)));
      this.#at = end + 1;
    }
    return strings;
  }

  #take(length: number): number {
    const from = this.#at;
    if (from + length > this.#bytes.length) throw corrupt('the struct catalogue ends too early');
    this.#at = from + length;
    return from;
  }
}
