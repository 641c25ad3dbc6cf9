"""Network files: which layers they hold, and writing one that points to measured tables."""

from __future__ import annotations

import dataclasses
import decimal
import os
import pathlib

from . import layer_tables
from .problems import InputError

try:
    import yaml
except ImportError:  # only needed for network files
    yaml = None


@dataclasses.dataclass
class Network:
    """Tables to measure. `document` is the network file, None when the input is a table."""

    name: str
    path: pathlib.Path
    layers: layer_tables.LayerTable | None
    variants: layer_tables.LayerTable | None
    document: dict | None = None

    @property
    def tables(self):
        return [table for table in (self.layers, self.variants) if table is not None]


def read(path, problems):
    """A network file or one table; None after reporting why it cannot be read."""
    path = pathlib.Path(path)
    if path.suffix in (".yaml", ".yml"):
        return _read_document(path, problems)
    table = layer_tables.read(path, problems)
    if table is None:
        return None
    if table.of_variants:
        return Network(path.stem, path, None, table)
    return Network(path.stem, path, table, None)


def need_yaml():
    if yaml is None:
        raise InputError("error: network files need PyYAML; install it (Debian: python3-yaml) or give the CSV table")


def written(network, out, layers, variants, source):
    """Text of a network file at `out` that points to measured tables; `variants` is None when there are none."""
    old = network.document or {}
    folder = os.path.dirname(os.path.abspath(out))
    document = {"network": network.name}
    if "description" in old:
        document["description"] = old["description"]
    document["source"] = f"{old['source']}; {source}" if "source" in old else source
    document["layers"] = os.path.relpath(layers, folder)
    if variants:
        document["variants"] = os.path.relpath(variants, folder)
    if "accuracy" in old:
        document["accuracy"] = dict(old["accuracy"])
        sets = document["accuracy"].get("sets")
        if isinstance(sets, str):
            document["accuracy"]["sets"] = os.path.relpath(network.path.parent / sets, folder)
    return yaml.safe_dump(document, sort_keys=False, allow_unicode=True, width=120)


def _read_document(path, problems):
    need_yaml()
    try:
        text = path.read_text(encoding="utf-8")
        root = yaml.compose(text, Loader=yaml.SafeLoader)
        document = yaml.safe_load(text)
    except (OSError, UnicodeDecodeError) as error:
        problems.add((path, 1, 1), f"cannot read the network: {getattr(error, 'strerror', None) or 'not UTF-8'}")
        return None
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        place = (path, mark.line + 1, mark.column + 1) if mark else (path, 1, 1)
        problems.add(place, f"not YAML: {getattr(error, 'problem', None) or error}")
        return None
    top = _Node(path, root)
    if not top.is_map() or not top.has("network") or not top.has("layers"):
        problems.add(top.place(), "expected a network file with the keys 'network' and 'layers'")
        return None
    name = top["network"].text()
    layers = _table(top["layers"], f"{name}.csv", False, problems)
    variants = _table(top["variants"], f"{name}_variants.csv", True, problems) if top.has("variants") else None
    return Network(name, path, layers, variants, document)


def _table(node, file_name, of_variants, problems):
    """The table that a key names, or that stands there inline."""
    if node.is_scalar():
        table = layer_tables.read(node.path.parent / node.text(), problems)
        if table and table.of_variants != of_variants:
            problems.add(node.place(), f"'{node.text()}' is a table of {'layers' if of_variants else 'variants'}")
        return table
    if not node.is_list():
        problems.add(node.place(), "expected a CSV file or a list")
        return None
    entries = [entry for item in node.items() if (entry := _inline(item, of_variants, problems))]
    return layer_tables.LayerTable(node.path, file_name, of_variants, entries)


def _inline(item, of_variants, problems):
    if not item.is_map() or not item.has("name") or (of_variants and not item.has("layer")):
        problems.add(item.place(), f"expected a map with {'layer, ' if of_variants else ''}name, op and shape")
        return None
    name = item["name"].text()
    if not item.has("shape") or not item["shape"].is_map():
        problems.add(item.place(), f"'{name}': 'shape' is missing: shapes are what is measured")
        return None
    given = {}
    for key, value in item["shape"].members():
        if key not in layer_tables.LETTERS:
            allowed = ", ".join(layer_tables.LETTERS)
            place = item["shape"].key(key).place()
            problems.add(place, f"'{name}': unknown dimension '{key}'; allowed: {allowed}")
            return None
        given[key] = (value.text(), value.place())
    op = (item["op"].text(), item["op"].place()) if item.has("op") else ("", item.place())
    shape = layer_tables.read_shape(op, given, f"'{name}'", item["shape"].place(), problems)
    if shape is None:
        return None
    kept = {key: item[key].text() for key in layer_tables.KEPT[of_variants] if item.has(key) and item[key].is_scalar()}
    if not of_variants and item.has("after") and item["after"].is_list():
        kept["after"] = "|".join(before.text() for before in item["after"].items()) or "-"
    if kept.get("accuracy_cost", "").endswith("%"):  # tables write a ratio
        kept["accuracy_cost"] = f"{decimal.Decimal(kept['accuracy_cost'].rstrip(' %')) / 100:f}"
    layer, variant = (item["layer"].text(), name) if of_variants else (name, "")
    return layer_tables.Entry(layer, variant, op[0], shape, kept)


class _Node:
    """A YAML node with its place."""

    def __init__(self, path, node):
        self.path = path
        self.node = node

    def place(self):
        mark = self.node.start_mark if self.node else None
        return (self.path, mark.line + 1, mark.column + 1) if mark else (self.path, 1, 1)

    def is_map(self):
        return isinstance(self.node, yaml.MappingNode)

    def is_list(self):
        return isinstance(self.node, yaml.SequenceNode)

    def is_scalar(self):
        return isinstance(self.node, yaml.ScalarNode)

    def text(self):
        return self.node.value if self.is_scalar() else ""

    def items(self):
        return [_Node(self.path, node) for node in self.node.value]

    def members(self):
        return [(key.value, _Node(self.path, value)) for key, value in self.node.value]

    def key(self, name):
        return next(_Node(self.path, key) for key, _ in self.node.value if key.value == name)

    def has(self, name):
        return any(key == name for key, _ in self.members())

    def __getitem__(self, name):
        return next(value for key, value in self.members() if key == name)
