import t from 'tap';
import { fillSidecarName, sidecarPath, sidecarProblem } from '../../lib/cryptomatte/sidecar.js';

t.test('a sidecar is beside or below its image', async (t) => {
  t.equal(sidecarPath('shot/frame.0001.exr', 'frame.json'), 'shot/frame.json');
  t.equal(sidecarPath('frame.exr', 'manifests/frame.json'), 'manifests/frame.json');
  t.equal(sidecarPath('C:\\shots\\frame.exr', 'frame.json', true), 'C:\\shots\\frame.json');
  t.equal(sidecarPath('a\\b/frame.exr', 'frame.json', false), 'a\\b/frame.json');
});

t.test('a name that leads elsewhere is refused', async (t) => {
  const wrong = [
    '',
    '/etc/passwd.json',
    '../frame.json',
    'a/../../frame.json',
    './frame.json',
    'a//b.json',
    'C:/frame.json',
    'c:frame.json',
    '..\\frame.json',
    'a\\b.json',
    'frame.txt',
    'frame.json\0.exr',
  ];
  for (const value of wrong) {
    t.type(sidecarProblem(value), 'string', JSON.stringify(value));
    t.throws(() => sidecarPath('frame.exr', value), { code: 'BAD_SIDECAR_NAME' });
  }
});

t.test('names made for sidecars may be followed', async (t) => {
  for (const layer of ['crypto_object', 'main.CryptoObject', 'a/b\\c:d', 'Bäume (木)', '..']) {
    const name = fillSidecarName('{stem}.{layer}.{frame}.json', { stem: 'shot', layer, frame: '0001' });
    t.equal(sidecarProblem(name), undefined, layer);
    t.match(name, /^shot\.[^/\\]+\.0001\.json$/);
  }
  const words = { stem: '..', layer: 'a', frame: undefined };
  t.equal(fillSidecarName('names/{layer}.json', words), 'names/a.json');
  t.equal(fillSidecarName('{stem}/a.json', words), '__/a.json', 'a value is no way out');
  for (const pattern of ['', '{layer}', '../{layer}.json', '/{layer}.json', '{frame}.json', '{key}.json'])
    t.throws(() => fillSidecarName(pattern, words), { kind: 'usage', code: 'BAD_SIDECAR_NAME' }, pattern);
});
