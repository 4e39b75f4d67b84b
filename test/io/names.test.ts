/** Names from files become names of files: on every system they stay in their folder, and are files. */
import { posix, win32 } from 'node:path';
import fc from 'fast-check';
import t from 'tap';
import { fillSidecarName, sidecarProblem } from '../../lib/cryptomatte/sidecar.js';
import { renderPath } from '../../lib/io/route.js';
import { folderPrefix, portableName, shortName, splitPath } from '../../lib/model/path.js';

const reserved = ['CON', 'con', 'Aux', 'nul', 'PRN', 'COM1', 'com9', 'LPT3', 'COM²', 'CONIN$', 'con ', 'NUL.tar'];

const hostile = [
  ...reserved,
  'a:b',
  'C:',
  'C:\\Windows',
  '..\\x',
  '../x',
  '..',
  '.',
  '. .',
  '\\\\server\\share',
  'x.',
  'x ',
  'x:stream',
  'a\u0000b',
  'a\nb',
  '\udc80',
  '',
];

/** A name as a layer, a part or a view of a file may have it: nasty ones, and whatever fast-check thinks of. */
const anyName = fc.oneof(
  fc.constantFrom(...hostile),
  fc.string({ unit: 'grapheme' }),
  fc.string({ unit: fc.constantFrom('.', '/', '\\', ':', ' ', 'a', 'CON', '%', '#', '{layer}') }),
);

const isDevice = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$) *(\.|$)/i;

t.test('a pattern puts whatever a layer is called into its own folder', (t) => {
  fc.assert(
    fc.property(anyName, anyName, (layer, view) => {
      const path = renderPath('out/{view}/{layer}.exr', { layer, view });
      return [win32, posix].every(({ resolve, dirname, basename, relative }) => {
        const whole = resolve('/shots', path);
        const folder = dirname(whole);
        const names = [basename(whole), basename(folder)];
        return (
          relative(resolve('/shots/out'), dirname(folder)) === '' &&
          names.every((name) => !isDevice.test(name) && !/[. ]$/.test(name) && !/[\p{Cc}:*?"<>|]/u.test(name))
        );
      });
    }),
    { numRuns: 2000 },
  );
  t.equal(renderPath('{layer}.exr', { layer: 'CON' }), '_CON.exr');
  t.equal(renderPath('{layer}.{frame}.exr', { layer: 'aux', frame: '0001' }), '_aux.0001.exr');
  t.equal(renderPath('shot_{layer}.exr', { layer: 'CON' }), 'shot_CON.exr', 'a device only where it is the whole name');
  t.equal(renderPath('{layer}/x.exr', { layer: 'a. ' }), 'a__/x.exr');
  t.equal(renderPath('{layer}.exr', { layer: 'C:\\x' }), 'C__x.exr');
  t.equal(renderPath('{layer}.exr', { layer: '..\\x' }), '.._x.exr');
  t.equal(renderPath('CON/{layer}.exr', { layer: 'R' }), 'CON/R.exr', 'what the user writes stays');
  t.equal(renderPath('{stem}.exr', { stem: 'Konsole' }), 'Konsole.exr');
  for (const name of reserved) t.notMatch(portableName(name), isDevice, name);
  for (const name of ['console', 'COM', 'COM10', 'auxiliary', 'lpt', 'a.con'])
    t.equal(portableName(name), name, 'no device');
  t.end();
});

t.test('a long name fits a file name, and differs from one that begins alike', (t) => {
  t.equal(shortName('Hero', '0d66eb8c'), 'Hero');
  fc.assert(
    fc.property(fc.string({ minLength: 100, maxLength: 300, unit: 'grapheme' }), (name) => {
      const short = shortName(name, '0d66eb8c');
      const isCut = Buffer.byteLength(name) > 200;
      return isCut ? Buffer.byteLength(short) <= 200 && short.endsWith('_0d66eb8c') : short === name;
    }),
  );
  t.end();
});

t.test('a sidecar has a name that can be read again, whatever its Cryptomatte is called', (t) => {
  fc.assert(
    fc.property(anyName, (layer) => {
      const name = fillSidecarName('names/{layer}.{stem}.json', { stem: 'hero', layer, frame: undefined });
      return (
        sidecarProblem(name, true) === undefined &&
        sidecarProblem(name, false) === undefined &&
        win32.dirname(win32.resolve('C:\\shots', name)) === 'C:\\shots\\names' &&
        posix.dirname(posix.resolve('/shots', name)) === '/shots/names'
      );
    }),
    { numRuns: 2000 },
  );
  t.equal(fillSidecarName('{layer}.json', { stem: 'x', layer: 'CON', frame: undefined }), '_CON.json');
  t.equal(fillSidecarName('{layer}/x.json', { stem: 'x', layer: '..', frame: undefined }), '__/x.json');
  t.end();
});

t.test('a sidecar that a file names does not leave its folder', (t) => {
  for (const name of ['..\\x.json', 'C:x.json', 'c:/x.json', '/x.json', '../x.json', 'a/../../x.json', 'a//x.json'])
    for (const windows of [false, true]) t.type(sidecarProblem(name, windows), 'string', name);
  for (const name of ['x.json:y.json', 'CON.json', 'nul/x.json', 'a./x.json']) {
    t.type(sidecarProblem(name, true), 'string', `${name} on Windows`);
    t.equal(sidecarProblem(name, false), undefined, `${name} elsewhere`);
  }
  t.equal(sidecarProblem('a/b.json', true), undefined);
  t.end();
});

t.test('paths are cut where their system cuts them', (t) => {
  t.strictSame(splitPath('C:\\shots/hero.exr', true), ['C:', '\\', 'shots', '/', 'hero.exr']);
  t.strictSame(splitPath('a\\b/c', false), ['a\\b', '/', 'c']);
  t.equal(folderPrefix('C:\\shots\\hero.exr', true), 'C:\\shots\\');
  t.equal(folderPrefix('a\\b.exr', false), '', 'a backslash is a letter');
  t.equal(folderPrefix('a\\b.exr', true), 'a\\');
  t.equal(folderPrefix('hero.exr', true), '');
  t.end();
});
