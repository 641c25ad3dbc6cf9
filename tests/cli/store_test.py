"""Results stores: query and merge, and a store's digest computed from its tables by another program."""

import csv
import hashlib
import io
import json
import os
import sqlite3
import struct
import subprocess

from support import PROGRAM, CliTest, main

SWEEP = """\
sweep: small_sweep
description: two loads, two policies
axes:
  scenario: [small.yaml]
  load: [1.0, 1.5]
  policy: [edf, fcfs]
  seed: 1..4
metrics: [miss_rate, energy]
"""


def netstring(value):
    if value is None:
        value = b""
    elif isinstance(value, float):
        value = struct.pack(">d", value).hex().encode()
    elif not isinstance(value, bytes):
        value = str(value).encode()
    return b"%d:%s," % (len(value), value)


def digest_of(path):
    """The digest as docs/results_store.md describes it."""
    db = sqlite3.connect(f"file:{path}?mode=ro", uri=True)
    sweep = dict(db.execute("SELECT key, value FROM sweep"))
    parts = ["terastal results 1", sweep["name"], sweep["document"]]
    inputs = [sha for (sha,) in db.execute("SELECT sha256 FROM inputs ORDER BY number")]
    parts += [len(inputs), *inputs]
    axes = json.loads(sweep["axes"])
    parts.append(len(axes))
    for axis in axes:
        parts += [axis["name"], len(axis["values"]), *axis["values"]]
    metrics = json.loads(sweep["metrics"])
    parts += [len(metrics), *metrics, int(sweep["cells"])]
    for cell, status, digest, _, _, *values in db.execute("SELECT * FROM cells ORDER BY cell"):
        rows = db.execute("SELECT * FROM results WHERE cell = ? ORDER BY task", (cell,)).fetchall()
        parts += [cell, status, int(digest, 16), *values, len(rows)]
        for row in rows:
            parts += row[1:]
    db.close()
    return hashlib.sha256(b"".join(netstring(part) for part in parts)).hexdigest()


class StoreTest(CliTest):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SWEEP)

    def sweep(self, store, *options, **more):
        return self.terastal("sweep", "sweep.yaml", "-q", "-o", store, *options, **more)

    def digest(self, store):
        return self.output("query", store, "--digest").strip()


class Query(StoreTest):
    def setUp(self):
        super().setUp()
        self.sweep("s.sqlite")

    def test_summary(self):
        text = self.output("query", "s.sqlite")
        self.assertIn("small_sweep: two loads, two policies", text)
        self.assertRegex(text, r"cells +16 of 16 done\n")
        self.assertRegex(text, r"load +2: 1, 1\.5\n")
        self.assertIn("miss rate, mean over tasks in %", text)
        self.assertRegex(text, r"\n +load +edf +fcfs\n +1 +\d+\.\d\d ± +\d")
        self.assertIn("Means over seeds (n = 4)", text)

    def test_digest_is_what_the_manual_says(self):
        self.assertEqual(self.digest("s.sqlite"), digest_of(self.folder / "s.sqlite"))

    def test_exports_agree(self):
        rows = list(csv.DictReader(io.StringIO(self.output("query", "s.sqlite", "--format", "csv"))))
        self.assertEqual([int(row["cell"]) for row in rows], list(range(16)))
        lines = [json.loads(line) for line in self.output("query", "s.sqlite", "-f", "jsonl").splitlines()]
        for row, line in zip(rows, lines, strict=True):
            self.assertEqual(list(row), list(line))
            self.assertEqual(float(row["miss_rate"]), line["miss_rate"])
            self.assertEqual((row["seed"], row["load"]), (f"{line['seed']}", f"{line['load']}"))  # numbers in JSON
        document = json.loads(self.output("query", "s.sqlite", "-f", "json"))
        self.assertEqual(document["sweep"]["cells"], {"expected": 16, "done": 16, "failed": 0, "missing": 0})
        self.assertTrue(document["sweep"]["complete"])
        self.assertEqual(document["sweep"]["digest"], self.digest("s.sqlite"))
        edf = [float(row["miss_rate"]) for row in rows if row["policy"] == "edf" and row["load"] == "1.5"]
        group = next(g for g in document["groups"] if g["policy"] == "edf" and g["load"] == 1.5)
        self.assertEqual(group["n"], 4)
        self.assertAlmostEqual(group["mean"], sum(edf) / 4, places=12)

    def test_a_cell_is_a_run(self):
        lines = self.output("query", "s.sqlite", "-c", "task,digest,released,completed,late,dropped,miss_rate,energy",
                            "-w", "load=1,policy=edf,seed=2", "-t", "fast|slow", "-f", "jsonl").splitlines()
        run = json.loads(self.output("run", "small.yaml", "--policy", "edf", "--seed", "2", "--format", "jsonl"))
        self.assertEqual(len(lines), 2)
        for line, task in zip(map(json.loads, lines), run["tasks"], strict=True):
            self.assertEqual(line.pop("digest"), run["digest"])
            self.assertEqual(line, {key: task[key] for key in line})

    def test_columns_and_conditions(self):
        text = self.output("query", "s.sqlite", "-c", "seed,policy,energy", "-w", "policy=edf,load=1.5", "-f", "csv")
        self.assertEqual(text.splitlines()[0], "seed,policy,energy_mj")
        self.assertEqual([line[:6] for line in text.splitlines()[1:]], [f"{s},edf," for s in range(1, 5)])
        text = self.output("query", "s.sqlite", "-c", "task,released", "-t", "each", "-w", "seed=1", "-f", "csv")
        self.assertEqual([line.split(",")[0] for line in text.splitlines()], ["task", *["fast", "slow"] * 4])

    def test_pivots(self):
        text = self.output("query", "s.sqlite", "-p", "rows=policy,task:columns=load:value=miss_rate")
        self.assertRegex(text, r"\n +policy +task +1 +1\.5\n +edf +fast ")
        lines = self.output("query", "s.sqlite", "-p", "rows=policy:columns=load", "-f", "csv").splitlines()
        self.assertEqual(lines[0], "policy,load,metric,cells,n,mean,sd,ci_low,ci_high,lacking,store_digest")
        self.assertEqual(len(lines), 5)

    def test_info_and_failed(self):
        text = self.output("query", "s.sqlite", "--info")
        self.assertIn(self.digest("s.sqlite"), text)
        self.assertIn("small.yaml", text)
        self.assertEqual(self.output("query", "s.sqlite", "--failed"), "No cell failed.\n")

    def test_output_file(self):
        self.assertEqual(self.output("query", "s.sqlite", "-f", "csv", "-o", "out.csv"), "")
        self.assertEqual(self.read("out.csv"), self.output("query", "s.sqlite", "-f", "csv"))

    def test_mistakes(self):
        for arguments, message in [
                (["--where", "polcy=edf"], "--where: unknown axis 'polcy' (did you mean 'policy'?); allowed: scenario, "),
                (["--where", "policy=edff"], "unknown value of 'policy': 'edff' (did you mean 'edf'?)"),
                (["--columns", "sed"], "--columns: unknown column 'sed' (did you mean 'seed'?)"),
                (["--pivot", "rows=laod"], "--pivot: unknown axis 'laod' (did you mean 'load'?)"),
                (["--pivot", "value=x"], "allowed: miss_rate, energy"),
                (["--pivot", "rows=load", "--task", "each"], "'task' must stand in the rows or columns"),
                (["--task", "slw"], "--task: unknown task 'slw' (did you mean 'slow'?); allowed: all, each, fast, slow"),
                (["--info", "--digest"], "--digest and --info exclude each other"),
                (["--format", "xml"], "table, json, csv, jsonl")]:
            text = self.error("query", "s.sqlite", *arguments, code=2)
            self.assertIn(message, text)
            self.assertIn("See 'terastal help query'", text)
        self.assertIn("needs one results store", self.error("query", code=2))

    def test_files_that_are_no_store(self):
        self.assertEqual(self.error("query", "none.sqlite", code=3), "none.sqlite: error: there is no such file\n")
        self.assertIn("sweep.yaml: error: is not a results store", self.error("query", "sweep.yaml", code=3))
        self.write("empty", "")
        self.assertIn("empty: error: is empty: no sweep", self.error("query", "empty", code=3))


class Sweep(StoreTest):
    def test_another_sweep_is_refused_and_nothing_changes(self):
        self.sweep("s.sqlite")
        before = (self.folder / "s.sqlite").read_bytes()
        self.write("sweep.yaml", SWEEP.replace("1..4", "1..5"))
        text = self.sweep("s.sqlite", code=3).stderr
        self.assertIn("s.sqlite: error: holds the results of another sweep: other documents (axes)", text)
        self.write("sweep.yaml", SWEEP)
        self.write("small.yaml", self.read("small.yaml").replace("horizon: 1 s", "horizon: 2 s"))
        self.assertIn("input files that differ: small.yaml", self.sweep("s.sqlite", code=3).stderr)
        self.assertEqual((self.folder / "s.sqlite").read_bytes(), before)

    def test_places_that_cannot_be_written(self):
        self.assertIn("'nowhere' is not a folder; make it first", self.sweep("nowhere/s.sqlite", code=4).stderr)
        self.assertIn("cannot write '/proc/s.sqlite.lock'", self.sweep("/proc/s.sqlite", code=4).stderr)

    def test_two_writers(self):
        self.write("sweep.yaml", SWEEP.replace("1..4", "1..100000"))
        first = subprocess.Popen([PROGRAM, "sweep", "sweep.yaml", "-o", "s.sqlite", "-q", "-j", "1"], cwd=self.folder,
                                 env=self.environment(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            while not (self.folder / "s.sqlite-wal").exists():
                self.assertIsNone(first.poll())
            text = self.sweep("s.sqlite", code=4).stderr
            self.assertIn(f"'s.sqlite' is being written by process {first.pid}", text)
            self.terastal("query", "s.sqlite")  # readers may look
            self.terastal("sweep", "sweep.yaml", "--dry-run", "-o", "s.sqlite")
        finally:
            first.kill()
            first.wait()


class Merge(StoreTest):
    def test_shards(self):
        self.sweep("whole.sqlite")
        for i in "123":
            self.sweep(f"{i}.sqlite", "--shard", f"{i}/3")
        done = self.terastal("merge", "merged.sqlite", "3.sqlite", "1.sqlite", "2.sqlite")
        self.assertEqual((done.stdout, done.stderr), ("", "terastal: merged.sqlite: 16 cells done, 0 failed, 0 missing\n"))
        self.assertEqual(self.digest("merged.sqlite"), self.digest("whole.sqlite"))
        for form in ["table", "csv", "json", "jsonl"]:
            self.assertEqual(self.output("query", "merged.sqlite", "-f", form),
                             self.output("query", "whole.sqlite", "-f", form))
        self.assertEqual(sorted(os.listdir(self.folder)), ["1.sqlite", "2.sqlite", "3.sqlite", "merged.sqlite",
                                                           "small.yaml", "sweep.yaml", "whole.sqlite"])

    def test_missing_cells(self):
        self.sweep("1.sqlite", "--shard", "1/2")
        for quiet in [[], ["-q"]]:
            text = self.error("merge", "m.sqlite", "1.sqlite", *quiet, code=4)
            self.assertEqual(text, "terastal: m.sqlite: 8 cells done, 0 failed, 8 missing\nterastal: m.sqlite was not made: "
                                   "run the shards that are missing or were stopped, or give --partial\n")
            self.assertFalse((self.folder / "m.sqlite").exists())
        done = self.terastal("merge", "m.sqlite", "1.sqlite", "-q", "--partial")
        self.assertEqual(done.stderr, "terastal: m.sqlite: 8 cells done, 0 failed, 8 missing\n")
        self.assertEqual(self.digest("m.sqlite"), self.digest("1.sqlite"))
        self.sweep("2.sqlite", "--shard", "2/2")
        self.assertEqual(self.terastal("merge", "whole.sqlite", "1.sqlite", "2.sqlite", "-q").stderr, "")

    def test_failed_cells(self):
        self.write("sweep.yaml", SWEEP.replace("  seed: 1..4\n", "  h: { set: horizon, values: [100 ms, 200 ms] }\n"
                                               "  w: { set: warm_up, values: [0 s, 150 ms] }\n"))
        self.sweep("1.sqlite", "--shard", "1/2", "--allow-failed")
        self.sweep("2.sqlite", "--shard", "2/2", "--allow-failed")
        text = self.terastal("merge", "m.sqlite", "1.sqlite", "2.sqlite", "-q", code=4).stderr
        self.assertEqual(text, "terastal: m.sqlite: 12 cells done, 4 failed, 0 missing\n"
                               "terastal: 'terastal query m.sqlite --failed' shows which cells failed and why\n")
        self.terastal("query", "m.sqlite", "--failed")
        self.terastal("merge", "n.sqlite", "1.sqlite", "2.sqlite", "--allow-failed")

    def test_results_need_a_file(self):
        self.sweep("1.sqlite")
        for path in ["-", "", ":memory:", "file:m"]:
            self.error("merge", path, "1.sqlite", code=2)

    def test_mistakes(self):
        self.assertIn("needs the new store", self.error("merge", "a.sqlite", code=2))
        self.sweep("a.sqlite")
        self.assertIn("'a.sqlite': it exists", self.error("merge", "a.sqlite", "a.sqlite", code=4))
        self.write("sweep.yaml", SWEEP.replace("small_sweep", "other"))
        self.sweep("b.sqlite")
        text = self.error("merge", "m.sqlite", "a.sqlite", "b.sqlite", code=3)
        self.assertIn("b.sqlite: error: belongs to another sweep than 'a.sqlite'", text)
        self.assertFalse((self.folder / "m.sqlite").exists())


if __name__ == "__main__":
    main()
