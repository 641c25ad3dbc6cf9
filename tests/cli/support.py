"""What the command-line tests share: the program, a small scenario, a place for files."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import unittest

PROGRAM = os.path.abspath(shutil.which(os.environ.get("TERASTAL", "terastal")) or "terastal")
COMMANDS = ["run", "compare", "check", "throughput", "tune", "sweep", "query", "merge", "reproduce", "plan", "schedulability", "analyze", "cost",
            "design", "export", "validate", "import", "list", "schema", "version"]

SCENARIO = """\
scenario: small
description: two tasks on two accelerators
platform:
  platform: pair
  types:
    gpu: { kind: gpu }
    npu: { kind: npu }
  accelerators:
    - { name: gpu0, type: gpu }
    - { name: npu0, type: npu }
horizon: 1 s
seed: 1
tasks:
  - name: fast
    network:
      network: fast_net
      layers:
        - { name: first, latency: { gpu: 3 ms, npu: 9 ms } }
        - { name: second, latency: { gpu: 3 ms, npu: 9 ms } }
      variants:
        - { name: thin, layer: second, latency: { gpu: 3 ms, npu: 3 ms }, accuracy_cost: 5 % }
      accuracy: { metric: top-1, baseline: 80, model: additive }
    arrivals: { kind: periodic, period: 10 ms, phase: random, jitter: 1 ms }
  - name: slow
    network:
      network: slow_net
      layers:
        - { name: only, latency: { gpu: 16 ms, npu: 12 ms }, energy: { gpu: 3 mJ, npu: 1 mJ } }
    arrivals: { kind: poisson, rate: 60 fps }
    deadline: 30 ms
    mk: { m: 3, k: 4 }
"""


class CliTest(unittest.TestCase):
    """A temporary folder with `small.yaml` in it, and `terastal` run there."""

    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.write("small.yaml", SCENARIO)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")

    def read(self, name):
        return (self.folder / name).read_text(encoding="utf-8")

    def environment(self, **more):
        env = {k: v for k, v in os.environ.items() if k not in ("NO_COLOR", "TERM", "TERASTAL_DATA_DIR")}
        return {**env, **more}

    def terastal(self, *arguments, code=0, env=None, **options):
        """Runs the program, checks the exit code and returns what came out."""
        done = subprocess.run([PROGRAM, *arguments], cwd=self.folder, capture_output=True, encoding="utf-8",
                              env=env or self.environment(), timeout=120, check=False, **options)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def output(self, *arguments, **options):
        return self.terastal(*arguments, **options).stdout

    def error(self, *arguments, code):
        """What is said about an error; nothing must reach standard output."""
        done = self.terastal(*arguments, code=code)
        self.assertEqual(done.stdout, "")
        return done.stderr


def main():
    unittest.main(verbosity=1)
