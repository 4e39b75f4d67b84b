"""HTJ2K and LJ2K edited by exrpipe, read by others: every edit of every file of a folder must leave the samples of its ZIP twin.

    python check.py FOLDER [TEXT]

FOLDER has NAME.htj2k32.exr or NAME.htj2k256.exr beside NAME.zip.exr (the same pixels), or NAME.lj2k.exr beside NAME.decoded.zip.exr
(what OpenEXR decodes); with TEXT only files whose path holds it. Lossy channels of LJ2K may also be what the library itself
decodes of the file as it was: builds for other processors give other last bits.
The Python needs OpenEXR 3.5 or later and OpenImageIO 3.2 or later; exrpipe must be built. Prints how many edits of each kind were
tried, and what differs, if anything does.
"""

import collections
import glob
import os
import random
import re
import subprocess
import sys
import tempfile

import numpy
import OpenEXR
import OpenImageIO

CLI = os.path.join(os.path.dirname(__file__), "../../dist/cli/bin/exrpipe.js")
ROUNDS = 5


def by_openexr(path):
    """Bytes of each channel's samples (of the largest level), by name."""
    parts = OpenEXR.File(path, separate_channels=True).parts
    return {
        name: numpy.ascontiguousarray(channel.pixels).tobytes()
        for part in parts
        for name, channel in part.channels.items()
    }


def by_openimageio(path):
    """The same of all levels, by name and level. It reads no sub-sampled channels."""
    file = OpenImageIO.ImageInput.open(path)
    found = {}
    level = 0
    while file.seek_subimage(0, level):
        for i, name in enumerate(file.spec().channelnames):
            pixels = file.read_image(0, level, i, i + 1, file.spec().channelformat(i))
            found[name, level] = pixels.tobytes()
        level += 1
    return found


class Trials:
    def __init__(self, path, twin, folder):
        self.path, self.folder = path, folder
        # The twin comes first.
        self.readings = [twin, path] if path.endswith(".lj2k.exr") else [twin]
        self.samples = [by_openexr(one) for one in self.readings]
        self.channels = sorted(self.samples[0], key=str.encode)
        subsampled = any(c.xSampling > 1 for c in OpenEXR.File(twin, separate_channels=True).parts[0].channels.values())
        self.levels = None if subsampled else [by_openimageio(one) for one in self.readings]
        self.tried = collections.Counter()
        self.wrong = []

    def run(self, *words, out):
        out = os.path.join(self.folder, out)
        subprocess.run(["node", CLI, *words, "--quiet", "-o", out], check=True, capture_output=True, text=True)
        return out

    def check(self, what, path, names):
        """`names`: what the channels are called now, and what in the twin."""
        self.tried[what] += 1
        found = by_openexr(path)
        if set(found) != set(names) or any(
            all(found[new] != samples[old] for samples in self.samples) for new, old in names.items()
        ):
            self.wrong.append(f"{self.path}: {what}: OpenEXR reads other samples")
        if self.levels is None:
            return
        found = by_openimageio(path)
        expected = [
            {(new, level): data for new, old in names.items() for (name, level), data in levels.items() if name == old}
            for levels in self.levels
        ]
        if set(found) != set(expected[0]) or any(all(found[key] != one[key] for one in expected) for key in found):
            self.wrong.append(f"{self.path}: {what}: OpenImageIO reads other samples")

    def attempt(self, what, names, *words):
        try:
            path = self.run(*words, out="out.exr")
        except subprocess.CalledProcessError as error:
            self.wrong.append(f"{self.path}: {what}: {error.stderr.strip()}")
            return
        self.check(what, path, names)

    def all(self):
        every = self.channels
        turned = {name: f"y{len(every) - i:03d}" for i, name in enumerate(every)}
        self.attempt("rename", {new: old for old, new in turned.items()}, "rename", *maps(turned), self.path)
        self.attempt("merge with itself", {f"{stem}.{name}": name for name in every for stem in "ab"}, *self.twice())
        for name in every[:8] if len(every) > 1 else []:
            rest = {other: other for other in every if other != name}
            self.attempt("drop", rest, "drop", "--channel", name, self.path)
            self.attempt("pick", {name: name}, "pick", "--channel", name, self.path)
        self.rounds()

    def twice(self):
        copies = [os.path.join(self.folder, f"{stem}.exr") for stem in "ab"]
        for copy in copies:
            if os.path.lexists(copy):
                os.remove(copy)
            os.symlink(self.path, copy)
        return ["merge", "--name", "{stem}", *copies]

    def rounds(self):
        """Taken apart, put together and renamed, at random, again and again."""
        chance = random.Random(self.path)
        names = {name: name for name in self.channels}
        path = self.path
        for turn in range(ROUNDS):
            some = chance.sample(sorted(names), chance.randint(1, max(1, len(names) - 1)))
            if len(some) < len(names):
                chosen = [word for name in some for word in ("--channel", name)]
                pieces = [self.run(word, *chosen, path, out=f"{word}.exr") for word in ("pick", "drop")]
                chance.shuffle(pieces)
                path = self.run("merge", *pieces, out=f"joined{turn}.exr")
            new = {name: f"{chance.choice('wxyz')}{i:03d}" for i, name in enumerate(chance.sample(sorted(names), len(names)))}
            path = self.run("rename", *maps(new), path, out=f"renamed{turn}.exr")
            names = {new[name]: old for name, old in names.items()}
        self.check(f"{2 * ROUNDS} rounds", path, names)


def maps(names):
    return [word for old, new in names.items() for word in ("--map", f"{old}={new}")]


def main(folder, text=""):
    tried = collections.Counter()
    wrong = []
    for path in sorted(glob.glob(os.path.join(folder, "*j2k*.exr"))):
        twin = re.sub(r"\.htj2k(32|256)\.exr$", ".zip.exr", re.sub(r"\.lj2k\.exr$", ".decoded.zip.exr", path))
        if text not in path or twin == path or not os.path.exists(twin):
            continue
        with tempfile.TemporaryDirectory() as own:
            trials = Trials(os.path.abspath(path), twin, own)
            trials.all()
        tried += trials.tried
        wrong += trials.wrong
    for what, count in sorted(tried.items()):
        print(f"{count:6} {what}")
    print(*wrong, sep="\n")
    return 1 if wrong or not tried else 0


sys.exit(main(*sys.argv[1:]))
