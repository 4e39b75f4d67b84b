# SPDX-License-Identifier: GPL-3.0-or-later
"""The panel in the Output properties, and what its buttons do."""
import os

import bpy
from bpy.props import CollectionProperty, StringProperty

from . import exrpipe, handlers, names, nodes
from .frames import Frame, said
from .jobs import ERROR, INFO, Result

ICONS = {'INFO': 'CHECKMARK', 'WARNING': 'ERROR', 'ERROR': 'CANCEL'}
# What a panel has room for.
SHOWN = 5


class EXRNAMES_PT_output(bpy.types.Panel):
    bl_label = 'EXR Names'
    bl_space_type = 'PROPERTIES'
    bl_region_type = 'WINDOW'
    bl_context = 'output'
    bl_options = {'DEFAULT_CLOSED'}

    def draw_header(self, context):
        self.layout.prop(context.scene.exr_names, 'enabled', text='')

    def draw(self, context):
        layout, own = self.layout, context.scene.exr_names
        layout.use_property_split = True
        layout.use_property_decorate = False
        if not Program.found():
            box = layout.box()
            box.label(text='exrpipe was not found: frames stay as they are', icon='CANCEL')
            box.label(text='Set its place in the preferences of this add-on')
        column = layout.column()
        column.active = own.enabled
        for name in ('panel', 'split', 'preset', 'target'):
            column.prop(own, name)
        waiting = len(handlers.queue)
        layout.label(text=f'{waiting} frames to do' if waiting else 'Nothing to do', icon='TIME' if waiting else 'CHECKMARK')
        for result in handlers.log.last(SHOWN):
            name = os.path.basename(result.file)
            layout.label(text=f'{name}: {result.text}' if name else result.text, icon=ICONS[result.level])
        row = layout.row(align=True)
        row.operator('exr_names.frames', icon='FILE_FOLDER')
        row.operator('exr_names.report', icon='COPYDOWN')
        row.operator('exr_names.clear', icon='TRASH', text='')


class Program:
    """Whether exrpipe is there, looked up again only where the preferences have changed: panels are drawn often."""
    _asked, _found = None, None

    @classmethod
    def found(cls):
        chosen = handlers.settings.preferences()
        asked = (chosen.program if chosen else '', handlers.log.count)
        if asked != cls._asked:
            cls._asked, cls._found = asked, handlers.command()
        return cls._found


class EXRNAMES_OT_frames(bpy.types.Operator):
    """Give frames on disk the names of the open file, where no render has done so"""
    bl_idname = 'exr_names.frames'
    bl_label = 'Frames on Disk'

    directory: StringProperty(subtype='DIR_PATH')
    files: CollectionProperty(type=bpy.types.OperatorFileListElement)
    filter_glob: StringProperty(default='*.exr', options={'HIDDEN'})

    def invoke(self, context, _event):
        context.window_manager.fileselect_add(self)
        return {'RUNNING_MODAL'}

    def execute(self, context):
        command = handlers.command()
        if command is None:
            self.report({'ERROR'}, exrpipe.MISSING)
            return {'CANCELLED'}
        chosen = [file.name for file in self.files if file.name]
        if not chosen:
            self.report({'ERROR'}, 'Choose one or more EXR files')
            return {'CANCELLED'}
        scene, version = context.scene, bpy.app.version
        found = names.of_file(bpy.data, scene, names.Rules(scene.render.engine, version))
        view_layers = {(one.name, layer.name): found for one in bpy.data.scenes for layer in one.view_layers}
        sets = nodes.sets_of(scene, version)
        own = scene.exr_names
        for name in chosen:
            path = os.path.join(bpy.path.abspath(self.directory), name)
            handlers.queue.put(path, Frame(command, path, view_layers, sets, {}, True, own.split, own.chosen_preset(),
                                           own.chosen_target()))
        if bpy.app.background:
            handlers.queue.wait()
        return {'FINISHED'}


class EXRNAMES_OT_report(bpy.types.Operator):
    """Copy everything that has happened to the clipboard, for a bug report"""
    bl_idname = 'exr_names.report'
    bl_label = 'Copy Report'

    def execute(self, context):
        lines = [f'Blender {bpy.app.version_string}, exrpipe: {handlers.command()}']
        lines += [f'{level}\t{file}\t{text}' for level, file, text in handlers.log.last()]
        context.window_manager.clipboard = '\n'.join(lines)
        self.report({'INFO'}, f'{len(lines)} lines copied')
        return {'FINISHED'}


class EXRNAMES_OT_check(bpy.types.Operator):
    """Ask exrpipe whether it can work on this machine"""
    bl_idname = 'exr_names.check'
    bl_label = 'Check exrpipe'

    def execute(self, _context):
        command = handlers.command()
        if command is None:
            self.report({'ERROR'}, exrpipe.MISSING)
            return {'CANCELLED'}
        try:
            ended = exrpipe.run(command, ['doctor'], seconds=30)
        except OSError as error:
            self.report({'ERROR'}, f'exrpipe cannot be started: {error}')
            return {'CANCELLED'}
        lines = ended.out.splitlines() or [said(ended.err)]
        for line in lines:
            handlers.log.add(Result(INFO if ended.code == 0 else ERROR, '', line))
        self.report({'INFO' if ended.code == 0 else 'ERROR'}, lines[-1])
        return {'FINISHED'}


class EXRNAMES_OT_clear(bpy.types.Operator):
    """Forget these results"""
    bl_idname = 'exr_names.clear'
    bl_label = 'Clear Results'

    def execute(self, _context):
        handlers.log.clear()
        return {'FINISHED'}


CLASSES = (EXRNAMES_PT_output, EXRNAMES_OT_frames, EXRNAMES_OT_report, EXRNAMES_OT_check, EXRNAMES_OT_clear)


class Redraw:
    """Shows results when they come: they come on another thread, which must not touch the interface."""
    _seen = None

    @classmethod
    def look(cls):
        now = (handlers.log.count, len(handlers.queue))
        if now != cls._seen:
            cls._seen = now
            for window in bpy.context.window_manager.windows:
                for area in window.screen.areas:
                    if area.type == 'PROPERTIES':
                        area.tag_redraw()
        return 0.5


def register():
    for one in CLASSES:
        bpy.utils.register_class(one)
    if not bpy.app.background:
        bpy.app.timers.register(Redraw.look, persistent=True)


def unregister():
    if bpy.app.timers.is_registered(Redraw.look):
        bpy.app.timers.unregister(Redraw.look)
    for one in reversed(CLASSES):
        bpy.utils.unregister_class(one)
