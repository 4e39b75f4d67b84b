# SPDX-License-Identifier: GPL-3.0-or-later
"""What is done with a frame on disk. Plain Python: nothing of Blender is needed."""
import json
import os
import re
import tempfile

from . import exrpipe, paths
from .jobs import ERROR, INFO, WARNING, Result

# exrpipe's exit code where a file was replaced while its new content was being made.
CHANGED = 4

REPLACED = 'rendered again meanwhile, and left to its next turn'


class Frame:
    """A file, and all that is known of it.

    view_layers: names by kind, by (scene, view layer); sets: (kind, view layers) by name; attributes: texts by name
    preset, target: of exrpipe, '' for none; split: a file of each view layer beside it
    verify: whether the pixels are looked at
    replace: a job of the same file is under way, and may give it the names of the render before; these replace them

    It stands for the file that is there now: a later render of it has names and a job of its own.
    """

    def __init__(self, command, path, view_layers, sets, attributes, verify, split=False, preset='', target='', replace=False):
        self.command, self.path = command, path
        self.view_layers, self.sets, self.attributes = view_layers, sets, attributes
        self.verify, self.split, self.preset, self.target = verify, split, preset, target
        self.replace = replace
        self.stamp = paths.stamp(path)

    def scene_file(self):
        """The content of exrpipe's scene file (docs/scene.md of exrpipe)."""
        sets = {name: (kind, [one for one in layers if one in self.view_layers]) for name, (kind, layers) in self.sets.items()}
        return {
            'version': 1,
            'viewLayers': [
                {'scene': scene, 'name': name, 'objects': names['object'], 'materials': names['material'],
                 'assets': names['asset']} for (scene, name), names in self.view_layers.items()],
            'sets': [{'name': name, 'kind': kind, 'viewLayers': [{'scene': scene, 'name': layer} for scene, layer in layers]}
                     for name, (kind, layers) in sets.items() if layers],
            'attributes': self.attributes,
        }


def complete(frame):
    """Gives a file its names and metadata, and does with it what is wanted besides. The results are for people."""
    folder, name = os.path.split(frame.path)
    if frame.command is None:
        return [Result(ERROR, frame.path, exrpipe.MISSING)]
    # exrpipe itself notices what changes from its start on. What the job before has changed is the same frame still.
    if not frame.replace and paths.stamp(frame.path) != frame.stamp:
        return [Result(INFO, frame.path, REPLACED)]
    with tempfile.TemporaryDirectory(prefix='exr_names_') as own:
        scene = os.path.join(own, 'scene.json')
        with open(scene, 'w', encoding='ascii') as file:
            json.dump(frame.scene_file(), file)
        preset = ['then', 'rename', '--preset', frame.preset] if frame.preset else []
        how = ([] if frame.verify else ['--no-verify']) + (['--replace'] if frame.replace else [])
        file = os.path.join('.', name)
        ended = exrpipe.run(frame.command, ['inject-manifest', '--scene', scene, *how, *preset, '-o', file, '--', file], folder)
    if ended.code == CHANGED:
        return [Result(INFO, frame.path, REPLACED)]
    if ended.code != 0:
        return [Result(ERROR, frame.path, f'left as it is: {said(ended.err)}')]
    results = [Result(INFO, frame.path, summary(frame, ended)), *warnings(frame.path, ended.err)]
    if frame.split:
        results += split(frame, folder, name)
    if frame.target:
        results += validate(frame, folder, file)
    return results


def split(frame, folder, name):
    pattern = split_pattern(name)
    if pattern is None:
        return [Result(ERROR, frame.path, 'no file for each view layer: the name of this one looks like a pattern')]
    ended = exrpipe.run(frame.command, ['split', '--by', 'view-layer', '-o', pattern, '--', os.path.join('.', name)], folder)
    if ended.code != 0:
        return [Result(ERROR, frame.path, f'no file for each view layer: {said(ended.err)}')]
    return warnings(frame.path, ended.err)


def split_pattern(name):
    """`beauty0007.exr` becomes `beauty.{layer}.0007.exr`; None where the name itself would be taken for a pattern."""
    if re.search('[#{}]', name):
        return None
    stem, mark, digits = re.fullmatch(r'(.*?)([._-]?)(-?\d+)?(?:\.exr)?', name, re.IGNORECASE | re.DOTALL).groups()
    return os.path.join('.', f'{stem}.{{layer}}{mark or "."}{digits}.exr' if digits else f'{stem}{mark}.{{layer}}.exr')


def validate(frame, folder, file):
    ended = exrpipe.run(frame.command, ['validate', '--json', '--target', frame.target, '--', file], folder)
    if not ended.out:
        return [Result(ERROR, frame.path, f'not validated: {said(ended.err)}')]
    findings = [one for line in ended.out.splitlines() for one in json.loads(line).get('findings', [])]
    return [Result(ERROR if one['severity'] == 'error' else WARNING, frame.path, f"{one['rule']}: {one['message']}")
            for one in findings if one['severity'] != 'info']


def summary(frame, ended):
    given = len(re.findall(r'^(?:note|warning): ".*" got |^warning: ".*% of the coverage is named', ended.err, re.MULTILINE))
    names = f'names for {given} Cryptomattes' if given else 'no Cryptomatte needed names'
    checked = ', checked against the pixels' if given and frame.verify else ''
    return f'{names}{checked} ({ended.seconds:.2f} s)'


def warnings(file, text):
    return [Result(WARNING, file, line[len('warning: '):]) for line in text.splitlines() if line.startswith('warning: ')]


def said(text):
    """What exrpipe gave as the reason, on one line."""
    lines = [line for line in text.splitlines() if line.startswith('exrpipe: ')]
    return (lines[-1][len('exrpipe: '):] if lines else text.strip().replace('\n', ' ')) or 'exrpipe gave no reason'
