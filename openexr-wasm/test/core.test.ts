import { readFileSync } from 'node:fs';
import { deflateSync } from 'node:zlib';
import t from 'tap';
import { CodecError, createCodecs, type Entropy } from '../src/core.js';

const module = new WebAssembly.Module(readFileSync(new URL('../openexr.wasm', import.meta.url)));
const layout = {
  x: 0,
  y: 0,
  width: 100,
  height: 16,
  channels: [{ name: 'Y', type: 'half', xSampling: 1, ySampling: 1, linear: false } as const],
};

t.test('the core entry point needs nothing of Node', async (t) => {
  const seen = new Set<string>();
  const visit = (url: URL): void => {
    if (seen.has(url.href)) return;
    seen.add(url.href);
    for (const [, name = ''] of readFileSync(url, 'utf8').matchAll(/(?:from|import) '([^']+)'/g)) {
      t.match(name, /^\.\.?\//, `${name} is a file of the package`);
      visit(new URL(name, url));
    }
  };
  visit(new URL('../src/core.js', import.meta.url));
  t.ok(seen.size > 4, `${seen.size} files`);
});

t.test('deflating is the caller’s', async (t) => {
  const levels: number[] = [];
  const entropy: Entropy = {
    deflate: (raw, level) => {
      levels.push(level);
      return new Uint8Array(deflateSync(raw, { level }));
    },
  };
  const codecs = await createCodecs({ module, entropy });
  const planar = new Uint8Array(3200).fill(9);
  t.equal(Buffer.compare(codecs.decode('zip', layout, codecs.encode('zip', layout, planar, { level: 7 })), planar), 0);
  t.strictSame(levels, [7]);
});

t.test('a deflater that gives too much costs size alone', async (t) => {
  const codecs = await createCodecs({ module, entropy: { deflate: (raw) => new Uint8Array(raw.length + 1) } });
  const planar = new Uint8Array(3200).fill(9);
  t.strictSame(codecs.encode('zip', layout, planar), planar, 'the chunk is stored raw');
});

t.test('what is not a module is refused', async (t) => {
  await t.rejects(createCodecs({ module: {}, entropy: { deflate: (raw) => raw } }), CodecError);
});
