# SPDX-License-Identifier: GPL-3.0-or-later
"""screen.py FOLDER ZIP SCREENSHOT: in Blender with its interface, renders with the extension and takes a screenshot of it."""
import functools
import os
import sys
import traceback

import bpy

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import render as R  # noqa: E402

FOLDER, ARCHIVE, SCREENSHOT = sys.argv[sys.argv.index('--') + 1:]
# Seconds between two steps, in which Blender draws.
PAUSE = 1.0


class Seen:
    """How often Blender has drawn the panel."""
    draws = 0


def watched(draw):
    @functools.wraps(draw)
    def counted(self, context):
        draw(self, context)
        Seen.draws += 1
    return counted


def opened(panel):
    """Opens the panel, which is closed in a new scene: people do that with the mouse. Counts how often it is drawn."""
    kind = panel.EXRNAMES_PT_output
    bpy.utils.unregister_class(kind)
    kind.bl_options = set()
    kind.draw = watched(kind.draw)
    bpy.utils.register_class(kind)


def output_properties():
    """The Output properties in the largest area of the window."""
    window = bpy.context.window_manager.windows[0]
    area = max(window.screen.areas, key=lambda one: one.width * one.height)
    area.type = 'PROPERTIES'
    # Its tabs are known once it has been drawn.
    yield
    area.spaces.active.context = 'OUTPUT'


def take_screenshot(path):
    """What is in that area."""
    window = bpy.context.window_manager.windows[0]
    area = next(one for one in window.screen.areas if one.type == 'PROPERTIES' and one.spaces.active.context == 'OUTPUT')
    with bpy.context.temp_override(window=window, area=area):
        bpy.ops.screen.screenshot_area(filepath=path, check_existing=False)


def steps():
    view = bpy.context.preferences.view
    view.show_splash = view.show_tooltips = False
    handlers = R.install(ARCHIVE)
    opened(sys.modules[handlers.__name__.rpartition('.')[0] + '.panel'])
    scene = R.shot(FOLDER, end=3)
    # Below the file, so that the screenshot shows nothing of this machine.
    scene.render.filepath = '//panel.'
    scene.exr_names.split, scene.exr_names.target = True, 'nuke'
    yield from output_properties()
    yield
    bpy.ops.render.render(animation=True)
    while len(handlers.queue):
        yield
    # Results redraw the panel, twice a second.
    yield
    yield
    take_screenshot(SCREENSHOT)
    yield


def run():
    try:
        next(work)
        return PAUSE
    except StopIteration:
        pass
    except Exception:
        traceback.print_exc()
    print(f'panel\tdrawn {Seen.draws} times', flush=True)
    os._exit(0)


work = steps()
# Persistent, as the scene is a new file.
bpy.app.timers.register(run, first_interval=PAUSE, persistent=True)
