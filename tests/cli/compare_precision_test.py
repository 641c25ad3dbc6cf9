"""Comparisons that stop by precision, judge differences together, and look for their warm-up."""

import csv
import io
import json

from support import CliTest, main


class Until(CliTest):
    ARGUMENTS = ["compare", "small.yaml", "-p", "fcfs,edf"]

    def test_stops_by_itself_on_any_number_of_threads(self):
        texts = [self.output(*self.ARGUMENTS, "--until", "ci=0.05", "-j", jobs) for jobs in ["1", "3"]]
        self.assertEqual(*texts)
        self.assertIn("Until half-widths are at most 0.05: reached after", texts[0])

    def test_the_cap(self):
        j = json.loads(self.output(*self.ARGUMENTS, "--until", "ci=0.0001", "-n", "12", "-f", "json"))
        self.assertEqual(j["until"]["reached"], False)
        self.assertEqual(j["until"]["replications"], 12)
        self.assertGreater(j["until"]["widest"]["replications_needed"], 12)

    def test_relative_to_a_metric(self):
        j = json.loads(self.output(*self.ARGUMENTS, "--until", "ci=5%", "-m", "antt", "-f", "json"))
        self.assertTrue(j["until"]["relative"])
        self.assertTrue(j["until"]["reached"])
        for policy in j["results"][0]["policies"]:
            antt = policy["metrics"]["antt"]
            self.assertLessEqual(antt["ci_high"] - antt["mean"], 0.05 * antt["mean"] * 1.000001)

    def test_refusals(self):
        for bad in ["0.005", "ci=", "ci=0", "ci=-1", "ci=many", "width=3"]:
            text = self.error(*self.ARGUMENTS, "--until", bad, code=2)
            self.assertIn("--until", text)
            self.assertIn("0.005", text)
        self.assertIn("at least two", self.error(*self.ARGUMENTS, "--until", "ci=1", "-n", "1", code=2))
        self.assertIn("allowed: t, bca", self.error(*self.ARGUMENTS, "--intervals", "bootstrap", code=2))
        self.assertIn("--set warm_up=TIME", self.error(*self.ARGUMENTS, "--warm-up", "1 s", code=2))


class Verdicts(CliTest):
    def verdicts(self, *arguments):
        text = self.output("compare", "small.yaml", "-n", "10", "--holm", "-f", "csv", *arguments)
        rows = [r for r in csv.DictReader(io.StringIO(text)) if r["task"] == "_all"]
        self.assertEqual(rows[0]["miss_rate_verdict"], "")
        for row in rows[1:]:
            self.assertGreaterEqual(float(row["miss_rate_adjusted_p_value"]), float(row["miss_rate_p_value"]))
        return [row["miss_rate_verdict"] for row in rows[1:]]

    def test_one_word_per_difference(self):
        # With a job every 8 ms Terastal's variants halve the misses; EDF's order matters little.
        busy = ["--set", "tasks.fast.arrivals.period=8 ms"]
        self.assertEqual(self.verdicts("-p", "fcfs,edf,terastal", *busy), ["inconclusive", "better"])
        self.assertEqual(self.verdicts("-p", "terastal,fcfs", *busy), ["worse"])
        # Deadlines are periods.
        self.assertEqual(self.verdicts("-p", "rm,dm", *busy), ["identical"])

    def test_few_replications_are_no_bootstrap(self):
        few = ["compare", "small.yaml", "-p", "fcfs,edf", "--intervals", "bca"]
        self.assertIn("use 10 or more", self.terastal(*few, "-n", "5").stderr)
        self.assertNotIn("use 10 or more", self.terastal(*few, "-n", "10").stderr)

    def test_a_bootstrap_is_repeatable(self):
        arguments = ["compare", "small.yaml", "-n", "5", "-p", "fcfs,edf", "--intervals", "bca"]
        self.assertEqual(self.output(*arguments, "-j", "1"), self.output(*arguments, "-j", "3"))


class WarmUp(CliTest):
    def test_no_steady_state_is_a_warning(self):
        run = self.terastal("compare", "small.yaml", "-n", "2", "-p", "edf", "--warm-up", "mser5", "--set",
                               "tasks.fast.arrivals.period=1 ms")
        self.assertIn("no warm-up found, the scenario's own is used", run.stderr)
        self.assertIn("not found by MSER-5", run.stdout)

    def test_found(self):
        run = self.terastal("compare", "small.yaml", "-n", "2", "-p", "edf", "--warm-up", "mser5", "-f", "json",
                               "--horizon", "10 s", "--set", "tasks.slow.arrivals.rate=10 fps")
        j = json.loads(run.stdout)["results"][0]["warm_up"]
        self.assertTrue(j["found"])
        self.assertEqual(j["pilot_seed"], 1000001)
        self.assertEqual(run.stderr, "")


if __name__ == "__main__":
    main()
