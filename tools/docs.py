#!/usr/bin/env python3
"""Keeps what the documents show equal to what the tool prints.

In README.md and docs/*.md a block that starts with ```console holds commands (lines that start with "$ ") and their
output; "[…]" alone on a line stands for any lines left out. A line <!-- example: FILE --> is followed by a ```cpp block
with the part of FILE between // [example] and // [/example]. A line <!-- file: NAME --> is followed by a block with the
contents of a file that the document's commands find where they run; model.onnx is tests/data/onnx/resnet18.onnx.

  tools/docs.py check  [--build DIR]   compare; exit 1 on a difference
  tools/docs.py update [--build DIR]   rewrite the documents
"""
import argparse
import difflib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
CONSOLE = re.compile(r"```console\n(.*?)```", re.S)
EXAMPLE = re.compile(r"<!-- example: (\S+) -->\n(?:\n```cpp\n.*?```\n)?", re.S)
SHOWN_FILE = re.compile(r"<!-- file: (\S+) -->\n\n```\w+\n(.*?)```", re.S)
ELISION = "[…]"
SKIPPED = ("tools/", "git ", "cmake ", "sudo ", "cd ")


def documents():
    return [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]


def output_of(command, build, workdir):
    """What a command prints, both streams, run beside copies of nothing: paths resolve through the data directories."""
    environment = dict(os.environ, PATH=f"{build / 'bin'}:{os.environ['PATH']}", NO_COLOR="1", TERM="dumb",
                       TERASTAL_DATA_DIR=str(ROOT))
    run = subprocess.run(["bash", "-c", command], cwd=workdir, env=environment, text=True, stdin=subprocess.DEVNULL,
                         stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=600)
    return run.stdout.replace(str(ROOT) + "/", "")


def matches(expected, actual):
    """Whether the output fits, with elisions."""
    pattern = ""
    for line in expected.splitlines():
        pattern += r"(?:.*\n)*?" if line.strip() == ELISION else re.escape(line.rstrip()) + r"[ ]*\n"
    return re.fullmatch(pattern, "".join(line.rstrip() + "\n" for line in actual.splitlines())) is not None


def split_commands(block):
    """[(command lines, expected output)] of a console block."""
    parts = []
    for line in block.splitlines():
        if line.startswith("$ "):
            parts.append([line[2:], ""])
        elif parts and parts[-1][0].endswith("\\") and not parts[-1][1]:
            parts[-1][0] += "\n" + line
        elif parts:
            parts[-1][1] += line + "\n"
    return parts


def render_console(match, build, workdir, problems, name, update):
    text = ""
    for command, expected in split_commands(match.group(1)):
        text += f"$ {command}\n"
        if command.startswith(SKIPPED):
            text += expected
            continue
        actual = output_of(command, build, workdir)
        if matches(expected, actual):
            text += expected
            continue
        if ELISION in expected and update:
            problems.append(f"{name}: `{command}`: cannot update output with {ELISION}; edit it by hand")
        problems.append(f"{name}: `{command}` prints something else:\n" + "".join(
            difflib.unified_diff(expected.splitlines(True), actual.splitlines(True), "document", "tool")))
        text += "".join(line.rstrip() + "\n" for line in actual.splitlines())
    return f"```console\n{text}```"


def render_example(match, problems, name):
    source = (ROOT / match.group(1)).read_text()
    part = re.search(r"// \[example\]\n(.*?)// \[/example\]", source, re.S)
    text = f"<!-- example: {match.group(1)} -->\n\n```cpp\n{part.group(1).strip()}\n```\n"
    if text != match.group(0):
        problems.append(f"{name}: the example is not that of {match.group(1)}")
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("action", choices=["check", "update"])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build")
    arguments = parser.parse_args()
    build = arguments.build.resolve()
    problems = []
    with tempfile.TemporaryDirectory() as workdir:
        shutil.copy(ROOT / "tests/data/onnx/resnet18.onnx", pathlib.Path(workdir) / "model.onnx")
        for document in documents():
            name = document.relative_to(ROOT)
            before = document.read_text()
            for shown, contents in SHOWN_FILE.findall(before):
                (pathlib.Path(workdir) / shown).write_text(contents)
            update = arguments.action == "update"
            after = CONSOLE.sub(lambda m: render_console(m, build, workdir, problems, name, update), before)
            after = EXAMPLE.sub(lambda m: render_example(m, problems, name), after)
            if update and after != before:
                document.write_text(after)
                print(f"updated {name}")
    for problem in problems if arguments.action == "check" else []:
        print(problem, file=sys.stderr)
    return 1 if problems and arguments.action == "check" else 0


if __name__ == "__main__":
    sys.exit(main())
