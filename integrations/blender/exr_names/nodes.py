# SPDX-License-Identifier: GPL-3.0-or-later
"""What the compositor's File Output nodes write: their files, and the Cryptomattes in them. Needs Blender's data, but not bpy."""
import os
import re

from . import paths

EXR = {'OPEN_EXR', 'OPEN_EXR_MULTILAYER'}
PASS = re.compile(r'^Crypto(Object|Material|Asset)\d*$')


def tree_of(scene, version):
    """The compositor's node tree of a scene; None where there is none."""
    if version < (5, 0, 0):
        return scene.node_tree if scene.use_nodes else None
    # 5.3 has a list of effects that takes the place of the group in 6.0.
    for effect in getattr(scene, 'compositor_effects', None) or ():
        group = getattr(effect, 'node_group', None)
        if group is not None:
            return group
    return getattr(scene, 'compositing_node_group', None)


def file_outputs(tree):
    """File Output nodes that write, each with the group nodes it is in, from the outermost. Muted ones do not write."""
    def walk(own, groups, open_trees):
        if own is None or own in open_trees:
            return
        for node in own.nodes:
            if node.mute:
                continue
            if node.bl_idname == 'CompositorNodeOutputFile':
                yield node, groups
            elif node.type == 'GROUP':
                yield from walk(node.node_tree, (*groups, node), (*open_trees, own))
    yield from walk(tree, (), ())


def items_of(node, version):
    """The items of a File Output node and the names they have in its files."""
    if version >= (5, 0, 0):
        return [(item, item.name) for item in node.file_output_items]
    if node.format.file_format == 'OPEN_EXR_MULTILAYER':
        return [(item, item.name) for item in node.layer_slots]
    return [(item, item.path) for item in node.file_slots]


def places(scene, frame, version, absolute):
    """Where the EXR files of a frame go, by node and item, still or not. absolute makes a path of Blender's absolute."""
    if not scene.render.use_compositing:
        return
    render = scene.render
    suffixes = [view.file_suffix for view in render.views if view.use] if render.use_multiview else []
    # Before 5.0 a still has a frame number as well. Whether this render is one nobody tells, so both are looked for.
    numbering = (True, False) if version >= (5, 0, 0) else (True,)
    for node, _ in file_outputs(tree_of(scene, version)):
        for path in _paths_of(node, version):
            for numbered in numbering:
                yield paths.place(absolute(path), frame, version, numbered, suffixes)


def _paths_of(node, version):
    if version >= (5, 0, 0):
        if node.format.file_format not in EXR:
            return []
        base = os.path.join(node.directory or '//', node.file_name)
        if node.format.media_type == 'MULTI_LAYER_IMAGE':
            return [base]
        return [base + item.name for item in node.file_output_items]
    if node.format.file_format == 'OPEN_EXR_MULTILAYER':
        return [node.base_path]
    return [os.path.join(node.base_path, slot.path) for slot in node.file_slots
            if (node.format if slot.use_node_format else slot.format).file_format in EXR]


def sets_of(scene, version):
    """The Cryptomattes that File Output nodes write, by name: their kind, and the (scene, view layer) that feed them.

    An item is a rank, and its name without digits that of the Cryptomatte. One that two kinds feed is left out: no names fit it.
    """
    found = {}
    for node, groups in file_outputs(tree_of(scene, version)):
        for index, (_, name) in enumerate(items_of(node, version)):
            if index >= len(node.inputs):
                break
            stem = name.rstrip('0123456789')
            for kind, source in sources(node.inputs[index], groups, scene.name):
                kinds, layers = found.setdefault(stem, (set(), {}))
                kinds.add(kind)
                layers[source] = True
    return {name: (next(iter(kinds)), list(layers)) for name, (kinds, layers) in found.items() if name and len(kinds) == 1}


def sources(socket, groups, scene_name):
    """The Cryptomatte passes that reach a socket: kind and (scene, view layer). Groups are entered and left on the way."""
    found, waiting, seen = {}, [(socket, groups)], set()
    while waiting:
        socket, groups = waiting.pop()
        for link in socket.links:
            node, origin = link.from_node, link.from_socket
            key = (node, origin.identifier, groups)
            if key in seen:
                continue
            seen.add(key)
            if node.bl_idname == 'CompositorNodeRLayers':
                match = PASS.match(origin.name)
                if match:
                    scene = node.scene.name if node.scene else scene_name
                    found[match[1].lower(), (scene, node.layer)] = True
            elif node.type == 'GROUP_INPUT':
                if groups:
                    waiting += [(one, groups[:-1]) for one in groups[-1].inputs if one.identifier == origin.identifier]
            elif node.type == 'GROUP' and node.node_tree and not node.mute:
                ends = [one for one in node.node_tree.nodes if one.type == 'GROUP_OUTPUT' and one.is_active_output]
                waiting += [(one, (*groups, node)) for end in ends for one in end.inputs
                            if one.identifier == origin.identifier]
            else:
                waiting += [(one, groups) for one in node.inputs]
    return list(found)
