# SPDX-License-Identifier: GPL-3.0-or-later
"""A scene with what can hide a name from an add-on, for Blender 3.4 to 5.3. Small and quick to render."""
import os

import bmesh
import bpy

VERSION = bpy.app.version
FIVE = VERSION >= (5, 0, 0)
LONGEST = 255 if FIVE else 63
LAYERS = ('Chars', 'BG', 'FX elements')
PASSES = ('Object', 'Material', 'Asset')


class Row:
    """Objects beside each other, so that each has some pixels."""

    def __init__(self, z, step=1.15, start=-5.2):
        self.x, self.z, self.step = start, z, step

    def next(self):
        self.x += self.step
        return self.x, 0, self.z


def cube(name, collection, location, material=None, size=0.9):
    mesh = bpy.data.meshes.new('mesh')
    builder = bmesh.new()
    bmesh.ops.create_cube(builder, size=size)
    builder.to_mesh(mesh)
    builder.free()
    made = bpy.data.objects.new(name, mesh)
    made.location = location
    if material:
        mesh.materials.append(material)
    collection.objects.link(made)
    return made


def material(name):
    made = bpy.data.materials.new(name)
    if not FIVE:
        made.use_nodes = True
    return made


def collection(name, scene):
    made = bpy.data.collections.new(name)
    scene.collection.children.link(made)
    return made


def new_file():
    # Not read_factory_settings, which would switch the extension off.
    bpy.ops.wm.read_homefile(use_empty=True, use_factory_startup=True)
    return bpy.context.scene


def make_library(path):
    scene = new_file()
    for kind in ('Prop', 'Char'):
        own = collection(f'{kind} set', scene)
        root = bpy.data.objects.new(f'{kind} root', None)
        own.objects.link(root)
        part = cube(f'{kind} part', own, (0, 0, 0), material(f'{kind} paint'))
        part.parent = root
    bpy.ops.wm.save_as_mainfile(filepath=path)


def settings(scene, engine, folder, size=(96, 54), samples=4):
    render = scene.render
    # From 4.2 to 4.5 the new EEVEE had a name of its own.
    render.engine = 'BLENDER_EEVEE_NEXT' if engine == 'BLENDER_EEVEE' and (4, 2, 0) <= VERSION < (5, 0, 0) else engine
    render.resolution_x, render.resolution_y, render.resolution_percentage = *size, 100
    render.threads_mode, render.threads = 'FIXED', 2
    if engine == 'CYCLES':
        scene.cycles.device, scene.cycles.samples = 'CPU', samples
        scene.cycles.use_denoising = scene.cycles.use_adaptive_sampling = False
    else:
        scene.eevee.taa_render_samples = samples
    if FIVE:
        render.image_settings.media_type = 'MULTI_LAYER_IMAGE'
    render.image_settings.file_format = 'OPEN_EXR_MULTILAYER'
    render.image_settings.color_depth = '32'
    render.filepath = os.path.join(folder, 'panel.')
    render.use_stamp_lens = True


def cryptomatte(layer):
    layer.use_pass_cryptomatte_object = layer.use_pass_cryptomatte_material = layer.use_pass_cryptomatte_asset = True
    layer.pass_cryptomatte_depth = 6


def camera(scene):
    data = bpy.data.cameras.new('cam')
    data.type, data.ortho_scale = 'ORTHO', 13
    made = bpy.data.objects.new('shot:Cam="1"', data)
    made.location, made.rotation_euler = (0, -20, 1.5), (1.5708, 0, 0)
    scene.collection.objects.link(made)
    scene.camera = made


def scatter(name, own, location, instanced, realised, painted):
    """A geometry nodes object: instances of another, which may be hidden itself, perhaps realised and painted."""
    group = bpy.data.node_groups.new(name, 'GeometryNodeTree')
    if hasattr(group, 'interface'):
        for direction in ('INPUT', 'OUTPUT'):
            group.interface.new_socket('Geometry', in_out=direction, socket_type='NodeSocketGeometry')
    else:
        group.inputs.new('NodeSocketGeometry', 'Geometry')
        group.outputs.new('NodeSocketGeometry', 'Geometry')
    nodes, links = group.nodes, group.links
    end, grid = nodes.new('NodeGroupOutput'), nodes.new('GeometryNodeMeshGrid')
    points, info = nodes.new('GeometryNodeInstanceOnPoints'), nodes.new('GeometryNodeObjectInfo')
    for at, value in enumerate((0.7, 0.7, 2, 2)):
        grid.inputs[at].default_value = value
    info.inputs[0].default_value = instanced
    info.inputs['As Instance'].default_value = True
    links.new(grid.outputs[0], points.inputs[0])
    links.new(info.outputs['Geometry'], points.inputs['Instance'])
    last = points.outputs[0]
    if realised:
        node = nodes.new('GeometryNodeRealizeInstances')
        links.new(last, node.inputs[0])
        last = node.outputs[0]
    if painted:
        node = nodes.new('GeometryNodeSetMaterial')
        node.inputs['Material'].default_value = painted
        links.new(last, node.inputs['Geometry'])
        last = node.outputs[0]
    links.new(last, end.inputs[0])
    made = cube(name, own, location, size=0.1)
    made.modifiers.new('nodes', 'NODES').node_group = group
    return made


def load(library, name):
    with bpy.data.libraries.load(library, link=True) as (_, wanted):
        wanted.collections = [name]
    return wanted.collections[0]


def instance(name, instanced, own, location):
    made = bpy.data.objects.new(name, None)
    made.instance_type, made.instance_collection, made.location = 'COLLECTION', instanced, location
    own.objects.link(made)
    return made


def make_shot(folder, library, engine='CYCLES'):
    scene = new_file()
    scene.name = 'shot'
    settings(scene, engine, folder)
    first = scene.view_layers[0]
    first.name = LAYERS[0]
    layers = [first] + [scene.view_layers.new(name) for name in LAYERS[1:]]
    for layer in layers:
        cryptomatte(layer)
    collections = ('chars', 'background', 'effects', 'excluded', 'holdout', 'indirect', 'hidden', 'no viewport', 'no eye')
    own = {name: collection(name, scene) for name in collections}
    shown = {'Chars': ('chars', 'holdout', 'indirect', 'no viewport', 'no eye'), 'BG': ('background', 'holdout'),
             'FX elements': ('effects', 'indirect')}
    for layer in layers:
        for name, part in layer.layer_collection.children.items():
            part.exclude = name not in shown[layer.name] and name != 'hidden'
            part.holdout = name == 'holdout' and layer.name == 'Chars'
            part.hide_viewport = name == 'no eye'
            part.indirect_only = name == 'indirect' and layer.name == 'Chars'
    own['hidden'].hide_render = own['no viewport'].hide_viewport = True
    skin, wood = material('Skin'), material('木材, "polished"')

    row, chars = Row(3.2), own['chars']
    cube('plain', chars, row.next(), skin)
    cube('no material', chars, row.next())
    cube('Bäume_木 🌲', chars, row.next(), wood)
    cube(('L' * 300)[:LONGEST], chars, row.next(), skin)
    cube('quote " back\\ new\nline\t, comma', chars, row.next(), skin)
    cube('hidden in viewport', chars, row.next(), skin).hide_viewport = True
    by_eye = cube('hidden by eye', chars, row.next(), skin)
    cube('hidden in render', chars, row.next(), material('only hidden')).hide_render = True
    cube('excluded', own['excluded'], row.next(), material('only excluded'))
    cube('in hidden collection', own['hidden'], row.next(), skin)

    row = Row(1.6)
    cube('held out', own['holdout'], row.next(), skin)
    cube('indirect', own['indirect'], row.next(), skin)
    instance('props here', load(library, 'Prop set'), chars, row.next())
    rig = instance('rig here', load(library, 'Char set'), chars, row.next())
    rig.instance_collection.override_hierarchy_create(scene, first, reference=rig)
    for one in bpy.data.objects:
        if one.name.startswith('Char root') and one.override_library:
            one.location = row.next()
    pebble = cube('pebble, not rendered itself', scene.collection, (0, 0, -50), material('pebble paint'), 0.3)
    pebble.hide_render = True
    scatter('scatter', chars, row.next(), pebble, False, None)
    scatter('scatter realised', chars, row.next(), pebble, True, material('set by nodes'))
    scatter('scatter of the render', chars, row.next(), pebble, False, None).modifiers[0].show_viewport = False

    row, background, effects = Row(0), own['background'], own['effects']
    cube('in a collection hidden in the viewport', own['no viewport'], row.next(), skin)
    cube('in a collection hidden by eye', own['no eye'], row.next(), skin)
    cube('invisible to the camera', chars, row.next(), material('only invisible')).visible_camera = False
    text = bpy.data.objects.new('Text', bpy.data.curves.new('Text', 'FONT'))
    text.data.body, text.location, text.rotation_euler = 'TX', row.next(), (1.57, 0, 0)
    background.objects.link(text)
    ball = bpy.data.metaballs.new('Ball')
    ball.elements.new()
    blob = bpy.data.objects.new('Blob', ball)
    blob.location, blob.scale = row.next(), (0.4, 0.4, 0.4)
    background.objects.link(blob)
    moving = cube('moving', background, row.next(), wood)
    moving.keyframe_insert('location', frame=1)
    moving.location.x += 0.8
    moving.keyframe_insert('location', frame=4)
    parent = cube('vertex instances', effects, row.next(), None, 0.5)
    parent.instance_type = 'VERTS'
    cube('on vertices', effects, (0, 0, 0), material('vertex paint'), 0.3).parent = parent
    emitter = cube('emitter', effects, row.next(), skin, 0.5)
    system = emitter.modifiers.new('particles', 'PARTICLE_SYSTEM').particle_system.settings
    system.type, system.count, system.render_type, system.particle_size = 'HAIR', 12, 'OBJECT', 0.3
    system.use_advanced_hair = True
    system.instance_object = cube('particle', scene.collection, (0, 0, -60), material('particle paint'), 0.5)

    light = bpy.data.lights.new('Key light data', 'AREA')
    light.energy = 500
    lamp = bpy.data.objects.new('Key', light)
    lamp.location, lamp.rotation_euler = (0, -8, 6), (0.9, 0, 0)
    scene.collection.objects.link(lamp)
    scene.world = bpy.data.worlds.new('My World')
    camera(scene)
    for layer in layers:
        layer.update()
    by_eye.hide_set(True, view_layer=first)
    return scene


def paint_all():
    """EEVEE of 3.4 gives what has no material an ID without a name, in its own files too."""
    paint = material('paint')
    for data in (*bpy.data.meshes, *bpy.data.curves, *bpy.data.metaballs):
        if not data.materials:
            data.materials.append(paint)


def compositor(scene):
    if not FIVE:
        scene.use_nodes = True
        scene.node_tree.nodes.clear()
        return scene.node_tree
    tree = bpy.data.node_groups.new('Compositor', 'CompositorNodeTree')
    scene.compositing_node_group = tree
    return tree


def mixed(tree, socket):
    """The socket behind a Mix node, which keeps the pixels, and of which Blender keeps no metadata."""
    if FIVE:
        node = tree.nodes.new('ShaderNodeMix')
        node.data_type = 'RGBA'
        factor, one, other, result = node.inputs[0], node.inputs[6], node.inputs[7], node.outputs[2]
    else:
        node = tree.nodes.new('CompositorNodeMixRGB')
        factor, one, other, result = *node.inputs, node.outputs[0]
    factor.default_value = 0
    tree.links.new(socket, one)
    tree.links.new(socket, other)
    return result


def render_layers(tree, scene, layer):
    node = tree.nodes.new('CompositorNodeRLayers')
    node.scene, node.layer = scene, layer
    return node


def file_output(tree, folder, stem, items, multilayer=True):
    """items: name and the socket behind it, or None."""
    node = tree.nodes.new('CompositorNodeOutputFile')
    file_format = 'OPEN_EXR_MULTILAYER' if multilayer else 'OPEN_EXR'
    if FIVE:
        node.format.media_type = 'MULTI_LAYER_IMAGE' if multilayer else 'IMAGE'
        node.format.file_format = file_format
        node.directory, node.file_name = folder, stem
        node.file_output_items.clear()
        for name, _ in items:
            node.file_output_items.new('RGBA', name)
    else:
        node.format.file_format = file_format
        node.base_path = os.path.join(folder, stem) if multilayer else folder
        slots = node.layer_slots if multilayer else node.file_slots
        slots.clear()
        for name, _ in items:
            slots.new(name if multilayer else stem + name)
    node.format.color_depth = '32'
    for at, (_, socket) in enumerate(items):
        if socket:
            tree.links.new(socket, node.inputs[at])
    return node


def layer_items(tree, node, layer):
    """The image and every rank of every Cryptomatte, each behind a Mix."""
    names = [one.name for one in node.outputs if one.enabled and (one.name == 'Image' or one.name.startswith('Crypto'))]
    return [(f'{layer}.{"Combined" if name == "Image" else name}', mixed(tree, node.outputs[name])) for name in names]
