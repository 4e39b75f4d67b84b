/** Manifests, the names of sidecars, .blend files and the zstd in them. */

import { posix } from 'node:path';
import { pipeline, Readable } from 'node:stream';
import { createGunzip } from 'node:zlib';
import { createZstd } from 'openexr-wasm';
import { bytesSource, readBlend } from '../../../lib/cryptomatte/blend/index.js';
import { unpackZstd } from '../../../lib/cryptomatte/blend/zstd.js';
import { formatManifest, isStrictManifest, possibleNames, readManifest } from '../../../lib/cryptomatte/manifest.js';
import { fillSidecarName, sidecarPath } from '../../../lib/cryptomatte/sidecar.js';
import { isExrError } from '../../../lib/index.js';
import { buildBlend, layouts, smallScene } from '../../cryptomatte/blend/build.js';
import { fixture } from '../../support.js';
import { Finding, type Surface, textOf, textSeeds, texts } from '../surface.js';

const library = createZstd();
const unzstd = (frame: Uint8Array, most: number) => library.decompress(frame, most);

export function manifestSurface(): Surface {
  return {
    name: 'manifest',
    seeds: textSeeds(
      '{"Hero":"3ae39a5f","Prop":"00000001","Ground":"ffffffff"}',
      '{"a\\"b":"12345678","\\u6728":"0x1234","c\\\\":12345678}',
      "{'single':'d3fcd9ab', \"none\": null, }",
      '{"default":"42c9679f","/obj/geo1/木":"abcdef12","x":"1","y":"2"}',
      '{}',
      '[{"a":"00000001"}]',
      '{"(null)":"00000000","__proto__":"11111111","constructor":"22222222"}',
    ),
    words: texts(
      '"',
      '\\',
      '\\u',
      '\\ud800',
      '{',
      '}',
      '":"',
      '","',
      '0x',
      'null',
      '__proto__',
      '\0',
      '\xff',
      '//',
      '\n',
    ),
    run(bytes) {
      const read = readManifest(bytes);
      possibleNames(read);
      const written = formatManifest(read.names);
      const again = readManifest(written);
      if (!isStrictManifest(again)) throw new Finding('a manifest that was written is not strict');
      for (const [name, id] of read.names)
        if (again.names.get(name) !== id)
          throw new Finding(`"${name}" has another ID, or none, in a manifest that was written`);
      if (again.names.size !== read.names.size) throw new Finding('names appear in a manifest that was written');
      if (Object.hasOwn({}, 'Hero')) throw new Finding('a manifest has reached a prototype');
    },
  };
}

export function sidecarSurface(): Surface {
  const image = '/shots/a/beauty.0001.exr';
  return {
    name: 'sidecar',
    seeds: textSeeds(
      'names.json',
      'beauty.CryptoObject.0001.json',
      'sub/folder/x.json',
      '{stem}.{frame}.{layer}.json',
      '../x.json',
    ),
    words: texts(
      '..',
      '/',
      '\\',
      './',
      '../',
      '\0',
      'C:',
      '{stem}',
      '{layer}',
      '{frame}',
      '{',
      '}',
      '%2e%2e',
      '.json',
      '～',
      ' ',
    ),
    run(bytes) {
      const text = textOf(bytes);
      inside(() => sidecarPath(image, text), '/shots/a');
      inside(
        () => sidecarPath(image, fillSidecarName(text, { stem: 'beauty', layer: '../../etc', frame: '0001' })),
        '/shots/a',
      );
      inside(
        () => sidecarPath(image, fillSidecarName('{layer}.json', { stem: 'x', layer: text, frame: undefined })),
        '/shots/a',
      );
    },
  };
}

/** A path that comes out lies in the folder. */
function inside(path: () => string, folder: string): void {
  let found: string;
  try {
    found = posix.normalize(path());
  } catch (error) {
    if (isExrError(error)) return;
    throw error;
  }
  if (!found.startsWith(`${folder}/`) || found.includes('\0')) throw new Finding(`"${found}" is not in ${folder}`);
}

export function blendSurface(): Surface {
  const gunzip = (packed: AsyncIterable<Uint8Array>) => pipeline(Readable.from(packed), createGunzip(), () => {});
  return {
    name: 'blend',
    // Small ones of every layout, uncompressed: there changes reach the blocks and the catalogue.
    seeds: [
      ...Object.entries(layouts).map(([name, layout]) => ({ name, bytes: buildBlend(layout, smallScene(layout)) })),
      ...['scene.blend', 'library.blend', 'scene.gz.blend'].map((name) => ({ name, bytes: fixture(`blend/${name}`) })),
    ],
    words: texts(
      'BLENDER-v304',
      'BLENDER17-01v0500',
      'DNA1',
      'SDNANAME',
      'TYPE',
      'TLEN',
      'STRC',
      'ENDB',
      'OB\0\0',
      'MA\0\0',
      'SC\0\0',
      'LI\0\0',
      'ID\0\0',
    ),
    async run(bytes) {
      await readBlend(bytes, { gunzip, unzstd });
    },
  };
}

export function zstdSurface(): Surface {
  const limits = { windowBytes: 2 ** 24, frameBytes: 2 ** 26 };
  const seeds = ['packed.fast.zst', 'packed.ultra.zst'].map((name) => ({ name, bytes: fixture(`blend/${name}`) }));
  return {
    name: 'zstd',
    seeds: [...seeds, { name: 'library.blend', bytes: fixture('blend/library.blend').subarray(0, 20_000) }],
    words: [Uint8Array.of(0x28, 0xb5, 0x2f, 0xfd), Uint8Array.of(0x50, 0x2a, 0x4d, 0x18)],
    async run(bytes) {
      let total = 0;
      for await (const piece of unpackZstd(bytesSource(bytes), 0, limits, unzstd)) {
        total += piece.length;
        // Blocks of one repeated byte make much of nothing, which is what limits of the reader above are for.
        if (total > 2 ** 28) return;
      }
    },
  };
}
