"""Help, usage errors, and what the program refuses."""

from support import COMMANDS, CliTest, main


class Help(CliTest):
    def test_overview_names_every_command(self):
        text = self.output("--help")
        self.assertEqual(text, self.output("help"))
        self.assertEqual(text, self.output("-h"))
        for command in COMMANDS:
            self.assertIn(f"\n  {command} ", text)
        self.assertIn("Exit codes: 0 fine, 1 a check failed, 2", text)

    def test_every_command_has_help_with_examples_and_exit_codes(self):
        for command in COMMANDS:
            text = self.output(command, "--help")
            self.assertTrue(text.startswith(f"Usage: terastal {command}"), text)
            self.assertIn("Examples:\n  terastal " + command, text)
            self.assertIn("Exit codes:", text)
            self.assertEqual(text, self.output("help", command))
            self.assertEqual(text, self.output(command, "--nonsense", "-h"))

    def test_lines_are_not_too_long(self):
        for command in COMMANDS:
            for line in self.output("help", command).splitlines():
                self.assertLessEqual(len(line), 115, line)

    def test_defaults_are_said(self):
        self.assertIn("default: terastal", " ".join(self.output("help", "run").split()))
        text = " ".join(self.output("help", "compare").split())
        self.assertIn("default: fcfs,edf,dream,terastal", text)
        self.assertIn("default: 10", text)

    def test_version(self):
        text = self.output("--version")
        self.assertRegex(text, r"^terastal \d+\.\d+\.\d+\ncommit \S+\nbuilt by .+\n$")
        self.assertEqual(text, self.output("version"))


class UsageErrors(CliTest):
    def refused(self, *arguments):
        text = self.error(*arguments, code=2)
        self.assertTrue(text.startswith("terastal: error: "), text)
        self.assertIn("See 'terastal help", text)
        return text

    def test_no_command(self):
        done = self.terastal(code=2)
        self.assertEqual(done.stdout, "")
        self.assertTrue(done.stderr.startswith("Usage:"))

    def test_unknown_command(self):
        self.assertIn("unknown command 'rnu' (did you mean 'run'?)", self.refused("rnu"))
        self.assertIn("options come after the command", self.refused("--seed", "3", "run"))

    def test_abbreviations_are_refused(self):
        self.assertIn("unknown option '--repl' (did you mean '--replications'?)",
                      self.refused("compare", "small.yaml", "--repl", "3"))
        self.assertIn("unknown option '--see'", self.refused("run", "small.yaml", "--see", "3"))

    def test_numbers(self):
        for value in ["-1", "1.5", "x", "", "18446744073709551616", "1 2"]:
            self.assertIn(f"--seed: '{value}' is not a whole number", self.refused("run", "small.yaml", "--seed", value))
        self.assertIn("--replications: '0' is not a whole number from 1",
                      self.refused("compare", "small.yaml", "--replications", "0"))
        self.assertIn("--jobs: '-1'", self.refused("compare", "small.yaml", "--jobs", "-1"))

    def test_times_need_units(self):
        for value in ["10", "10 parsecs", "0 s", "-1 s"]:
            self.assertIn("e.g. '10 s'", self.refused("run", "small.yaml", "--horizon", value))

    def test_missing_repeated_and_contradicting_options(self):
        self.assertIn("--seed", self.refused("run", "small.yaml", "--seed"))
        self.assertIn("--seed is given twice", self.refused("run", "small.yaml", "--seed", "1", "--seed", "2"))
        self.assertIn("exclude each other", self.refused("run", "small.yaml", "-q", "-v"))
        self.assertIn("the same file", self.refused("run", "small.yaml", "-o", "x", "--job-records", "x"))

    def test_positional_arguments(self):
        self.assertIn("needs one scenario", self.refused("run"))
        self.assertIn("needs one scenario", self.refused("run", "a", "b"))
        self.assertIn("at least one scenario", self.refused("compare"))
        self.assertIn("at least one file", self.refused("validate"))
        self.assertIn("needs one of: policies", self.refused("list"))
        self.assertIn("did you mean 'policies'?", self.refused("list", "policie"))
        self.assertIn("did you mean 'scenario'?", self.refused("schema", "scenarios"))

    def test_choices(self):
        self.assertIn("did you mean 'json'?", self.refused("run", "small.yaml", "--format", "jsn"))
        self.assertIn("auto, always, never", self.refused("run", "small.yaml", "--color", "yes"))
        self.assertIn("allowed: level, greedy, min, mean, equal", self.refused("plan", "small.yaml", "-b", "x"))
        self.assertIn("tasks: fast, slow", self.refused("plan", "small.yaml", "-t", "x"))

    def test_policies(self):
        self.assertIn("did you mean 'edf'?", self.refused("run", "small.yaml", "--policy", "edff"))
        self.assertIn("did you mean 'variants'?", self.refused("run", "small.yaml", "-p", "terastal:variant=true"))
        self.assertIn("--set policy.variants", self.refused("run", "small.yaml", "--set", "policy.variants=maybe"))
        self.assertIn("'edf' is given twice", self.refused("compare", "small.yaml", "-p", "edf,fcfs,edf"))
        self.assertIn("stand with their policy", self.refused("compare", "small.yaml", "--set", "policy.variants=false"))

    def test_set_needs_an_assignment(self):
        self.assertIn("expected path=value, got 'horizon'", self.refused("run", "small.yaml", "--set", "horizon"))

    def test_data_directory_must_exist(self):
        self.assertIn("'nowhere' is not a directory", self.refused("list", "scenarios", "--data-dir", "nowhere"))


class InputErrors(CliTest):
    def test_missing_file_and_unknown_name(self):
        self.assertIn("nosuch.yaml", self.error("run", "nosuch.yaml", code=3))
        text = self.error("run", "multi_camera_heavy_6", code=3)
        self.assertIn("multi_camera_heavy_6k", text)
        self.assertIn("'terastal list scenarios'", text)

    def test_errors_of_all_scenarios_are_reported(self):
        text = self.error("compare", "one.yaml", "two.yaml", code=3)
        self.assertIn("one.yaml", text)
        self.assertIn("two.yaml", text)

    def test_every_error_has_its_place(self):
        self.write("bad.yaml", self.read("small.yaml").replace("seed: 1", "sed: 1").replace("horizon: 1 s", "horizon: 1"))
        text = self.error("run", "bad.yaml", code=3)
        self.assertRegex(text, r"(?m)^bad\.yaml:\d+:\d+: error: .*sed.*did you mean 'seed'")
        self.assertRegex(text, r"(?m)^bad\.yaml:\d+:\d+: error: .*horizon")

    def test_bad_override(self):
        self.assertIn("--set horizn=2 s", self.error("run", "small.yaml", "--set", "horizn=2 s", code=3))

    def test_validate_reports_all_files(self):
        self.write("bad.yaml", "scenario: bad\n")
        done = self.terastal("validate", "small.yaml", "bad.yaml", code=3)
        self.assertEqual(done.stdout, "small.yaml: ok (scenario)\n")
        self.assertIn("bad.yaml:1:", done.stderr)
        self.assertEqual(self.output("validate", "-q", "small.yaml"), "")
        self.assertIn("terastal_6k.yaml: ok (platform)", self.output("validate", "terastal_6k"))


if __name__ == "__main__":
    main()
