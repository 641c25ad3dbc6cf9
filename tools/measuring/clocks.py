"""Executing a function many times, each execution with its own time in nanoseconds.

A clock has `sample(run, count)`, which returns that many times, `finish()`, after which all work is done, and
`exposed`: how many of the times returned so far may hold waiting for the host besides the GPU's work.
"""

from __future__ import annotations

import time


class CpuClock:
    """Wall-clock time of each call. `flush` runs before every call, outside its time."""

    exposed = 0

    def __init__(self, flush=None):
        self.flush = flush

    def finish(self):
        pass

    def sample(self, run, count):
        times = []
        for _ in range(count):
            if self.flush:
                self.flush()
            begin = time.perf_counter_ns()
            run()
            times.append(time.perf_counter_ns() - begin)
        return times


class CudaHostClock:
    """Wall-clock time from the call until the GPU has finished: launching and waiting count."""

    exposed = 0  # waiting is what it measures

    def __init__(self, torch, flush=None):
        self.torch = torch
        self.flush = flush

    def finish(self):
        self.torch.cuda.synchronize()

    def sample(self, run, count):
        times = []
        for _ in range(count):
            if self.flush:
                self.flush()
            self.finish()
            begin = time.perf_counter_ns()
            run()
            self.finish()
            times.append(time.perf_counter_ns() - begin)
        return times


class CudaKernelClock:
    """Time on the GPU between two events around each execution.

    An event pair also spans the gap when the GPU waits for the host to launch. So a delay on the GPU goes first, and a
    chunk of executions is queued behind it. If the first event has not passed when all is queued, the GPU never waited;
    otherwise the chunk is measured again behind a longer delay.
    """

    CHUNK = 16  # executions; with events and flushes far below the launch queue's 1024 entries
    RETRIES = 4  # a call; an operator that itself waits for the GPU can never be queued
    FASTEST_HZ = 3e9  # above any GPU's clock, so that the delay is not shorter than meant
    MARGIN = 2  # delay over the time that queueing took
    DELAYS = (1 << 18, 1 << 29)  # cycles, least and most

    def __init__(self, torch, flush=None):
        self.torch = torch
        self.flush = flush
        self.delay = self.DELAYS[0]
        self.exposed = 0

    def finish(self):
        self.torch.cuda.synchronize()

    def sample(self, run, count):
        times, retries = [], self.RETRIES
        while len(times) < count:
            pairs, hidden = self._queue(run, min(self.CHUNK, count - len(times)))
            self.finish()
            if not hidden and retries > 0:
                retries -= 1
                continue
            self.exposed += 0 if hidden else len(pairs)
            times += [round(begin.elapsed_time(end) * 1e6) for begin, end in pairs]
        return times

    def _queue(self, run, count):
        """Event pairs around executions, and whether all of it was queued before the first began."""
        event = self.torch.cuda.Event
        pairs = [(event(enable_timing=True), event(enable_timing=True)) for _ in range(count)]
        started = time.perf_counter_ns()
        self.torch.cuda._sleep(self.delay)  # busy-waits on the GPU; private, but what PyTorch's own tests use
        for begin, end in pairs:
            if self.flush:
                self.flush()
            begin.record()
            run()
            end.record()
        hidden = not pairs[0][0].query()
        seconds = (time.perf_counter_ns() - started) * 1e-9
        least, most = self.DELAYS
        self.delay = min(max(int(self.MARGIN * seconds * self.FASTEST_HZ), least), most)
        return pairs, hidden


def flusher(torch, device, cache_bytes):
    """A function that overwrites a buffer of twice the last-level cache, so that nothing of a layer stays in it."""
    buffer = torch.empty(2 * cache_bytes, dtype=torch.int8, device=device)
    return buffer.zero_


def captured(torch, run):
    """A function that replays `run` as a CUDA graph: one launch whatever the number of kernels."""
    stream = torch.cuda.Stream()
    stream.wait_stream(torch.cuda.current_stream())
    with torch.cuda.stream(stream):  # libraries set themselves up outside of the capture
        for _ in range(3):
            run()
    torch.cuda.current_stream().wait_stream(stream)
    graph = torch.cuda.CUDAGraph()
    with torch.cuda.graph(graph):
        run()
    return graph.replay
