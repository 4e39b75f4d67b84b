# SPDX-License-Identifier: GPL-3.0-or-later
"""What the extension's panel shows, without a window to show it in."""
import types

import bpy

ICONS = set(bpy.types.UILayout.bl_rna.functions['label'].parameters['icon'].enum_items.keys())


class Layout:
    """Takes the place of Blender's: writes down what is put on it, and refuses what Blender would refuse."""

    def __init__(self, lines):
        self.lines = lines

    def box(self, **_):
        return Layout(self.lines)

    row = column = box

    def label(self, text='', icon='NONE'):
        self._add('label', text, icon)

    def prop(self, data, name, text=None, icon='NONE'):
        own = data.bl_rna.properties[name].name
        self._add('prop', own if text is None else text, icon)

    def operator(self, name, text=None, icon='NONE'):
        module, own = name.split('.')
        label = getattr(getattr(bpy.ops, module), own).get_rna_type().name
        self._add('operator', label if text is None else text, icon)

    def _add(self, kind, text, icon):
        if icon not in ICONS:
            raise ValueError(f'no such icon: {icon}')
        self.lines.append((kind, text))


def drawn(panel):
    """The panel's lines from top to bottom: kind and text."""
    lines = []
    instance = types.SimpleNamespace(layout=Layout(lines))
    panel.EXRNAMES_PT_output.draw_header(instance, bpy.context)
    panel.EXRNAMES_PT_output.draw(instance, bpy.context)
    return lines
