# SPDX-License-Identifier: GPL-3.0-or-later
"""What a render tells, in the order in which it tells it.

Handlers run in the render thread, read Blender's data, and change none of it. An error in one is reported and the render goes on.
"""
import functools
import os
import time

import bpy
from bpy.app.handlers import persistent

from . import exrpipe, metadata, names, nodes, paths, settings
from .frames import Frame, complete
from .jobs import ERROR, Log, Queue, Result

# The first frame of a render is checked against its pixels, and then one of so many: that takes ten times as long.
VERIFIED = 10


def _echo(result):
    level = '' if result.level == 'INFO' else f'{result.level.lower()}: '
    print(f'EXR Names: {level}{result.file}: {result.text}' if result.file else f'EXR Names: {level}{result.text}', flush=True)


log = Log(echo=_echo)
queue = Queue(complete, log)


class Rendering:
    """A frame that is being rendered."""

    def __init__(self, scene):
        self.scene = scene.name
        self.frame = scene.frame_current
        self.started = time.time()
        self.clock = time.monotonic()
        self.names = {}
        self.before = {path: paths.stamp(path) for path in candidates(scene)}

    def written(self, scene):
        """EXR files of this frame that were not there before, or were others."""
        found = candidates(scene)
        if scene.frame_current != self.frame:
            # Something else has changed the frame meanwhile, and what was there before is not known.
            return [path for path in found if paths.is_exr(path) and os.path.getmtime(path) >= self.started - 2]
        return [path for path in found if paths.is_exr(path) and paths.stamp(path) != self.before.get(path)]


class State:
    """What outlives a frame."""
    rendering = None
    command = None
    # Frames since the render began, and what is rendered.
    count = 0
    shot = None
    # Names of the frame before. Most frames have the same ones, and a long queue shall hold them once.
    names = {}


def guarded(handler):
    """A handler that never disturbs a render, and stays when another file is opened."""
    @persistent
    @functools.wraps(handler)
    def run(scene, depsgraph=None):
        try:
            try:
                handler(scene, depsgraph)
            except KeyboardInterrupt:
                # As in on_interrupt, but in the middle. Every handler can begin again.
                handler(scene, depsgraph)
        except Exception as error:
            log.add(Result(ERROR, '', f'{handler.__name__}: {error!r}'))
    return run


@persistent
def on_interrupt(*_):
    """Stands before each of the others, and does nothing.

    In the module bpy Ctrl-C does not end a render. It ends the Python function that begins next, before its first line, and that
    would cost a frame its names.
    """


@guarded
def on_init(scene, _):
    # With -f each frame is a render of its own.
    shot = bpy.data.filepath, scene.name
    if not bpy.app.background or shot != State.shot:
        State.count, State.shot = 0, shot
    State.command = command()
    if State.command is None and scene.exr_names.enabled:
        log.add(Result(ERROR, '', exrpipe.MISSING))


@guarded
def on_pre(scene, _):
    State.rendering = Rendering(scene) if scene.exr_names.enabled and State.command else None


@guarded
def on_frame(scene, depsgraph):
    """Called with the depsgraph that the engine renders: once for each view layer, and again for each step of motion blur.

    Scenes that the compositor brings in come as well. The depsgraph of a view layer itself is the viewport's, and sees others.
    """
    rendering = State.rendering
    if rendering is None or depsgraph is None or depsgraph.mode != 'RENDER':
        return
    layer = depsgraph.view_layer
    if not (layer.use_pass_cryptomatte_object or layer.use_pass_cryptomatte_material or layer.use_pass_cryptomatte_asset):
        return
    rules = names.Rules(depsgraph.scene.render.engine, bpy.app.version)
    found = names.of_depsgraph(depsgraph, rules)
    key = (depsgraph.scene.name, layer.name)
    known = rendering.names.get(key)
    rendering.names[key] = found if known is None else names.joined(known, found)


@guarded
def on_post(scene, _):
    """The files are complete here, the panel's too."""
    rendering = State.rendering
    if rendering is None or rendering.scene != scene.name:
        return
    view_layers = shared(rendering.names)
    texts = metadata.attributes(scene, scene.frame_current, time.monotonic() - rendering.clock, bpy.data.filepath)
    sets = nodes.sets_of(scene, bpy.app.version)
    if not view_layers and not texts:
        return
    verify = State.count % VERIFIED == 0
    own = scene.exr_names
    written = rendering.written(scene)
    for path in written:
        queue.put(path, Frame(State.command, path, view_layers, sets, texts, verify, own.split, own.chosen_preset(),
                              own.chosen_target(), replace=queue.busy == path))
    if written:
        State.count += 1
    State.rendering = None


@guarded
def on_end(_scene, _):
    """Nobody waits in the background, and the process ends as soon as its last render has."""
    State.rendering = None
    if bpy.app.background:
        queue.wait()


def candidates(scene):
    """Files that this frame's would have the names of, whether it has written them or not."""
    version, frame = bpy.app.version, scene.frame_current
    found = [path for place in nodes.places(scene, frame, version, bpy.path.abspath) for path in place.files()]
    if scene.exr_names.panel:
        found += [path for path in panel_files(scene, frame) if os.path.isfile(path)]
    return list(dict.fromkeys(found))


def panel_files(scene, frame):
    """The render panel's own file: of an animation, and of a still, which has no number and keeps its #."""
    render = scene.render
    if not render.image_settings.file_format.startswith('OPEN_EXR'):
        return []
    still = bpy.path.abspath(render.filepath)
    if render.use_file_extension and not still.lower().endswith('.exr'):
        still += '.exr'
    return [render.frame_path(frame=frame), still]


def shared(found):
    if found != State.names:
        State.names = found
    return State.names


def command():
    chosen = settings.preferences()
    return exrpipe.find(bpy.path.abspath(chosen.program) if chosen and chosen.program else '')


HANDLERS = (('render_init', on_init), ('render_pre', on_pre), ('frame_change_post', on_frame), ('render_post', on_post),
            ('render_complete', on_end), ('render_cancel', on_end))


def register():
    for name, handler in HANDLERS:
        getattr(bpy.app.handlers, name).extend((on_interrupt, handler))


def unregister():
    for name, handler in HANDLERS:
        listed = getattr(bpy.app.handlers, name)
        for own in (on_interrupt, handler):
            if own in listed:
                listed.remove(own)
    queue.drop()
