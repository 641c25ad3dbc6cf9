"""What the tests of the regression gate share: a small scenario, and a baseline of it."""

from support import CliTest


class GateTest(CliTest):
    """`small.yaml` and its baseline `b.json`."""

    def setUp(self):
        super().setUp()
        done = self.terastal("check", "--update", "b.json", "small.yaml", "-p", "fcfs,edf", "-n", "10", "--metrics",
                             "miss_rate,antt,energy")
        self.made = done.stdout
        self.assertIn("terastal: wrote b.json", done.stderr)

    def environment(self, **more):
        env = super().environment()
        for name in ("GITHUB_ACTIONS", "GITHUB_STEP_SUMMARY", "GITHUB_WORKSPACE"):
            env.pop(name, None)
        return {**env, **more}

    def change(self, old, new):
        text = self.read("small.yaml")
        self.assertIn(old, text)
        self.write("small.yaml", text.replace(old, new, 1))

    def slower(self):
        """No job of the slow task can be in time any more."""
        self.change("gpu: 16 ms, npu: 12 ms", "gpu: 32 ms, npu: 31 ms")
