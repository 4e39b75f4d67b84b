# SPDX-License-Identifier: GPL-3.0-or-later
import json
import os
import stat
import sys
import tempfile
import unittest

import fakes  # noqa: F401 (the path of the package)
from exr_names import exrpipe, frames

FAKE = '''#!{python}
import json, os, sys
words = sys.argv[1:]
scene = json.load(open(words[words.index('--scene') + 1])) if '--scene' in words else None
with open({record!r}, 'a') as file:
    file.write(json.dumps([words, scene, os.getcwd()]) + '\\n')
answer = json.load(open({answers!r})).get(words[0], [0, '', ''])
sys.stdout.write(answer[1]); sys.stderr.write(answer[2]); sys.exit(answer[0])
'''
NAMES = {('shot', 'Chars'): {'object': ['Hero', 'new\nline', 'odd \udcff'], 'material': ['Skin'], 'asset': ['Hero']}}


@unittest.skipIf(os.name == 'nt', 'the stand-in for exrpipe is a script')
class Frames(unittest.TestCase):
    def setUp(self):
        own = tempfile.TemporaryDirectory()
        self.addCleanup(own.cleanup)
        self.folder = own.name
        self.record, self.answers = (os.path.join(own.name, name) for name in ('record', 'answers'))
        self.program = os.path.join(own.name, 'exrpipe')
        with open(self.program, 'w') as file:
            file.write(FAKE.format(python=sys.executable, record=self.record, answers=self.answers))
        os.chmod(self.program, os.stat(self.program).st_mode | stat.S_IXUSR)

    def frame(self, **more):
        sets = {'all.ids': ('object', [('shot', 'Chars'), ('shot', 'not rendered')]), 'gone': ('asset', [('shot', 'not rendered')])}
        settings = {'verify': True, **more}
        return frames.Frame([self.program], os.path.join(self.folder, 'beauty0007.exr'), NAMES, sets, {'Camera': 'c'}, **settings)

    def complete(self, answers=None, **more):
        with open(self.answers, 'w') as file:
            json.dump(answers or {}, file)
        results = frames.complete(self.frame(**more))
        with open(self.record) as file:
            return results, [json.loads(line) for line in file]

    def test_the_scene_file_and_the_words(self):
        results, [(words, scene, folder)] = self.complete({'inject-manifest': [0, '', 'note: "all.ids" got 3 names from here\n']})
        self.assertEqual((words[0], words[-4:]), ('inject-manifest', ['-o', './beauty0007.exr', '--', './beauty0007.exr']))
        self.assertFalse({'--no-verify', '--replace'} & set(words))
        self.assertEqual(os.path.realpath(folder), os.path.realpath(self.folder))
        self.assertEqual(scene['viewLayers'][0]['objects'], ['Hero', 'new\nline', 'odd \udcff'])
        self.assertEqual(scene['sets'], [{'name': 'all.ids', 'kind': 'object', 'viewLayers': [{'scene': 'shot', 'name': 'Chars'}]}])
        self.assertEqual(scene['attributes'], {'Camera': 'c'})
        self.assertFalse(os.path.exists(words[words.index('--scene') + 1]), 'no temporary file is left')
        self.assertRegex(results[0].text, r'^names for 1 Cryptomattes, checked against the pixels')

    def test_choices(self):
        finding = {'severity': 'error', 'rule': 'CM-D15', 'message': 'wrong'}
        hint = {'severity': 'info', 'rule': 'CM-F08', 'message': 'well'}
        answers = {'validate': [1, json.dumps({'findings': [finding, hint]}) + '\n', '']}
        results, calls = self.complete(answers, verify=False, split=True, preset='nuke', target='fusion', replace=True)
        first, second, third = (words for words, _, _ in calls)
        self.assertIn('--no-verify --replace', ' '.join(first))
        self.assertIn('then rename --preset nuke', ' '.join(first))
        self.assertEqual(second, ['split', '--by', 'view-layer', '-o', './beauty.{layer}.0007.exr', '--', './beauty0007.exr'])
        self.assertEqual(third, ['validate', '--json', '--target', 'fusion', '--', './beauty0007.exr'])
        self.assertEqual([(one.level, one.text) for one in results[1:]], [('ERROR', 'CM-D15: wrong')])

    def test_what_goes_wrong(self):
        def levels(answer):
            return [(one.level, one.text) for one in self.complete({'inject-manifest': answer})[0]]
        failed = [1, '', 'warning: a\nexrpipe: x.exr: bad chunk. Do this.\n']
        self.assertEqual(levels(failed), [('ERROR', 'left as it is: x.exr: bad chunk. Do this.')])
        self.assertEqual(levels([4, '', 'exrpipe: changed\n'])[0][0], 'INFO')
        self.assertEqual(levels([0, '', 'warning: "a" has no name\n'])[1], ('WARNING', '"a" has no name'))

    def test_a_file_that_was_replaced_since_is_left_to_its_own_job(self):
        path = os.path.join(self.folder, 'beauty0007.exr')

        def render():
            with open(path + '.new', 'w') as file:
                file.write('frame')
            os.replace(path + '.new', path)
        render()
        old = self.frame()
        # While the old file is there still, so that the new one is another.
        os.link(path, path + '.old')
        render()
        self.assertEqual([(one.level, one.text) for one in frames.complete(old)], [('INFO', frames.REPLACED)])
        self.assertFalse(os.path.exists(self.record), 'exrpipe was not started')
        _, [(words, _, _)] = self.complete()
        self.assertNotIn('--replace', words)
        after = self.frame(replace=True)
        render()
        frames.complete(after)
        with open(self.record) as file:
            self.assertIn('--replace', json.loads(file.readlines()[-1])[0], 'what the job before it has changed')

    def test_no_program(self):
        results = frames.complete(frames.Frame(None, '/nowhere/a.exr', {}, {}, {}, True))
        self.assertEqual([(one.level, one.text) for one in results], [('ERROR', exrpipe.MISSING)])

    def test_names_of_files_of_view_layers(self):
        for name, expected in (('b.0007.exr', './b.{layer}.0007.exr'), ('b_0007.exr', './b.{layer}_0007.exr'),
                               ('b-0007.EXR', './b.{layer}-0007.exr'),
                               ('beauty.exr', './beauty.{layer}.exr'), ('x{y}0001.exr', None), ('p.####.exr', None)):
            self.assertEqual(frames.split_pattern(name), expected, name)


class Program(unittest.TestCase):
    def test_where_it_is(self):
        with tempfile.TemporaryDirectory() as folder:
            def file(*steps):
                path = os.path.join(folder, *steps)
                os.makedirs(os.path.dirname(path), exist_ok=True)
                open(path, 'w').close()
                return path
            which = {'node': '/usr/bin/node', 'exrpipe': file('exrpipe')}.get
            self.assertEqual(exrpipe.find('', {}, which), [which('exrpipe')])
            self.assertIsNone(exrpipe.find(os.path.join(folder, 'gone'), {}, which), 'what is named is not replaced')
            script = file('x', 'exrpipe.js')
            self.assertEqual(exrpipe.find(script, {}, which), ['/usr/bin/node', script])
            self.assertEqual(exrpipe.find('', {'EXRPIPE': script}, which), ['/usr/bin/node', script])
            self.assertIsNone(exrpipe.find(script, {}, lambda name: None), 'no Node for it')
            shim = file('npm', 'exrpipe.cmd')
            self.assertEqual(exrpipe.find(shim, {}, which), [shim])
            real = file('npm', 'node_modules', 'exrpipe', 'dist', 'cli', 'bin', 'exrpipe.js')
            self.assertEqual(exrpipe.find(shim, {}, which), ['/usr/bin/node', real])
            self.assertIsNone(exrpipe.find('', {}, lambda name: None))

    @unittest.skipIf(os.name == 'nt', 'Windows has no such signals')
    def test_one_that_an_interruption_of_blender_has_reached_is_started_again(self):
        with tempfile.TemporaryDirectory() as folder:
            mark = os.path.join(folder, 'mark')
            script = ('import os, signal, sys\n'
                      f'if os.path.exists({mark!r}): sys.exit(7)\n'
                      f'open({mark!r}, "w").close()\n'
                      'signal.signal(signal.SIGINT, signal.SIG_DFL)\n'
                      'os.kill(os.getpid(), signal.SIGINT)\n')
            self.assertEqual(exrpipe.run([sys.executable, '-c', script], []).code, 7)

    def test_one_that_does_not_end(self):
        with self.assertRaises(TimeoutError):
            exrpipe.run([sys.executable, '-c', 'import time; time.sleep(60)'], [], seconds=0.2)


if __name__ == '__main__':
    unittest.main()
