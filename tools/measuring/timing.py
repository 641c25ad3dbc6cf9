"""From an operator to its figures: warm-up until times settle, repetitions, percentiles, energy."""

from __future__ import annotations

import dataclasses
import math
import time

SETTLED_WITHIN = 0.05  # largest relative difference of the last windows' medians
WINDOWS = 3
WINDOW_SECONDS = 0.01


@dataclasses.dataclass(frozen=True)
class WarmUp:
    least_s: float
    most_s: float


@dataclasses.dataclass
class Figures:
    """Times of one execution in nanoseconds; energy in nanojoules, None when it was not measured."""

    p50: int
    p95: int
    p99: int
    energy: float | None = None
    settled: bool = True  # whether times had settled when the warm-up ended
    exposed: int = 0  # executions whose time may hold waiting for the host


def percentile(ordered, percent):
    """Nearest rank: the smallest value that at least that share of the sample does not exceed."""
    return ordered[max(0, math.ceil(percent * len(ordered) / 100) - 1)]


def warm_up(clock, run, limits, now=time.monotonic):
    """Executes `run` until the medians of the last windows agree; whether they did within the limit."""
    begin = now()
    clock.sample(run, 1)
    first = max(clock.sample(run, 1)[0], 1)
    executions = max(1, min(50, int(WINDOW_SECONDS * 1e9 / first)))
    medians = []
    while True:
        medians.append(percentile(sorted(clock.sample(run, executions)), 50))
        last = medians[-WINDOWS:]
        settled = len(last) == WINDOWS and max(last) <= (1 + SETTLED_WITHIN) * min(last)
        elapsed = now() - begin
        if elapsed >= limits.most_s or (settled and elapsed >= limits.least_s):
            return settled


def measure(clock, run, repetitions, limits):
    settled = warm_up(clock, run, limits)
    exposed = clock.exposed
    times = sorted(clock.sample(run, repetitions))
    p50, p95, p99 = (percentile(times, percent) for percent in (50, 95, 99))
    return Figures(p50, p95, p99, settled=settled, exposed=clock.exposed - exposed)


def energy_nj(clock, run, meter, seconds, execution_ns, now=time.monotonic):
    """Mean energy of an execution in a loop of at least that length; None when the meter stands still.

    The meter counts in steps, so the loop is cut at steps: it starts to count executions at the first one it sees and
    ends at the first one after `seconds`.
    """
    chunk = max(1, int(WINDOW_SECONDS * 1e9 / max(execution_ns, 1)))
    begin_value, begin_time, executions = None, None, 0
    last, started = meter(), now()
    while True:
        for _ in range(chunk):
            run()
        clock.finish()
        executions += chunk
        value, at = meter(), now()
        if value == last:
            if at - started > 3 * seconds + 5:
                return None
            continue
        last = value
        if begin_value is None:
            begin_value, begin_time, executions = value, at, 0
        elif at - begin_time >= seconds:
            return (value - begin_value) / executions
