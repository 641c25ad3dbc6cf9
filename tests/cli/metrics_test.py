"""Metrics of a run, chosen metrics of a comparison, and the search for the load that a policy takes."""

import csv
import io
import json

from support import CliTest, main


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


class Run(CliTest):
    def test_files_agree(self):
        j = json.loads(self.output("run", "small.yaml", "-f", "json"))["results"]
        table = rows(self.output("run", "small.yaml", "-f", "csv"))
        system = table[-1]
        self.assertIsNone(j["metrics"]["uxcost"])  # the first task has no energies
        self.assertEqual(system["uxcost"], "")
        for key in ["antt", "stp", "fairness", "sla", "throughput_per_s", "xrbench", "xrbench_clean"]:
            self.assertEqual(float(system[key]), j["metrics"][key], key)
        for row, task in zip(table, j["tasks"]):
            self.assertEqual(float(row["antt"]), task["service"]["slowdown"])
            self.assertEqual(float(row["stp"]), task["service"]["progress"])
            self.assertAlmostEqual(task["service"]["in_time"] + task["miss_rate"], 1.0)
        self.assertEqual(j["tasks"][0]["service"]["isolated_ms"], 6)
        self.assertAlmostEqual(j["metrics"]["sla"] + j["job_weighted_miss_rate"], 1.0)

    def test_table(self):
        text = self.output("run", "small.yaml")
        for word in ["ANTT", "STP", "fairness", "SLA satisfaction", "UXCost", "needs energies", "XRBench score"]:
            self.assertIn(word, text)


class Compare(CliTest):
    def test_chosen_metrics(self):
        arguments = ["compare", "small.yaml", "-n", "3", "-p", "fcfs,edf", "--metrics", "antt,sla,uxcost"]
        text = self.output(*arguments)
        self.assertIn("Change against fcfs", text)
        self.assertNotIn("Miss rate in %", text)
        j = json.loads(self.output(*arguments, "-f", "json"))
        self.assertEqual([m["metric"] for m in j["metrics"]], ["antt", "sla", "uxcost"])
        edf = j["results"][0]["policies"][1]
        self.assertEqual(edf["metrics"]["antt"]["n"], 3)
        self.assertEqual(edf["metrics"]["uxcost"]["n"], 0)
        table = rows(self.output(*arguments, "-f", "csv"))
        self.assertEqual(float(table[-1]["antt"]), edf["metrics"]["antt"]["mean"])
        self.assertEqual(table[-1]["uxcost"], "")

    def test_without_them_nothing_is_added(self):
        self.assertNotIn("antt", self.output("compare", "small.yaml", "-n", "2", "-p", "edf", "-f", "jsonl"))

    def test_wrong_names(self):
        self.assertIn("--metrics: unknown metric 'ant' (did you mean 'antt'?); allowed: miss_rate,",
                      self.error("compare", "small.yaml", "--metrics", "ant", code=2))
        self.assertIn("'stp' is given twice", self.error("compare", "small.yaml", "--metrics", "stp,stp", code=2))


class Throughput(CliTest):
    ARGUMENTS = ["throughput", "small.yaml", "-p", "fcfs,edf", "--qos", "0.8", "-n", "2"]

    def test_formats_agree(self):
        j = json.loads(self.output(*self.ARGUMENTS, "-f", "json"))
        self.assertEqual(j["kind"], "throughput")
        self.assertTrue(j["complete"])
        table = rows(self.output(*self.ARGUMENTS, "-f", "csv"))
        self.assertEqual(len(table), sum(len(r["probes"]) for r in j["results"]))
        for result in j["results"]:
            self.assertEqual(result["end"], "bounded")
            bound, too_much = result["bound"], result["too_much"]
            self.assertGreaterEqual(bound["in_time"], 0.8)
            self.assertLess(too_much["in_time"], 0.8)
            self.assertLessEqual(too_much["scale"], bound["scale"] * 1.01 + 1e-9)
            mine = [r for r in table if r["policy"] == result["policy"] and r["is_bound"] == "true"]
            self.assertEqual([float(r["jobs_per_s"]) for r in mine], [bound["jobs_per_s"]])
        self.assertIn("Assumed: more load never serves better", self.output(*self.ARGUMENTS))
        self.assertEqual(len(self.output(*self.ARGUMENTS, "-f", "jsonl").splitlines()), 2)

    def test_threads_make_no_difference(self):
        one = json.loads(self.output(*self.ARGUMENTS, "-f", "json", "-j", "1"))
        three = json.loads(self.output(*self.ARGUMENTS, "-f", "json", "-j", "3"))
        self.assertEqual(one["results"], three["results"])

    def test_traces_are_refused(self):
        self.write("trace.csv", "release_ms\n0\n10\n")
        message = self.error("throughput", "small.yaml", "--set",
                             "tasks.fast.arrivals={kind: trace, file: trace.csv}", "--set",
                             "tasks.fast.deadline=10 ms", code=3)
        self.assertIn("task 'fast': the releases of a trace have no rate", message)

    def test_usage(self):
        for arguments, words in [(["--qos", "2"], "--qos: '2' is not a number from"),
                                 (["--min-scale", "2", "--max-scale", "1"], "--min-scale is larger"),
                                 (["--criterion", "job"], "did you mean 'jobs'?"),
                                 (["-p", "edf,edf"], "'edf' is given twice"),
                                 (["--set", "policy.order=ready"], "settings stand with their policy")]:
            self.assertIn(words, self.error("throughput", "small.yaml", *arguments, code=2))
        self.assertIn("needs one scenario", self.error("throughput", code=2))


if __name__ == "__main__":
    main()
