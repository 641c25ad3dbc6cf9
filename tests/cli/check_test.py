"""The regression gate: checks pass, fail, and say what they cannot tell."""

import csv
import io
import json
import pathlib
import shutil
import signal
import subprocess
import time
import xml.etree.ElementTree as ElementTree

from gate_support import GateTest
from support import PROGRAM, CliTest, main

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent


class Check(GateTest):
    def test_nothing_changed(self):
        text = self.output("check", "b.json")
        self.assertIn("all 3 numbers", text)
        self.assertIn("6 judgements: 6 identical", text)
        self.assertTrue(text.endswith("passed\n"))

    def test_threads_make_no_difference(self):
        before = self.read("b.json")
        for jobs in "1", "3":
            self.terastal("check", "--update", jobs + ".json", "small.yaml", "-p", "fcfs,edf", "-n", "10", "--metrics",
                          "miss_rate,antt,energy", "-j", jobs)
            self.assertEqual(self.read(jobs + ".json"), before)
            self.output("check", "b.json", "-j", jobs)

    def test_regression(self):
        self.slower()
        text = self.output("check", "b.json", code=1)
        self.assertIn("regresses", text)
        self.assertIn("small.yaml changed", text)
        self.assertTrue(text.endswith("failed\n"))

    def test_formats_agree(self):
        self.slower()
        j = json.loads(self.output("check", "b.json", "-f", "json", code=1))
        self.assertEqual((j["kind"], j["verdict"]), ("check", "failed"))
        result = j["results"][0]
        self.assertEqual([c["path"] for c in result["changed_inputs"]], ["small.yaml"])
        judged = [(c["scenario"], c["policy"], m) for c in result["cells"] for m in c["judgements"]]
        rows = list(csv.DictReader(io.StringIO(self.output("check", "b.json", "-f", "csv", code=1))))
        lines = self.output("check", "b.json", "-f", "jsonl", code=1).splitlines()
        self.assertEqual(len(rows), len(judged))
        self.assertEqual(len(lines), len(judged))
        for row, line, (scenario, policy, m) in zip(rows, lines, judged):
            self.assertEqual((row["scenario"], row["policy"], row["metric"]), (scenario, policy, m["metric"]))
            self.assertEqual(row["verdict"], m["verdict"])
            self.assertEqual(float(row["now"]), m["now"])
            self.assertEqual(json.loads(line)["difference"], m["difference"])
        self.assertEqual(sum(result["counts"].values()), len(judged))

    def test_inconclusive(self):
        self.slower()
        self.output("check", "b.json", "-n", "1", code=5)
        text = self.output("check", "b.json", "-n", "1", "--inconclusive", "pass")
        self.assertIn("1 of 10 replications of each cell", text)
        self.assertIn("one replication decides nothing: at least 2 are needed", text)
        self.output("check", "b.json", "-n", "1", "--inconclusive", "fail", code=1)

    def test_junit(self):
        self.slower()
        self.output("check", "b.json", "--junit", "j.xml", code=1)
        suite = ElementTree.fromstring(self.read("j.xml"))[0]
        self.assertEqual(suite.get("tests"), "6")
        self.assertEqual(len(suite.findall("testcase")), 6)
        failures = [c for c in suite if c.find("failure") is not None]
        self.assertEqual(suite.get("failures"), str(len(failures)))
        self.assertIn("regresses", failures[0].find("failure").get("type"))

    def test_github(self):
        self.slower()
        environment = self.environment(GITHUB_ACTIONS="true", GITHUB_STEP_SUMMARY=str(self.folder / "summary.md"))
        self.write("summary.md", "before\n")
        error = self.terastal("check", "b.json", code=1, env=environment).stderr
        self.assertIn("::error file=b.json,line=", error)
        lines = self.read("b.json").splitlines()
        for text in filter(lambda line: line.startswith("::"), error.splitlines()):
            line = int(text.split("line=")[1].split(",")[0])
            policy = text.split("title=small.yaml under ")[1].split("%3A")[0]
            self.assertIn(f'"scenario": "small.yaml", "policy": "{policy}"', lines[line - 1])
        self.assertTrue(self.read("summary.md").startswith("before\n## terastal check: failed\n"))
        self.assertIn("::error", self.terastal("check", "b.json", "--github", code=1).stderr)
        self.assertNotIn("::error", self.terastal("check", "b.json", code=1).stderr)
        environment["GITHUB_WORKSPACE"] = str(self.folder.parent)
        self.assertIn(f"::error file={self.folder.name}/b.json,line=",
                      self.terastal("check", "b.json", code=1, env=environment).stderr)
        environment["GITHUB_STEP_SUMMARY"] = str(self.folder)
        self.assertIn("warning: cannot write the summary",
                      self.terastal("check", "b.json", code=1, env=environment).stderr)

    def test_interrupted(self):
        self.write("long.json", self.read("b.json").replace('"set": []', '"set": ["horizon=2000 h"]'))
        process = subprocess.Popen([PROGRAM, "check", "long.json", "b.json", "-f", "json", "--junit", "j.xml"],
                                   cwd=self.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, encoding="utf-8",
                                   env=self.environment())
        time.sleep(0.7)
        process.send_signal(signal.SIGINT)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 130, err)
        self.assertIn("interrupted; what was not finished is not judged", err)
        j = json.loads(out)
        self.assertEqual(j["verdict"], "interrupted")
        self.assertEqual([(r["baseline"], r["complete"]) for r in j["results"]], [("long.json", False), ("b.json", False)])
        suites = list(ElementTree.fromstring(self.read("j.xml")))
        self.assertEqual([s.get("name") for s in suites], ["long.json", "b.json"])
        for suite in suites:
            self.assertEqual(suite.get("errors"), "1")
            self.assertEqual(suite.find("testcase/error").get("type"), "interrupted")

    def test_refactoring_passes(self):
        """The inputs change, what they say does not."""
        network = "      network: slow_net\n      layers:\n"
        layer = "        - { name: only, latency: { gpu: 16 ms, npu: 12 ms }, energy: { gpu: 3 mJ, npu: 1 mJ } }\n"
        self.change("    network:\n" + network + layer, "    network: slow.yaml  # of its own\n")
        self.write("slow.yaml", "network: slow_net\nlayers:\n" + layer)
        text = self.output("check", "b.json")
        self.assertIn("small.yaml changed", text)
        self.assertIn("slow.yaml is read, and was not", text)
        self.assertIn("6 judgements: 6 identical", text)

    def test_nothing_is_overwritten(self):
        before = self.read("b.json")
        for arguments, words in [(["b.json", "--junit", "b.json"], "--junit 'b.json' would overwrite the baseline"),
                                 (["b.json", "-o", "./b.json"], "--output './b.json' would overwrite the baseline"),
                                 (["b.json", "--junit", "x", "-o", "x"], "--output 'x' would overwrite --junit"),
                                 (["--update", "b.json", "-o", "b.json"], "--output 'b.json' would overwrite the base")]:
            self.assertIn(words, self.error("check", *arguments, code=2))
        self.assertEqual(self.read("b.json"), before)

    def test_problems_stand_in_the_baseline(self):
        self.write("bad.json", self.read("b.json").replace('"set": []', '"set": [\n      "horizon=2 x",\n      "foo=1"\n    ]'))
        message = self.error("check", "bad.json", code=3)
        places = {number: line for number, line in enumerate(self.read("bad.json").splitlines(), 1) if "=" in line}
        self.assertEqual(len(places), 2)
        for number in places:
            self.assertIn(f"bad.json:{number}:7: error: ", message)
        self.write("named.json", self.read("b.json").replace("small.yaml", "smal"))
        self.assertIn("named.json:7:7: error: no file and no scenario is called 'smal'",
                      self.error("check", "named.json", code=3))
        (self.folder / "small.yaml").unlink()
        self.assertIn("b.json:7:7: error: there is no file 'small.yaml' here; run 'terastal check' in the folder",
                      self.error("check", "b.json", code=3))

    def test_edited_numbers(self):
        self.write("e.json", self.read("b.json").replace('"mean": ', '"average": ', 1))
        self.assertIn("missing key 'mean'", self.error("check", "e.json", code=3))
        j = json.loads(self.read("b.json"))
        series = j["cells"][0]["values"]["energy"]
        series["of"] = [2 * v for v in series["of"]]
        series["mean"] *= 2
        self.write("e.json", json.dumps(j))
        text = self.output("check", "e.json", code=1)
        self.assertIn("the baseline was edited", text)
        self.assertIn("1 changed", text)

    def test_what_the_help_says(self):
        self.assertNotIn("every job", self.output("check", "--help"))
        self.error("check", "b.json", "-v", code=2)

    def test_validate_says_what_reads_it(self):
        self.assertIn("'terastal check'", self.error("validate", "b.json", code=3))

    def test_several_baselines(self):
        self.terastal("check", "--update", "c.json", "small.yaml", "-p", "edf", "-n", "2", "--judge", "exact")
        text = self.output("check", "b.json", "c.json")
        self.assertIn("b.json: measured with", text)
        self.assertIn("c.json: measured with", text)
        self.slower()
        self.output("check", "c.json", code=1)

    def test_a_task_that_goes_is_missing(self):
        self.terastal("check", "--update", "t.json", "small.yaml", "-p", "edf", "-n", "2", "--tasks")
        self.change("name: fast\n", "name: quick\n")
        self.assertIn("missing", self.output("check", "t.json", code=1))

    def test_bad_files(self):
        self.assertIn("none.json: error: cannot read the file: no such file", self.error("check", "none.json", code=3))
        self.write("bad.json", self.read("b.json").replace('"run"', '"runs"').replace('"edf"', '"edg"', 1))
        message = self.error("check", "bad.json", code=3)
        self.assertIn("unknown key 'runs' for a baseline (did you mean 'run'?)", message)
        self.write("moved.json", self.read("b.json").replace("small.yaml", "x/small.yaml"))
        self.assertIn("moved.json:7:7: error: there is no file 'x/small.yaml' here; run 'terastal check' in the folder",
                      self.error("check", "moved.json", code=3))

    def test_usage(self):
        for arguments, words in [([], "check needs a baseline"),
                                 (["b.json", "-n", "11"], "b.json holds 10; for more, measure it again"),
                                 (["b.json", "-p", "edf"], "--policies: what is run and how it is judged stands in"),
                                 (["b.json", "--inconclusive", "maybe"], "is not one of pass, fail"),
                                 (["--update", "new.json"], "there is no file 'new.json' yet: name the scenarios"),
                                 (["--update", "new.json", "small.yaml", "small.yaml"], "is given twice"),
                                 (["--update", "new.json", "small.yaml", "--limit", "antt=1%"], "not among the metrics"),
                                 (["--update", "new.json", "small.yaml", "--limit", "energy=-1"], "is not a limit"),
                                 (["--update", "new.json", "small.yaml", "--judge", "exakt"], "did you mean 'exact'?"),
                                 (["--update", "new.json", "small.yaml", "--limit", "energy=exakt"], "mean 'exact'?"),
                                 (["--update", "new.json", "small.yaml", "--confidence", "2"], "is not a share"),
                                 (["--update", "b.json", "--junit", "j.xml"], "is for a check")]:
            self.assertIn(words, self.error("check", *arguments, code=2))


class ProjectBaselines(CliTest):
    """The project's own baselines."""

    def test_they_hold(self):
        environment = {k: v for k, v in self.environment().items() if not k.startswith("GITHUB_")}
        baselines = sorted(str(p.relative_to(ROOT)) for p in (ROOT / "tests/baselines").glob("*.json"))
        self.assertGreater(len(baselines), 1)
        done = subprocess.run([PROGRAM, "check", *baselines], cwd=ROOT, capture_output=True, encoding="utf-8",
                              env=environment, timeout=250, check=False)
        self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def raise_entry(self, layer, column):
        """One latency of VGG11 by 3 %."""
        path = self.folder / "workloads/networks/vgg11.csv"
        lines = path.read_text().splitlines()
        names = next(line for line in lines if line.startswith("layer,")).split(",")
        for i, line in enumerate(lines):
            cells = line.split(",")
            if cells[0] == layer:
                cells[names.index(column)] = str(round(int(cells[names.index(column)]) * 1.03))
                lines[i] = ",".join(cells)
        path.write_text("\n".join(lines) + "\n")

    def test_three_percent_of_one_entry(self):
        for part in "tests/baselines", "workloads/networks":
            shutil.copytree(ROOT / part, self.folder / part)
        check = ["check", "tests/baselines/two_arrays.json", "-f", "csv"]
        self.raise_entry("features_13", "os_2k_cycles")  # a type that the platform does not have
        self.assertEqual({r["verdict"] for r in csv.DictReader(io.StringIO(self.output(*check)))}, {"identical"})
        self.raise_entry("features_13", "ws_2k_cycles")
        rows = list(csv.DictReader(io.StringIO(self.output(*check, code=1))))
        verdicts = {(r["policy"], r["metric"]): r["verdict"] for r in rows}
        self.assertEqual(verdicts["fcfs", "miss_rate"], "regresses")
        self.assertEqual(verdicts["edf", "miss_rate"], "regresses")


if __name__ == "__main__":
    main()
