"""Overrides, names, output files, colours, interrupts, closed pipes."""

import json
import os
import pty
import signal
import subprocess
import time

from support import PROGRAM, CliTest, main


class Changes(CliTest):
    def results(self, *arguments):
        return json.loads(self.output("run", "small.yaml", "-f", "json", *arguments))

    def test_units_with_and_without_blank(self):
        self.assertEqual(self.results("--horizon", "2s")["results"]["horizon_s"], 2)
        self.assertEqual(self.results("--horizon", "2 s")["results"], self.results("--set", "horizon=2s")["results"])

    def test_seed(self):
        one, two = self.results("--seed", "1"), self.results("--seed", "2")
        self.assertNotEqual(one["results"]["digest"], two["results"]["digest"])
        self.assertEqual(one["results"], self.results()["results"])
        largest = self.results("--seed", str(2**64 - 1))
        self.assertEqual(largest["seed"], 2**64 - 1)

    def test_set(self):
        changed = self.results("--set", "tasks.fast.arrivals.period=20 ms", "--set", "late_jobs=drop_at_deadline")
        self.assertEqual(changed["results"]["tasks"][0]["released"], 50)
        self.assertEqual(changed["config"]["late_jobs"], "drop_at_deadline")
        self.assertNotEqual(changed["config_digest"], self.results()["config_digest"])

    def test_policy_settings(self):
        by_set = self.results("--set", "policy.variants=false")
        self.assertEqual(by_set["policy"]["label"], "terastal:variants=false")
        self.assertEqual(by_set["results"], self.results("--policy", "terastal:variants=false")["results"])

    def test_invariants(self):
        for policy in ["fcfs", "edf", "dream", "terastal"]:
            self.assertTrue(self.results("--check-invariants", "-p", policy)["invariants_checked"])


class Names(CliTest):
    def test_shipped_scenarios_are_found_by_name(self):
        self.assertIn("multi_camera_heavy_6k:", self.output("run", "multi_camera_heavy_6k", "--horizon", "100 ms"))

    def test_own_directories_come_first(self):
        (self.folder / "mine").mkdir()
        self.write("mine/x.yaml", self.read("small.yaml").replace("scenario: small", "scenario: ar_gaming"))
        self.assertIn("pair", self.output("run", "ar_gaming", "--data-dir", "mine"))
        env = self.environment(TERASTAL_DATA_DIR=str(self.folder / "mine"))
        self.assertIn("pair", self.output("run", "ar_gaming", env=env))
        self.assertNotIn("pair", self.output("run", "ar_gaming"))

    def test_ambiguous_name(self):
        (self.folder / "mine").mkdir()
        for name in ["a", "b"]:
            self.write(f"mine/{name}.yaml", self.read("small.yaml"))
        text = self.error("run", "small", "--data-dir", "mine", code=3)
        self.assertIn("ambiguous; give one of the paths: mine/a.yaml, mine/b.yaml", text)


class Output(CliTest):
    def test_file(self):
        self.assertEqual(self.output("run", "small.yaml", "-o", "out.txt"), "")
        self.assertEqual(self.read("out.txt"), self.output("run", "small.yaml"))
        self.assertEqual(self.output("run", "small.yaml", "-o", "-"), self.output("run", "small.yaml"))

    def test_failure_keeps_the_old_file(self):
        self.write("out.txt", "old")
        self.terastal("run", "nosuch.yaml", "-o", "out.txt", code=3)
        self.assertEqual(self.read("out.txt"), "old")
        self.assertEqual(sorted(os.listdir(self.folder)), ["out.txt", "small.yaml"])

    def test_link_stays_a_link(self):
        self.write("target.txt", "old")
        (self.folder / "link.txt").symlink_to("target.txt")
        self.terastal("run", "small.yaml", "-o", "link.txt")
        self.assertTrue((self.folder / "link.txt").is_symlink())
        self.assertIn("digest", self.read("target.txt"))

    def test_output_that_cannot_be_written(self):
        self.assertIn("cannot write no/out.txt: No such file", self.error("run", "small.yaml", "-o", "no/out.txt", code=4))
        self.assertIn("cannot write /dev/full", self.error("run", "small.yaml", "-o", "/dev/full", code=4))
        self.assertIn("cannot write no/j.csv", self.error("run", "small.yaml", "--job-records", "no/j.csv", code=4))
        self.assertIn("/dev/full", self.error("run", "small.yaml", "--job-records", "/dev/full", code=4))

    def test_closed_pipe(self):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([PROGRAM, "list", "policies"], stdout=writer, stderr=subprocess.PIPE, encoding="utf-8",
                              check=False)
        os.close(writer)
        self.assertEqual(done.returncode, 4)
        self.assertIn("cannot write to standard output: Broken pipe", done.stderr)


class Terminal(CliTest):
    def on_terminal(self, *arguments, **env):
        """What the program prints to a terminal (both streams)."""
        leader, follower = pty.openpty()
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=follower, stderr=follower,
                                   env=self.environment(**env))
        os.close(follower)
        text = b""
        while True:
            try:
                part = os.read(leader, 65536)
            except OSError:
                break
            if not part:
                break
            text += part
        os.close(leader)
        self.assertEqual(process.wait(timeout=60), 0)
        return text.decode("utf-8")

    def test_colours(self):
        self.assertIn("\x1b[1m", self.on_terminal("run", "small.yaml", TERM="xterm"))
        self.assertNotIn("\x1b", self.on_terminal("run", "small.yaml", TERM="xterm", NO_COLOR="1"))
        self.assertNotIn("\x1b", self.on_terminal("run", "small.yaml", TERM="dumb"))
        self.assertNotIn("\x1b", self.on_terminal("run", "small.yaml", "--color", "never", TERM="xterm"))
        self.assertNotIn("\x1b", self.output("run", "small.yaml", env=self.environment(TERM="xterm")))
        self.assertIn("\x1b[1m", self.output("run", "small.yaml", "--color", "always"))

    def test_progress(self):
        arguments = ["compare", "small.yaml", "-n", "1000", "-p", "fcfs,edf", "-o", "out.txt", "--horizon", "10 s"]
        self.assertRegex(self.on_terminal(*arguments, TERM="xterm"), r"\d+ of 2000 runs, .* runs a second")
        self.assertEqual(self.on_terminal(*arguments, "-q", TERM="xterm"), "")
        self.assertEqual(self.on_terminal(*arguments, TERM="dumb"), "")
        self.assertEqual(self.terastal(*arguments).stderr, "")

    def test_verbosity(self):
        arguments = ["run", "small.yaml", "--horizon", "50 ms", "-o", "out.txt"]
        self.assertEqual(self.terastal(*arguments).stderr, "")
        self.assertIn("million a second", self.terastal(*arguments, "-v").stderr)
        jobs = self.terastal(*arguments, "-vv").stderr
        self.assertIn("release fast#0, deadline in 10 ms", jobs)
        self.assertNotIn(" start ", jobs)
        self.assertIn("start   fast#0/first on gpu0, 3 ms", self.terastal(*arguments, "-v", "-v", "-v").stderr)


class Interrupt(CliTest):
    def interrupted(self, number, *arguments):
        process = subprocess.Popen([PROGRAM, *arguments], cwd=self.folder, stdout=subprocess.PIPE,
                                   stderr=subprocess.PIPE, encoding="utf-8", env=self.environment())
        time.sleep(0.7)
        process.send_signal(number)
        out, err = process.communicate(timeout=60)
        self.assertEqual(process.returncode, 128 + number, err)
        self.assertIn("interrupted; the results are partial", err)
        return out

    def test_run_keeps_partial_results(self):
        j = json.loads(self.interrupted(signal.SIGINT, "run", "small.yaml", "--horizon", "2000 h", "-f", "json"))
        self.assertFalse(j["complete"])
        self.assertFalse(j["results"]["complete"])
        self.assertGreater(j["results"]["tasks"][0]["completed"], 0)

    def test_compare_keeps_whole_replications(self):
        text = self.interrupted(signal.SIGINT, "compare", "small.yaml", "-n", "1000000", "-p", "fcfs,edf", "-f", "json")
        j = json.loads(text)
        self.assertFalse(j["complete"])
        n = j["results"][0]["replications"]
        self.assertGreater(n, 0)
        self.assertLess(n, 1000000)
        self.assertEqual([p["miss_rate"]["n"] for p in j["results"][0]["policies"]], [n, n])

    def test_table_says_so(self):
        self.assertIn("INTERRUPTED at ", self.interrupted(signal.SIGTERM, "run", "small.yaml", "--horizon", "2000 h"))


if __name__ == "__main__":
    main()
