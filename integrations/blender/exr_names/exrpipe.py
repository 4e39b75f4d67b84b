# SPDX-License-Identifier: GPL-3.0-or-later
"""Finds exrpipe and runs it. Plain Python: nothing of Blender is needed."""
import collections
import os
import shutil
import signal
import subprocess
import time

MISSING = ('exrpipe was not found: frames stay as they are. Install it, or set its place in the preferences of this add-on.')

# A frame of 8K takes a minute. What takes this long hangs, and would keep Blender from ending.
LONGEST = 1800

Ended = collections.namedtuple('Ended', 'code out err seconds')


def find(given='', environ=os.environ, which=shutil.which):
    """The command of exrpipe as a list: the given path, or $EXRPIPE, or what the PATH has. None where there is none."""
    named = given or environ.get('EXRPIPE', '')
    found = named if named else which('exrpipe')
    if not found or not os.path.isfile(found):
        return None
    if found.lower().endswith('.cmd'):
        # npm's script for Windows hands its arguments to a shell, which would take a % in a path for a variable.
        script = os.path.join(os.path.dirname(found), 'node_modules', 'exrpipe', 'dist', 'cli', 'bin', 'exrpipe.js')
        found = script if os.path.isfile(script) else found
    if found.endswith('.js'):
        node = which('node')
        return [node, found] if node else None
    return [found]


def run(command, arguments, folder=None, seconds=LONGEST):
    """Runs exrpipe to its end. Raises OSError where it cannot be started, TimeoutError where it does not end."""
    ended = _once(command, arguments, folder, seconds)
    # An interruption of Blender can reach it before it has a session of its own.
    return _once(command, arguments, folder, seconds) if ended.code == -signal.SIGINT else ended


def _once(command, arguments, folder, seconds):
    start = time.monotonic()
    # A session of its own: an interruption of Blender in a terminal must not reach it in the middle of a frame.
    apart = {'creationflags': 0x08000200} if os.name == 'nt' else {'start_new_session': True}
    try:
        done = subprocess.run([*command, *arguments], cwd=folder, stdin=subprocess.DEVNULL, capture_output=True,
                              env={**os.environ, 'NO_COLOR': '1'}, timeout=seconds, **apart)
    except subprocess.TimeoutExpired:
        raise TimeoutError(f'exrpipe was stopped: it did not end in {seconds} seconds') from None
    out, err = (data.decode('utf-8', 'replace') for data in (done.stdout, done.stderr))
    return Ended(done.returncode, out, err, time.monotonic() - start)
