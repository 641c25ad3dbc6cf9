"""Kills sweeps (SIGKILL) at random moments, goes on, and compares the results with those of an undisturbed sweep.

    TERASTAL=$PWD/build/bin/terastal tests/cli/sweep_kill_test.py --kills 100 --way threads
    TERASTAL=$PWD/build/bin/terastal tests/cli/sweep_kill_test.py --kills 100 --way ranks

Half of the kills come at a random moment of a sweep, the others at once when the store's log was seen to be written: that is
within a commit, or shortly after. As a test it makes a few kills in each way.
"""

import argparse
import os
import pathlib
import random
import signal
import subprocess
import sys
import tempfile
import time
import unittest

from ranks_support import MPI_ENVIRONMENT, why_no_mpi
from support import PROGRAM, SCENARIO

SWEEP = """\
sweep: killed
axes:
  scenario: small.yaml
  load: [0.5, 0.75, 1, 1.25]
  policy: [edf, fcfs, terastal]
  seed: SEEDS
set: { horizon: 1 s }
"""
REASON = why_no_mpi()
LAUNCHERS = {"threads": [], "ranks": ["mpirun", "-np", "3"]}


class KillTest:
    """One sweep, to be killed again and again."""

    def __init__(self, folder, way, seeds, seed):
        self.folder = pathlib.Path(folder)
        self.way = way
        self.random = random.Random(seed)
        (self.folder / "small.yaml").write_text(SCENARIO, encoding="utf-8")
        (self.folder / "killed.yaml").write_text(SWEEP.replace("SEEDS", str(seeds)), encoding="utf-8")
        self.store = self.folder / "killed.sqlite"
        self.env = {**{k: v for k, v in os.environ.items() if not k.startswith(("OMPI_", "PMIX_", "PMI_", "SLURM_"))},
                    **MPI_ENVIRONMENT}
        self.counts = {"kills": 0, "sweeps": 0, "launcher": 0, "rank 0": 0, "other rank": 0,
                       # when
                       "any moment": 0, "log written": 0,
                       # what was kept then
                       "no store": 0, "no cell": 0, "some cells": 0, "all cells": 0, "log left": 0,
                       "mpirun hung": 0}

    def command(self, store="killed.sqlite"):
        return [*LAUNCHERS[self.way], PROGRAM, "sweep", "killed.yaml", "-q", "-o", store,
                *(["-j", "2"] if self.way == "threads" else [])]

    def start(self, store="killed.sqlite"):
        return subprocess.Popen(self.command(store), cwd=self.folder, env=self.env, stdout=subprocess.PIPE,
                                stderr=subprocess.STDOUT, encoding="utf-8", start_new_session=True)

    def query(self, *arguments):
        done = subprocess.run([PROGRAM, "query", *arguments], cwd=self.folder, env=self.env, capture_output=True,
                              encoding="utf-8", check=False)
        if done.returncode == 3 and "no sweep has stored anything in it yet" in done.stderr:
            return "" # killed while it was made
        if done.returncode != 0:
            raise AssertionError(f"the store cannot be read: {done.stderr}")
        return done.stdout

    def undisturbed(self):
        """Its digest, and how long it takes."""
        start = time.monotonic()
        process = self.start("whole.sqlite")
        said = process.communicate()[0]
        if process.returncode != 0:
            raise AssertionError(said)
        return self.query("whole.sqlite", "--digest").strip(), time.monotonic() - start

    def ranks_of(self, launcher):
        """Processes that mpirun started, by rank."""
        ranks = {}
        for entry in pathlib.Path("/proc").iterdir():
            try:
                if int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1]) != launcher:
                    continue
                for variable in (entry / "environ").read_text().split("\0"):
                    if variable.startswith("OMPI_COMM_WORLD_RANK="):
                        ranks[int(variable.split("=")[1])] = int(entry.name)
            except (OSError, ValueError, IndexError):
                continue
        return ranks

    def victim(self, process):
        """Which process to kill, and what it is."""
        ranks = self.ranks_of(process.pid) if self.way == "ranks" else {}
        what = self.random.choice(["launcher", "rank 0", "other rank"]) if ranks else "launcher"
        if what == "rank 0" and 0 in ranks:
            return ranks[0], what
        others = [pid for rank, pid in ranks.items() if rank > 0]
        if what == "other rank" and others:
            return self.random.choice(others), what
        return process.pid, "launcher"

    def wait_for_all(self, process, ranks):
        """mpirun ends the other ranks, and ranks end without mpirun; both take a moment."""
        deadline = time.monotonic() + 60
        while any(is_running(pid) for pid in ranks):
            if time.monotonic() > deadline:
                raise AssertionError("a rank lives on without the others")
            time.sleep(0.02)
        try:
            process.communicate(timeout=20)
        except subprocess.TimeoutExpired:
            if self.way == "threads":
                raise
            process.kill()  # Open MPI 4.1's own end may hang, in PMIx_server_finalize, when all ranks are gone
            process.communicate()
            self.counts["mpirun hung"] += 1

    def cells(self):
        """Cells that are kept; a store that was killed while it was made has none yet."""
        if not self.store.exists() or self.store.stat().st_size == 0:
            return 0
        info = self.query("killed.sqlite", "--columns", "cell", "--format", "csv")
        return max(0, info.count("\n") - 1)

    def log(self):
        """Size of the store's log and the time when it was last written."""
        try:
            stat = (self.folder / "killed.sqlite-wal").stat()
            return stat.st_size, stat.st_mtime_ns
        except OSError:
            return 0, 0

    def wait_for_moment(self, process, duration):
        """Waits for the moment of a kill; what kind it was, or nothing when the sweep ended before."""
        end = time.monotonic() + duration * self.random.random() ** 2  # rather early, for it goes on many times
        at_log = self.random.random() < 0.5
        while time.monotonic() < end:
            if process.poll() is not None:
                return ""
            time.sleep(0.001)
        before = self.log()
        while at_log and self.log() == before:
            if process.poll() is not None:
                return ""
        return "log written" if at_log else "any moment"

    def note(self, total):
        """What a kill left. Looking at it may put it in order, as going on does."""
        log_left = self.log()[0] > 0
        kept = self.cells()
        self.counts["log left"] += log_left
        self.counts["no store" if not self.store.exists() else "no cell" if kept == 0 else
                    "some cells" if kept < total else "all cells"] += 1
        return kept

    def kill(self, process, when, before, total):
        """Kills the sweep. Returns what is kept, which must not be less than before."""
        ranks = list(self.ranks_of(process.pid).values()) if self.way == "ranks" else []
        pid, what = self.victim(process)
        os.kill(pid, signal.SIGKILL)
        self.wait_for_all(process, ranks)
        for count in ["kills", what, when]:
            self.counts[count] += 1
        now = self.note(total)
        if now < before:
            raise AssertionError(f"{before} cells were kept, now {now}")
        return now, what

    def run(self, kills, say=lambda text: None):
        whole, duration = self.undisturbed()
        total = self.query("whole.sqlite", "--columns", "cell", "--format", "csv").count("\n") - 1
        say(f"undisturbed: {total} cells in {duration:.2f} s, digest {whole}")
        before = 0
        while True:
            process = self.start()
            # When nearly all is kept, the sweep may end.
            again = self.counts["kills"] < kills and before < 0.9 * total
            when = self.wait_for_moment(process, duration * (1 - before / total)) if again else ""
            if when:
                before, what = self.kill(process, when, before, total)
                say(f"kill {self.counts['kills']} ({what}, {when}): {before} cells kept")
                continue
            said = process.communicate()[0]
            if process.returncode != 0:
                raise AssertionError(f"going on failed ({process.returncode}): {said}")
            digest = self.query("killed.sqlite", "--digest").strip()
            if digest != whole:
                raise AssertionError(f"digest {digest}, undisturbed {whole}")
            self.counts["sweeps"] += 1
            say(f"sweep {self.counts['sweeps']} complete, digest equal")
            if self.counts["kills"] >= kills:
                return self.counts
            for file in self.folder.glob("killed.sqlite*"):
                file.unlink()
            before = 0


def is_running(pid):
    try:
        return pathlib.Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False


class Kills(unittest.TestCase):
    def kill(self, way):
        with tempfile.TemporaryDirectory() as folder:
            counts = KillTest(folder, way, seeds=200, seed=1).run(4)
            self.assertGreaterEqual(counts["kills"], 4)
            self.assertGreaterEqual(counts["sweeps"], 1)

    def test_threads(self):
        self.kill("threads")

    @unittest.skipIf(REASON, REASON)
    def test_ranks(self):
        self.kill("ranks")


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int)
    parser.add_argument("--way", choices=list(LAUNCHERS), default="threads")
    parser.add_argument("--seeds", type=int, default=1000, help="of the sweep: how long it is")
    parser.add_argument("--seed", type=int, default=1, help="of the moments")
    arguments = parser.parse_args()
    if arguments.kills is None:
        unittest.main(argv=sys.argv[:1])
    with tempfile.TemporaryDirectory() as folder:
        print(KillTest(folder, arguments.way, arguments.seeds, arguments.seed).run(arguments.kills, print))


if __name__ == "__main__":
    main()
