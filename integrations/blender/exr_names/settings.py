# SPDX-License-Identifier: GPL-3.0-or-later
"""What people choose: in each scene, and once for all in the preferences."""
import bpy
from bpy.props import BoolProperty, EnumProperty, PointerProperty, StringProperty

NONE = 'NONE'

PRESETS = ((NONE, 'As rendered', 'Names stay as Blender has written them'),
           ('nuke', 'Nuke', 'Names as Nuke has them'),
           ('fusion', 'Fusion', 'Names as Fusion can read them'),
           ('arnold', 'Arnold', 'Names as Arnold writes them'))

TARGETS = ((NONE, 'Nothing', 'Frames are not validated'),
           ('blender', 'Blender', 'Check whether Cryptomattes work in Blender'),
           ('nuke', 'Nuke', 'Check whether Cryptomattes work in Nuke'),
           ('fusion', 'Fusion', 'Check whether Cryptomattes work in Fusion'),
           ('after-effects', 'After Effects', 'Check whether Cryptomattes work in After Effects'))


class EXRNAMES_PG_settings(bpy.types.PropertyGroup):
    enabled: BoolProperty(
        name='Complete File Output Frames', default=False,
        description='Give every EXR frame that a File Output node writes its Cryptomatte names and metadata')
    panel: BoolProperty(
        name='Frames of the Output Panel Too', default=False,
        description='Also the frames that the render itself writes. They have their names, but not all programs can read them')
    split: BoolProperty(
        name='A File for Each View Layer', default=False,
        description='Beside each frame, write a file for every view layer in it, with its own Cryptomattes')
    preset: EnumProperty(name='Names', items=PRESETS, default=NONE, description='The names that layers and passes get in the files')
    target: EnumProperty(name='Validate For', items=TARGETS, default=NONE, description='The program that frames are checked for')

    def chosen_preset(self):
        return '' if self.preset == NONE else self.preset

    def chosen_target(self):
        return '' if self.target == NONE else self.target


class EXRNAMES_AP_preferences(bpy.types.AddonPreferences):
    bl_idname = __package__

    program: StringProperty(
        name='exrpipe', subtype='FILE_PATH',
        description='The program exrpipe, or its exrpipe.js; empty: $EXRPIPE, or what the PATH has')

    def draw(self, _context):
        self.layout.prop(self, 'program')
        self.layout.operator('exr_names.check')


def preferences():
    found = bpy.context.preferences.addons.get(__package__)
    return found.preferences if found else None


def register():
    bpy.utils.register_class(EXRNAMES_PG_settings)
    bpy.utils.register_class(EXRNAMES_AP_preferences)
    bpy.types.Scene.exr_names = PointerProperty(type=EXRNAMES_PG_settings)


def unregister():
    del bpy.types.Scene.exr_names
    bpy.utils.unregister_class(EXRNAMES_AP_preferences)
    bpy.utils.unregister_class(EXRNAMES_PG_settings)
