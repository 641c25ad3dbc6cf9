"""What has been measured so far, one line a shape, so that an interrupted run can go on."""

from __future__ import annotations

import dataclasses
import json
import os

from .problems import InputError
from .timing import Figures


def key(shape, linear):
    return json.dumps([dataclasses.astuple(shape), linear])


class Journal:
    """Results by key: `Figures`, or a text that says why there are none.

    The first line holds the conditions; results of other conditions are refused.
    """

    def __init__(self, path, conditions, resume):
        self.path = path
        self.results: dict[str, Figures | str] = {}
        if resume and path.exists():
            end = self._load(conditions)
            self.stream = open(path, "r+", encoding="utf-8")  # stays open while measuring
            self.stream.truncate(end)  # a line cut short by the interruption
            self.stream.seek(end)
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            self.stream = open(path, "w", encoding="utf-8")
            self._append(conditions)

    def add(self, shape, linear, result):
        self.results[key(shape, linear)] = result
        value = result if isinstance(result, str) else dataclasses.asdict(result)
        self._append([key(shape, linear), value])

    def close(self, keep):
        """Ends the journal; one without results is never kept."""
        self.stream.close()
        if not (keep and self.results):
            self.path.unlink()

    def _append(self, value):
        self.stream.write(json.dumps(value) + "\n")
        self.stream.flush()
        os.fsync(self.stream.fileno())

    def _load(self, conditions):
        """Reads whole lines; where they end."""
        end = 0
        with open(self.path, "rb") as stream:
            for number, line in enumerate(stream, start=1):
                if not line.endswith(b"\n"):
                    break
                self._take(number, line, conditions)
                end += len(line)
        if end == 0:
            raise InputError(f"{self.path}:1:1: error: the journal is empty; run without --resume")
        return end

    def _take(self, number, line, conditions):
        try:
            value = json.loads(line)
            if number == 1:
                self._compare(value, conditions)
                return
            name, result = value
            self.results[name] = result if isinstance(result, str) else Figures(**result)
        except (ValueError, TypeError) as error:
            raise InputError(f"{self.path}:{number}:1: error: not a line of a journal: {error}") from error

    def _compare(self, before, now):
        names = [name for name in {**before, **now} if before.get(name) != now.get(name)]
        if names:
            changes = ", ".join(f"{name} was {before.get(name)!r} and is {now.get(name)!r}" for name in names)
            reason = f"measured under other conditions: {changes}; run without --resume"
            raise InputError(f"{self.path}:1:1: error: {reason}")
