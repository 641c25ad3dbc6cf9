"""The measured tables, in the formats of docs/file_formats.md."""

from __future__ import annotations

import os
import pathlib

from . import csv_table, layer_tables, shapes
from .operators import ELEMENT_BYTES

DEFAULTS = {letter: "1" for letter in layer_tables.LETTERS}


def type_columns(type_name, with_energy):
    names = [f"{type_name}_us", *(f"{type_name}_p{percent}_us" for percent in (50, 95, 99))]
    return names + [f"{type_name}_nj"] if with_energy else names


def type_cells(figures, with_energy):
    """Cells of one layer; empty where the type cannot run it."""
    if isinstance(figures, str):
        return [""] * (5 if with_energy else 4)
    times = [f"{max(value, 1) / 1000:.3f}" for value in (figures.p50, figures.p50, figures.p95, figures.p99)]
    if not with_energy:
        return times
    return times + ["" if figures.energy is None else f"{figures.energy:.1f}"]


def fresh(table, results, type_name, dtype, comments):
    """Text of a table with the layers' shapes and the measured columns. `results`: one for each entry."""
    with_energy = _has_energy(results)
    letters = _letters(table.entries)
    kept = [name for name in layer_tables.KEPT[table.of_variants] if any(name in e.kept for e in table.entries)]
    sizes = [] if table.of_variants else ["macs", "output_bytes"]
    header = ["layer", *(["variant"] if table.of_variants else []), "op", *sizes, *kept, *letters]
    rows = []
    for entry, result in zip(table.entries, results):
        row = [entry.layer, *([entry.variant] if table.of_variants else []), entry.op]
        if sizes:
            row += [entry.shape.macs, entry.shape.output_elements * ELEMENT_BYTES[dtype]]
        row += [entry.kept.get(name, "") for name in kept] + [_dimension(entry.shape, letter) for letter in letters]
        rows.append(row + type_cells(result, with_energy))
    return csv_table.render(comments, header + type_columns(type_name, with_energy), rows)


def _letters(entries):
    """Columns of dimensions: groups and operands only where some layer has them."""
    used = {letter for entry in entries for letter in DEFAULTS if _dimension(entry.shape, letter) != "1"}
    return [letter for letter in layer_tables.LETTERS if letter in used or letter not in ("groups", "operands")]


def _dimension(shape, letter):
    field = next(field for name, field, _ in shapes.COLUMNS if name == letter)
    return str(getattr(shape, field))


def check_fit(existing, table, problems):
    """Whether measured columns can be merged into a table: it must hold the same layers or variants."""
    name_column = "variant" if table.of_variants else "layer"
    if not existing.has(name_column):
        problems.add(existing.place(existing.header[0]), f"missing column '{name_column}'")
        return
    measured = {entry.name for entry in table.entries}
    names = [existing.cell(row, name_column) for row in existing.rows]
    for cell in names:
        if cell.text not in measured:
            problems.add(existing.place(cell), f"'{cell.text}' is not in {table.path}; only whole tables are merged")
    for entry in table.entries:
        if entry.name not in {cell.text for cell in names}:
            problems.add(existing.place(existing.header[0]), f"'{entry.name}' of {table.path} is not in this table")


def merged(existing, table, results, type_name, comments):
    """Text of an existing table, of which check_fit found nothing wrong, with the type's columns added or replaced."""
    by_name = {entry.name: result for entry, result in zip(table.entries, results)}
    with_energy = _has_energy(results)
    stay = [cell.text for cell in existing.header if layer_tables.subject_of(cell.text) != type_name]
    name_column = "variant" if table.of_variants else "layer"
    rows = [
        [existing.text(row, column) for column in stay]
        + type_cells(by_name[existing.text(row, name_column)], with_energy)
        for row in existing.rows
    ]
    comments = _without_old(existing.comments, type_name) + comments
    return csv_table.render(comments, stay + type_columns(type_name, with_energy), rows)


def _has_energy(results):
    return any(not isinstance(result, str) and result.energy is not None for result in results)


def _without_old(comments, type_name):
    """Comments of the table without those that an earlier measurement of the type left."""
    return [line for line in comments if not line.startswith(f"# {type_name}: ")]


def write(path, text):
    """Writes a file whole or not at all."""
    path = pathlib.Path(path)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.write_text(text, encoding="utf-8")
    os.replace(temporary, path)
