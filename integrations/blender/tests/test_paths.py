# SPDX-License-Identifier: GPL-3.0-or-later
import ntpath
import os
import tempfile
import unittest

from fakes import BLENDER_3, BLENDER_4, BLENDER_5
from exr_names import paths


def fits(name, path, frame=7, version=BLENDER_5, **more):
    found = paths.place(path, frame, version, **more)
    return bool(found.name.fullmatch(name))


class Paths(unittest.TestCase):
    def test_frame_numbers(self):
        for path, frame, expected in (
            ('/out/beauty', 7, 'beauty0007.exr'), ('/out/beauty.', 7, 'beauty.0007.exr'), ('/out/', 7, '0007.exr'),
            ('/out/b_######_x', 7, 'b_000007_x.exr'), ('/out/b_##_v###', 7, 'b_##_v007.exr'), ('/out/v#1', 12, 'v121.exr'),
            ('/out/name', 12345, 'name12345.exr'), ('/out/name', -4, 'name-0004.exr'), ('/out/n##', -4, 'n-04.exr'),
            ('/o#ut/name', 7, 'name0007.exr'),
        ):
            for version in (BLENDER_3, BLENDER_4, BLENDER_5):
                self.assertTrue(fits(expected, path, frame, version), (path, expected))
                self.assertFalse(fits(expected.replace('.exr', '0.exr'), path, frame, version), (path, expected))

    def test_extensions(self):
        # The number stands behind the name's own extension, which then ends nothing.
        self.assertTrue(fits('name.exr0007.exr', '/out/name.exr'))
        self.assertTrue(fits('name0007.exr', '/out/name####.exr'))
        self.assertTrue(fits('name0007.exr', '/out/name####.PNG'))
        self.assertTrue(fits('beauty0007', '/out/beauty'), 'File Extensions switched off')
        self.assertFalse(fits('beauty0007.png', '/out/beauty'))
        self.assertFalse(fits('beauty0007.exr.tmp', '/out/beauty'))

    def test_stills_of_5(self):
        still = {'numbered': False}
        self.assertTrue(fits('beauty.exr', '/out/beauty', **still))
        self.assertTrue(fits('beauty.exr', '/out/beauty...', **still))
        self.assertTrue(fits('Untitled.exr', '/out/', **still))
        self.assertTrue(fits('name.exr', '/out/name.exr', **still))
        self.assertTrue(fits('b_0007.exr', '/out/b_####', **still))
        self.assertFalse(fits('beauty0007.exr', '/out/beauty', **still))

    def test_views(self):
        views = {'suffixes': ['_L', '_R']}
        for name in ('st0007_L.exr', 'st0007_R.exr', 'st0007.exr'):
            self.assertTrue(fits(name, '/out/st', **views), name)
        self.assertFalse(fits('st0007_C.exr', '/out/st', **views))
        self.assertFalse(fits('st_L0007.exr', '/out/st', **views))
        # The view stands before what Blender takes for the extension.
        self.assertTrue(fits('st_L.0007.exr', '/out/st.', **views))
        self.assertTrue(fits('a_R.b0007.exr', '/out/a.b', **views))

    def test_templates(self):
        self.assertTrue(fits('shot_24_t0007.exr', '/out/{blend_name}_{fps}_t', version=BLENDER_4))
        self.assertTrue(fits('x24.000007.exr', '/out/x{fps:.2f}', version=BLENDER_5))
        self.assertTrue(fits('{a}0007.exr', '/out/{{a}}', version=BLENDER_5))
        self.assertFalse(fits('b0007.exr', '/out/{{a}}', version=BLENDER_5))
        self.assertTrue(fits('{blend_name}0007.exr', '/out/{blend_name}', version=BLENDER_3))
        self.assertFalse(fits('shot0007.exr', '/out/{blend_name}', version=BLENDER_3))

    def test_odd_names(self):
        for name in ('schön 木', 'a+b(c)[d]', 'two\nlines', 'x.y.z', '$^'):
            self.assertTrue(fits(f'{name}0007.exr', f'/out/{name}'), name)
        self.assertFalse(fits('aXb0007.exr', '/out/a.b'))

    def test_windows(self):
        found = paths.place('C:\\out\\{blend_name}\\sub\\beauty', 7, BLENDER_5, path_module=ntpath)
        self.assertEqual(found.root, 'C:\\out')
        self.assertEqual(len(found.steps), 2)
        share = paths.place('\\\\server\\share\\beauty_##', 7, BLENDER_5, path_module=ntpath)
        self.assertEqual((share.root, share.steps), ('\\\\server\\share\\', []))
        self.assertTrue(share.name.fullmatch('beauty_07.exr'))

    def test_files_of_a_folder(self):
        with tempfile.TemporaryDirectory() as folder:
            for name in ('shot', 'other', 'deep'):
                os.makedirs(os.path.join(folder, name, 'x'))
            for name in ('shot/x/b0007.exr', 'other/x/b0007.exr', 'shot/x/b0008.exr', 'deep/b0007.exr'):
                with open(os.path.join(folder, name), 'wb') as file:
                    file.write(paths.MAGIC)
            found = paths.place(os.path.join(folder, '{blend_name}', 'x', 'b'), 7, BLENDER_5).files()
            self.assertEqual([os.path.relpath(path, folder) for path in found], ['other/x/b0007.exr', 'shot/x/b0007.exr'])
            self.assertEqual(paths.place(os.path.join(folder, 'nowhere', 'b'), 7, BLENDER_5).files(), [])

    def test_stamp_and_magic(self):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, 'a.exr')
            self.assertIsNone(paths.stamp(path))
            self.assertFalse(paths.is_exr(path))
            with open(path, 'wb') as file:
                file.write(paths.MAGIC + b'x')
            before = paths.stamp(path)
            self.assertTrue(paths.is_exr(path))
            with open(path + '.new', 'wb') as file:
                file.write(b'abcde')
            os.replace(path + '.new', path)
            self.assertNotEqual(paths.stamp(path), before)
            self.assertFalse(paths.is_exr(path))


if __name__ == '__main__':
    unittest.main()
