# SPDX-License-Identifier: GPL-3.0-or-later
import unittest

from fakes import BLENDER_3, BLENDER_4, BLENDER_5, Thing
from exr_names import metadata, names


class Data(Thing):
    def as_pointer(self):
        return id(self)


def thing(name, type='MESH', parent=None):
    one = Data(name=name, type=type, parent=parent)
    one.original = one
    return one


def depsgraph(objects, data=(), world='Sky'):
    instances = [Thing(object=one, is_instance=at > 0 and one is objects[at - 1]) for at, one in enumerate(objects)]
    return Thing(object_instances=instances, ids=data, scene=Thing(world=Thing(name=world)))


ROOT = thing('Rig', 'EMPTY')
TREE = thing('Tree')
OBJECTS = [TREE, TREE, thing('Body', parent=thing('Hip', 'EMPTY', ROOT)), thing('Key', 'LIGHT'), thing('Cam', 'CAMERA')]
DATA = [type(kind, (Thing,), {})(name=name)
        for name, kind in (('Skin', 'Material'), ('Key data', 'AreaLight'), ('probe', 'LightProbeSphere'), ('m', 'Mesh'))]


class Names(unittest.TestCase):
    def found(self, engine, version):
        return names.of_depsgraph(depsgraph(OBJECTS, DATA), names.Rules(engine, version))

    def test_cycles(self):
        now = self.found('CYCLES', BLENDER_5)
        self.assertEqual(now['object'], ['Body', 'Key', 'Tree', 'object'])
        self.assertEqual(now['asset'], ['Key', 'Rig', 'Sky', 'Tree'])
        self.assertLessEqual({'Skin', 'Key data', 'default_gsplat'}, set(now['material']))
        self.assertNotIn('shader', now['material'])
        before = self.found('CYCLES', BLENDER_4)
        self.assertEqual(before['asset'], ['Key', 'Rig', 'Tree'])
        self.assertIn('shader', before['material'])
        self.assertNotIn('Key data', before['material'])
        self.assertEqual(self.found('CYCLES', BLENDER_3)['object'], ['Body', 'Tree'])

    def test_eevee(self):
        for engine in ('BLENDER_EEVEE', 'BLENDER_EEVEE_NEXT'):
            found = self.found(engine, BLENDER_5)
            self.assertEqual(found, {'object': ['Body', 'Tree'], 'material': ['Default Surface', 'Skin'], 'asset': ['Rig', 'Tree']})
        self.assertEqual(self.found('BLENDER_EEVEE', BLENDER_3)['material'], ['Skin'])

    def test_a_scene_without_a_world(self):
        own = depsgraph([TREE])
        own.scene.world = None
        self.assertEqual(names.of_depsgraph(own, names.Rules('CYCLES', BLENDER_5))['asset'], ['Tree'])

    def test_cut(self):
        self.assertEqual(names.cut('a' * 80, 62), 'a' * 62)
        self.assertEqual(names.cut('short', 62), 'short')
        cut = names.cut('木' * 30, 62)
        self.assertEqual(cut.encode('utf-8', 'surrogateescape'), ('木' * 30).encode()[:62], 'within a letter, without loss')

    def test_moments_of_a_frame(self):
        one = {'object': ['a'], 'material': ['m'], 'asset': []}
        self.assertEqual(names.joined(one, {'object': ['b'], 'material': ['m'], 'asset': ['c']}),
                         {'object': ['a', 'b'], 'material': ['m'], 'asset': ['c']})

    def test_names_of_the_open_file(self):
        data = Thing(objects=OBJECTS, materials=[Thing(name='Skin')], lights=[Thing(name='Key data')], worlds=[Thing(name='Sky')])
        found = names.of_file(data, None, names.Rules('CYCLES', BLENDER_5))
        self.assertEqual(found['asset'], ['Key', 'Rig', 'Sky', 'Tree'])
        self.assertIn('Key data', found['material'])


class Metadata(unittest.TestCase):
    def test_texts(self):
        self.assertEqual(metadata.duration(5.474), '00:05.47')
        self.assertEqual(metadata.duration(59.999), '01:00.00')
        self.assertEqual(metadata.duration(3_700), '01:01:40.00')
        self.assertEqual(metadata.timecode(1, 24), '00:00:00:01')
        self.assertEqual(metadata.timecode(24 * 3_600 + 25, 24), '01:00:01:01')
        self.assertEqual(metadata.timecode(-30, 24), '-00:00:01:06')

    def test_attributes(self):
        stamps = {f'use_stamp_{name}': True for name in ('camera', 'filename', 'frame', 'lens', 'render_time', 'scene', 'time')}
        render = Thing(fps=24, fps_base=1.0, **stamps)
        camera = Thing(name='cam: "1"', type='CAMERA', data=Thing(lens=50))
        scene = Thing(name='shot', frame_end=120, camera=camera, render=render)
        self.assertEqual(metadata.attributes(scene, 7, 1.5, ''), {
            'Camera': 'cam: "1"', 'File': '<untitled>', 'Frame': '007', 'Lens': '50.00', 'RenderTime': '00:01.50', 'Scene': 'shot',
            'Time': '00:00:00:07'})
        render.use_stamp_lens = render.use_stamp_render_time = False
        scene.camera = None
        found = metadata.attributes(scene, 7, 1.5, '/a/b.blend')
        self.assertEqual((found['Camera'], found['File'], 'Lens' in found), ('<none>', '/a/b.blend', False))


if __name__ == '__main__':
    unittest.main()
