# SPDX-License-Identifier: GPL-3.0-or-later
"""The metadata that Blender stamps on frames of the render panel, for those of File Output nodes, where it leaves it empty."""


def attributes(scene, frame, seconds, file):
    """Attributes by name, as texts in Blender's form: those that the scene's Metadata panel has switched on.

    seconds: how long the frame took; file: path of the .blend file, '' for one that was never saved
    """
    render, camera = scene.render, scene.camera
    lens = f'{camera.data.lens:.2f}' if camera and camera.type == 'CAMERA' else '<none>'
    texts = {
        'Camera': (render.use_stamp_camera, camera.name if camera else '<none>'),
        'File': (render.use_stamp_filename, file or '<untitled>'),
        'Frame': (render.use_stamp_frame, str(frame).zfill(len(str(scene.frame_end)))),
        'Lens': (render.use_stamp_lens, lens),
        'RenderTime': (render.use_stamp_render_time, duration(seconds)),
        'Scene': (render.use_stamp_scene, scene.name),
        'Time': (render.use_stamp_time, timecode(frame, render.fps / render.fps_base)),
    }
    return {name: text for name, (wanted, text) in texts.items() if wanted}


def duration(seconds):
    """As BLI_timecode_string_from_time_simple writes it: 00:05.47, and hours only where there are some."""
    hundredths = round(seconds * 100)
    hours, rest = divmod(hundredths, 360_000)
    minutes, rest = divmod(rest, 6_000)
    text = f'{minutes:02}:{rest // 100:02}.{rest % 100:02}'
    return f'{hours:02}:{text}' if hours else text


def timecode(frame, rate):
    """SMPTE, as Blender's usual style has it: HH:MM:SS:FF."""
    seconds, frames = divmod(abs(frame), max(1, round(rate)))
    if rate != round(rate):
        seconds = int(abs(frame) / rate)
        frames = round(abs(frame) - seconds * rate)
    sign = '-' if frame < 0 else ''
    return f'{sign}{seconds // 3600:02}:{seconds // 60 % 60:02}:{seconds % 60:02}:{frames:02}'
