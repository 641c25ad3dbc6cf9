"""Every format parses and holds what it promises; results do not depend on threads."""

import csv
import io
import json

from support import CliTest, main

DURATIONS = {"count", "mean_ms", "p50_ms", "p95_ms", "p99_ms", "max_ms"}


def rows(text):
    return list(csv.DictReader(io.StringIO(text)))


class Run(CliTest):
    def test_json(self):
        j = json.loads(self.output("run", "small.yaml", "--format", "json"))
        self.assertEqual(list(j), ["schema_version", "kind", "tool", "inputs", "config", "config_digest", "policy", "seed",
                                   "replications", "exact_percentiles", "invariants_checked", "complete", "results",
                                   "environment"])
        self.assertEqual(j["inputs"][0]["path"], "small.yaml")
        self.assertRegex(j["inputs"][0]["sha256"], "^[0-9a-f]{64}$")
        self.assertRegex(j["config_digest"], "^sha256:[0-9a-f]{64}$")
        self.assertEqual(j["config"]["horizon"], "1 s")
        self.assertEqual(set(j["tool"]), {"name", "version", "git"})
        self.assertEqual(set(j["environment"]), {"compiler", "build_type", "threads", "wall_time_s"})
        self.assertEqual(j["policy"]["id"], "terastal")

    def test_json_results(self):
        r = json.loads(self.output("run", "small.yaml", "--format", "json"))["results"]
        self.assertRegex(r["digest"], "^0x[0-9a-f]{16}$")
        fast, slow = r["tasks"]
        self.assertEqual(fast["released"], fast["completed"] + fast["dropped"])
        self.assertAlmostEqual(fast["miss_rate"], (fast["late"] + fast["dropped"]) / fast["released"])
        self.assertAlmostEqual(r["miss_rate"], (fast["miss_rate"] + slow["miss_rate"]) / 2)
        self.assertEqual(set(fast["response"]), DURATIONS)
        self.assertIn("mk_violations", slow)
        self.assertEqual(fast["accuracy"]["baseline"], 80)
        self.assertEqual(sum(s["jobs"] for s in fast["accuracy"]["variant_sets"]), fast["completed"])
        self.assertEqual([a["accelerator"] for a in r["accelerators"]], ["gpu0", "npu0"])

    def test_csv_agrees_with_json(self):
        j = json.loads(self.output("run", "small.yaml", "-f", "json"))["results"]
        table = rows(self.output("run", "small.yaml", "-f", "csv"))
        self.assertEqual([r["task"] for r in table], ["fast", "slow", "_all"])
        for row, task in zip(table, j["tasks"]):
            self.assertNotIn(None, row)
            self.assertEqual(float(row["miss_rate"]), task["miss_rate"])
            self.assertEqual(float(row["response_p99_ms"]), task["response"]["p99_ms"])
            self.assertEqual(float(row["energy_mj"]), task["energy_mj"])
        self.assertEqual(float(table[2]["miss_rate"]), j["miss_rate"])
        self.assertEqual(float(table[2]["job_weighted_miss_rate"]), j["job_weighted_miss_rate"])

    def test_jsonl(self):
        lines = self.output("run", "small.yaml", "-f", "jsonl").splitlines()
        self.assertEqual(len(lines), 1)
        self.assertEqual(json.loads(lines[0])["scenario"], "small")

    def test_table(self):
        text = self.output("run", "small.yaml")
        for words in ["small: two tasks", "terastal (our reading)", "pair: gpu0 (gpu), npu0 (npu)", "run_on", "(3,4)"]:
            self.assertIn(words, text)

    def test_job_records(self):
        self.terastal("run", "small.yaml", "--job-records", "jobs.csv")
        jobs = rows(self.read("jobs.csv"))
        r = json.loads(self.output("run", "small.yaml", "-f", "json"))["results"]
        self.assertEqual(len(jobs), sum(t["released"] for t in r["tasks"]))
        late = sum(job["status"] == "late" for job in jobs)
        self.assertEqual(late, sum(t["late"] for t in r["tasks"]))

    def test_exact_percentiles(self):
        rough = json.loads(self.output("run", "small.yaml", "-f", "json"))["results"]["tasks"][0]["response"]
        exact = json.loads(self.output("run", "small.yaml", "-f", "json", "--exact-percentiles"))
        self.assertTrue(exact["exact_percentiles"])
        self.assertAlmostEqual(exact["results"]["tasks"][0]["response"]["p50_ms"] / rough["p50_ms"], 1, delta=0.001)


class Compare(CliTest):
    ARGUMENTS = ["compare", "small.yaml", "--replications", "4"]

    def test_same_bytes_for_any_number_of_threads(self):
        for form in ["table", "csv", "jsonl"]:
            one = self.output(*self.ARGUMENTS, "-f", form, "--jobs", "1")
            self.assertEqual(one, self.output(*self.ARGUMENTS, "-f", form, "--jobs", "2"))
        documents = []
        for jobs in ["1", "2", "0"]:
            j = json.loads(self.output(*self.ARGUMENTS, "-f", "json", "--jobs", jobs))
            del j["environment"]
            documents.append(json.dumps(j))
        self.assertEqual(len(set(documents)), 1)

    def test_json_metrics(self):
        j = json.loads(self.output(*self.ARGUMENTS, "-f", "json"))
        self.assertEqual([p["label"] for p in j["policies"]], ["fcfs", "edf", "dream", "terastal"])
        self.assertEqual(j["first_policy"], "fcfs")
        policies = j["results"][0]["policies"]
        miss = policies[3]["miss_rate"]
        self.assertLessEqual({"n", "mean", "ci_low", "ci_high", "ci_level", "method"}, set(miss))
        self.assertEqual(miss["n"], 4)
        difference = miss["mean"] - policies[0]["miss_rate"]["mean"]
        self.assertAlmostEqual(miss["against_first"]["difference"]["mean"], difference)
        self.assertEqual([t["task"] for t in policies[0]["tasks"]], ["fast", "slow"])

    def test_runs_are_those_of_run(self):
        lines = [json.loads(line) for line in self.output(*self.ARGUMENTS, "-p", "edf", "-f", "jsonl").splitlines()]
        self.assertEqual([line["seed"] for line in lines], [1, 2, 3, 4])
        alone = json.loads(self.output("run", "small.yaml", "-p", "edf", "--seed", "3", "-f", "json"))
        self.assertEqual(lines[2]["digest"], alone["results"]["digest"])

    def test_csv(self):
        table = rows(self.output("compare", "small.yaml", "small.yaml", "-n", "2", "-p", "fcfs,edf", "-f", "csv"))
        self.assertEqual(len(table), 2 * 2 * 3 + 2)
        self.assertEqual(table[-1]["scenario"], "_all")
        self.assertEqual(table[0]["miss_rate_difference"], "")
        self.assertNotEqual(table[3]["miss_rate_difference_ci_low"], "")

    def test_same_seeds_are_identical(self):
        text = self.output("compare", "small.yaml", "-n", "2", "-p", "terastal:variants=false,terastal:variants=true",
                           "--set", "accuracy_threshold=1")
        self.assertIn("identical", text)

    def test_scenarios_without_chance_are_pointed_out(self):
        self.assertIn("The seed makes no difference", self.output("compare", "vr_gaming", "-n", "2", "-p", "fcfs,edf"))
        self.assertNotIn("The seed makes no difference", self.output(*self.ARGUMENTS))

    def test_one_replication_has_no_interval(self):
        self.assertIn("no intervals", self.output("compare", "small.yaml", "-n", "1"))


class Others(CliTest):
    def test_plan(self):
        j = json.loads(self.output("plan", "small.yaml", "-f", "json"))
        self.assertEqual(j["budget_rule"], "level")
        fast = j["tasks"][0]
        self.assertAlmostEqual(sum(layer["budget_ms"] for layer in fast["layers"]), fast["deadline_ms"], places=6)
        self.assertEqual(fast["valid_variant_sets"][0]["variants"], "thin")
        self.assertEqual(len(rows(self.output("plan", "small.yaml", "-f", "csv"))), 3)
        self.assertEqual(len(self.output("plan", "small.yaml", "-f", "jsonl").splitlines()), 2)
        self.assertIn("fast: budgets of layers", self.output("plan", "small.yaml", "--task", "fast"))
        self.assertEqual(json.loads(self.output("plan", "small.yaml", "--set", "policy.budget_rule=equal", "-f", "json"))
                         ["budget_rule"], "equal")

    def test_lists(self):
        for what in ["policies", "platforms", "networks", "scenarios"]:
            self.assertTrue(json.loads(self.output("list", what, "-f", "json"))[what])
            self.assertTrue(rows(self.output("list", what, "-f", "csv")))
            for line in self.output("list", what, "-f", "jsonl").splitlines():
                json.loads(line)
            self.assertNotIn("HAS ERRORS", self.output("list", what))

    def test_policies_show_their_settings(self):
        policies = json.loads(self.output("list", "policies", "-f", "json"))["policies"]
        terastal = next(p for p in policies if p["id"] == "terastal")
        self.assertTrue(terastal["our_reading"])
        variants = next(s for s in terastal["settings"] if s["name"] == "variants")
        self.assertEqual(variants["type"], "true | false")
        self.assertEqual(variants["default"], "true")

    def test_schema(self):
        for kind in ["platform", "network", "scenario", "sweep", "reproduction"]:
            schema = json.loads(self.output("schema", kind))
            self.assertIn("draft-07", schema["$schema"])
            self.assertIn(kind, schema["properties"])

    def test_version(self):
        self.assertEqual(json.loads(self.output("version", "-f", "json"))["name"], "terastal")


if __name__ == "__main__":
    main()
