import t from 'tap';
import { reportText } from '../../bin/commands/validate-text.js';
import { validateHeader } from '../../lib/cryptomatte/validate.js';
import { fixtureHeader } from '../cryptomatte/fixtures.js';

const report = (file: string) => ({
  file,
  cryptomattes: ['x'],
  findings: validateHeader(fixtureHeader(`blender/${file}`)),
});

t.test('a person learns what is wrong, which programs are affected and what to do', async (t) => {
  t.equal(
    reportText(report('b3_lost_sepcomb.0001.exr'), { all: false }),
    [
      'b3_lost_sepcomb.0001.exr: 3 errors',
      '  error CM-C11: the channels "main.CryptoAsset" have lost their Cryptomatte metadata',
      '  error CM-C11: the channels "main.CryptoMaterial" have lost their Cryptomatte metadata',
      '  error CM-C11: the channels "main.CryptoObject" have lost their Cryptomatte metadata',
      '    breaks every reader; fix it with: exrpipe inject-manifest --from DONOR.exr',
    ].join('\n'),
  );
  t.match(reportText(report('headers/oiio_multipart_viewlayers.header'), { all: false }), 'breaks Fusion; fix it');
  t.match(reportText(report('b1_direct_half.0001.exr'), { all: false }), 'fixed only by rendering again');
});

t.test('a sound file is a single line', async (t) => {
  t.equal(reportText(report('b2_main_dot.0001.exr'), { all: false }), 'b2_main_dot.0001.exr: sound');
  t.equal(
    reportText(report('b2_main_dot.0001.exr'), { all: false, target: ['nuke'] }),
    'b2_main_dot.0001.exr: sound for Nuke',
  );
  t.match(reportText(report('b2_main_dot.0001.exr'), { all: true }), '  info CM-C12: ');
  t.equal(
    reportText({ file: 'a.exr', cryptomattes: [], findings: [] }, { all: false }),
    'a.exr: no Cryptomatte in the file',
  );
});

t.test('a sequence reports how many frames were compared', async (t) => {
  t.equal(reportText({ sequence: 'shot', frames: 3, findings: [] }, { all: false }), 'shot (3 frames): sound');
});

t.test('names from a file cannot drive the terminal', async (t) => {
  const text = reportText(report('b5_direct_nasty_FG_elements.0001.exr'), { all: true });
  t.notMatch(text, '\t');
});
