"""What a script of a studio's pipeline does with the OpenEXR package of PyPI (3.3 or later): whole frames in numpy arrays.

    layers.py split FRAME FOLDER         a file for each view layer, named after it
    layers.py merge OUTPUT FRAME...      the channels of several files in one
    layers.py pick FRAME OUTPUT LAYER    the channels of one layer
"""
import os
import sys

import OpenEXR


def read(path):
    """The header of the first part, and the channels of all of them by name."""
    file = OpenEXR.File(path, separate_channels=True)
    channels = {}
    for part in file.parts:
        channels.update(part.channels)
    return file.header(), channels


def write(path, header, channels):
    """One part with these channels."""
    kept = {name: value for name, value in header.items() if name not in ("channels", "chunkCount", "name", "type")}
    kept["type"] = OpenEXR.scanlineimage
    OpenEXR.File(kept, {name: OpenEXR.Channel(name, channel.pixels) for name, channel in channels.items()}).write(path)


def main(task, *words):
    if task == "split":
        path, folder = words
        header, channels = read(path)
        layers = {}
        for name, channel in channels.items():
            layers.setdefault(name.split(".")[0], {})[name] = channel
        for layer, own in layers.items():
            write(os.path.join(folder, layer + ".exr"), header, own)
    elif task == "merge":
        output, *paths = words
        merged = {}
        for path in paths:
            header, channels = read(path)
            merged.update(channels)
        write(output, header, merged)
    else:
        path, output, layer = words
        header, channels = read(path)
        write(output, header, {name: channel for name, channel in channels.items() if name.startswith(layer + ".")})


main(*sys.argv[1:])
