"""The regression gate's baselines: how they are made, changed and replaced."""

import csv
import io
import json

from gate_support import GateTest
from support import main


class Update(GateTest):
    def test_update_keeps_what_did_not_change(self):
        before = self.read("b.json")
        done = self.terastal("check", "--update", "b.json")
        self.assertIn("nothing changed; b.json is left as it is", done.stderr)
        self.assertEqual(self.read("b.json"), before)

    def test_update_shows_old_and_new(self):
        self.slower()
        text = self.output("check", "--update", "b.json")
        for word in "old", "new", "regresses":
            self.assertIn(word, text)
        self.output("check", "b.json")

    def test_update_changes_the_plan(self):
        self.terastal("check", "--update", "b.json", "--metrics", "miss_rate", "-n", "4", "--judge", "exact",
                      "--horizon", "500 ms", "-p", "edf", "--tasks")
        j = json.loads(self.read("b.json"))
        self.assertEqual(j["run"]["policies"], ["edf"])
        self.assertEqual(j["run"]["set"], ["horizon=500 ms"])
        self.assertEqual(j["run"]["replications"], 4)
        self.assertEqual(j["judge"]["by"], "exact")
        self.assertEqual(j["judge"]["metrics"]["miss_rate"], {"by": "exact", "abs": 0.005, "rel": 0})
        self.assertEqual(list(j["cells"][0]["tasks"]), ["fast", "slow"])
        self.assertEqual([k for k in j["cells"][0]["values"]], ["miss_rate"])
        self.assertIn("all 4 numbers", self.output("check", "b.json"))  # events, all tasks, and each of two
        self.slower()
        self.assertIn("4 of 4 event streams differ", self.output("check", "b.json", code=1))

    def test_limits(self):
        def rule(*arguments):
            self.terastal("check", "--update", "b.json", *arguments)
            return json.loads(self.read("b.json"))["judge"]["metrics"]["miss_rate"]

        self.assertEqual(rule("--limit", "miss_rate=exact")["by"], "exact")
        self.assertEqual(rule("--limit", "miss_rate=0.1"), {"by": "noninferior", "abs": 0.1, "rel": 0})
        self.assertEqual(rule("--limit", "miss_rate=tolerance"), {"by": "tolerance", "abs": 0.1, "rel": 0})
        self.assertEqual(rule("--limit", "miss_rate=3 %"), {"by": "tolerance", "abs": 0, "rel": 0.03})
        message = self.error("check", "--update", "b.json", "--judge", "exact", "--limit", "miss_rate=0.1", code=2)
        self.assertIn("--limit: 'miss_rate' is judged exactly, which knows no limit; say miss_rate=noninferior", message)
        self.assertEqual(rule("--judge", "exact", "--limit", "miss_rate=noninferior", "--limit", "miss_rate=0.1"),
                         {"by": "noninferior", "abs": 0.1, "rel": 0})

    def test_tasks_are_judged_and_not_any_more(self):
        self.terastal("check", "--update", "b.json", "--tasks")
        self.assertIn("tasks", json.loads(self.read("b.json"))["cells"][0])
        self.assertIn("tasks: each → together", self.output("check", "--update", "b.json", "--no-tasks"))
        self.assertNotIn("tasks", json.loads(self.read("b.json"))["cells"][0])
        self.error("check", "--update", "b.json", "--tasks", "--no-tasks", code=2)

    def test_changes_are_kept(self):
        self.terastal("check", "--update", "b.json", "--set", "late_jobs=drop_hopeless", "--horizon", "500 ms")
        text = self.output("check", "--update", "b.json", "--seed", "9", "--horizon", "400 ms")
        self.assertEqual(json.loads(self.read("b.json"))["run"]["set"],
                         ["late_jobs=drop_hopeless", "horizon=400 ms", "seed=9"])
        self.assertIn("set: late_jobs=drop_hopeless, horizon=500 ms → late_jobs=drop_hopeless, horizon=400 ms, seed=9", text)
        self.output("check", "b.json")

    def test_other_seeds_are_not_compared(self):
        text = self.output("check", "--update", "b.json", "--seed", "100")
        self.assertIn("seeds from 100 on, not from 1", text)
        self.assertIn("unpaired", text)
        self.assertNotIn("±", text)
        self.assertEqual(json.loads(self.read("b.json"))["cells"][0]["seed"], 100)
        text = self.output("check", "--update", "b.json", "--set", "tasks.slow.deadline=25 ms")
        self.assertIn("the scenarios are changed otherwise (set)", text)
        self.assertNotIn("±", text)

    def test_update_shows_what_goes(self):
        rows = list(csv.DictReader(io.StringIO(self.output("check", "--update", "b.json", "-p", "edf", "--metrics",
                                                           "miss_rate", "-f", "csv"))))
        missing = [(r["policy"], r["metric"]) for r in rows if r["verdict"] == "missing"]
        self.assertEqual(missing, [("edf", "antt"), ("edf", "energy"), ("fcfs", "miss_rate"), ("fcfs", "antt"),
                                   ("fcfs", "energy")])
        self.terastal("check", "--update", "b.json", "--tasks")
        self.change("name: fast\n", "name: quick\n")
        lines = self.output("check", "--update", "b.json").splitlines()
        self.assertTrue(any("fast" in line and line.endswith("gone") for line in lines), lines)
        self.assertTrue(any("quick" in line and line.endswith("new") for line in lines), lines)

    def test_a_baseline_judges_something(self):
        nothing = ["check", "--update", "n.json", "small.yaml", "-p", "fcfs", "--metrics", "antt", "--horizon", "1 us"]
        self.assertIn("n.json: error: nothing would be judged: no run has a value of antt", self.error(*nothing, code=3))
        self.assertFalse((self.folder / "n.json").exists())
        self.terastal(*nothing, "--judge", "exact")
        text = self.output("check", "n.json")
        self.assertIn("1 undefined, 1 identical", text)

    def test_inputs_are_the_same_everywhere(self):
        self.terastal("check", "--update", "x.json", "multi_camera_heavy_6k", "-p", "fcfs", "-n", "1", "--horizon",
                      "200 ms")
        paths = [i["path"] for i in json.loads(self.read("x.json"))["inputs"]]
        self.assertIn("workloads/networks/vgg11.csv", paths)
        self.assertEqual([p for p in paths if p.startswith("/")], [])
        self.assertNotIn("changed", self.output("check", "x.json"))

    def test_nothing_else_is_replaced(self):
        before = self.read("small.yaml")
        message = self.error("check", "--update", "small.yaml", "small.yaml", code=3)
        self.assertIn("small.yaml:1:1: error: this is no baseline", message)
        self.assertEqual(self.read("small.yaml"), before)


if __name__ == "__main__":
    main()
