"""An outline of exrpipe beside what OpenCue's own pyoutline makes of the same layers: opencue.py OUTLINE.xml FRAMES…

Prints what differs and exits with 1 if anything does. Commands are not compared: pyoutline joins their words with blanks and forgets
the quotes, and the tests of exrpipe have a shell take ours apart. FRAMES are the numbers that the first layer is to have.
"""

import sys
import xml.etree.ElementTree as ElementTree

import FileSequence
import outline
import outline.modules.shell
from outline.backend import cue
from outline.cuerun import OutlineLauncher

path, *frames = sys.argv[1:]
ours = ElementTree.parse(path).getroot()
text = ours.findtext
job = ours.find("job")

made = outline.Outline(job.get("name"), shot=text("shot"), show=text("show"), user=text("user"))
layers = {}
for layer in job.iter("layer"):
    own = outline.modules.shell.Shell(
        layer.get("name"),
        command=["exrpipe"],
        range=layer.findtext("range"),
        chunk=int(layer.findtext("chunk")),
        threads=float(layer.findtext("cores")),
        memory=layer.findtext("memory"),
        timeout=int(layer.findtext("timeout")),
    )
    layers[layer.get("name")] = own
for depend in ours.iter("depend"):
    layers[depend.findtext("deplayer")].depend_all(layers[depend.findtext("onlayer")])
for own in layers.values():
    made.add_layer(own)
theirs = ElementTree.fromstring(cue.serialize_simple(OutlineLauncher(made)))


def facts(root):
    """Every element with its place, attributes and text, but for commands and what names the machine's user."""
    found = []

    def walk(element, place):
        place = f"{place}/{element.tag}"
        value = "" if element.tag in ("cmd", "email", "uid") else (element.text or "").strip()
        found.append((place, sorted(element.attrib.items()), value))
        for child in element:
            walk(child, place)

    walk(root, "")
    return found


problems = [f"{mine} is {reference} in pyoutline" for mine, reference in zip(facts(ours), facts(theirs)) if mine != reference]
if len(facts(ours)) != len(facts(theirs)):
    problems.append(f"{len(facts(ours))} elements instead of {len(facts(theirs))}")
read = list(FileSequence.FrameSet(next(job.iter("range")).text).getAll())
if read != [int(frame) for frame in frames]:
    problems.append(f"OpenCue reads the frames {read}")
print("\n".join(problems))
sys.exit(1 if problems else 0)
