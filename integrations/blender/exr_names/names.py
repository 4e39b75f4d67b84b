# SPDX-License-Identifier: GPL-3.0-or-later
"""Names as Cycles and EEVEE hash them for CryptoObject, CryptoMaterial and CryptoAsset. Needs Blender's data, but not bpy."""

KINDS = ('object', 'material', 'asset')

# What both engines render. Particles, hair and instances are objects of these types.
GEOMETRY = {'MESH', 'CURVE', 'SURFACE', 'META', 'FONT', 'CURVES', 'HAIR', 'POINTCLOUD', 'VOLUME', 'GAUSSIAN_SPLAT'}

EEVEE = {'BLENDER_EEVEE', 'BLENDER_EEVEE_NEXT'}

# EEVEE hashes what fits into 64 bytes less two, in 5.3 as well, whose names have 255.
EEVEE_BYTES = 62


class Rules:
    """What an engine lists in its manifests besides geometry and its materials, by Blender's version (seen in frames)."""

    def __init__(self, engine, version):
        self.eevee = engine in EEVEE
        cycles = not self.eevee
        # The objects of lights: not in 3.4, in 4.5.
        self.light_objects = cycles and version >= (4, 0, 0)
        # The data of lights, and the world: in 5.3. Before, each of them was `shader`.
        self.light_data = self.world = cycles and version >= (5, 0, 0)
        if self.eevee:
            # In 3.4 an object without a material has an ID that no name belongs to.
            self.materials, self.objects = ['Default Surface'] if version >= (4, 2, 0) else [], []
            return
        self.materials = ['default_surface', 'default_volume', 'default_light', 'default_background', 'default_empty']
        if version >= (5, 3, 0):
            self.materials.append('default_gsplat')
        if version < (5, 0, 0):
            self.materials.append('shader')
        # The background, where it lights the scene.
        self.objects = ['object'] if version >= (4, 0, 0) else []

    def types(self):
        return GEOMETRY | {'LIGHT'} if self.light_objects else GEOMETRY

    def hashed(self, name):
        return cut(name, EEVEE_BYTES) if self.eevee else name


def of_depsgraph(depsgraph, rules):
    """Names by kind, from the depsgraph of a render, which is one of a view layer.

    Objects that are instanced often are looked at once: a forest has a hundred thousand instances of ten trees.
    """
    objects, assets, materials = {}, {}, {}
    types = rules.types()
    seen = set()
    for instance in depsgraph.object_instances:
        original = instance.object.original
        if instance.is_instance:
            key = original.as_pointer()
            if key in seen:
                continue
            seen.add(key)
        if original.type in types:
            name, parent = original.name, original.parent
            objects[name] = assets[name if parent is None else top(parent).name] = True
    for data in depsgraph.ids:
        # 3.4 has no id_type yet. Lights are AreaLight, SunLight and others.
        kind = type(data).__name__
        if kind == 'Material' or (rules.light_data and kind.endswith('Light')):
            materials[data.name] = True
    world = depsgraph.scene.world
    if rules.world and world:
        assets[world.name] = True
    return finished(objects, materials, assets, rules)


def of_file(data, scene, rules):
    """Every name that the open file knows, for frames that it has not rendered just now: more than a frame shows."""
    objects = [one for one in data.objects if one.type in rules.types()]
    materials = list(data.materials) + (list(data.lights) if rules.light_data else [])
    worlds = list(data.worlds) if rules.world else []
    return finished([one.name for one in objects], [one.name for one in materials],
                    [top(one).name for one in objects] + [one.name for one in worlds], rules)


def finished(objects, materials, assets, rules):
    def listed(*names):
        return sorted({rules.hashed(name) for some in names for name in some})
    return {'object': listed(objects, rules.objects), 'material': listed(materials, rules.materials),
            'asset': listed(assets)}


def joined(some, others):
    """Names of two moments of one frame: motion blur asks for several, and modifiers may show other objects in each."""
    if some == others:
        return some
    return {kind: sorted({*some[kind], *others[kind]}) for kind in KINDS}


def top(one):
    while one.parent is not None:
        one = one.parent
    return one


def cut(name, most):
    """The first bytes of a name, as they are: half a letter stays half a letter (surrogateescape)."""
    if len(name) * 4 <= most:
        return name
    data = name.encode('utf-8', 'surrogateescape')
    return name if len(data) <= most else data[:most].decode('utf-8', 'surrogateescape')
