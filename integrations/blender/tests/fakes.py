# SPDX-License-Identifier: GPL-3.0-or-later
"""Stand-ins for Blender's data: objects that have what the add-on reads, and no more."""
import os
import sys
from types import SimpleNamespace as Thing

# The package's modules that need no Blender, without what __init__ registers.
sys.path.insert(0, os.path.dirname(os.path.dirname(os.path.abspath(__file__))))

BLENDER_3, BLENDER_4, BLENDER_5 = (3, 4, 1), (4, 5, 15), (5, 3, 0)


class Node:
    """A node with sockets; equal only to itself, as Blender's are."""

    def __init__(self, bl_idname, type='', inputs=(), outputs=(), mute=False, **more):
        self.bl_idname, self.type, self.mute = bl_idname, type, mute
        self.inputs = [Socket(self, name) for name in inputs]
        self.outputs = {name: Socket(self, name) for name in outputs}
        self.__dict__.update(more)


class Socket:
    def __init__(self, node, name):
        self.node, self.name, self.identifier, self.links = node, name, name, []


class Tree:
    def __init__(self, *nodes):
        self.nodes = list(nodes)


def connect(node, output, to, place=0):
    origin = node.outputs[output]
    to.inputs[place].links.append(Thing(from_node=node, from_socket=origin))


def render_layers(layer, scene=None):
    return Node('CompositorNodeRLayers', outputs=('Image', 'CryptoObject00', 'CryptoMaterial00'), layer=layer, scene=scene)


def file_output(items, directory='/out', name='beauty', media='MULTI_LAYER_IMAGE', file_format='OPEN_EXR_MULTILAYER', mute=False):
    return Node('CompositorNodeOutputFile', inputs=items, mute=mute, directory=directory, file_name=name,
                format=Thing(file_format=file_format, media_type=media), file_output_items=[Thing(name=item) for item in items])


def scene_of(tree, **more):
    render = Thing(use_compositing=True, use_multiview=False, views=[])
    return Thing(name='shot', compositing_node_group=tree, render=render, **more)
