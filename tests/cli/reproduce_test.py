"""Reproductions: what is written, going on, errors."""

import json

from support import CliTest, main

SWEEP = """\
sweep: grid
axes:
  scenario: small.yaml
  policy: [edf, fcfs]
  seed: 3
set: { horizon: 200 ms }
metrics: [miss_rate]
"""

CLAIMS = """\
reproduction: example
title: An example
quick: { sweeps: [axes.seed=1..2] }
sweeps: { grid: grid.sweep.yaml }
figures:
  - { id: misses, title: Misses, kind: bars, from: grid, x: policy, measure: miss_rate }
claims:
  - { id: edf, says: EDF misses less, from: grid, measure: miss_rate, policy: edf, against: fcfs, direction: less }
"""


class Reproduce(CliTest):
    def setUp(self):
        super().setUp()
        self.write("grid.sweep.yaml", SWEEP)
        self.write("claims.yaml", CLAIMS)

    def test_files_and_claims(self):
        text = self.output("reproduce", "claims.yaml", "-q", "-j", "1")
        self.assertIn("An example\n\nClaims\n", text)
        self.assertIn("less", text)
        folder = self.folder / "reproduce-example"
        self.assertEqual(sorted(p.name for p in folder.iterdir() if not p.name.endswith((".lock", "-wal", "-shm"))),
                         ["claims.json", "claims.md", "grid.sqlite", "misses.csv", "misses.svg"])
        document = json.loads((folder / "claims.json").read_text())
        self.assertEqual(document["kind"], "reproduction")
        self.assertEqual(document["experiments"][0]["seeds"], 3)
        self.assertFalse(document["quick"])
        self.assertEqual(self.output("reproduce", "claims.yaml", "-q", "-j", "2", "--format", "json"),
                         (folder / "claims.json").read_text())

    def test_quick_has_its_own_folder_and_says_so(self):
        text = self.output("reproduce", "claims.yaml", "-q", "--quick")
        self.assertIn("Quick: few seeds, short runs. These are no results.", text)
        self.assertTrue((self.folder / "reproduce-example-quick/claims.md").exists())

    def test_a_folder_of_other_runs_is_refused(self):
        self.output("reproduce", "claims.yaml", "-q", "-o", "out")
        done = self.terastal("reproduce", "claims.yaml", "-q", "--quick", "-o", "out", code=3)
        self.assertIn("grid.sqlite", done.stderr)

    def test_names(self):
        done = self.terastal("reproduce", "terastl", code=3)
        self.assertIn("'terastl' (did you mean 'terastal'?)", done.stderr)
        self.terastal("reproduce", code=2)
        self.assertIn("claims.yaml", self.terastal("reproduce", "none/claims.yaml", code=3).stderr)

    def test_all_errors_of_a_claims_file_at_once(self):
        self.write("claims.yaml", CLAIMS.replace("against: fcfs", "against: fcf").replace("x: policy", "x: polcy"))
        done = self.terastal("reproduce", "claims.yaml", "-q", code=3)
        self.assertIn("claims.yaml:8:", done.stderr)
        self.assertIn("error: there is no policy 'fcf' (did you mean 'fcfs'?); there are edf, fcfs", done.stderr)
        self.assertIn("claims.yaml:6:", done.stderr)
        self.assertIn("there is no axis 'polcy' (did you mean 'policy'?)", done.stderr)
        self.assertFalse((self.folder / "reproduce-example").exists())

    def test_unknown_keys_are_told_with_those_allowed(self):
        self.write("claims.yaml", CLAIMS.replace("direction: less", "direction: fewer"))
        done = self.terastal("reproduce", "claims.yaml", "-q", code=3)
        self.assertIn("claims.yaml:8:", done.stderr)
        self.assertIn("less", done.stderr)
        self.assertIn("more", done.stderr)

    def test_verdicts_of_known_runs(self):
        self.output("reproduce", "claims.yaml", "-q", "-o", "first")
        ours = json.loads((self.folder / "first/claims.json").read_text())["claims"][0]["value"]
        half_width = ours["ci_high"] - ours["mean"]
        self.assertGreater(half_width, 1)
        # name, published, tolerance: the same with a tolerance above the half-width, without one, and far away
        claims = [("same", ours["mean"], half_width + 1), ("noisy", ours["mean"], 0), ("far", ours["mean"] + half_width + 2, 1)]
        self.write("claims.yaml", CLAIMS + "".join(
            f"  - {{ id: {name}, says: x, from: grid, measure: miss_rate, policy: edf, published: {value}, within: {within} }}\n"
            for name, value, within in claims))
        self.output("reproduce", "claims.yaml", "-q", "-o", "second")
        document = json.loads((self.folder / "second/claims.json").read_text())
        self.assertEqual({c["id"]: c["verdict"] for c in document["claims"][1:]},
                         {"same": "agrees", "noisy": "inconclusive", "far": "differs"})

    def test_an_output_that_cannot_be_a_folder(self):
        self.write("file", "")
        done = self.terastal("reproduce", "claims.yaml", "-q", "-o", "file", code=4)
        self.assertIn("cannot make the folder file", done.stderr)


if __name__ == "__main__":
    main()
