"""Errors in what the user gave: all of them are collected, then reported at once."""

from __future__ import annotations

import difflib


class InputError(Exception):
    """Everything that is wrong with the input, one `file:line:column: error: message` a line."""


class MeasuringError(Exception):
    """The measurement itself cannot go on."""


class Problems:
    """Collects errors with their places; a place is (file, line, column), counted from 1."""

    def __init__(self):
        self.lines: list[str] = []

    def add(self, place, message):
        path, line, column = place
        self.lines.append(f"{path}:{line}:{column}: error: {message}")

    def raise_if_any(self):
        if self.lines:
            raise InputError("\n".join(self.lines))


def did_you_mean(name, candidates):
    close = difflib.get_close_matches(name, candidates, n=1)
    return f" (did you mean '{close[0]}'?)" if close else ""
