"""tools/measure_gpu.py without PyTorch: shapes, tables, messages, what it writes."""

import itertools
import os
import unittest

from measure_support import TABLE, FolderTest
from measuring import csv_table, networks, output, shapes
from measuring.problems import Problems
from measuring.shapes import Shape
from measuring.timing import Figures


class Shapes(unittest.TestCase):
    def test_macs_of_worked_examples(self):
        # VGG11's first and last layer, MobileNetV2's first depthwise layer: 64·27·224², 4096·1000, 32·9·150².
        self.assertEqual(Shape("conv", 1, 64, 3, 3, 3, 224, 224, 1, 1, 224, 224).macs, 86_704_128)
        self.assertEqual(Shape("conv", k=1000, c=4096).macs, 4_096_000)
        self.assertEqual(Shape("depthwise", 1, 1, 32, 3, 3, 150, 150, 1, 1, 150, 150).macs, 6_480_000)
        # Two heads of a 5×8 by 8×6 product: 2·5·8·6.
        self.assertEqual(Shape("matmul", k=12, c=16, y=5, out_y=5, groups=2).macs, 480)
        # Every one of 7×7 inputs meets 3×3 weights of 4 → 6 channels.
        self.assertEqual(Shape("transposed_conv", 1, 6, 4, 3, 3, 7, 7, 2, 2, 14, 14).macs, 6 * 4 * 9 * 49)
        self.assertEqual(Shape("transposed_conv", 1, 6, 4, 3, 3, 7, 7, 2, 2, 14, 14, 2).macs, 6 * 2 * 9 * 49)
        self.assertEqual(Shape("pool", 2, 8, 8, 3, 3, 9, 9, 3, 3, 3, 3).macs, 2 * 8 * 9 * 9)
        self.assertEqual(Shape("elementwise", k=8, c=8, y=5, x=5, out_y=5, out_x=5, operands=3).macs, 600)

    def test_output_size_defaults_to_the_loaders(self):
        given = {"K": 1, "C": 1, "Y": 15, "X": 16, "stride_y": 2, "stride_x": 3}
        conv = shapes.completed("conv", given)
        self.assertEqual((conv.out_y, conv.out_x), (8, 6))
        transposed = shapes.completed("transposed_conv", given)
        self.assertEqual((transposed.out_y, transposed.out_x), (30, 48))
        self.assertEqual(shapes.completed("conv", {**given, "out_y": 7}).out_y, 7)

    def test_windows_give_every_output_size(self):
        for size, kernel, stride, out in itertools.product(range(1, 11), range(1, 6), range(1, 4), range(1, 9)):
            for most in (None, kernel // 2):
                axis = shapes.window_axis(size, kernel, stride, out, most)
                case = (size, kernel, stride, out, most, axis)
                self.assertEqual((axis.size + 2 * axis.padding - kernel) // stride + 1, out, case)
                self.assertGreaterEqual(axis.padding, 0)
                if most is not None:
                    self.assertLessEqual(axis.padding, most, case)
                elif (out - 1) * stride + kernel >= size:  # at most one row or column stands in the tensor itself
                    self.assertIn(axis.size, (size, size + 1), case)

    def test_the_input_keeps_its_size_where_padding_is_symmetric(self):
        self.assertEqual(shapes.window_axis(224, 3, 2, 112), shapes.Axis(224, 1))  # 1 row missing; 1 on both sides fits
        self.assertEqual(shapes.window_axis(10, 2, 1, 10), shapes.Axis(11, 0))  # 1 row missing; 2 would be too many
        self.assertEqual(shapes.window_axis(56, 1, 2, 28), shapes.Axis(56, 0))  # last row is never read
        self.assertEqual(shapes.window_axis(7, 3, 1, 3), shapes.Axis(5, 0))  # rows that are never read are left out

    def test_transposed_convolutions_give_every_output_size(self):
        for size, kernel, stride, out in itertools.product(range(1, 7), range(1, 6), range(1, 4), range(1, 20)):
            if out > (size - 1) * stride + kernel + stride - 1:
                continue
            axis = shapes.transposed_axis(size, kernel, stride, out)
            gives = (size - 1) * stride + kernel - 2 * axis.padding + axis.output_padding - axis.crop
            self.assertEqual((gives, axis.size), (out, size), axis)
            self.assertTrue(0 <= axis.output_padding < stride and axis.padding >= 0, axis)

    def test_linear_layers(self):
        self.assertTrue(shapes.is_linear(Shape("conv", k=10, c=32), "CONV"))
        self.assertTrue(shapes.is_linear(Shape("conv", k=10, c=32, y=128, out_y=128), "CONV"))
        self.assertFalse(shapes.is_linear(Shape("conv", k=10, c=32, y=7, x=7, out_y=7, out_x=7), "CONV"))
        self.assertTrue(shapes.is_linear(Shape("conv", k=10, c=32, y=7, x=7, out_y=7, out_x=7), "linear"))
        self.assertFalse(shapes.is_linear(Shape("conv", k=10, c=32, r=3, y=7, out_y=7), "CONV"))


class Tables(FolderTest):
    def test_shapes_and_names(self):
        table = self.layers(TABLE)
        self.assertEqual([entry.name for entry in table.entries], ["stem", "dw", "again", "fc"])
        self.assertEqual(table.entries[0].shape, Shape("conv", 1, 32, 3, 3, 3, 300, 300, 2, 2, 150, 150))
        self.assertEqual(table.entries[1].shape.output_channels, 32)
        self.assertEqual(table.entries[3].op, "linear")

    def test_plain_shape_lists(self):
        text = "layer,name,op,N,K,C,R,S,Y,X,stride_y,stride_x\n"
        text += "".join(f"{i},{name},CONV,1,2,3,1,1,4,4,1,1\n" for i, name in enumerate(["a", "a", "a_2", "b", "b"]))
        self.assertEqual([entry.layer for entry in self.layers(text).entries], ["a", "a_3", "a_2", "b", "b_2"])
        text = ("layer,base_name,variant_idx,r,paper_subset,op,N,K,C,R,S,Y,X,stride_y,stride_x\n"
                '3,a,0,2,"no (idx0, spare)",CONV,1,2,3,1,1,8,8,1,1\n')
        (entry,) = self.layers(text).entries
        self.assertEqual((entry.layer, entry.variant, entry.kept), ("a", "a_r2", {"gamma": "2"}))

    def test_whole_numbers_may_have_an_exponent(self):
        text = TABLE.replace("fc,linear,10", "fc,linear,1e3")
        self.assertEqual(self.layers(text).entries[3].shape.k, 1000)

    def test_every_error_with_its_place(self):
        text = ("layer,op,K,C,R,Y,X,groups,operands\n"
                "a,CONV,0,3,3,9,9,,\n"
                "b,CNOV,4,3,3,9,9,,\n"
                "c,CONV,4,3,x,9,9,,\n"
                "d,CONV,4,,3,,9,,\n"
                "e,CONV,4,3,3,9,9,2,\n"
                "f,pool,4,3,3,9,9,,\n"
                "g,CONV,4\n"
                'h,"CONV,4\n')
        self.assertEqual(self.errors(text), [
            "t.csv:8:1: error: expected 9 cells as in the header, got 3",
            "t.csv:9:3: error: a cell in quotes must end on its line, with a comma behind it",
            "t.csv:2:8: error: expected K as a whole number from 1 to 2147483648, got '0'",
            "t.csv:3:3: error: 'b': 'op' is one of conv, depthwise, transposed_conv, matmul, pool, elementwise, linear, "
            "gemm, dsconv, dwconv, trconv; got 'CNOV' (did you mean 'conv'?)",
            "t.csv:4:12: error: expected R as a whole number from 1 to 2147483648, got 'x'",
            "t.csv:5:1: error: 'd': its shape lacks C, Y",
            "t.csv:6:1: error: 'e': groups (2) must divide C (3) and K (4)",
            "t.csv:7:1: error: 'f': a pool has as many output as input channels: K (4) must equal C (3)",
        ])

    def test_header_errors(self):
        (misspelt,) = self.errors("layer,op,K,C,Y,X,stride_Y\n")
        self.assertTrue(misspelt.startswith(
            "t.csv:1:18: error: unknown column 'stride_Y' (did you mean 'stride_y'?); allowed: layer, op, "))
        self.assertEqual(self.errors("layer,op,op,C,Y,X\na,conv,conv,1,1,1\n"), [
            "t.csv:1:10: error: duplicate column 'op'",
            "t.csv:1:1: error: missing column 'K': shapes are what is measured"])
        self.assertEqual(self.errors("# nothing\n"), ["t.csv:1:1: error: the table has no header"])
        self.assertEqual(self.errors("layer,op,K,C,Y,X\n"), ["t.csv:1:1: error: the table has no rows"])
        names = self.errors("layer,op,K,C,Y,X\na,conv,1,1,1,1\na,conv,1,1,1,1\n")
        self.assertEqual(names, ["t.csv:3:1: error: 'a' stands in line 2 already; names are unique"])

    def test_impossible_operators(self):
        def of(row):
            (line,) = self.errors("layer,op,K,C,R,S,Y,X,out_y,out_x\n" + row)
            return line

        self.assertIn("t.csv:2:1: error: 't': out_y (16) is more than a transposed convolution of this kernel and stride "
                      "gives (7)", of("t,trconv,1,1,1,1,7,7,16,7"))
        self.assertIn("'m': a matmul has R, S and strides of 1", of("m,matmul,1,1,3,1,7,1,7,1"))
        self.assertIn("'m': a matmul has as many output as input rows", of("m,matmul,1,1,1,1,7,1,6,1"))

    def test_rendered_cells_are_read_back(self):
        cells = ["plain", 'a "quoted" one', "a,b", "# no comment", " blank ", ""]
        header = [f"c{i}" for i in range(len(cells))]
        problems = Problems()
        table = csv_table.parse("t.csv", csv_table.render(["# note"], header, [cells]), problems)
        self.assertEqual(([cell.text for cell in table.rows[0]], table.comments), (cells, ["# note"]))
        self.assertEqual(problems.lines, [])


NETWORK = """\
network: pair
description: two layers
source: made for the tests
layers:
  - { name: a, op: conv, shape: { K: 4, C: 3, R: 3, S: 3, Y: 8, X: 8 }, latency: 1 ms, after: [] }
  - { name: b, op: linear, shape: { K: 5, C: 4, Y: 1, X: 1 }, latency: 1 ms, after: [a], block: end }
  - { name: c, op: elementwise, shape: { K: 5, C: 5, Y: 1, X: 1, operands: 2 }, latency: 1 ms, after: [a, b] }
variants:
  - { name: b_thin, layer: b, op: linear, shape: { K: 2, C: 4, Y: 1, X: 1 }, latency: 1 ms, accuracy_cost: 1.5 % }
accuracy: { metric: top-1, baseline: 70.5, model: additive }
"""


@unittest.skipUnless(networks.yaml, "PyYAML is not installed")
class Networks(FolderTest):
    def network(self, text, name="n.yaml"):
        problems = Problems()
        network = networks.read(self.write(name, text), problems)
        problems.raise_if_any()
        return network

    def test_inline_layers_and_variants(self):
        network = self.network(NETWORK)
        self.assertEqual([table.file_name for table in network.tables], ["pair.csv", "pair_variants.csv"])
        a, b, c = network.layers.entries
        self.assertEqual(a.shape, Shape("conv", 1, 4, 3, 3, 3, 8, 8, 1, 1, 8, 8))
        self.assertEqual([a.kept, b.kept, c.kept], [{"after": "-"}, {"after": "a", "block": "end"}, {"after": "a|b"}])
        (thin,) = network.variants.entries
        self.assertEqual((thin.layer, thin.variant, thin.shape.k), ("b", "b_thin", 2))
        self.assertEqual(float(thin.kept["accuracy_cost"]), 0.015)

    def test_tables_beside_the_network(self):
        self.write("t.csv", TABLE)
        network = self.network("network: tiny\nlayers: t.csv\n")
        self.assertEqual([entry.name for entry in network.layers.entries], ["stem", "dw", "again", "fc"])
        self.assertIsNone(network.variants)

    def test_written_network_keeps_what_it_does_not_measure(self):
        network = self.network(NETWORK.replace("model: additive", "sets: sets.csv"))
        text = networks.written(network, self.folder / "sub" / "n.yaml", self.folder / "sub" / "pair.csv",
                                self.folder / "pair_variants.csv", "measured")
        self.assertEqual(networks.yaml.safe_load(text), {
            "network": "pair", "description": "two layers", "source": "made for the tests; measured",
            "layers": "pair.csv", "variants": "../pair_variants.csv",
            "accuracy": {"metric": "top-1", "baseline": 70.5, "sets": "../sets.csv"}})

    def test_errors_with_places(self):
        text = NETWORK.replace("Y: 8, X: 8", "Z: 8")
        text = text.replace("C: 4, Y: 1, X: 1 }, latency: 1 ms, after", "C: 4 }, after")
        dimension = text.splitlines()[4].index("Z:") + 1
        shape = text.splitlines()[5].index("{ K") + 1
        self.assertEqual(self.errors(text.replace("op: elementwise, ", ""), "t.yaml"), [
            f"t.yaml:5:{dimension}: error: 'a': unknown dimension 'Z'; allowed: N, K, C, R, S, Y, X, stride_y, stride_x, out_y, "
            "out_x, groups, operands",
            f"t.yaml:6:{shape}: error: 'b': its shape lacks Y, X",
            "t.yaml:7:5: error: 'c': 'op' is one of conv, depthwise, transposed_conv, matmul, pool, elementwise, linear, "
            "gemm, dsconv, dwconv, trconv; got ''",
        ])
        self.assertEqual(self.errors("a", "t.yaml"),
                         ["t.yaml:1:1: error: expected a network file with the keys 'network' and 'layers'"])
        self.assertEqual(self.errors("a: [\n", "t.yaml"),
                         ["t.yaml:2:1: error: not YAML: expected the node content, but found '<stream end>'"])
        self.assertEqual(self.errors("network: n\nlayers: [ { name: a } ]\n", "t.yaml"),
                         ["t.yaml:2:11: error: 'a': 'shape' is missing: shapes are what is measured"])


class Output(FolderTest):
    FIGURES = [Figures(1500, 2500, 3500, 12.34), "not supported: x", Figures(1, 2, 3), Figures(10**9, 10**9, 10**9)]

    def fresh(self):
        text = output.fresh(self.layers(TABLE), self.FIGURES, "gpu", "fp16", ["# gpu: note"])
        return csv_table.parse("out.csv", text, Problems())

    def test_columns(self):
        table = self.fresh()
        self.assertEqual([cell.text for cell in table.header], [
            "layer", "op", "macs", "output_bytes", "N", "K", "C", "R", "S", "Y", "X", "stride_y", "stride_x", "out_y",
            "out_x", "gpu_us", "gpu_p50_us", "gpu_p95_us", "gpu_p99_us", "gpu_nj"])
        stem = [cell.text for cell in table.rows[0]]
        self.assertEqual(stem[:4], ["stem", "CONV", str(32 * 27 * 150 * 150), str(2 * 32 * 150 * 150)])
        self.assertEqual(stem[-5:], ["1.500", "1.500", "2.500", "3.500", "12.3"])
        self.assertEqual([cell.text for cell in table.rows[1]][-5:], [""] * 5)
        self.assertEqual([cell.text for cell in table.rows[3]][-5:], ["1000000.000"] * 4 + [""])

    def test_shapes_survive(self):
        before = [entry.shape for entry in self.layers(TABLE).entries]
        text = output.fresh(self.layers(TABLE), self.FIGURES, "gpu", "fp16", [])
        self.assertEqual([entry.shape for entry in self.layers(text, "again.csv").entries], before)

    def test_variants(self):
        text = "layer,variant,op,K,C,Y,X,gamma,accuracy_cost\nfc,thin,linear,5,32,1,1,2,0.01\n"
        written = output.fresh(self.layers(text), [Figures(1, 1, 1)], "gpu", "fp32", [])
        self.assertTrue(written.startswith("layer,variant,op,gamma,accuracy_cost,N,K,C,"), written)
        self.assertIn("\nfc,thin,linear,2,0.01,1,5,32,", written)

    def test_merge_keeps_other_types_and_replaces_its_own(self):
        table = self.layers(TABLE)
        existing = csv_table.parse("t.csv", TABLE, Problems())
        once = output.merged(existing, table, self.FIGURES, "gpu", ["# gpu: first"])
        again = csv_table.parse("t.csv", once, Problems())
        text = output.merged(again, table, [Figures(7, 8, 9)] * 4, "gpu", ["# gpu: second"])
        self.assertEqual(text.splitlines()[:4], [
            "# tiny: made for the tests",
            "# gpu: second",
            "layer,op,K,C,R,S,Y,X,stride_y,stride_x,npu_us,gpu_us,gpu_p50_us,gpu_p95_us,gpu_p99_us",
            "stem,CONV,32,3,3,3,300,300,2,2,5,0.007,0.007,0.008,0.009"])

    def test_merge_needs_the_same_layers(self):
        problems = Problems()
        other = csv_table.parse("o.csv", "layer,npu_us\nstem,1\nother,2\n", problems)
        table = self.layers(TABLE)
        output.check_fit(other, table, problems)
        self.assertEqual(problems.lines[0],
                         f"o.csv:3:1: error: 'other' is not in {table.path}; only whole tables are merged")
        self.assertEqual([line.split("'")[1] for line in problems.lines[1:]], ["dw", "again", "fc"])


class CommandLine(FolderTest):
    def test_help(self):
        text = self.measure("--help").stdout
        self.assertIn("examples:\n  measure_gpu.py ", text)
        self.assertIn("exit codes:", text)
        for line in text.splitlines():
            self.assertLessEqual(len(line), 120, line)

    def test_dry_run_needs_no_torch_and_no_device(self):
        self.write("t.csv", TABLE)
        lines = self.measure("t.csv", "--dry-run", "--batch", 4).stdout.splitlines()
        self.assertEqual(len(lines), 4)
        self.assertEqual(lines[0].split(None, 2),
                         [str(4 * 32 * 27 * 150 * 150), "MACs", "conv N4 K32 C3 3x3 300x300->150x150"])
        self.assertRegex(lines[3], r"^4 layers, 3 distinct shapes, roughly \d+ s$")
        self.assertEqual(os.listdir(self.folder), ["t.csv"])

    def test_usage_errors(self):
        self.write("t.csv", TABLE)
        self.write("u.csv", TABLE)
        for arguments, message in (
            ([], "the following arguments are required: FILE"),
            (["t.csv"], "--out says where the tables go"),
            (["t.csv", "--out", "o", "--dev", "cpu"], "unrecognized arguments: --dev cpu"),
            (["t.csv", "--out", "o", "--device", "gpu"], "--device is cuda, cuda:N or cpu, got 'gpu'"),
            (["t.csv", "--out", "o", "--repetitions", "0"], "expected a whole number of at least 1, got '0'"),
            (["t.csv", "--out", "o", "--energy", "soon"], "expected seconds, 0 to 3600, got 'soon'"),
            (["t.csv", "--out", "o", "--type", "gpu_p50"], "--type is a letter"),
            (["t.csv", "--out", "o", "--device", "cpu", "--dtype", "tf32"], "--dtype tf32 is a GPU's"),
            (["t.csv", "--out", "o", "--device", "cpu", "--mode", "graph"], "--mode graph is a GPU's"),
            (["t.csv", "--out", "o", "--threads", "2"], "--threads is for --device cpu"),
            (["t.csv", "--out", "."], "t.csv is an input; --merge adds columns to it"),
            (["t.csv", "u.csv", "--out", "o.csv"], "--out names one file, but there are 2 tables; give a folder"),
            (["t.csv", "t.csv", "--out", "o"], "two tables would become o/t.csv"),
        ):
            done = self.measure(*arguments, code=2)
            self.assertIn(f"error: {message}" if message[0] == "-" else message, done.stderr)
            self.assertEqual(done.stdout, "")

    def test_bad_input(self):
        self.write("t.csv", TABLE.replace("32,3,3,3,300", "32,0,3,3,300"))
        done = self.measure("t.csv", "missing.csv", "--out", "o", code=3)
        self.assertEqual(done.stderr.splitlines(), [
            "t.csv:3:14: error: expected C as a whole number from 1 to 2147483648, got '0'",
            "t.csv:5:15: error: expected C as a whole number from 1 to 2147483648, got '0'",
            "missing.csv:1:1: error: cannot read the table: No such file or directory"])

    def test_a_journal_is_not_overwritten(self):
        self.write("t.csv", TABLE)
        (self.folder / "o").mkdir()
        self.write("o/gpu.journal", "{}\n")
        done = self.measure("t.csv", "--out", "o", code=2)
        self.assertIn("o/gpu.journal holds an interrupted run: --resume goes on", done.stderr)
        self.assertEqual((self.folder / "o/gpu.journal").read_text(encoding="utf-8"), "{}\n")

    def test_merging_is_checked_before_anything_is_measured(self):
        self.write("t.csv", TABLE)
        self.write("u.csv", "layer,npu_us\nstem,1\n")
        done = self.measure("t.csv", "--out", "u.csv", "--merge", code=3)
        self.assertEqual(len(done.stderr.splitlines()), 3)
        self.assertIn("u.csv:1:1: error: 'dw' of t.csv is not in this table", done.stderr)


if __name__ == "__main__":
    unittest.main(verbosity=1)
