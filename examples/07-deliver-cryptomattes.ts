/**
 * The way from Blender to a comp: File Output has lost the names of the Cryptomattes. They come back from a render of one
 * sample that still has them, or from the .blend file without any render; then every view layer becomes a file of its own,
 * with names as in comps that were built for Arnold. As a command:
 *
 *     exrpipe inject-manifest --from donor.exr then split --strip-prefix then rename --preset arnold \
 *       lost.0001.exr -o 'out/{layer}.0001.exr'
 *
 *     node dist/examples/07-deliver-cryptomattes.js donor.exr lost.0001.exr 'out/{layer}.0001.exr'
 *     node dist/examples/07-deliver-cryptomattes.js shot.blend lost.0001.exr 'out/{layer}.0001.exr'
 */
import { injectManifest, rename, split } from '../filters/index.js';
import { validateHeader, validatePixels } from '../lib/cryptomatte/index.js';
import { openExr, readExrHeader, readSamples, runFrame } from '../lib/index.js';
import { viewLayersOf } from '../lib/layers/index.js';
import { asProgram } from './as-program.js';

/** Writes a file for each view layer and gives their paths. `source` is an EXR file with the names, or the .blend file. */
export async function deliver(source: string, input: string, output: string): Promise<readonly string[]> {
  const inject = source.endsWith('.blend') ? injectManifest({ blend: [source] }) : injectManifest({ from: [source] });
  // Slots of a single view layer are often called just like the passes.
  const [viewLayer] = viewLayersOf(await readExrHeader(input));
  const prefix = viewLayer === undefined ? [rename({ addPrefix: 'ViewLayer.' })] : [];
  const chain = [...prefix, inject, split({ stripPrefix: true }), rename({ preset: 'arnold' })];
  const { files } = await runFrame([input], chain, output, {
    onNotice: ({ level, message }) => console.error(`${level}: ${message}`),
  });
  for (const file of files) await check(file);
  return files;
}

/** What `exrpipe validate --pixels` does. Throws when a program could not use the Cryptomattes. */
async function check(file: string): Promise<void> {
  const document = await openExr(file);
  try {
    const { header } = document;
    const pixels = await validatePixels(header, (part, channels) => readSamples(document, part, channels));
    const [error] = [...validateHeader(header), ...pixels].filter(({ severity }) => severity === 'error');
    if (error) throw new Error(`${file}: ${error.rule}: ${error.message}`);
  } finally {
    await document.source.close();
  }
}

await asProgram(import.meta.url, ['SOURCE', 'INPUT', 'OUTPUT'], (source = '', input = '', output = '') =>
  deliver(source, input, output),
);
