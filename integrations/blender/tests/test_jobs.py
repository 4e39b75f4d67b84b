# SPDX-License-Identifier: GPL-3.0-or-later
import threading
import unittest

import fakes  # noqa: F401 (the path of the package)
from exr_names.jobs import INFO, Log, Queue, Result


class Worker:
    """Work that waits until it is let go, and remembers what it did."""

    def __init__(self):
        self.done, self.started, self.go = [], threading.Event(), threading.Event()

    def __call__(self, job):
        self.started.set()
        if not self.go.wait(30):
            raise TimeoutError('nobody let the job go')
        if job == 'bad':
            raise ValueError('no such thing')
        self.done.append(job)
        return [Result(INFO, job, 'done')]


class Jobs(unittest.TestCase):
    def setUp(self):
        self.work, self.log = Worker(), Log()
        self.queue = Queue(self.work, self.log, idle=0.01)

    def finish(self):
        self.work.go.set()
        self.assertTrue(self.queue.wait(30))

    def begin(self, file='first', job='1'):
        self.queue.put(file, job)
        self.assertTrue(self.work.started.wait(30))

    def test_in_order_and_one_at_a_time(self):
        self.begin()
        for number in range(2, 6):
            self.queue.put(f'file {number}', str(number))
        self.assertEqual(self.queue.busy, 'first')
        self.assertEqual(len(self.queue), 5)
        self.finish()
        self.assertEqual(self.work.done, ['1', '2', '3', '4', '5'])
        self.assertEqual(len(self.queue), 0)

    def test_a_later_job_of_a_file_takes_the_place_of_one_that_waits(self):
        self.begin()
        self.queue.put('a', 'old')
        self.queue.put('b', '2')
        self.queue.put('a', 'new')
        self.finish()
        self.assertEqual(self.work.done, ['1', '2', 'new'])

    def test_a_job_under_way_is_not_replaced_but_followed(self):
        self.begin('a', 'old')
        self.queue.put('a', 'new')
        self.finish()
        self.assertEqual(self.work.done, ['old', 'new'])

    def test_a_job_that_fails_is_told_and_stops_nobody(self):
        self.begin('a', 'bad')
        self.queue.put('b', 'good')
        self.finish()
        self.assertEqual(self.work.done, ['good'])
        self.assertEqual([(one.level, one.file) for one in self.log.last()], [('ERROR', 'a'), ('INFO', 'good')])
        self.assertIn('no such thing', self.log.last()[0].text)

    def test_the_thread_ends_and_another_one_starts(self):
        self.work.go.set()
        for number in range(50):
            self.queue.put('file', number)
            self.assertTrue(self.queue.wait(30))
        self.assertEqual(self.work.done, list(range(50)))

    def test_dropping_and_waiting_no_longer_than_asked(self):
        self.begin()
        self.queue.put('b', '2')
        self.assertFalse(self.queue.wait(0.01))
        self.assertEqual(self.queue.drop(), 1)
        self.finish()
        self.assertEqual(self.work.done, ['1'])

    def test_many_threads_put(self):
        self.work.go.set()

        def put(own):
            for number in range(100):
                self.queue.put(f'{own} {number}', (own, number))
        threads = [threading.Thread(target=put, args=(own,)) for own in range(4)]
        for one in threads:
            one.start()
        for one in threads:
            one.join()
        self.assertTrue(self.queue.wait(30))
        self.assertEqual(sorted(self.work.done), sorted((own, number) for own in range(4) for number in range(100)))

    def test_the_log_holds_the_last(self):
        heard = []
        log = Log(most=3, echo=heard.append)
        for number in range(5):
            log.add(Result(INFO, '', number))
        self.assertEqual([one.text for one in log.last()], [2, 3, 4])
        self.assertEqual([one.text for one in log.last(2)], [3, 4])
        self.assertEqual((len(heard), log.count), (5, 5))
        log.clear()
        self.assertEqual((log.last(), log.count), ([], 6), 'a change that is seen')


if __name__ == '__main__':
    unittest.main()
