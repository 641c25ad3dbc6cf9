"""Layer and variant tables as lists of shapes to measure."""

from __future__ import annotations

import dataclasses
import decimal
import pathlib
import re

from . import csv_table, shapes
from .problems import did_you_mean

UNITS = ("ps", "ns", "us", "ms", "s", "cycles", "pj", "nj", "uj", "mj", "j")
QUANTITY = re.compile(rf"(?P<subject>.+?)(?:_p\d+)?_(?:{'|'.join(UNITS)})")

LETTERS = [letter for letter, _, _ in shapes.COLUMNS]
KEPT = {False: ("after", "block"), True: ("gamma", "accuracy_cost")}
# The plain shape lists: numbered layers with names beside them, variants numbered too.
LIST_COLUMNS = {False: ("name",), True: ("base_name", "variant_idx", "r", "paper_subset")}


@dataclasses.dataclass
class Entry:
    """One layer, or one variant of a layer."""

    layer: str
    variant: str  # empty for a layer
    op: str  # as the file spells it
    shape: shapes.Shape
    kept: dict[str, str]  # cells that the measured table repeats

    @property
    def name(self):
        return self.variant or self.layer


@dataclasses.dataclass
class LayerTable:
    path: pathlib.Path  # the file that it was read from
    file_name: str  # of the measured table
    of_variants: bool
    entries: list[Entry]


def subject_of(column):
    """The accelerator type that a column such as `gpu_us` or `gpu_p95_us` is about; empty for other columns."""
    match = QUANTITY.fullmatch(column)
    return match["subject"] if match else ""


def read(path, problems):
    """The layers or variants of a CSV file; None after reporting why there are none."""
    table = csv_table.read(path, problems)
    if table is None:
        return None
    of_variants = table.has("variant") or table.has("variant_idx")
    listed = table.has("base_name" if of_variants else "name")
    before = len(problems.lines)
    _check_header(table, of_variants, listed, problems)
    if len(problems.lines) > before:
        return None
    entries = [entry for row in table.rows if (entry := _entry(table, row, of_variants, listed, problems))]
    if listed:
        _make_names_unique(entries)
    _check_names(table, problems)
    if not table.rows:
        problems.add(table.place(table.header[0]), "the table has no rows")
    path = pathlib.Path(path)
    return LayerTable(path, path.name, of_variants, entries)


def _check_header(table, of_variants, listed, problems):
    known = ["layer", "op", *(["variant"] if of_variants else []), *KEPT[of_variants], "macs", "output_bytes", *LETTERS]
    known += LIST_COLUMNS[of_variants] if listed else ()
    seen = set()
    for cell in table.header:
        if cell.text in seen:
            problems.add(table.place(cell), f"duplicate column '{cell.text}'")
        elif cell.text not in known and not subject_of(cell.text):
            hint = f"{did_you_mean(cell.text, known)}; allowed: {', '.join(known)}, T_us …"
            problems.add(table.place(cell), f"unknown column '{cell.text}'{hint}")
        seen.add(cell.text)
    needed = ["layer", "op", *(letter for letter, _, needed in shapes.COLUMNS if needed)]
    needed += ["base_name", "variant_idx", "r"] if listed and of_variants else []
    for column in needed:
        if column not in seen:
            problems.add(table.place(table.header[0]), f"missing column '{column}': shapes are what is measured")


def _entry(table, row, of_variants, listed, problems):
    layer = table.text(row, ("base_name" if of_variants else "name") if listed else "layer")
    variant = ""
    if of_variants:
        variant = f"{layer}_r{table.text(row, 'r')}" if listed else table.text(row, "variant")
    if not layer or (of_variants and not variant):
        problems.add(table.place(row[0]), "a row without a name")
        return None
    given = {letter: table.cell(row, letter) for letter in LETTERS if table.text(row, letter)}
    given = {letter: (cell.text, table.place(cell)) for letter, cell in given.items()}
    op = table.cell(row, "op")
    shape = read_shape((op.text, table.place(op)), given, f"'{variant or layer}'", table.place(row[0]), problems)
    if shape is None:
        return None
    kept = {column: table.text(row, column) for column in KEPT[of_variants] if table.has(column)}
    if of_variants and listed:
        kept["gamma"] = table.text(row, "r")
    return Entry(layer, variant, op.text, shape, kept)


def read_shape(op, given, owner, place, problems):
    """A shape from texts with their places; None after reporting what is wrong with it."""
    before = len(problems.lines)
    kind = shapes.operator_kind(op[0])
    if kind is None:
        allowed = ", ".join((*shapes.KINDS, *shapes.SPELLINGS))
        hint = did_you_mean(op[0].lower(), [*shapes.KINDS, *shapes.SPELLINGS])
        problems.add(op[1], f"{owner}: 'op' is one of {allowed}; got '{op[0]}'{hint}")
    missing = [letter for letter, _, needed in shapes.COLUMNS if needed and letter not in given]
    if missing:
        problems.add(place, f"{owner}: its shape lacks {', '.join(missing)}")
    values = {}
    for letter, (text, where) in given.items():
        values[letter] = _dimension(text)
        if values[letter] is None:
            most = shapes.LARGEST_DIMENSION
            problems.add(where, f"expected {letter} as a whole number from 1 to {most}, got '{text}'")
    if len(problems.lines) > before:
        return None
    shape = shapes.completed(kind, values)
    reason = shapes.problem(shape)
    if reason:
        problems.add(place, f"{owner}: {reason}")
    return None if reason else shape


def _dimension(text):
    """A whole number, which may be written 1e6."""
    if not re.fullmatch(r"\d+(\.\d+)?([eE]\+?\d{1,2})?", text):
        return None
    value = decimal.Decimal(text)
    return int(value) if value == int(value) and 1 <= value <= shapes.LARGEST_DIMENSION else None


def _make_names_unique(entries):
    """Shape lists may repeat a name: later ones get the suffix _2, _3, …, as tools/convert_tables.py names them."""
    taken = {entry.name for entry in entries}
    seen = set()
    for entry in entries:
        name, count = entry.name, 1
        while name in seen or (count > 1 and name in taken):
            count += 1
            name = f"{entry.name}_{count}"
        seen.add(name)
        if entry.variant:
            entry.variant = name
        else:
            entry.layer = name


def _check_names(table, problems):
    column = "variant" if table.has("variant") else "layer"
    if not table.has(column) or table.has("name") or table.has("base_name"):
        return
    first = {}
    for row in table.rows:
        cell = table.cell(row, column)
        if cell.text and first.setdefault(cell.text, cell) is not cell:
            where = first[cell.text].line
            problems.add(table.place(cell), f"'{cell.text}' stands in line {where} already; names are unique")
