import t from 'tap';
import { drop, rename, split } from '../../filters/index.js';
import { dropStalePreviews } from '../../lib/engine/stale-preview.js';
import { adviceText, type FilterStep, type Header } from '../../lib/index.js';
import { layer, makeHeader, makePart } from '../cryptomatte/fixtures.js';
import { run } from '../filters/support.js';

const preview = { type: 'preview', value: Uint8Array.of(1, 0, 0, 0, 1, 0, 0, 0, 9, 9, 9, 255) };

function withPreview(): Header {
  const part = makePart([...layer('a', 'RGB'), ...layer('b', 'RGB')]);
  return makeHeader({ ...part, attributes: part.attributes.with('preview', preview) });
}

async function partsWithPreview(step: FilterStep): Promise<{ readonly parts: string[]; readonly notes: string[] }> {
  const before = withPreview();
  const { header } = await run(step, before);
  const notes: string[] = [];
  const after = dropStalePreviews(before, header, (message) => void notes.push(adviceText(message)));
  const parts = after.parts.flatMap(({ attributes, name }) => (attributes.has('preview') ? [name ?? ''] : []));
  return { parts, notes };
}

t.test('a preview stays with the image it shows', async (t) => {
  t.strictSame(await partsWithPreview(rename({ map: ['b=c'] })), { parts: [''], notes: [] });
  t.strictSame(await partsWithPreview(drop({ layer: ['b'] })), { parts: [''], notes: [] });
  const { parts, notes } = await partsWithPreview(split({ by: 'layer' }));
  t.strictSame(parts, ['a'], 'the other part shows something else');
  t.equal(notes.length, 1);
});

t.test('it goes with the image it shows, or when another comes first', async (t) => {
  t.strictSame((await partsWithPreview(drop({ layer: ['a'] }))).parts, []);
  t.strictSame((await partsWithPreview(rename({ map: ['b=Combined'] }))).parts.length, 0);
});

t.test('one that a step has made is its own business', async (t) => {
  const after = withPreview();
  const [part] = after.parts;
  if (!part) return t.fail('no part');
  const before = makeHeader({ ...part, attributes: part.attributes.without('preview') });
  t.equal(
    dropStalePreviews(before, after, () => t.fail('no note')),
    after,
  );
});
