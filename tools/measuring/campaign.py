"""Measuring a list of shapes, each once, with progress, a journal, and a record of the device's state."""

from __future__ import annotations

import dataclasses
import gc
import sys
import time

from . import journal, operators, timing
from .problems import MeasuringError

# Assumed for estimates of the duration only: multiply-accumulates a second, and seconds for a call.
ASSUMED_RATE = {"cuda": 5e12, "cpu": 2e10}
ASSUMED_CALL = 20e-6


@dataclasses.dataclass(frozen=True)
class Job:
    shape: object
    linear: bool

    def __str__(self):
        return f"{self.shape}{' (linear)' if self.linear else ''}"

    def estimate_s(self, options):
        """A rough guess, for progress and dry runs."""
        execution = ASSUMED_CALL + self.shape.macs / ASSUMED_RATE[options.device.partition(":")[0]]
        repeated = max(options.warm_up_s, 3 * execution) + options.repetitions * execution
        return repeated + options.energy_s


class Progress:
    """A line on standard error after each shape: how many, how fast, how much longer."""

    def __init__(self, jobs, options, stream=None, now=time.monotonic):
        self.total = len(jobs)
        self.left_s = sum(job.estimate_s(options) for job in jobs)
        self.options = options
        self.stream = stream
        self.now = now
        self.begin = now()
        self.done, self.done_s = 0, 0.0

    def step(self, job, result):
        estimate = job.estimate_s(self.options)
        self.done += 1
        self.done_s += estimate
        self.left_s -= estimate
        if self.stream is None:
            return
        elapsed = max(self.now() - self.begin, 1e-9)
        left = elapsed / self.done_s * max(self.left_s, 0)
        text = result if isinstance(result, str) else f"{result.p50 / 1000:.3f} us, p99 {result.p99 / 1000:.3f} us"
        rate = f"{self.done / elapsed:.2f} shapes/s, {duration(left)} left"
        print(f"[{self.done}/{self.total}] {job}: {text} ({rate})", file=self.stream, flush=True)


def duration(seconds):
    seconds = round(seconds)
    if seconds < 120:
        return f"{seconds} s"
    return f"{seconds // 60} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"


def run(device, jobs, log, state, quiet=False):
    """Measures what the journal `log` lacks. Results by job are in `log` afterwards."""
    pending = [job for job in jobs if journal.key(job.shape, job.linear) not in log.results]
    progress = Progress(pending, device.options, None if quiet else sys.stderr)
    for job in pending:
        result = _measure(device, job, state)
        log.add(job.shape, job.linear, result)
        progress.step(job, result)


def _measure(device, job, state):
    """Figures of a shape, or why the device cannot run it."""
    options = device.options
    try:
        execute = device.operators.build(job.shape, job.linear)
        operators.check_output(job.shape, execute())
        device.clock.finish()
    except operators.Unsupported as reason:
        return f"not supported: {reason}"
    except (RuntimeError, MemoryError) as error:
        device.release()
        return _refusal(error, job, options)
    limits = timing.WarmUp(options.warm_up_s, options.warm_up_limit_s)
    gc.collect()
    gc.disable()  # a collection would count as a slow execution
    try:
        execute = device.prepared(execute)
        figures = timing.measure(device.clock, execute, options.repetitions, limits)
        state.note()
        if options.energy_s and device.energy_meter[0]:
            meter = device.energy_meter[0]
            figures.energy = timing.energy_nj(device.clock, execute, meter, options.energy_s, figures.p50)
    except RuntimeError as error:
        raise MeasuringError(f"{job}: {error}") from error
    finally:
        gc.enable()
    return figures


def _refusal(error, job, options):
    """Why a first execution failed. In fp32 every operator exists, so that a failure there is no answer but a fault."""
    text = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
    if isinstance(error, MemoryError) or "out of memory" in text.lower() or "allocate memory" in text.lower():
        return f"does not fit in memory: {text}"
    if "CUDA error" in text or options.dtype in ("fp32", "tf32"):
        raise MeasuringError(f"{job}: {text}") from error
    return f"not supported: {text}"
