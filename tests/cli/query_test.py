"""Paired differences and means of a sweep's results, beside what `compare` says of the same runs."""

import csv
import io
import json

from support import CliTest, main

SWEEP = """\
sweep: unequal
axes:
  scenario: [small.yaml]
  load: [1, 1.3]
  policy: [fcfs, edf, terastal]
  seed: 1..6
skip:
  - { policy: edf, load: 1.3 }
metrics: [miss_rate, sla, energy]
"""


class QueryTest(CliTest):
    def setUp(self):
        super().setUp()
        self.write("sweep.yaml", SWEEP)
        self.terastal("sweep", "sweep.yaml", "-q", "-o", "s.sqlite")

    def query(self, *arguments, **more):
        return self.output("query", "s.sqlite", *arguments, **more)

    def rows(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.query("-f", "csv", "-q", *arguments))))


class Against(QueryTest):
    def assert_is_compare(self, intervals):
        """The statistics of a sweep's cells are those of `compare` on the same scenario, seeds and policies."""
        text = self.output("compare", "small.yaml", "-p", "fcfs,edf,terastal", "-n", "6", "-m", "miss_rate,sla,energy",
                           "--holm", "--intervals", intervals, "-f", "json")
        compared = {p["policy"]: p["metrics"] for p in json.loads(text)["results"][0]["policies"]}
        document = json.loads(self.query("--against", "fcfs", "-w", "load=1", "--holm", "--intervals", intervals,
                                         "-f", "json"))
        self.assertEqual(document["verdicts"], {"method": "holm_paired_t", "alpha": 0.05, "differences": 6})
        self.assertEqual(len(document["differences"]), 6)
        for d in document["differences"]:
            expected = compared[d["policy"]][d["metric"]]
            against = expected["against_first"]
            self.assertEqual((d["load"], d["n"], d["left_out"]), (1, 6, 0))
            self.assertEqual(d["mean"], expected["mean"])
            self.assertEqual(d["base_mean"], compared["fcfs"][d["metric"]]["mean"])
            for name in ["difference", "relative_change"]:
                self.assertEqual([d[name], d[f"{name}_ci_low"], d[f"{name}_ci_high"]],
                                 [against[name][end] for end in ["mean", "ci_low", "ci_high"]])
            for name in ["p_value", "adjusted_p_value", "verdict"]:
                self.assertEqual(d[name], against[name])

    def test_the_numbers_are_those_of_compare(self):
        self.assert_is_compare("t")

    def test_and_with_bootstrap_intervals(self):
        self.assert_is_compare("bca")

    def test_table(self):
        done = self.terastal("query", "s.sqlite", "--against", "fcfs", "--metrics", "miss_rate", "-w", "load=1")
        self.assertEqual(done.stderr, "")
        self.assertIn("miss rate, mean over tasks in %, against fcfs\n", done.stdout)
        self.assertRegex(done.stdout, r"\n +1 +terastal +\d+\.\d\d +\d+\.\d\d +-\d+\.\d\d ± +\d+\.\d\d .* better\n")
        self.assertIn("paired by seed (n = 6)", done.stdout)

    def test_cells_without_a_partner(self):
        done = self.terastal("query", "s.sqlite", "--against", "fcfs", "-m", "miss_rate")
        self.assertEqual(done.stderr, "terastal: warning: cells without a partner are left out: 1.3 / edf: 6 of 6 cells, "
                                      "n = 0\n")
        self.assertEqual(self.terastal("query", "s.sqlite", "--against", "fcfs", "-q").stderr, "")
        row = next(r for r in self.rows("--against", "fcfs") if r["policy"] == "edf" and r["load"] == "1.3")
        self.assertEqual((row["n"], row["left_out"], row["difference"], row["verdict"]), ("0", "6", "", ""))
        # Over both loads, edf is compared where both are: at the first.
        one = self.rows("--against", "fcfs", "-p", "rows=scenario", "-m", "miss_rate")[0]
        other = self.rows("--against", "policy=fcfs", "-w", "load=1,policy=edf", "-m", "miss_rate")[0]
        self.assertEqual((one["policy"], one["cells"], one["left_out"]), ("edf", "6", "6"))
        self.assertEqual(one["difference"], other["difference"])

    def test_another_axis(self):
        rows = self.rows("--against", "load=1.0", "-w", "policy=fcfs|terastal", "-m", "energy")
        self.assertEqual([(r["policy"], r["load"], r["against"], r["n"]) for r in rows],
                         [("fcfs", "1.3", "1", "6"), ("terastal", "1.3", "1", "6")])

    def test_mistakes(self):
        for arguments, message in [
                (["--against", "edff"], "--against: unknown value of 'policy': 'edff' (did you mean 'edf'?)"),
                (["--against", "seed=1"], "--against: seeds pair the cells"),
                (["--against", "edf", "-m", "antt"], "--metrics: unknown metric of this sweep: 'antt'"),
                (["--against", "edf", "--columns", "all"], "--against and --columns exclude each other"),
                (["--against", "edf", "-p", "value=sla"], "--pivot: with --against only rows are chosen"),
                (["--against", "edf", "-t", "each", "-p", "rows=load"], "'task' must be in the rows"),
                (["--against", "edf", "--intervals", "z"], "--intervals: 'z' is unknown; allowed: t, bca"),
                (["--holm"], "--holm belongs to --against"),
                (["--digest", "-w", "policy=edf"], "--digest is about the whole store: --where has no effect"),
                (["--info", "-t", "each"], "--info is about the whole store: --task has no effect")]:
            self.assertIn(message, self.error("query", "s.sqlite", *arguments, code=2))


class Means(QueryTest):
    def test_unequal_sets_of_cells(self):
        done = self.terastal("query", "s.sqlite", "--pivot", "rows=policy")
        self.assertEqual(done.stderr, "terastal: warning: means over unequal sets of cells do not compare: edf has 6 of 12 "
                                      "(no load 1.3)\n")
        self.assertRegex(done.stdout, r"\n  edf +\* \d+\.\d+ ± +\d+\.\d+\n")
        document = json.loads(self.query("--pivot", "rows=policy", "-f", "json"))
        self.assertTrue(document["unbalanced"])
        self.assertEqual(document["lacking"], [{"row": {"policy": "edf"}, "column": {}, "cells": 6, "of": 12,
                                                "none_of": {"load": [1.3]}}])
        self.assertEqual([r["lacking"] for r in self.rows("--pivot", "rows=policy")], ["0", "6", "0"])
        done = self.terastal("query", "s.sqlite", "--pivot", "rows=policy", "-w", "load=1")
        self.assertEqual(done.stderr, "")
        self.assertNotIn("*", done.stdout)

    def test_every_form_names_its_store(self):
        digest = self.query("--digest").strip()
        for form in [["--pivot", "rows=policy", "-w", "load=1"], ["--columns", "seed"], ["--against", "fcfs"], ["--failed"]]:
            document = json.loads(self.query(*form, "-f", "json"))
            self.assertEqual(document["sweep"]["digest"], digest)
            self.assertIn("where", document["selection"])
        self.assertEqual({r["store_digest"] for r in self.rows("--pivot", "rows=policy")}, {digest})
        self.assertEqual({r["store_digest"] for r in self.rows("--against", "fcfs")}, {digest})
        self.assertEqual(json.loads(self.query("--digest", "-f", "json"))["digest"], digest)
        self.assertEqual(self.query("--digest", "-f", "csv"), f"digest\n{digest}\n")
        info = list(csv.reader(io.StringIO(self.query("--info", "-f", "csv"))))
        self.assertIn(["sweep", "digest", digest], info)
        self.assertIn(["axis", "load", "1.3"], info)

    def test_nothing_chosen(self):
        for form in [[], ["--columns", "seed"], ["--columns", "seed", "-f", "csv"], ["--pivot", "rows=load", "-f", "json"]]:
            done = self.terastal("query", "s.sqlite", "-w", "policy=edf,load=1.3", *form)
            self.assertEqual(done.stderr, "terastal: warning: no cell that --where chooses is done\n")
        text = self.error("query", "s.sqlite", "-v", "--columns", "sed", code=2)
        self.assertIn("unknown column 'sed'", text)
        self.assertIn("info: s.sqlite: sweep unequal, 30 of 30 cells done",
                      self.terastal("query", "s.sqlite", "-v", "--digest").stderr)


if __name__ == "__main__":
    main()
