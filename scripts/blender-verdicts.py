"""What Blender's own Cryptomatte node makes of every Cryptomatte of some files, one line of JSON for each.

    JUDGE_PYTHON blender-verdicts.py TOOLS BLENDER_PYTHON FILE...

TOOLS is the folder with mattes.py, which asks the node for the matte of every name, and expect.py, which computes it from the
ID channels. JUDGE_PYTHON has OpenEXR and numpy; BLENDER_PYTHON has Blender as a module.
"""
import hashlib
import json
import os
import subprocess
import sys
import tempfile

import numpy as np

tools, blender, files = sys.argv[1], sys.argv[2], sys.argv[3:]
sys.path.insert(0, tools)
from dump import parse  # noqa: E402
from expect import chans, fix, matte, murmur, ranks  # noqa: E402


def planes(path):
    """Channels by name; where a part's channels are bare also with the part's name, which is their layer then."""
    _, found = chans(path)
    headers = parse(path)[1]
    named = {}
    for (_, name), pixels in found.items():
        named.setdefault(name, pixels)
    for (part, name), pixels in found.items():
        label = headers[part].get("name", (None, ""))[1]
        if label and "." not in name:
            named.setdefault(label + "." + name, pixels)
    return named


def ask(paths):
    answer = tempfile.mktemp()
    subprocess.run(
        [blender, os.path.join(tools, "mattes.py"), "--many", "--json", "--out=" + answer, *paths],
        capture_output=True,
        timeout=300 + 20 * len(paths),
    )
    if not os.path.exists(answer):
        return []
    with open(answer) as lines:
        rows = [json.loads(line) for line in lines]
    os.remove(answer)
    return rows


def answers_for(paths):
    """Where Blender itself dies of a file the others are asked again."""
    answers, left = {}, list(paths)
    while left:
        for row in ask(left):
            answers.setdefault(row["path"], []).append(row)
        rest = [path for path in left if path not in answers]
        if len(rest) == len(left):
            answers[rest[0]] = []
            rest = rest[1:]
        left = rest
    return answers


def is_right(row, wanted):
    if wanted is None or "sum" not in row:
        return False
    digest = hashlib.sha1(np.ascontiguousarray(wanted).tobytes()).hexdigest()[:12]
    return row.get("sha") == digest or abs(row["sum"] - float(wanted.sum())) < 1e-3 * max(1, row["sum"])


def named_share(pixels, layer, names):
    pairs = ranks(pixels, layer)
    if not pairs or any(ids.dtype != np.float32 for ids, _ in pairs):
        return 0
    wanted = [np.uint32(fix(murmur(name))) for name in names]
    total = sum(float(c[ids != 0].astype(np.float64).sum()) for ids, c in pairs)
    named = sum(float(c[np.isin(ids.view(np.uint32), wanted)].astype(np.float64).sum()) for ids, c in pairs)
    return named / total if total else 1.0


for start in range(0, len(files), 12):
    batch = [os.path.abspath(path) for path in files[start : start + 12]]
    for path, rows in answers_for(batch).items():
        try:
            pixels, error = planes(path), None
        except Exception as problem:  # The judge's reader refuses what Blender may open.
            pixels, error = {}, repr(problem)[:150]
        if not rows:
            print(json.dumps({"path": path, "died": True}))
        sets = {}
        for row in rows:
            if "layer" not in row:
                print(json.dumps({"path": path, "offered": row.get("offered"), "error": row.get("error")}))
                continue
            own = sets.setdefault(row["layer"], {"offered": row["offered"], "asked": [], "right": 0})
            own["asked"].append(row["name"])
            own["right"] += is_right(row, matte(pixels, row["layer"], row["name"]))
        for layer, own in sets.items():
            print(
                json.dumps(
                    {
                        "path": path,
                        "set": layer,
                        "offered": own["offered"],
                        "asked": len(own["asked"]),
                        "right": own["right"],
                        "share": named_share(pixels, layer, own["asked"]),
                        "error": error,
                    }
                )
            )
        sys.stdout.flush()
