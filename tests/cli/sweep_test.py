"""Sweeps: what is printed, going on, shards, interrupts, errors."""

import os
import pathlib
import signal
import subprocess

from support import PROGRAM, CliTest, main

SWEEP = """\
sweep: grid
axes:
  scenario: small.yaml
  load: [0.5, 1]
  policy: [edf, fcfs]
  seed: 3
set: { horizon: 200 ms }
skip: [ { policy: fcfs, load: 0.5 } ]
"""


class Sweeps(CliTest):
    def setUp(self):
        super().setUp()
        self.write("grid.yaml", SWEEP)

    def digest(self, *arguments, **options):
        """The digest on the one line that reaches standard output."""
        text = self.output("sweep", "grid.yaml", *arguments, **options)
        self.assertRegex(text, r"^\S+: \d+ cells.*, digest [0-9a-f]{64}\n$")
        return text.split()[-1]


class Running(Sweeps):
    def test_results_do_not_depend_on_threads(self):
        first = self.digest("-j", "1", "-o", "one.sqlite")
        self.assertEqual(self.digest("-j", "3", "-o", "three.sqlite"), first)

    def test_plan_and_end_are_said_on_standard_error(self):
        done = self.terastal("sweep", "grid.yaml", "-j", "1")
        self.assertEqual(done.stdout.split(",")[0], "grid.sqlite: 9 cells")
        for part in ["Sweep grid: 12 cells (scenario 1, load 2, policy 2, seed 3)\n", "  left out   3\n",
                     "  store      grid.sqlite\n", "  to do      9 cells: 1.8 s simulated, ", "  expected   ",
                     " on 1 thread, from one cell of each scenario and policy\n", "terastal: 9 cells in "]:
            self.assertIn(part, done.stderr)
        self.assertEqual(self.terastal("sweep", "grid.yaml", "-q").stderr, "")

    def test_it_goes_on(self):
        self.digest()
        again = self.terastal("sweep", "grid.yaml")
        self.assertIn("grid.sqlite: holds 9 of them", again.stderr)
        self.assertIn("to do      0 cells\n", again.stderr)

    def test_dry_run_leaves_nothing(self):
        done = self.terastal("sweep", "grid.yaml", "--dry-run")
        self.assertEqual(done.stdout, "")
        self.assertIn("to do      9 cells", done.stderr)
        self.assertNotIn("expected", done.stderr.replace("jobs expected", ""))
        measured = self.terastal("sweep", "grid.yaml", "--dry-run", "--measure")
        self.assertIn("  expected   ", measured.stderr)
        self.assertFalse(list(self.folder.glob("*.sqlite*")))

    def test_dry_run_writes_to_no_file(self):
        self.write("empty.sqlite", "")
        self.terastal("sweep", "grid.yaml", "--dry-run", "-o", "empty.sqlite")
        self.assertEqual(self.read("empty.sqlite"), "")
        self.digest()
        before = (self.folder / "grid.sqlite").read_bytes()
        self.assertIn("holds 9 of them", self.terastal("sweep", "grid.yaml", "--dry-run").stderr)
        self.assertEqual((self.folder / "grid.sqlite").read_bytes(), before)
        self.write("grid.yaml", SWEEP.replace("seed: 3", "seed: 4"))
        self.assertIn("another sweep", self.error("sweep", "grid.yaml", "--dry-run", "-q", code=3))

    def test_parts_of_the_document_can_be_replaced(self):
        done = self.terastal("sweep", "grid.yaml", "--set", "axes.seed=5..6", "--set", "set.horizon=100ms",
                             "--set", "axes.theta={ set: accuracy_threshold, values: [0.8, 0.9] }", "--dry-run")
        self.assertIn("16 cells (scenario 1, load 2, policy 2, seed 2, theta 2)", done.stderr)
        self.assertIn("12 cells: 1.2 s simulated", done.stderr)

    def test_shards_are_parts(self):
        cells = 0
        for shard in ["1/2", "2/2"]:
            text = self.output("sweep", "grid.yaml", "--shard", shard)
            self.assertTrue(text.startswith(f"grid.{shard[0]}-of-2.sqlite: "), text)
            cells += int(text.split()[1])
        self.assertEqual(cells, 9)

    def test_shipped_sweeps_are_found_by_name(self):
        self.assertIn("terastal_load", self.output("list", "sweeps"))
        self.assertIn("Sweep terastal_load: ", self.terastal("sweep", "terastal_load", "--dry-run").stderr)


class Failures(Sweeps):
    def setUp(self):
        super().setUp()
        # Jobs that are not counted before 150 ms: impossible with the shorter horizon.
        self.write("bad.yaml", SWEEP.replace("sweep: grid", "sweep: bad").replace("set: { horizon: 200 ms }\n", "").replace(
            "  seed: 3\n", "  h: { set: horizon, values: [100 ms, 200 ms] }\n"
            "  w: { set: warm_up, values: [0 s, 150 ms] }\n"))

    def test_failed_cells_are_counted_and_the_others_kept(self):
        done = self.terastal("sweep", "bad.yaml", code=4)
        self.assertTrue(done.stdout.startswith("bad.sqlite: 12 cells, 3 failed, digest "), done.stdout)
        self.assertIn("terastal: cell 1 failed (scenario=small.yaml, load=0.5, policy=edf, h=100 ms, w=150 ms): ",
                      done.stderr)
        self.assertIn("'warm_up' must be less than 'horizon'", done.stderr)
        again = self.terastal("sweep", "bad.yaml", "--retry-failed", code=4)
        self.assertIn("holds 9 of them", again.stderr)

    def test_dry_run_of_failed_cells(self):
        self.terastal("sweep", "bad.yaml", code=4)
        done = self.terastal("sweep", "bad.yaml", "--retry-failed", "--dry-run")
        self.assertIn("to do      3 cells", done.stderr)

    def test_failed_cells_may_be_allowed(self):
        done = self.terastal("sweep", "bad.yaml", "-q", "--allow-failed")
        self.assertTrue(done.stdout.startswith("bad.sqlite: 12 cells, 3 failed, digest "), done.stdout)
        self.assertIn("terastal: cell 1 failed", done.stderr)
        self.assertIn("exclude each other", self.error("sweep", "bad.yaml", "--allow-failed", "--fail-fast", code=2))

    def test_a_shard_tries_its_own_failed_cells_again(self):
        self.terastal("sweep", "bad.yaml", "-q", code=4)
        numbers = [int(line.split()[2]) for line in self.terastal("sweep", "bad.yaml", "-q", "--retry-failed",
                                                                  code=4).stderr.splitlines() if "failed (" in line]
        shards = [self.terastal("sweep", "bad.yaml", "-o", "bad.sqlite", "--retry-failed", "--shard", f"{i}/3", code=4)
                  for i in (1, 2, 3)]
        again = [[int(line.split()[2]) for line in done.stderr.splitlines() if "failed (" in line] for done in shards]
        self.assertEqual(sorted(sum(again, [])), numbers)
        for done, cells in zip(shards, again, strict=True):
            self.assertEqual(len(cells), 1)
            self.assertIn(f"to do      {len(cells)} cells", done.stderr)
            self.assertTrue(done.stdout.startswith("bad.sqlite: 12 cells, 3 failed, "), done.stdout)

    def test_fail_fast(self):
        done = self.terastal("sweep", "bad.yaml", "--fail-fast", "-j", "1", code=4)
        self.assertLess(int(done.stdout.split()[1]), 12)


class Refusals(Sweeps):
    def test_usage(self):
        for arguments, text in [((), "needs one sweep"), (("a", "b"), "needs one sweep"),
                                (("grid.yaml", "--shard", "3/2"), "--shard: '3/2' is not I/N"),
                                (("grid.yaml", "--shard", "0/2"), "--shard: '0/2' is not I/N"),
                                (("grid.yaml", "--shard", "1"), "--shard: '1' is not I/N"),
                                (("grid.yaml", "--measure"), "--measure belongs to --dry-run"),
                                (("grid.yaml", "--set", "policy.alpha=1"), "are axes")]:
            self.assertIn(text, self.error("sweep", *arguments, code=2))

    def test_results_need_a_file(self):
        for path, text in [("-", "--output: '-' is no file"), ("", "--output: '' is no file"),
                           (":memory:", "use './:memory:'"), ("file:x.sqlite", "use './file:x.sqlite'")]:
            self.assertIn(text, self.error("sweep", "grid.yaml", "-o", path, code=2))
        self.digest("-o", "./:memory:")
        self.assertTrue((self.folder / ":memory:").exists())

    def test_bad_input_is_reported_before_anything_runs(self):
        self.write("grid.yaml", SWEEP.replace("fcfs]", "fcsf]").replace("horizon: 200 ms", "horizont: 1 s"))
        text = self.error("sweep", "grid.yaml", code=3)
        self.assertIn("grid.yaml:5:17: error: unknown policy 'fcsf' (did you mean 'fcfs'?)", text)
        self.assertIn("grid.yaml:7:18: error: the document has no key 'horizont' (did you mean 'horizon'?)", text)
        self.assertFalse(list(self.folder.glob("*.sqlite*")))
        self.assertEqual(self.terastal("validate", "grid.yaml", code=3).stderr, text)

    def test_validate_and_schema_know_sweeps(self):
        self.assertEqual(self.output("validate", "grid.yaml"), "grid.yaml: ok (sweep)\n")
        self.assertIn('"title": "terastal sweep"', self.output("schema", "sweep"))

    def test_another_sweeps_store(self):
        self.digest()
        self.write("grid.yaml", SWEEP.replace("seed: 3", "seed: 4"))
        self.assertIn("grid.sqlite", self.error("sweep", "grid.yaml", "-q", code=3))


class Changes(Sweeps):
    def test_a_file_that_changes_meanwhile_ends_the_sweep(self):
        thetas = ", ".join(f"0.{i}" for i in range(5000, 5040))
        self.write("long.yaml", SWEEP.replace("grid", "long").replace("  load: [0.5, 1]\n", "  theta: { set: "
                   f"accuracy_threshold, values: [{thetas}] }}\n").replace("seed: 3", "seed: 10").replace(
                       "200 ms", "4 s").split("skip")[0])
        process = subprocess.Popen([PROGRAM, "sweep", "long.yaml", "-j", "1"], cwd=self.folder, env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        for line in process.stderr:
            if "expected   " in line:
                break
        text = self.read("small.yaml")
        self.write("small.yaml", text.replace("60 fps", "10 fps"))
        out, err = process.communicate(timeout=100)
        self.assertEqual((process.returncode, out), (4, ""), err)
        self.assertIn("'small.yaml' changed after the sweep had been read", err)
        self.write("small.yaml", text)
        # What was finished was of the file as it was: it is accepted, and no cell failed.
        again = self.terastal("sweep", "long.yaml", "--dry-run").stderr
        self.assertRegex(again, r"holds \d+ of them")


class JobArrays(Sweeps):
    """tools/slurm_sweep.sh with an sbatch that runs jobs at once."""

    SBATCH = """\
#!/bin/bash
# The array's tasks one after the other; the dependent job when all of them ended with 0.
array= after= wrap=
while [[ $# -gt 0 ]]; do
  case $1 in
    --array) array=$2; shift ;;
    --dependency) after=$2; shift ;;
    --wrap) wrap=$2; shift ;;
  esac
  shift
done
if [[ $array ]]; then
  for ((i = ${array%-*}; i <= ${array#*-}; ++i)); do
    (SLURM_ARRAY_TASK_ID=$i; export SLURM_ARRAY_TASK_ID; eval "$wrap") > "task$i.log" 2>&1
    echo "$?" >> codes
  done
  echo "17;cluster"
elif [[ $after == afterok:17 ]] && ! grep -qv '^0$' codes; then
  (eval "$wrap") > merge.log 2>&1
  echo "$?" > merge.code
  echo "18;cluster"
else
  echo "19;cluster"
fi
"""

    def submit(self, *arguments):
        script = pathlib.Path(__file__).resolve().parents[2] / "tools" / "slurm_sweep.sh"
        self.write("sbatch", self.SBATCH)
        (self.folder / "sbatch").chmod(0o755)
        env = self.environment(PATH=f"{self.folder}:{os.environ['PATH']}", TERASTAL=PROGRAM)
        return subprocess.run([script, *arguments], cwd=self.folder, env=env, capture_output=True, encoding="utf-8",
                              timeout=100, check=False)

    def test_results_are_joined(self):
        done = self.submit("grid.yaml", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertIn("Array job 17: 2 tasks; job 18 joins their results into grid.sqlite.", done.stdout)
        self.assertEqual(self.read("merge.code"), "0\n", self.read("merge.log"))
        self.assertEqual(self.output("query", "grid.sqlite", "--digest").strip(), self.digest("-o", "whole.sqlite"))

    def test_failed_cells_do_not_keep_the_others_from_being_joined(self):
        self.write("bad.yaml", SWEEP.replace("sweep: grid", "sweep: bad").replace("set: { horizon: 200 ms }\n", "").replace(
            "  seed: 3\n", "  h: { set: horizon, values: [100 ms, 200 ms] }\n"
            "  w: { set: warm_up, values: [0 s, 150 ms] }\n"))
        done = self.submit("bad.yaml", "2")
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertEqual(self.read("codes"), "0\n0\n")
        self.assertEqual(self.read("merge.code"), "4\n")  # as that of an undivided sweep
        self.assertIn("9 cells done, 3 failed, 0 missing", self.read("merge.log"))
        self.assertIn("'warm_up' must be less than 'horizon'", self.output("query", "bad.sqlite", "--failed"))


class Interrupts(Sweeps):
    def test_reading_ends_at_once(self):
        values = ", ".join(f"0.{i}" for i in range(10000, 70000))
        self.write("many.yaml", SWEEP.replace("load: [0.5, 1]", f"theta: {{ set: accuracy_threshold, values: [{values}] }}")
                   .split("skip")[0])
        process = subprocess.Popen([PROGRAM, "sweep", "many.yaml"], cwd=self.folder, env=self.environment(),
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8")
        self.assertIn("reading the scenarios with each value: ", process.stderr.readline())
        process.send_signal(signal.SIGINT)
        process.communicate(timeout=60)
        self.assertEqual(process.returncode, -signal.SIGINT)
        self.assertFalse(list(self.folder.glob("*.sqlite*")))

    def test_what_is_finished_is_kept(self):
        self.write("long.yaml", SWEEP.replace("grid", "long").replace("seed: 3", "seed: 2000"))
        whole = self.output("sweep", "long.yaml", "-q", "-o", "whole.sqlite", "--set", "axes.seed=60")
        process = subprocess.Popen([PROGRAM, "sweep", "long.yaml", "--set", "axes.seed=60", "--set", "set.horizon=20 s"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                                   env=self.environment())
        for line in process.stderr:
            if "expected   " in line:
                break
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("interrupted; finished cells are kept, and the same command goes on from there", err)
        kept = int(out.split()[1])
        self.assertGreaterEqual(kept, 2)
        self.assertLess(kept, 180)
        again = self.terastal("sweep", "long.yaml", "--set", "axes.seed=60", "--set", "set.horizon=20 s", "--dry-run")
        self.assertIn(f"holds {kept} of them", again.stderr)
        self.assertIn("180 cells", whole)


if __name__ == "__main__":
    main()
