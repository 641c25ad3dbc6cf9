"""cost, export and list cost-models: layers costed from their shapes, and networks written with the result."""

import csv
import io
import json

from support import CliTest, main

NETWORK = """\
network: small_net
description: two layers with shapes
source: a test
layers: small_net.csv
"""
TABLE = """\
layer,op,K,C,R,S,Y,X,gpu_us
conv1,conv,64,3,3,3,32,32,7
fc,linear,10,64,1,1,1,1,2
"""
PLATFORM = """\
platform: mixed
types:
  npu: { kind: npu, pes: 64, clock: 1 GHz, cost: { model: roofline, dram_bandwidth: 16 GB/s } }
  gpu: { kind: gpu, cost: { model: roofline, pes: 512 } }
  cpu: { kind: cpu }
accelerators:
  - { name: npu0, type: npu }
  - { name: gpu0, type: gpu }
  - { name: cpu0, type: cpu }
"""


class CostCase(CliTest):
    def setUp(self):
        super().setUp()
        self.write("net.yaml", NETWORK)
        self.write("small_net.csv", TABLE)
        self.write("platform.yaml", PLATFORM)

    def rows(self, *arguments):
        return list(csv.DictReader(io.StringIO(self.output("cost", "net.yaml", "-f", "csv", *arguments))))


class Cost(CostCase):
    def test_each_layer_on_each_type(self):
        rows = self.rows("--platform", "platform.yaml")
        self.assertEqual([(r["layer"], r["target"]) for r in rows],
                         [(layer, t) for layer in ("conv1", "fc") for t in ("npu", "gpu", "cpu")])
        npu, gpu, cpu = rows[:3]
        self.assertEqual(int(npu["macs"]), 64 * 3 * 9 * 32 * 32)
        # 1.77 million MACs on 64 elements at 1 GHz: arithmetic bounds it, and keeps every element busy.
        self.assertEqual((npu["bound"], float(npu["cycles"]), float(npu["utilisation"])), ("compute", 27648, 1))
        self.assertEqual(int(npu["latency_ps"]), 27648 * 1000)
        self.assertEqual((gpu["latency_ps"], gpu["source"]), ("7000000", "table"))
        self.assertEqual((cpu["latency_ps"], cpu["model"]), ("", ""))

    def test_a_type_and_models_alone(self):
        rows = self.rows("--platform", "platform.yaml", "--type", "npu", "--model", "big=roofline:pes=4096", "-m",
                         "roofline:pes=64")
        self.assertEqual([r["target"] for r in rows[:3]], ["npu", "big", "roofline:pes=64"])
        self.assertEqual(rows[2]["source"], "model")

    def test_json_and_table_agree(self):
        totals = json.loads(self.output("cost", "net.yaml", "-m", "x=roofline", "-f", "json"))["networks"][0]["totals"][0]
        table = self.output("cost", "net.yaml", "-m", "x=roofline")
        self.assertEqual((totals["target"], totals["layers"]), ("x", 2))
        self.assertIn("small_net: two layers with shapes\n  x  roofline at 1 GHz\n", table)
        self.assertIn("x: layers", table)

    def test_one_layer_in_detail(self):
        text = self.output("cost", "net.yaml", "-p", "platform.yaml", "--layer", "conv1")
        self.assertIn("conv1: conv N 1 K 64 C 3, kernel 3x3, input 32x32, output 32x32", text)
        self.assertIn("by the model", text)
        self.assertNotIn("fc", text)

    def test_top(self):
        text = self.output("cost", "net.yaml", "-m", "roofline", "--top", "1")
        self.assertIn("the 1 slowest of 2 layers", text)
        self.assertNotIn("  fc ", text)

    def test_networks_by_name(self):
        self.assertIn("vgg11: ", self.output("cost", "vgg11", "--platform", "terastal_6k", "--top", "1"))


class Written(CostCase):
    def test_the_written_network_gives_the_same_times_without_models(self):
        before = json.loads(self.output("cost", "net.yaml", "-p", "platform.yaml", "-f", "json"))["networks"][0]
        done = self.terastal("cost", "net.yaml", "-p", "platform.yaml", "-m", "big=roofline:pes=4096", "--write", "out")
        self.assertEqual(done.stderr, "terastal: wrote out/net.yaml\nterastal: wrote out/net.csv\n")
        header = self.read("out/net.csv").splitlines()[0]
        self.assertEqual(header, "layer,op,K,C,R,S,Y,X,npu_ps,npu_nj,gpu_ps,cpu_ps,big_ps,big_nj")
        self.assertIn("source: \"a test; npu: cost model roofline:pes=64:dram_bandwidth=16 GB/s; gpu: cost model "
                      "roofline:pes=512; big: cost model roofline:pes=4096; written by terastal ",
                      self.read("out/net.yaml").replace("\n", " "))
        self.write("plain.yaml", PLATFORM.replace(", cost: { model: roofline, dram_bandwidth: 16 GB/s }", "")
                   .replace(", cost: { model: roofline, pes: 512 }", ""))
        after = json.loads(self.output("cost", "out/net.yaml", "-p", "plain.yaml", "-f", "json"))["networks"][0]
        for old, new in zip(before["options"], after["options"]):
            for a, b in zip(old["costs"], new["costs"]):
                self.assertEqual((a["latency_ms"], a["energy_nj"]), (b["latency_ms"], b["energy_nj"]))

    def test_files_are_replaced_only_when_told(self):
        self.terastal("cost", "net.yaml", "-m", "roofline", "-w", "out", "-q")
        self.write("out/net.csv", "mine")
        text = self.error("cost", "net.yaml", "-m", "roofline", "-w", "out", code=4)
        self.assertEqual(text, "terastal: error: 'out/net.yaml' exists already; nothing was written\n")
        self.assertEqual(self.read("out/net.csv"), "mine")
        self.terastal("cost", "net.yaml", "-m", "roofline", "-w", "out", "--force", "-q")
        self.assertTrue(self.read("out/net.csv").startswith("layer,op,"))

    def test_columns_of_models_are_words(self):
        self.terastal("cost", "net.yaml", "-m", "roofline:pes=64:clock=2 GHz", "-w", "out", "-q")
        self.assertIn("roofline_pes_64_clock_2_GHz_ps", self.read("out/net.csv"))


class Export(CostCase):
    def test_shapes(self):
        self.assertEqual(self.output("export", "net.yaml"), TABLE.replace(",gpu_us", "").replace("32,7", "32")
                         .replace("1,2", "1"))

    def test_with_latencies_to_a_file(self):
        self.terastal("export", "net.yaml", "--platform", "platform.yaml", "-o", "table.csv")
        self.assertEqual(self.read("table.csv").splitlines()[0],
                         "layer,op,K,C,R,S,Y,X,npu_ps,npu_nj,gpu_ps,cpu_ps")

    def test_variants(self):
        self.assertEqual(self.output("export", "vgg11", "--variants").splitlines()[0][:14], "layer,variant,")


class List(CliTest):
    def test_cost_models_with_their_settings(self):
        text = self.output("list", "cost-models")
        for model in ["xrbench", "maestro", "systolic", "gpu", "cpu", "roofline"]:
            self.assertIn(f"{model}: ", text)
        listed = json.loads(self.output("list", "cost-models", "-f", "json"))["cost_models"]
        roofline = next(m for m in listed if m["id"] == "roofline")
        self.assertIn("pes", [s["name"] for s in roofline["settings"]])


class Refused(CostCase):
    def test_usage(self):
        for arguments, message in [
            ([], "cost needs at least one network, a file or a name"),
            (["net.yaml"], "cost needs --platform or --model: what to cost the layers on"),
            (["net.yaml", "--type", "npu", "-m", "roofline"], "--type needs --platform"),
            (["net.yaml", "-p", "platform.yaml", "-t", "npv"],
             "--type: platform 'mixed' has no type 'npv' (did you mean 'npu'?); types: npu, gpu, cpu"),
            (["net.yaml", "-m", "roofline", "-m", "roofline"],
             "'roofline' is there twice; call it otherwise: --model NAME=MODEL"),
            (["net.yaml", "-m", "roofline:pas=3"], "--model: unknown setting 'pas' (did you mean 'pes'?)"),
            (["net.yaml", "-m", "rooflin"], "--model: unknown cost model 'rooflin' (did you mean 'roofline'?); known: "),
            (["net.yaml", "-m", "roofline", "--layer", "conv"],
             "--layer: no layer is called 'conv' (did you mean 'conv1'?)"),
            (["net.yaml", "-m", "roofline", "--top", "0"], "--top: '0' is not a whole number from 1 to 1000000"),
            (["net.yaml", "-m", "roofline", "--force"], "--force needs --write"),
            (["net.yaml", "./net.yaml", "-m", "roofline", "-w", "out"],
             "--write: two networks would be written to 'net.yaml'"),
        ]:
            self.assertIn("terastal: error: " + message, self.error("cost", *arguments, code=2))
        self.assertIn("export needs one network", self.error("export", code=2))

    def test_a_network_without_shapes(self):
        self.write("plain.yaml", "network: plain\nlayers: [ { name: x, latency: 1 ms } ]\n")
        self.assertEqual(self.error("cost", "plain.yaml", "-m", "roofline", code=3),
                         "plain.yaml: error: no layer of network 'plain' has a shape (op, K, C, Y, X, ...), which cost "
                         "models need\n")

    def test_errors_of_all_networks_are_shown(self):
        self.write("small_net.csv", TABLE.replace("linear", "linnear"))
        self.write("other.yaml", "network: other\nlayers: nowhere.csv\n")
        text = self.error("cost", "net.yaml", "other.yaml", "-m", "roofline", code=3)
        self.assertIn("small_net.csv:3:4: error: layer 'fc': with a shape, 'op' is one of ", text)
        self.assertIn("other.yaml:2:9: error: cannot read 'nowhere.csv': no such file", text)


if __name__ == "__main__":
    main()
