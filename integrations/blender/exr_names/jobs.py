# SPDX-License-Identifier: GPL-3.0-or-later
"""A queue that does one job at a time on a thread of its own. Plain Python: nothing of Blender is needed."""
import collections
import threading
import time

INFO, WARNING, ERROR = 'INFO', 'WARNING', 'ERROR'

Result = collections.namedtuple('Result', 'level file text')


class Log:
    """The last results, newest at the end, and how many there have been."""

    def __init__(self, most=200, echo=None):
        self._results = collections.deque(maxlen=most)
        self._echo = echo
        self._lock = threading.Lock()
        self.count = 0

    def add(self, result):
        with self._lock:
            self._results.append(result)
            self.count += 1
        if self._echo:
            self._echo(result)

    def last(self, number=None):
        with self._lock:
            found = list(self._results)
        return found if number is None else found[-number:]

    def clear(self):
        with self._lock:
            self._results.clear()
            self.count += 1


class Queue:
    """Jobs by file: a later job of a file takes the place of one that still waits, whose content is no longer there.

    work(job) gives the results of a job. It must not touch Blender's data: it runs on the queue's thread.
    """

    def __init__(self, work, log, idle=2.0):
        self._work, self._log, self._idle = work, log, idle
        self._jobs = collections.OrderedDict()
        self._changed = threading.Condition()
        self._thread = None
        self._busy = None

    def put(self, file, job):
        with self._changed:
            self._jobs.pop(file, None)
            self._jobs[file] = job
            if self._thread is None:
                # Blender may end while it works: exrpipe replaces files whole or not at all.
                self._thread = threading.Thread(target=self._run, name='exr_names', daemon=True)
                self._thread.start()
            self._changed.notify_all()

    @property
    def busy(self):
        """The file that is being worked on."""
        return self._busy

    def __len__(self):
        with self._changed:
            return len(self._jobs) + (self._busy is not None)

    def drop(self):
        """Forgets what has not begun, and tells how much that was."""
        with self._changed:
            dropped = len(self._jobs)
            self._jobs.clear()
            self._changed.notify_all()
        return dropped

    def wait(self, seconds=None):
        """Until all is done; False where that takes longer than so many seconds."""
        end = None if seconds is None else time.monotonic() + seconds
        with self._changed:
            while self._jobs or self._busy is not None:
                left = None if end is None else end - time.monotonic()
                if left is not None and left <= 0:
                    return False
                # Woken now and then, so that signals are seen.
                self._changed.wait(0.5 if left is None else min(0.5, left))
        return True

    def _next(self):
        with self._changed:
            self._busy = None
            self._changed.notify_all()
            if not self._jobs:
                self._changed.wait_for(lambda: self._jobs, self._idle)
            if not self._jobs:
                # Under the lock: whoever puts the next job starts another thread.
                self._thread = None
                return None
            self._busy, job = self._jobs.popitem(last=False)
            return self._busy, job

    def _run(self):
        while True:
            found = self._next()
            if found is None:
                return
            file, job = found
            try:
                results = self._work(job)
            except Exception as error:                      # A job that fails must not stop those behind it.
                results = [Result(ERROR, file, f'left as it is: {error!r}')]
            for result in results:
                self._log.add(result)
