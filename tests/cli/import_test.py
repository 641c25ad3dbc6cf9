"""`terastal import`: what it says, what it writes, and what it refuses."""

import json
import pathlib

from support import CliTest, main

DATA = pathlib.Path(__file__).resolve().parents[1] / "data"
SOURCE = pathlib.Path(__file__).resolve().parents[2]

PROFILE = """\
node,operator,in_channels,filters,h,w,kernel_size,latency,colour
conv1,Conv,3,16,32,32,3,120,red
pool,MaxPool,16,,32,32,2,15.5,
fc,Dense,16,10,,,,8,blue
"""

RESULTS = """\
Neural Network Name, Layer Number, NumPEs, Runtime (Cycles), Activity count-based Energy (nJ), Num MACs
two,one,256,{0},12.5,1152
two,two,256,{1},2.5,32
"""

TWO = """\
Network two {
  Layer one { Type: CONV Dimensions { K: 4, C: 2, R: 3, S: 3, Y: 6, X: 6 } }
  Layer two { Type: GEMM Dimensions { M: 1, N: 8, K: 4 } }
}
"""


class ImportTest(CliTest):
    def report(self, *arguments, **options):
        return json.loads(self.output("import", *arguments, "--format", "json", **options))

    def written(self):
        """Files below the folder, apart from those that the test wrote."""
        return sorted(str(p.relative_to(self.folder)) for p in self.folder.rglob("*") if p.is_file())


class Maestro(ImportTest):
    FILE = str(DATA / "maestro" / "letters.m")

    def test_summary_without_output_writes_nothing(self):
        before = self.written()
        text = self.output("import", "maestro", self.FILE)
        self.assertEqual(self.written(), before)
        for words in ["letters: 7 layers in a chain", "4 conv, 1 depthwise, 1 transposed_conv, 1 matmul", "3x33x65",
                      "include the padding", "Nothing was written"]:
            self.assertIn(words, text)

    def test_json_counts_what_the_shapes_say(self):
        network = self.report("maestro", self.FILE)["networks"][0]
        work = (16 * 3 * 9 * 16 * 32 + 16 * 9 * 14 * 30 + 32 * 4 * 14 * 30 + 8 * 32 * 4 * 14 * 30 + 128 * 64 * 256 +
                8 * 128 * 128 * 32 + 4 * 4 * 15 * 20 * 10)
        self.assertEqual(network["macs"], work)
        self.assertEqual(network["weights"], 16 * 3 * 9 + 16 * 9 + 32 * 4 + 8 * 32 * 4 + 64 * 256 + 4 * 4 * 15)
        self.assertEqual(network["inputs"], [{"layer": "first", "n_c_y_x": [1, 3, 33, 65]}])
        self.assertEqual(network["outputs"], [{"layer": "tiled", "n_c_y_x": [1, 4, 20, 10]}])

    def test_written_files_are_valid_and_kept(self):
        text = self.output("import", "maestro", self.FILE, "--output", "nets/one.yaml", "--name", "renamed")
        self.assertIn("written nets/one.yaml", text)
        self.assertIn("network: renamed", self.read("nets/one.yaml"))
        self.terastal("validate", "nets/one.yaml")
        self.assertIn("nets/one.yaml", self.error("import", "maestro", self.FILE, "-o", "nets/one.yaml", code=4))
        self.terastal("import", "maestro", self.FILE, "-o", "nets/one.yaml", "--force")
        self.assertIn("network: letters", self.read("nets/one.yaml"))

    def test_padding_changes_the_outputs(self):
        valid = self.report("maestro", self.FILE)["networks"][0]["macs"]
        same = self.report("maestro", self.FILE, "--padding", "same")["networks"][0]["macs"]
        self.assertGreater(same, valid)

    def test_unknown_layers_are_listed_or_refused(self):
        self.write("rnn.m", "Network n { Layer a { Type: LSTM } Layer b { Type: GEMM Dimensions { M: 1 N: 1 K: 1 } } }")
        network = self.report("maestro", "rnn.m")["networks"][0]
        self.assertEqual(network["unknown"], [{"op": "LSTM", "reason": "", "layers": ["a"]}])
        self.assertIn("unknown        LSTM (1): a", self.output("import", "maestro", "rnn.m"))
        self.assertIn("rnn.m:1:29: error: unknown layer type 'LSTM'",
                      self.error("import", "maestro", "rnn.m", "--strict", code=3))

    def test_errors_of_all_files_are_reported(self):
        self.write("a.m", "Network n { Layr }")
        self.write("b.m", "Constant")
        message = self.error("import", "maestro", "a.m", "b.m", "none.m", code=3)
        for place in ["a.m:1:13: error: unexpected 'Layr'", "b.m:1:1: error:", "none.m: error: cannot read the file"]:
            self.assertIn(place, message)

    def test_several_networks_need_a_folder(self):
        self.write("two.m", TWO + TWO.replace("Network two", "Network too"))
        self.assertIn("give a folder", self.error("import", "maestro", "two.m", "-o", "one.yaml", code=2))
        self.terastal("import", "maestro", "two.m", "-o", "nets")
        self.assertTrue({"nets/two.yaml", "nets/too.yaml", "nets/two.csv", "nets/too.csv"} <= set(self.written()))
        self.terastal("import", "maestro", "two.m", "-o", "one.yaml", "--network", "too")


class MaestroCsv(ImportTest):
    def setUp(self):
        super().setUp()
        self.write("ws.csv", RESULTS.format(1000, 20))
        self.write("os.csv", RESULTS.format(500, 30))
        self.write("two.m", TWO)

    def test_types_become_columns_beside_the_shapes(self):
        self.terastal("import", "maestro-csv", "ws.csv", "os.csv", "--type", "ws", "--type", "os", "--shapes", "two.m",
                      "-o", "two.yaml")
        header, one, two = self.read("two.csv").splitlines()
        row = dict(zip(header.split(","), one.split(",")))
        self.assertEqual((row["ws_cycles"], row["os_cycles"], row["ws_nj"]), ("1000", "500", "12.5"))
        self.assertEqual((row["K"], row["C"], row["Y"]), ("4", "2", "6"))
        self.assertEqual(dict(zip(header.split(","), two.split(",")))["os_cycles"], "30")
        self.terastal("validate", "two.yaml")

    def test_each_file_needs_its_type(self):
        self.assertIn("a --type for each file",
                      self.error("import", "maestro-csv", "ws.csv", "os.csv", "--type", "ws", code=2))

    def test_summary_shows_latency(self):
        self.assertIn("ws: 1.02 us for 2 layers", self.output("import", "maestro-csv", "ws.csv", "--type", "ws"))


class Csv(ImportTest):
    def setUp(self):
        super().setUp()
        self.write("profile.csv", PROFILE)

    def test_columns_are_recognised_and_the_rest_is_listed(self):
        report = self.report("csv", "profile.csv", "--unit", "us", "--type", "gpu", "--column", "op=operator")
        network = report["networks"][0]
        meanings = {c["column"]: c["meaning"] for c in network["columns"]}
        self.assertEqual(meanings, {"node": "layer", "operator": "op", "in_channels": "C", "filters": "K", "h": "Y", "w": "X",
                                    "kernel_size": "kernel", "latency": "gpu_us", "colour": ""})
        self.assertEqual(network["types"], [{"type": "gpu", "layers": 3, "latency_ms": 0.1435}])
        self.assertEqual(network["macs"], 3 * 16 * 9 * 32 * 32 + 160)
        self.assertIn("not understood colour",
                      self.output("import", "csv", "profile.csv", "--unit", "us", "--type", "gpu"))

    def test_bare_latency_needs_a_unit_and_a_type(self):
        self.assertIn("profile.csv:1:51: error: column 'latency' has no unit; give it: --unit",
                      self.error("import", "csv", "profile.csv", code=3))
        self.assertIn("names no accelerator type; give it: --type NAME",
                      self.error("import", "csv", "profile.csv", "--unit", "us", code=3))

    def test_a_mapping_names_type_and_unit(self):
        self.terastal("import", "csv", "profile.csv", "--column", "gpu_us=latency", "-o", "p.yaml")
        self.terastal("validate", "p.yaml")
        self.assertIn("gpu_", self.read("p.csv").splitlines()[0])

    def test_an_input_is_never_replaced(self):
        message = self.error("import", "csv", "profile.csv", "--column", "gpu_us=latency", "-o", "profile.yaml", "--force",
                             code=2)
        self.assertIn("would replace the input profile.csv", message)
        self.assertEqual(self.read("profile.csv"), PROFILE)

    def test_strict_refuses_what_is_not_understood(self):
        self.assertIn("column 'colour' is not understood",
                      self.error("import", "csv", "profile.csv", "--unit", "us", "--type", "gpu", "--strict", code=3))


class Xrbench(ImportTest):
    SCENARIO = str(DATA / "xrbench" / "AR_Assistant.m")
    HARDWARE = str(DATA / "xrbench" / "Dual_4K_BigLittle.m")

    def test_scenario_and_hardware_together_run(self):
        self.terastal("import", "xrbench", self.SCENARIO, self.HARDWARE, "--dataflow", "WS_OS", "--output", "xr")
        self.assertIn("xr/ss_hrvit_b1.csv", self.written())
        run = json.loads(self.output("run", "xr/ar_assistant.yaml", "--policy", "edf", "--format", "json"))
        self.assertEqual(run["results"]["tasks"][3]["task"], "depth_estimation")
        self.assertEqual(run["results"]["tasks"][3]["released"], 31)  # 30 fps in 1 s, the first at 0
        self.assertEqual(run["config"]["platform"], "xrbench_dual_4k_big_little.yaml")

    def test_shipped_networks_and_platform_stand_in(self):
        self.terastal("import", "xrbench", self.SCENARIO, "--networks", str(SOURCE / "workloads" / "networks"), "--platform",
                      "xrbench_dual_4k", "-o", "assistant.yaml", "--data-dir", str(SOURCE))
        self.assertEqual([p for p in self.written() if p != "small.yaml"], ["assistant.yaml"])
        self.terastal("validate", "assistant.yaml")

    def test_paths_are_relative_to_the_scenario(self):
        self.write("pair.yaml", "platform: pair\ntypes: { any_ws: { cost: { model: xrbench } } }\n"
                                "accelerators: [ { name: a, type: any_ws } ]\n")
        self.terastal("import", "xrbench", self.SCENARIO, "--platform", "pair.yaml", "-o", "deep/er")
        self.assertIn("platform: ../../pair.yaml", self.read("deep/er/ar_assistant.yaml"))
        self.terastal("validate", "deep/er/ar_assistant.yaml")

    def test_tasks_in_the_summary(self):
        tasks = self.report("xrbench", self.SCENARIO)["scenarios"][0]["tasks"]
        self.assertEqual([t["task"] for t in tasks], ["keyword_detection", "speech_recognition", "semantic_segmentation",
                                                      "depth_estimation", "plane_detection", "object_detection"])
        self.assertEqual((tasks[1]["after"], tasks[1]["probability"]), ("keyword_detection", 0.5))

    def test_what_is_missing_is_said(self):
        self.assertIn("a scenario needs a platform", self.error("import", "xrbench", self.SCENARIO, "-o", "x", code=2))
        self.assertIn("3 dataflows for 2 accelerators",
                      self.error("import", "xrbench", self.SCENARIO, self.HARDWARE, "--dataflow", "ws,os,rs", code=3))
        self.assertIn("unknown dataflow 'nvdla'",
                      self.error("import", "xrbench", self.HARDWARE, "--dataflow", "nvdla", code=2))


class Usage(ImportTest):
    def test_kinds_and_files(self):
        self.assertIn("import needs a kind of file", self.error("import", code=2))
        self.assertIn("did you mean 'maestro'", self.error("import", "maestr", "x.m", code=2))
        self.assertIn("import needs at least one file", self.error("import", "csv", code=2))

    def test_options_of_other_kinds_are_refused(self):
        self.assertIn("--unit is for csv, not for maestro", self.error("import", "maestro", "x.m", "--unit", "us", code=2))
        self.assertIn("--batch is for onnx, not for csv", self.error("import", "csv", "x.csv", "--batch", "2", code=2))

    def test_values_of_options(self):
        self.write("p.csv", PROFILE)
        for option, value in [("--padding", "full"), ("--format", "xml"), ("--clock", "fast"), ("--column", "K"),
                              ("--output", "")]:
            self.assertIn(option, self.error("import", "csv", "p.csv", option, value, code=2))
        for value in ["batch", "batch=0", "batch=x"]:
            self.assertIn("--dim", self.error("import", "onnx", "x.onnx", "--dim", value, code=2))

    def test_help_shows_an_example_of_every_kind(self):
        text = self.output("import", "--help")
        for kind in ["onnx", "maestro", "maestro-csv", "csv", "xrbench"]:
            self.assertIn(f"  terastal import {kind} ", text)


if __name__ == "__main__":
    main()
