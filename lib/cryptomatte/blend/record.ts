import { decodeText } from '../../model/text.js';
import type { Catalogue, Field, Struct } from './catalogue.js';
import { corrupt } from './error.js';
import { type Address, type Layout, readAddress } from './layout.js';

/** One struct as stored in a file, with its fields found by name. A path names a field of a field: `id`, `name`. */
export class Record {
  readonly #bytes: Uint8Array;
  readonly #struct: Struct;
  readonly #catalogue: Catalogue;
  readonly #layout: Layout;

  constructor(bytes: Uint8Array, struct: Struct, catalogue: Catalogue, layout: Layout) {
    this.#bytes = bytes;
    this.#struct = struct;
    this.#catalogue = catalogue;
    this.#layout = layout;
  }

  has(name: string): boolean {
    return this.#struct.fields.has(name);
  }

  /** Text of an array of characters from its byte `skip` on, up to a zero byte or the array's end. */
  text(path: readonly string[], skip = 0): string {
    const { offset, size } = this.#find(path);
    const array = this.#bytes.subarray(offset, offset + size);
    const end = array.indexOf(0);
    return decodeText(array.subarray(skip, Math.max(skip, end < 0 ? size : end)));
  }

  /** The address in a pointer; 0n is none. */
  address(path: readonly string[]): Address {
    const field = this.#find(path);
    if (!field.pointer) throw corrupt(`${this.#struct.name}.${path.join('.')} is not a pointer`);
    const { buffer, byteOffset, byteLength } = this.#bytes;
    return readAddress(new DataView(buffer, byteOffset, byteLength), field.offset, this.#layout);
  }

  /** Bytes of a field, arrays included. */
  sizeOf(path: readonly string[]): number {
    return this.#find(path).size;
  }

  #find(path: readonly string[]): Field {
    let struct: Struct | undefined = this.#struct;
    let found: Field | undefined;
    let offset = 0;
    for (const name of path) {
      found = struct?.fields.get(name);
      if (found === undefined) throw corrupt(`${this.#struct.name} has no field ${path.join('.')}`);
      offset += found.offset;
      struct = this.#catalogue.byName.get(found.type);
    }
    if (found === undefined || !(offset + found.size <= this.#bytes.length))
      throw corrupt(`${this.#struct.name}.${path.join('.')} is outside its block`);
    return { ...found, offset };
  }
}
