#!/usr/bin/python3
"""Checks YAML files against the generated JSON Schemas.

usage: io_schema_check.py SCHEMA_FOLDER accept|reject KIND FILE [KIND FILE]...

Prints one line for each file that the schema of its kind judges otherwise; exit code 1 if there is one.
Files that are no YAML count as rejected.
"""

import re
import sys
import warnings

import yaml

warnings.simplefilter("ignore", DeprecationWarning)
import jsonschema  # noqa: E402


class CoreLoader(yaml.SafeLoader):
    """YAML 1.2 core schema, as editors read it; infinities and NaN stay texts, for JSON has none."""

    yaml_implicit_resolvers = {}


def resolve(tag, pattern, first):
    CoreLoader.add_implicit_resolver("tag:yaml.org,2002:" + tag, re.compile(pattern), list(first))


resolve("null", r"^(~|null|Null|NULL|)$", ["~", "n", "N", ""])
resolve("bool", r"^(true|false)$", "tf")
resolve("int", r"^[-+]?[0-9]+$", "-+0123456789")
resolve("float", r"^[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?$", "-+.0123456789")
CoreLoader.add_constructor("tag:yaml.org,2002:int", lambda loader, node: int(node.value))
CoreLoader.add_constructor("tag:yaml.org,2002:float", lambda loader, node: float(node.value))


def problem(validator, path):
    """What is wrong with a file; None if nothing is."""
    try:
        with open(path, encoding="utf-8") as file:
            document = yaml.load(file, Loader=CoreLoader)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        return str(error).splitlines()[0]
    error = jsonschema.exceptions.best_match(validator.iter_errors(document))
    return None if error is None else f"{'/'.join(map(str, error.absolute_path))}: {error.message[:200]}"


def main(folder, wanted, *pairs):
    validators = {}
    for kind in ("platform", "network", "scenario", "sweep", "reproduction"):
        with open(f"{folder}/{kind}.json", encoding="utf-8") as file:
            schema = yaml.safe_load(file)
        jsonschema.Draft7Validator.check_schema(schema)
        validators[kind] = jsonschema.Draft7Validator(schema)
    failures = 0
    for kind, path in zip(pairs[::2], pairs[1::2]):
        found = problem(validators[kind], path)
        if (found is None) == (wanted == "accept"):
            continue
        failures += 1
        print(f"{path}: {'accepted' if found is None else found}")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
