"""CSV tables with the place of every cell, under the rules of docs/file_formats.md."""

from __future__ import annotations

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Cell:
    text: str
    line: int
    column: int


class Table:
    """A header and rows of as many cells. `comments` are the lines that start with `#`, as they stand."""

    def __init__(self, path, comments, header, rows):
        self.path = path
        self.comments = comments
        self.header = header
        self.rows = rows
        self._columns = {cell.text: i for i, cell in enumerate(header)}

    def has(self, column):
        return column in self._columns

    def cell(self, row, column):
        """The cell of a row, None when the table lacks the column."""
        return row[self._columns[column]] if column in self._columns else None

    def text(self, row, column):
        cell = self.cell(row, column)
        return cell.text if cell else ""

    def place(self, cell):
        return (self.path, cell.line, cell.column)


def read(path, problems):
    """The table in a file; None when it has no header."""
    try:
        text = pathlib.Path(path).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "not UTF-8"
        problems.add((path, 1, 1), f"cannot read the table: {reason}")
        return None
    return parse(path, text, problems)


def parse(path, text, problems):
    comments, header, rows = [], None, []
    for number, line in enumerate(text.split("\n"), start=1):
        line = line.removesuffix("\r")
        if line.startswith("#"):
            comments.append(line)
            continue
        if not line.strip():
            continue
        cells = _split(path, line, number, problems)
        if cells is None:
            continue
        if header is None:
            header = cells
        elif len(cells) == len(header):
            rows.append(cells)
        else:
            at = cells[len(header)] if len(cells) > len(header) else cells[0]
            problems.add((path, at.line, at.column), f"expected {len(header)} cells as in the header, got {len(cells)}")
    if header is None:
        problems.add((path, 1, 1), "the table has no header")
        return None
    return Table(path, comments, header, rows)


def _split(path, line, number, problems):
    cells, at = [], 0
    while True:
        start = at
        stripped = line[at:].lstrip(" \t")
        if stripped.startswith('"'):
            text, at = _quoted(line, len(line) - len(stripped))
            if text is None:
                problems.add((path, number, start + 1), "a cell in quotes must end on its line, with a comma behind it")
                return None
        else:
            end = line.find(",", at)
            end = len(line) if end < 0 else end
            text, at = line[at:end].strip(" \t"), end
        cells.append(Cell(text, number, start + 1))
        if at >= len(line):
            return cells
        at += 1


def _quoted(line, quote):
    """Text of the quoted cell that begins at `quote`, and the place of the comma behind it."""
    text = ""
    while True:
        begin = quote + 1
        quote = line.find('"', begin)
        if quote < 0:
            return None, 0
        text += line[begin:quote]
        if line[quote + 1 : quote + 2] != '"':
            break
        text += '"'
        quote += 1
    end = line.find(",", quote)
    end = len(line) if end < 0 else end
    return (text, end) if not line[quote + 1 : end].strip() else (None, 0)


def render(comments, header, rows):
    lines = list(comments) + [",".join(map(_cell, header))]
    lines += [",".join(map(_cell, row)) for row in rows]
    return "\n".join(lines) + "\n"


def _cell(value):
    text = str(value)
    if not any(mark in text for mark in ',"#') and text == text.strip():
        return text
    return '"' + text.replace('"', '""') + '"'
