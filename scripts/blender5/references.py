"""What the OpenEXR library reads from frames: references.py FILE... prints a JSON object a line for each file.

Layers of r, g, b, a whose names end in a number are taken for the ranks of a Cryptomatte, over all parts and for each view,
as Blender and Psyop's plug-ins read them; the matte of an ID is the sum of its coverage over the ranks in their order. Names
are left to the caller. A digest of a matte is that of its float32 samples in rows, as ../shared/tools/blender/mattes.py has it.
"""
import hashlib
import json
import re
import sys

import numpy as np
import OpenEXR

COMPONENTS = [tuple('rgba'), tuple('RGBA'), ('red', 'green', 'blue', 'alpha')]


def digest(samples):
    return hashlib.sha1(np.ascontiguousarray(samples).tobytes()).hexdigest()[:12]


def placed(layer, view, views):
    """A layer's name and view; files with `multiView` spell the view before the component, or in front."""
    if view:
        return layer, view
    for own in views:
        if layer.endswith('.' + own):
            return layer[: -len(own) - 1], own
        if layer.startswith(own + '.'):
            return layer[len(own) + 1 :], own
    return layer, ''


def text(value):
    return value.decode('utf-8', 'replace') if isinstance(value, bytes) else str(value)


def ids_of(ranks):
    """The digest and the sum of each ID's matte, and the coverage of all."""
    ids = {int(i) for identifiers, _ in ranks for i in np.unique(identifiers.view(np.uint32))} - {0}
    mattes = {}
    total = 0.0
    for own in sorted(ids):
        matte = None
        for identifiers, coverage in ranks:
            share = np.where(identifiers.view(np.uint32) == np.uint32(own), coverage, np.float32(0))
            matte = share if matte is None else matte + share
        value = float(matte.astype(np.float64).sum())
        # Channels that only look like ranks may hold anything.
        if value > 0 and np.isfinite(value):
            total += value
            mattes['%08x' % own] = [round(value, 4), digest(matte)]
    return mattes, total


def read(path):
    file = OpenEXR.File(path, separate_channels=True)
    headers = [part.header for part in file.parts]
    views = [text(view) for view in headers[0].get('multiView', [])]
    parts, channels, sets, layers = [], [], [], {}
    for index, (part, header) in enumerate(zip(file.parts, headers)):
        view = text(header.get('view', ''))
        codec = str(header['compression']).split('.')[-1].replace('_COMPRESSION', '').lower()
        parts.append({'name': text(header.get('name', '')), 'view': view, 'codec': codec})
        for key, value in header.items():
            found = re.fullmatch(r'cryptomatte/[^/]+/name', key)
            if found:
                sets.append({'name': text(value), 'part': index})
        for name, channel in part.channels.items():
            samples = np.asarray(channel.pixels)
            row = {'part': index, 'name': name, 'type': str(samples.dtype), 'digest': digest(samples)}
            if samples.dtype == np.float32 and len(part.channels) <= 4:
                total = float(np.nan_to_num(samples.astype(np.float64), posinf=0, neginf=0).sum())
                row['sum'] = round(total, 4)
            channels.append(row)
            layer, _, component = name.rpartition('.')
            base, own = placed(layer, view, views)
            numbered = re.fullmatch(r'(.*?)(\d+)', base, re.S)
            if numbered:
                group = layers.setdefault((own, numbered[1]), {})
                group.setdefault((int(numbered[2]), layer), {})[component] = (samples, index, name)
    groups = []
    for (view, base), ranks in layers.items():
        planes, names, whole = [], [], True
        for key in sorted(ranks):
            found = next((c for c in COMPONENTS if set(c) <= set(ranks[key])), None)
            if found is None:
                continue
            r, g, b, a = [ranks[key][c] for c in found]
            whole = whole and all(plane[0].dtype == np.float32 for plane in (r, g, b, a))
            planes += [(r[0], g[0]), (b[0], a[0])]
            names += [[plane[1], plane[2]] for plane in (r, g, b, a)]
        if not planes:
            continue
        group = {'name': base, 'view': view, 'channels': names, 'float': whole}
        if whole:
            planes = [(np.ascontiguousarray(i), np.ascontiguousarray(c)) for i, c in planes]
            group['ids'], group['total'] = ids_of(planes)
        groups.append(group)
    return {'parts': parts, 'channels': channels, 'sets': sets, 'groups': groups}


def main():
    for path in sys.argv[1:]:
        try:
            row = read(path)
        except Exception as error:  # a file that the library refuses is an answer, too
            row = {'error': repr(error)[:200]}
        print(json.dumps({'parts': [], 'channels': [], 'sets': [], 'groups': [], **row, 'path': path}), flush=True)


main()
