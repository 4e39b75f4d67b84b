/**
 * From a name to its pixel ID (Cryptomatte specification 1.2.0, "ID Generation"): MurmurHash3_x86_32 of the name's
 * UTF-8 bytes, one bit changed where the result would not be a normal float, and those 32 bits read as a float.
 */
import murmur from 'murmurhash3js-revisited';
import { decodeText, encodeText } from '../model/text.js';

/** Manifests have a hundred thousand names; those up to this many bytes are encoded without new memory for each. */
const buffer = new Uint8Array(1024);
const encoder = new TextEncoder();

/** The plain 32-bit hash of a name. The only place that calls the hash library, which takes bytes, not text. */
export function nameHash(name: string): number {
  return murmur.x86.hash32(nameBytes(name), 0);
}

/** The name's UTF-8 bytes, valid until the next call. */
function nameBytes(name: string): Uint8Array {
  // A UTF-16 code unit takes three bytes at most.
  if (name.length * 3 > buffer.length || !name.isWellFormed()) return encodeText(name);
  return buffer.subarray(0, encoder.encodeInto(name, buffer).written);
}

/**
 * A hash's bits as stored in pixels: exponents 0 and 255 (denormals, zero, infinity, NaN) get their lowest
 * bit flipped, since programs change such floats. About 1 name in 128 is affected.
 */
export function pixelBits(hash: number): number {
  const exponent = (hash >>> 23) & 0xff;
  return (exponent === 0 || exponent === 0xff ? hash ^ (1 << 23) : hash) >>> 0;
}

/** The bits a name has in pixels and in a manifest. */
export function nameBits(name: string): number {
  return pixelBits(nameHash(name));
}

/** Whether bits are a name's: as stored in pixels, or as the plain hash that Cycles writes. */
export function provesName(name: string, bits: number): boolean {
  const hash = nameHash(name);
  return bits === pixelBits(hash) || bits === hash;
}

/**
 * A name as EEVEE hashes it: its first 62 bytes (blender/source/blender/blenkernel/intern/cryptomatte.cc,
 * `CryptomatteLayer::add_ID`: `MAX_NAME - 2` of 64; seen in frames of 3.4 and 5.3). Cycles hashes all of it.
 */
export function eeveeName(name: string): string {
  if (name.length * 3 <= eeveeBytes) return name;
  const bytes = encodeText(name);
  return bytes.length <= eeveeBytes ? name : decodeText(bytes.subarray(0, eeveeBytes));
}

const eeveeBytes = 62;

/** Bits as a manifest writes them: eight lower-case hexadecimal digits. */
export function bitsToHex(bits: number): string {
  return (
    (byteHex[bits >>> 24] as string) +
    byteHex[(bits >>> 16) & 0xff] +
    byteHex[(bits >>> 8) & 0xff] +
    byteHex[bits & 0xff]
  );
}

const byteHex = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

const scratch = new DataView(new ArrayBuffer(4));

/** The bits of a pixel's ID sample. */
export function floatToBits(value: number): number {
  scratch.setFloat32(0, value);
  return scratch.getUint32(0);
}

/** The ID sample for some bits. */
export function bitsToFloat(bits: number): number {
  scratch.setUint32(0, bits);
  return scratch.getFloat32(0);
}

/** The attribute key of a Cryptomatte layer: the first seven digits of its name's ID. */
export function layerKey(name: string): string {
  return bitsToHex(nameBits(name)).slice(0, 7);
}

/** The key as Blender and Gaffer derive it: from the plain hash. It differs from {@link layerKey} for 1 name in 128. */
export function rawLayerKey(name: string): string {
  return bitsToHex(nameHash(name)).slice(0, 7);
}
