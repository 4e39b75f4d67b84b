# SPDX-License-Identifier: GPL-3.0-or-later
"""Where Blender writes the file of a frame, by its path rules. Plain Python: nothing of Blender is needed.

Blender does not tell which files a File Output node has written, so the rules are followed from the outside, and what they leave
open (templates, views, whether an extension is added) is a pattern that names in the folder are held against.
"""
import os
import re

# Image extensions that Blender replaces by the format's own (imbuf's table of extensions).
EXTENSIONS = r'\.(?:exr|png|jpe?g|tiff?|hdr|bmp|webp|cin|dpx|tga|rgb|sgi|jp2|j2c)$'

# From 4.5 on `{name}` and `{name:format}` stand for a value, and doubled braces for themselves.
TEMPLATE = re.compile(r'\{\{|\}\}|\{[^{}]*\}')

MAGIC = b'\x76\x2f\x31\x01'


class Place:
    """A folder, whose steps may be patterns too, and the pattern of the names in it."""

    def __init__(self, root, steps, name):
        self.root, self.steps, self.name = root, steps, name

    def folders(self):
        """The folders that are there."""
        found = [self.root]
        for step in self.steps:
            found = [os.path.join(folder, name) for folder in found for name in _names(folder) if step.fullmatch(name)]
        return found

    def files(self):
        """The files that are there and whose names fit."""
        return [os.path.join(folder, name) for folder in self.folders()
                for name in _names(folder) if self.name.fullmatch(name)]


def place(path, frame, version, numbered=True, suffixes=(), path_module=os.path):
    """Where the frame of a node goes.

    path: absolute, as the node has it, with the item's name behind it where each item has a file of its own
    version: Blender's, as bpy.app.version; numbered: whether a frame number is added where the path has no #
    suffixes: those of the views that are rendered
    """
    folder, tail = path_module.split(path)
    templates = version >= (4, 5, 0)
    tail = with_frame(tail, frame, numbered)
    if not numbered and version >= (5, 0, 0):
        tail = tail.rstrip('.') or 'Untitled'
    tail = re.sub(EXTENSIONS, '', tail, flags=re.IGNORECASE)
    views = '|'.join(re.escape(suffix) for suffix in suffixes if suffix)
    view = f'(?:{views})?' if views else ''
    # Blender takes what follows the last dot for the extension, be it the frame, and puts the view before it (BLI_path_suffix).
    end = _pattern(tail, templates)
    before, dot, after = end.rpartition(r'\.')
    name = (before + view + dot + after if dot else end) + view + r'(?:\.[eE][xX][rR])?'
    root, steps = _steps(folder, templates, path_module)
    return Place(root, steps, re.compile(name, re.DOTALL))


def with_frame(tail, frame, numbered):
    """The last run of # is the frame; without one it stands at the end, in four digits, where it is asked for."""
    runs = list(re.finditer('#+', tail))
    if runs:
        last = runs[-1]
        return tail[:last.start()] + digits(frame, len(last.group())) + tail[last.end():]
    return tail + digits(frame, 4) if numbered else tail


def digits(frame, width):
    """As C's %0*d: the sign does not count."""
    return ('-' if frame < 0 else '') + str(abs(frame)).zfill(width)


def stamp(path):
    """Which file is there, as a value to compare; None where there is none."""
    try:
        found = os.stat(path)
    except OSError:
        return None
    return found.st_ino, found.st_size, found.st_mtime_ns


def is_exr(path):
    try:
        with open(path, 'rb') as file:
            return file.read(4) == MAGIC
    except OSError:
        return False


def _steps(folder, templates, path_module):
    """The part of a folder without templates, and patterns for what follows."""
    steps = []
    last = folder
    while templates and TEMPLATE.search(last):
        last, step = path_module.split(last)
        if step:
            steps.insert(0, re.compile(_pattern(step, templates), re.DOTALL))
    return last, steps


def _pattern(text, templates):
    if not templates:
        return re.escape(text)
    parts, at = [], 0
    for found in TEMPLATE.finditer(text):
        parts.append(re.escape(text[at:found.start()]))
        parts.append(re.escape(found.group()[0]) if found.group() in ('{{', '}}') else '.*')
        at = found.end()
    return ''.join(parts) + re.escape(text[at:])


def _names(folder):
    try:
        return sorted(os.listdir(folder))
    except OSError:
        return []
