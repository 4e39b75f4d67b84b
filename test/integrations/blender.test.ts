/** What of the Blender extension needs no Blender has tests in Python; `npm run check:extension` tries the rest. */
import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import t from 'tap';

const folder = fileURLToPath(new URL('../../../integrations/blender/', import.meta.url));
const python = ['python3', 'python'].find(
  (name) => spawnSync(name, ['-c', 'import sys; sys.exit(sys.version_info < (3, 10))']).status === 0,
);

if (python === undefined) t.plan(0, 'there is no Python 3.10 here');
else
  t.test('the tests without Blender', async (t) => {
    const { status, stderr } = spawnSync(python, ['-B', '-m', 'unittest', 'discover', '-s', 'tests'], {
      cwd: folder,
      encoding: 'utf8',
    });
    t.equal(status, 0, stderr);
    t.match(stderr, /Ran \d\d+ tests/);
  });
