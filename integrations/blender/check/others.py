# SPDX-License-Identifier: GPL-3.0-or-later
"""Other Blenders like the one that runs this: for what happens between processes, and for what ends one. For Linux."""
import glob
import os
import re
import subprocess
import sys
import time

import bpy

# The module bpy has no program of its own.
PROGRAM = bool(bpy.app.binary_path)


def start(script, folder, archive, name, words):
    """Starts one that opens the folder's shot.blend, as the case `child` of a script.

    words: of the program, as `-f 1..5`; where Blender is a module, the case reads them.
    """
    env = {**os.environ, 'BLENDER_USER_RESOURCES': os.path.join(folder, 'user ' + name)}
    case = ['child', folder, archive]
    if PROGRAM:
        shot = os.path.join(folder, 'shot.blend')
        command = [bpy.app.binary_path, '-b', '--factory-startup', shot, '--python', script, *words, '--', *case]
    else:
        command = [sys.executable, script, *case, *words]
    with open(_log(folder, name), 'w') as file:
        return subprocess.Popen(command, env=env, stdout=file, stderr=subprocess.STDOUT, start_new_session=True)


def said_by(folder, name):
    """What its extension has said on the console."""
    with open(_log(folder, name), encoding='utf-8', errors='replace') as file:
        return [line for line in file.read().splitlines() if line.startswith('EXR Names: ')]


def finish(folder, handlers, name, process):
    """Waits for it and for every exrpipe that it has left behind, and takes what its extension has said into this one's log."""
    process.wait(300)
    wait_until(lambda: not _working(folder))
    for line in said_by(folder, name):
        level, text = re.match('EXR Names: (?:(warning|error): )?(.*)', line).groups()
        handlers.log.add(handlers.Result((level or 'INFO').upper(), '', text))


def wait_until(answer, seconds=120):
    """Until the answer is true: what happens in another process tells nobody when it does."""
    end = time.monotonic() + seconds
    while not answer():
        if time.monotonic() > end:
            raise TimeoutError(f'nothing has happened for {seconds} seconds')
        time.sleep(0.02)


def _working(folder):
    """Whether a process has this folder as its own, as exrpipe has that works on a frame in it."""
    own = os.path.realpath(folder)
    for place in glob.glob('/proc/[0-9]*/cwd'):
        try:
            if os.readlink(place) == own:
                return True
        except OSError:
            # It has ended, or is somebody else's.
            continue
    return False


def _log(folder, name):
    return os.path.join(folder, name + '.log')
