"""What other readers see of EXR files: PYTHON readers.py < PATHS, a path a line. Prints a line of JSON for each reader and file:
{"reader", "file", "state": "ok" | "refused", "mean": [R, G, B] or [Y] of what is finite, "shown": the same cut off at 0 and 1, where they tell}.
Readers that are not installed are left out. Each file is opened in a process of its own, since some readers crash."""
import json
import os
import subprocess
import sys

os.environ["OPENCV_IO_ENABLE_OPENEXR"] = "1"


def summary(planes):
    import numpy

    finite = [plane[numpy.isfinite(plane)].astype("float64") for plane in planes]
    return {
        "state": "ok",
        "mean": [float(plane.mean()) if plane.size else 0.0 for plane in finite],
        "shown": [float(numpy.nan_to_num(plane, nan=0).clip(0, 1).astype("float64").mean()) for plane in planes],
    }


def opencv(path):
    import cv2

    image = cv2.imread(path, cv2.IMREAD_UNCHANGED)
    if image is None:
        return {"state": "refused"}
    planes = [image] if image.ndim == 2 else [image[:, :, at] for at in ([0] if image.shape[2] < 3 else [2, 1, 0])]
    return summary(planes)


def openexr(path):
    import OpenEXR

    with OpenEXR.File(path, separate_channels=True) as file:
        channels = file.parts[0].channels
        names = [name for name in ("R", "G", "B") if name in channels] or [name for name in ("Y",) if name in channels]
        if not names:
            return {"state": "refused"}
        return summary([channels[name].pixels for name in names])


def ffmpeg(path):
    import imageio_ffmpeg

    words = [imageio_ffmpeg.get_ffmpeg_exe(), "-v", "error", "-i", path, "-f", "rawvideo", "-pix_fmt", "gbrpf32le", "-"]
    done = subprocess.run(words, capture_output=True, timeout=120, check=False)
    # Its means differ from all other readers' on the way to this format, so that only opening is told.
    return {"state": "ok" if done.returncode == 0 and done.stdout else "refused"}


READERS = {
    "OpenCV": (opencv, ["cv2", "numpy"]),
    "OpenEXR 3.5 (Python)": (openexr, ["OpenEXR", "numpy"]),
    "ffmpeg": (ffmpeg, ["imageio_ffmpeg"]),
}


def one(reader, path):
    try:
        return READERS[reader][0](path)
    except Exception as error:  # noqa: BLE001: whatever a reader throws is its refusal
        return {"state": "refused", "why": str(error)[:120]}


def installed(modules):
    from importlib.util import find_spec

    return all(find_spec(name) for name in modules)


def main():
    if len(sys.argv) == 2:
        # The readers of a process share its crash: one process for each.
        for path in sys.stdin.read().split("\n"):
            if path:
                print(json.dumps({"reader": sys.argv[1], "file": path, **one(sys.argv[1], path)}), flush=True)
        return
    paths = [path for path in sys.stdin.read().split("\n") if path]
    for reader, (_, modules) in READERS.items():
        if not installed(modules):
            continue
        left = paths
        while left:
            done = subprocess.run(
                [sys.executable, __file__, reader], input="\n".join(left), capture_output=True, text=True, check=False
            )
            lines = [line for line in done.stdout.split("\n") if line.startswith("{")]
            sys.stdout.write("".join(line + "\n" for line in lines))
            if len(lines) < len(left):
                print(json.dumps({"reader": reader, "file": left[len(lines)], "state": "refused", "why": "it crashed"}))
            left = left[len(lines) + 1 :]


main()
