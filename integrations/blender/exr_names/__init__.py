# SPDX-License-Identifier: GPL-3.0-or-later
"""Gives the frames of File Output nodes their Cryptomatte names and metadata, as soon as they are written.

exrpipe does the work. From Blender 4.2 on this is an extension (blender_manifest.toml), before that an add-on (bl_info).
"""
bl_info = {
    'name': 'EXR Names',
    'description': 'Cryptomatte names and metadata for frames of File Output nodes',
    'author': 'exrpipe contributors',
    'version': (0, 1, 0),
    'blender': (3, 4, 0),
    'location': 'Properties > Output',
    'category': 'Render',
}


def register():
    # Here, so that what needs no Blender can be tested without one.
    from . import handlers, panel, settings
    for module in (settings, panel, handlers):
        module.register()


def unregister():
    from . import handlers, panel, settings
    for module in (handlers, panel, settings):
        module.unregister()
