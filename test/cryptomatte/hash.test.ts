import fc from 'fast-check';
import t from 'tap';
import {
  bitsToFloat,
  bitsToHex,
  floatToBits,
  layerKey,
  nameBits,
  nameHash,
  pixelBits,
  rawLayerKey,
} from '../../lib/cryptomatte/hash.js';

/** Name, plain hash, ID. The first four are the specification's examples, the obj* ones need the exponent changed. */
const vectors: readonly (readonly [string, string, string])[] = [
  ['torus', 'f19c73fd', 'f19c73fd'],
  ['равнина', '9623511e', '9623511e'],
  ['bunny', '13851a76', '13851a76'],
  ['default', '42c9679f', '42c9679f'],
  ['crypto_object', 'f834d0a6', 'f834d0a6'],
  ['ViewLayer.CryptoObject', '542cafaf', '542cafaf'],
  ['', '00000000', '00800000'],
  ['obj45', '00734d5c', '00f34d5c'],
  ['obj520', '7fbb01ed', '7f3b01ed'],
  ['obj522', '800a20bd', '808a20bd'],
];

t.test('names hash to the published values', async (t) => {
  for (const [name, hash, id] of vectors) {
    t.equal(bitsToHex(nameHash(name)), hash, `hash of "${name}"`);
    t.equal(bitsToHex(nameBits(name)), id, `ID of "${name}"`);
  }
});

t.test("the float of an ID is the specification's", async (t) => {
  t.equal(bitsToFloat(nameBits('torus')), Math.fround(-1.5494362e30));
});

t.test('keys are seven digits, from the ID or from the plain hash', async (t) => {
  t.equal(layerKey('crypto_object'), 'f834d0a');
  t.equal(layerKey('ViewLayer.CryptoMaterial'), 'c7dbf5e');
  t.equal(layerKey('obj45'), '00f34d5');
  t.equal(rawLayerKey('obj45'), '00734d5');
});

t.test('text that is not valid UTF-8 hashes by its bytes', async (t) => {
  // 0xff is kept as U+DCFF; the hash must be that of the byte, not of a replacement character.
  t.not(nameHash('\udcff'), nameHash('\ufffd'));
  t.not(nameHash('\udcff'), nameHash('\udcfe'));
});

t.test('every ID is a normal float and survives the way through one', async () => {
  fc.assert(
    fc.property(fc.integer({ min: 0, max: 0xffffffff }), (hash) => {
      const bits = pixelBits(hash);
      const value = bitsToFloat(bits);
      return Number.isFinite(value) && Math.abs(value) >= 2 ** -126 && floatToBits(value) === bits;
    }),
  );
});
