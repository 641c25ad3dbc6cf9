"""Schedulability tests without simulation, and the search for a policy's settings."""

import csv
import io
import json

from support import CliTest, main


class Analyze(CliTest):
    def test_formats_agree(self):
        document = json.loads(self.output("analyze", "multi_camera_heavy_6k", "-f", "json"))
        self.assertEqual(document["kind"], "analysis")
        text = self.output("analyze", "multi_camera_heavy_6k")
        for word in ["utilisation", "necessary"]:
            self.assertIn(word, text)
        self.assertIn("sufficient", self.output("analyze", "multi_camera_light_4k", "--mapping", "partitioned"))
        self.assertTrue(list(csv.DictReader(io.StringIO(self.output("analyze", "multi_camera_heavy_6k", "-f", "csv")))))

    def test_requirement_sets_the_exit_code(self):
        self.terastal("analyze", "multi_camera_heavy_6k", "--require", "schedulable", code=1)
        self.terastal("analyze", "multi_camera_edge", "--mapping", "partitioned", "--policy", "edf", "--require", "schedulable",
                     code=0)


class Tune(CliTest):
    ARGUMENTS = ["tune", "small.yaml", "-n", "2", "--metric", "miss_rate"]

    def test_formats_agree(self):
        document = json.loads(self.output(*self.ARGUMENTS, "-f", "json"))
        table = list(csv.DictReader(io.StringIO(self.output(*self.ARGUMENTS, "-f", "csv"))))
        self.assertEqual(len(table), len(document["probes"]))
        best = [p for p in document["probes"] if p["best"]]
        self.assertEqual(len(best), 1)
        self.assertEqual(best[0]["metric"], min(p["metric"] for p in document["probes"]))
        self.assertIn("Best: --policy " + document["best_policy"], self.output(*self.ARGUMENTS))

    def test_says_what_is_wrong(self):
        for arguments, word, code in [(["--over", "alpha"], "alpha=0..2", 2), (["--over", "guard=0..1"], "no setting 'guard'", 3),
                                (["--over", "alpha=2..1"], "ascending", 2), (["--metric", "misses"], "allowed", 2)]:
            error = self.error("tune", "small.yaml", *arguments, code=code)
            self.assertIn(word, error)


if __name__ == "__main__":
    main()
