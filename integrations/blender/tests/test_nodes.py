# SPDX-License-Identifier: GPL-3.0-or-later
import unittest

from fakes import BLENDER_3, BLENDER_5, Node, Thing, Tree, connect, file_output, render_layers, scene_of
from exr_names import nodes


def names_of(tree, **more):
    found = nodes.places(scene_of(tree, **more), 7, BLENDER_5, lambda path: path)
    return [(one.root, one.name.pattern) for one in found]


class Files(unittest.TestCase):
    def test_a_node_has_one_file_and_each_item_of_another(self):
        tree = Tree(file_output(['A', 'B']), file_output(['x', 'y'], media='IMAGE', name='im_', file_format='OPEN_EXR'))
        found = [pattern for _, pattern in names_of(tree)]
        self.assertEqual(len(found), 6, 'each with a number and without')
        self.assertTrue(any(pattern.startswith('im_y0007') for pattern in found))

    def test_what_does_not_write(self):
        inner = Tree(file_output(['A'], name='in_group'))
        group = Node('CompositorNodeGroup', 'GROUP', node_tree=inner)
        muted = Node('CompositorNodeGroup', 'GROUP', node_tree=Tree(file_output(['A'], name='no')), mute=True)
        tree = Tree(file_output(['A'], mute=True), file_output(['A'], media='IMAGE', file_format='PNG'), muted, group)
        self.assertEqual({pattern.split('(')[0] for _, pattern in names_of(tree)}, {'in_group0007', 'in_group'})
        self.assertEqual(names_of(None), [])
        scene = scene_of(tree)
        scene.render.use_compositing = False
        self.assertEqual(list(nodes.places(scene, 7, BLENDER_5, str)), [])

    def test_a_tree_in_itself_ends(self):
        tree = Tree(file_output(['A']))
        tree.nodes.append(Node('CompositorNodeGroup', 'GROUP', node_tree=tree))
        self.assertEqual(len(list(nodes.file_outputs(tree))), 1)

    def test_before_5(self):
        multi = Node('CompositorNodeOutputFile', base_path='/out/m_', format=Thing(file_format='OPEN_EXR_MULTILAYER'),
                     layer_slots=[Thing(name='A')])
        plain = Thing(file_format='OPEN_EXR')
        slots = [Thing(path='x', use_node_format=True, format=None),
                 Thing(path='y', use_node_format=False, format=Thing(file_format='PNG'))]
        single = Node('CompositorNodeOutputFile', base_path='/out', format=plain, file_slots=slots)
        scene = scene_of(None, use_nodes=True, node_tree=Tree(multi, single))
        found = [one.name.pattern for one in nodes.places(scene, 7, BLENDER_3, str)]
        self.assertEqual([pattern.split('(')[0] for pattern in found], ['m_0007', 'x0007'])
        scene.use_nodes = False
        self.assertIsNone(nodes.tree_of(scene, BLENDER_3))


class Sets(unittest.TestCase):
    def test_through_nodes_and_from_several_layers(self):
        chars, background = render_layers('Chars'), render_layers('BG', Thing(name='other'))
        mix = Node('CompositorNodeMixRGB', inputs=('A', 'B'), outputs=('Image',))
        out = file_output(['main.ids00', 'beauty', 'mats00'])
        connect(chars, 'CryptoObject00', mix, 0)
        connect(background, 'CryptoObject00', mix, 1)
        connect(mix, 'Image', out, 0)
        connect(chars, 'Image', out, 1)
        connect(chars, 'CryptoMaterial00', out, 2)
        found = nodes.sets_of(scene_of(Tree(out)), BLENDER_5)
        self.assertEqual(sorted(found), ['main.ids', 'mats'])
        self.assertEqual(found['main.ids'][0], 'object')
        self.assertEqual(set(found['main.ids'][1]), {('shot', 'Chars'), ('other', 'BG')})
        self.assertEqual(found['mats'], ('material', [('shot', 'Chars')]))

    def test_two_kinds_are_no_cryptomatte(self):
        chars = render_layers('Chars')
        out = file_output(['ids00'])
        connect(chars, 'CryptoObject00', out)
        connect(chars, 'CryptoMaterial00', out)
        self.assertEqual(nodes.sets_of(scene_of(Tree(out)), BLENDER_5), {})

    def test_into_and_out_of_groups(self):
        chars = render_layers('Chars')
        entry = Node('NodeGroupInput', 'GROUP_INPUT', outputs=('a', 'b'))
        inner_out = file_output(['inside00'])
        end = Node('NodeGroupOutput', 'GROUP_OUTPUT', inputs=('result', 'unused'), is_active_output=True)
        connect(entry, 'b', inner_out)
        connect(entry, 'b', end, 0)
        group = Node('CompositorNodeGroup', 'GROUP', inputs=('a', 'b'), outputs=('result', 'unused'),
                     node_tree=Tree(entry, inner_out, end))
        connect(chars, 'CryptoMaterial00', group, 0)
        connect(chars, 'CryptoObject00', group, 1)
        outer_out = file_output(['outside00', 'nothing00'])
        connect(group, 'result', outer_out, 0)
        connect(group, 'unused', outer_out, 1)
        found = nodes.sets_of(scene_of(Tree(group, outer_out)), BLENDER_5)
        self.assertEqual(found, {'inside': ('object', [('shot', 'Chars')]), 'outside': ('object', [('shot', 'Chars')])})

    def test_a_loop_ends(self):
        one, other = (Node('CompositorNodeX', inputs=('in',), outputs=('out',)) for _ in range(2))
        connect(one, 'out', other)
        connect(other, 'out', one)
        out = file_output(['ids00'])
        connect(one, 'out', out)
        self.assertEqual(nodes.sets_of(scene_of(Tree(out)), BLENDER_5), {})


if __name__ == '__main__':
    unittest.main()
