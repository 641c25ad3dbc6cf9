"""tools/measure_gpu.py with PyTorch: real measurements on the CPU, and the GPU's path with the CPU in its place."""

import contextlib
import csv
import importlib.util
import io
import os
import random
import signal
import subprocess
import sys
import time
import types
import unittest
from unittest import mock

DEBIAN_PYTHON = "/usr/bin/python3"  # where python3-torch installs to
SKIPPED = 77  # what ctest takes for skipped


def find_torch():
    """Goes on in a Python that has PyTorch; ends as skipped when there is none."""
    if importlib.util.find_spec("torch"):
        return
    if os.path.exists(DEBIAN_PYTHON) and os.path.realpath(sys.executable) != os.path.realpath(DEBIAN_PYTHON):
        probe = "import importlib.util as u, sys; sys.exit(u.find_spec('torch') is None)"
        if subprocess.run([DEBIAN_PYTHON, "-c", probe], check=False).returncode == 0:
            os.execv(DEBIAN_PYTHON, [DEBIAN_PYTHON, *sys.argv])
    print(f"skipped: neither {sys.executable} nor {DEBIAN_PYTHON} has PyTorch (tools/install_dependencies.sh --torch)")
    sys.exit(SKIPPED)


find_torch()

import torch
from measure_support import SCRIPT, FakeNvml, FolderTest
from measuring import gpu_state, networks, operators, shapes
from measuring.shapes import Shape

import measure_gpu  # found beside `measuring`

SMALL = """\
layer,op,K,C,R,S,Y,X,stride_y,stride_x,npu_us
stem,CONV,8,3,3,3,15,20,2,2,5
dw,DSCONV,1,8,3,3,8,10,1,1,6
same,DSCONV,1,8,3,3,8,10,1,1,6
fc,linear,10,8,,,1,1,,,8
"""
QUICK = ("--repetitions", "20", "--warm-up", "0", "--warm-up-limit", "0.1")


def table(path):
    """Comments and rows of a measured table."""
    lines = path.read_text(encoding="utf-8").splitlines()
    rows = csv.DictReader(line for line in lines if not line.startswith("#"))
    return [line for line in lines if line.startswith("#")], list(rows)


class MeasuringTest(FolderTest):
    def run_cpu(self, *arguments, code=0):
        return self.measure(*arguments, "--device", "cpu", *QUICK, code=code)

    def check_times(self, row, type_name):
        p50, p95, p99 = (float(row[f"{type_name}_p{p}_us"]) for p in (50, 95, 99))
        self.assertEqual(row[f"{type_name}_us"], row[f"{type_name}_p50_us"])
        self.assertTrue(0 < p50 <= p95 <= p99, row)


class Cpu(MeasuringTest):
    def test_a_table(self):
        self.write("t.csv", SMALL)
        done = self.run_cpu("t.csv", "--out", "o", "--batch", "2", "--threads", "1")
        comments, rows = table(self.folder / "o/t.csv")
        self.assertEqual([row["layer"] for row in rows], ["stem", "dw", "same", "fc"])
        for row in rows:
            self.check_times(row, "cpu")
        macs = [2 * 8 * 27 * 80, 2 * 8 * 9 * 80, 2 * 8 * 9 * 80, 2 * 80]
        self.assertEqual([int(row["macs"]) for row in rows], macs)
        self.assertEqual([int(row["output_bytes"]) for row in rows], [4 * 1280, 4 * 1280, 4 * 1280, 4 * 20])
        self.assertEqual({**rows[1], "layer": ""}, {**rows[2], "layer": ""})  # one measurement for equal shapes
        self.assertEqual(len(done.stderr.splitlines()), 3)
        self.assertNotIn("npu_us", rows[0])
        text = "\n".join(comments)
        for part in ("# t: layers in execution order, shapes from t.csv; output_bytes of fp32 elements", "20 executions",
                     "threads 1, torch " + torch.__version__, "fp32, N times 2, channels first, mode host, caches warm",
                     "with measure_gpu.py t.csv --out o"):
            self.assertIn(part, text)
        self.assertEqual(os.listdir(self.folder / "o"), ["t.csv"])

    def test_merge_into_the_input(self):
        self.write("t.csv", SMALL)
        self.run_cpu("t.csv", "--out", "t.csv", "--merge", "--type", "cpu1")
        self.run_cpu("t.csv", "--out", ".", "--merge", "--type", "cpu2", "--cold", "--channels-last")
        comments, rows = table(self.folder / "t.csv")
        self.assertEqual([row["npu_us"] for row in rows], ["5", "6", "6", "8"])
        for row in rows:
            self.check_times(row, "cpu1")
            self.check_times(row, "cpu2")
        self.assertIn("channels last, mode host, caches cold", "\n".join(comments))

    def test_what_the_device_cannot_run_stays_empty(self):
        self.write("t.csv", SMALL + "product,matmul,4,4,,,6,1,,,1\n")
        done = self.run_cpu("t.csv", "--out", "o.csv", "--dtype", "int8", "--quiet")
        _, rows = table(self.folder / "o.csv")
        self.assertEqual([rows[4][f"cpu{part}_us"] for part in ("", "_p50", "_p95", "_p99")], [""] * 4)
        for row in rows[:4]:
            self.check_times(row, "cpu")
        self.assertEqual(rows[0]["output_bytes"], "640")
        self.assertRegex(done.stderr, r"^warning: matmul .*not supported: .*; its cells stay empty\n$")

    def test_nothing_can_be_run(self):
        self.write("t.csv", "layer,op,K,C,Y,X\nproduct,matmul,4,4,6,1\n")
        done = self.run_cpu("t.csv", "--out", "o", "--dtype", "int8", code=4)
        self.assertIn("error: the device can run none of the layers", done.stderr)
        self.assertEqual(os.listdir(self.folder / "o"), [])

    def test_no_gpu(self):
        if torch.cuda.is_available():
            self.skipTest("there is a GPU")
        self.write("t.csv", SMALL)
        self.assertIn("sees no GPU", self.measure("t.csv", "--out", "o", code=4).stderr)

    @unittest.skipUnless(networks.yaml, "PyYAML is not installed")
    def test_a_network_that_runs(self):
        self.write("sets.csv", "variants,accuracy\n,70\nfc_r2,69\n")
        self.write("t.csv", SMALL)
        self.write("v.csv", "layer,variant,op,K,C,Y,X\nfc,fc_r2,linear,5,8,1,1\n")
        self.write("n.yaml", "network: n\nlayers: t.csv\nvariants: v.csv\n"
                             "accuracy: { metric: top-1, baseline: 70, sets: sets.csv }\n")
        self.run_cpu("n.yaml", "--out", "o", "--network", "o/n.yaml")
        self.check_times(table(self.folder / "o/v.csv")[1][0], "cpu")
        self.assertEqual(networks.yaml.safe_load((self.folder / "o/n.yaml").read_text(encoding="utf-8")), {
            "network": "n", "source": "latency of cpu measured, see the head of the table", "layers": "t.csv",
            "variants": "v.csv", "accuracy": {"metric": "top-1", "baseline": 70, "sets": "../sets.csv"}})
        self.write("s.yaml", "scenario: s\nhorizon: 100 ms\n"
                             "platform: { platform: p, types: { cpu: { kind: cpu } }, "
                             "accelerators: [ { name: c, type: cpu } ] }\n"
                             "tasks: [ { name: n, network: o/n.yaml, arrivals: { kind: periodic, period: 10 ms } } ]\n")
        if "TERASTAL" in os.environ:
            done = subprocess.run([os.environ["TERASTAL"], "validate", "s.yaml"], cwd=self.folder, capture_output=True,
                                  encoding="utf-8", timeout=60, check=False)
            self.assertEqual(done.returncode, 0, done.stdout + done.stderr)

    def test_interrupt_and_resume(self):
        # The second shape takes seconds, so that the interruption finds it at work.
        self.write("t.csv", "layer,op,K,C,R,S,Y,X\nfc,linear,10,32,1,1,1,1\ndw,DSCONV,1,32,3,3,150,150\n")
        options = ["t.csv", "--out", "o", "--device", "cpu", "--warm-up", "0", "--repetitions", "1500"]
        with subprocess.Popen([sys.executable, SCRIPT, *options], cwd=self.folder, stderr=subprocess.PIPE,
                              encoding="utf-8") as process:
            self.assertIn("[1/2] conv N1 K10 C32", process.stderr.readline())
            process.send_signal(signal.SIGINT)
            rest = process.stderr.read()
        self.assertEqual(process.returncode, 130, rest)
        self.assertIn("interrupted; --resume goes on", rest)
        self.assertEqual(os.listdir(self.folder / "o"), ["cpu.journal"])
        self.assertIn("holds an interrupted run", self.measure(*options, code=2).stderr)
        again = self.measure(*options, "--resume", "--dtype", "bf16", code=3)
        self.assertIn("dtype was 'fp32' and is 'bf16'", again.stderr)
        done = self.measure(*options, "--resume")
        self.assertRegex(done.stderr, r"^\[1/1\] depthwise [^\n]*\n$")
        self.assertEqual(os.listdir(self.folder / "o"), ["t.csv"])
        for row in table(self.folder / "o/t.csv")[1]:
            self.check_times(row, "cpu")


class Operators(unittest.TestCase):
    """Random shapes of every kind: what PyTorch executes does the layer's multiply-accumulates."""

    def shape(self, kind, r):
        groups = r.choice([1, 1, 2, 3])
        sizes = {letter: r.randint(1, 12) for letter in ("Y", "X")}
        channels = {letter: groups * r.randint(1, 4) for letter in ("K", "C")}
        given = {"N": r.randint(1, 2), "groups": groups, **channels, **sizes}
        if kind == "pool":
            given["K"] = given["C"]
        if kind != "matmul":
            given.update({letter: r.randint(1, 5) for letter in ("R", "S")})  # 1-D and uneven kernels, too
            given.update({letter: r.randint(1, 3) for letter in ("stride_y", "stride_x")})
        shape = shapes.completed(kind, given)
        if kind != "matmul" and r.random() < 0.5:
            given.update(out_y=r.randint(1, shape.out_y), out_x=r.randint(1, shape.out_x))
            shape = shapes.completed(kind, given)
        return None if shapes.problem(shape) else shape

    def executed_macs(self, built, shape, linear):
        """Multiply-accumulates by the sizes of the tensors that reach PyTorch."""
        counted = []

        def spy(name, module, count):
            original = getattr(module, name)

            def call(*arguments, **options):
                result = original(*arguments, **options)
                counted.append(count(result, *arguments))
                return result

            return mock.patch.object(module, name, call)

        functional = torch.nn.functional
        with spy("conv2d", functional, lambda out, _x, w, *_: out.numel() * w[0].numel()), \
             spy("conv_transpose2d", functional, lambda _out, x, w, *_: x.numel() * w[0].numel()), \
             spy("linear", functional, lambda out, x, *_: out.numel() * x.shape[-1]), \
             spy("max_pool2d", functional, lambda out, _x, window, *_: out.numel() * window[0] * window[1]), \
             spy("adaptive_avg_pool2d", functional, lambda _out, x, *_: x.numel()), \
             spy("bmm", torch, lambda out, x, *_: out.numel() * x.shape[-1]):
            output = built.build(shape, linear)()
        operators.check_output(shape, output)
        return sum(counted)

    def test_random_shapes(self):
        r = random.Random(11)
        for channels_last in (False, True):
            built = operators.operators(torch, "cpu", "fp32", channels_last)
            for kind in ("conv", "depthwise", "transposed_conv", "matmul", "pool"):
                done = 0
                while done < 60:
                    if shape := self.shape(kind, r):
                        linear = shapes.is_linear(shape, "CONV")
                        self.assertEqual(self.executed_macs(built, shape, linear), shape.macs, shape)
                        done += 1

    def test_a_convolution_reads_the_padding_it_should(self):
        # All ones: an output is the number of inputs it reads times the channels. 5 rows, kernel 3, stride 2, 3 rows out:
        # one padded row on both sides; 1 column of a 1×1 window.
        built = operators.operators(torch, "cpu", "fp32", False)
        built.tensor = lambda *sizes: torch.ones(*sizes)
        shape = Shape("conv", 1, 1, 2, 3, 1, 5, 4, 2, 1, 3, 4)
        self.assertEqual(built.build(shape)()[0, 0, :, 0].tolist(), [4, 6, 4])

    def test_elementwise(self):
        built = operators.operators(torch, "cpu", "fp32", False)
        for operands in (1, 2, 4):
            shape = Shape("elementwise", 2, 3, 3, y=4, x=5, out_y=4, out_x=5, operands=operands)
            operators.check_output(shape, built.build(shape)())

    def test_wrong_outputs_are_found(self):
        with self.assertRaisesRegex(Exception, r"gives \(1, 2, 3, 4\)"):
            operators.check_output(Shape("conv", 1, 2, 2, y=4, x=3, out_y=4, out_x=3), torch.zeros(1, 2, 3, 4))


class CudaTorch:
    """PyTorch whose GPU is the CPU: tensors stay where they are, events hold the host's time."""

    def __init__(self):
        self.slept, self.replays = [], 0
        self.version = types.SimpleNamespace(cuda="12.4")
        matmul = types.SimpleNamespace(allow_tf32=None)
        cudnn = types.SimpleNamespace(allow_tf32=None, benchmark=None, version=lambda: 90100)
        self.backends = types.SimpleNamespace(cuda=types.SimpleNamespace(matmul=matmul), cudnn=cudnn)
        properties = types.SimpleNamespace(uuid="7", L2_cache_size=1 << 16)
        stream = types.SimpleNamespace(wait_stream=lambda _: None)
        self.cuda = types.SimpleNamespace(
            is_available=lambda: True, current_device=lambda: 0, device_count=lambda: 1, set_device=lambda _: None,
            get_device_properties=lambda _: properties, get_device_name=lambda _: "Imagined GPU", Event=self.event,
            _sleep=self.slept.append, synchronize=lambda: None, empty_cache=lambda: None, Stream=lambda: stream,
            current_stream=lambda: stream, stream=contextlib.nullcontext, graph=contextlib.nullcontext,
            CUDAGraph=lambda: types.SimpleNamespace(replay=self.replay))

    def __getattr__(self, name):
        return getattr(torch, name)

    def event(self, enable_timing):
        assert enable_timing
        event = types.SimpleNamespace(query=lambda: False)
        event.record = lambda: setattr(event, "at", time.perf_counter_ns())
        event.elapsed_time = lambda end: (end.at - event.at) * 1e-6
        return event

    def replay(self):
        self.replays += 1

    def randn(self, *sizes, device):
        assert device == "cuda"
        return torch.randn(*sizes)

    def randint(self, low, high, sizes, device, dtype):
        assert device == "cuda"
        return torch.randint(low, high, sizes, dtype=dtype)

    def empty(self, size, dtype, device):
        assert device == "cuda"
        return torch.empty(size, dtype=dtype)

    def _int_mm(self, left, right):
        if left.shape[0] <= 16:
            raise RuntimeError("self.size(0) needs to be greater than 16")
        return left.int() @ right.int()


class Meter(FakeNvml):
    """Draws 100 W all the time."""

    def nvmlDeviceGetTotalEnergyConsumption(self, _handle):
        return round(time.monotonic() * 100e3)


class Gpu(MeasuringTest):
    def run_gpu(self, *arguments, code=0):
        fake, errors = CudaTorch(), io.StringIO()
        argv = ["measure_gpu.py", *arguments, *QUICK]
        with mock.patch.object(sys, "argv", argv), mock.patch.object(measure_gpu, "import_torch", lambda: fake), \
             mock.patch.object(gpu_state, "_nvml", Meter), contextlib.redirect_stderr(errors), \
             contextlib.chdir(self.folder):
            self.assertEqual(measure_gpu.main(), code, errors.getvalue())
        return fake, errors.getvalue()

    def test_kernel_mode_with_energy(self):
        self.write("t.csv", SMALL)
        fake, _ = self.run_gpu("t.csv", "--out", "o", "--energy", "0.05", "--cold", "--dtype", "tf32")
        comments, rows = table(self.folder / "o/t.csv")
        for row in rows:
            self.check_times(row, "gpu")
            self.assertGreater(float(row["gpu_nj"]), 0)
        text = "\n".join(comments)
        for part in ("device Imagined GPU (cuda), driver 580.1, CUDA 12.4, cuDNN 90100", "mode kernel, caches cold",
                     "cudnn.benchmark on", "SM clock 1980 MHz", "clocks held back in 3 of 3 readings",
                     "energy of the whole board, 0.05 s for a shape, energy counter"):
            self.assertIn(part, text)
        self.assertTrue(fake.slept)
        self.assertTrue(fake.backends.cudnn.benchmark and fake.backends.cudnn.allow_tf32)

    def test_graph_mode_replays(self):
        self.write("t.csv", SMALL)
        fake, _ = self.run_gpu("t.csv", "--out", "o", "--mode", "graph", "--no-cudnn-benchmark")
        self.assertGreaterEqual(fake.replays, 3 * 20)
        self.assertFalse(fake.backends.cudnn.benchmark or fake.backends.cuda.matmul.allow_tf32)

    def test_host_mode_needs_no_delay(self):
        self.write("t.csv", SMALL)
        fake, _ = self.run_gpu("t.csv", "--out", "o", "--mode", "host", "--type", "gpu_host")
        self.assertEqual(fake.slept, [])
        self.check_times(table(self.folder / "o/t.csv")[1][0], "gpu_host")

    def test_int8_runs_what_there_is(self):
        self.write("t.csv", "layer,op,K,C,Y,X,groups\nbig,matmul,16,8,32,1,\nsmall,linear,16,8,4,1,\nconv,conv,4,4,6,6,\n"
                            "heads,matmul,16,8,32,1,2\nrelu,elementwise,4,4,6,6,\n")
        _, errors = self.run_gpu("t.csv", "--out", "o.csv", "--dtype", "int8", "--quiet")
        empty = [row["layer"] for row in table(self.folder / "o.csv")[1] if not row["gpu_us"]]
        self.assertEqual(empty, ["small", "conv", "heads"])
        self.assertIn("needs to be greater than 16; its cells stay empty", errors)

    def test_a_device_that_is_not_there(self):
        self.write("t.csv", SMALL)
        _, errors = self.run_gpu("t.csv", "--out", "o", "--device", "cuda:3", code=4)
        self.assertIn("there is no cuda:3; devices: 0 to 0", errors)


class Failures(FolderTest):
    def result(self, error, dtype):
        """What becomes of a first execution that raises `error`."""
        from measuring import campaign

        def raising():
            raise error

        built = types.SimpleNamespace(build=lambda *_: raising)
        options = types.SimpleNamespace(dtype=dtype)
        device = types.SimpleNamespace(options=options, operators=built, release=lambda: None)
        return campaign._measure(device, campaign.Job(Shape("conv"), False), None)

    def test_reasons(self):
        self.assertEqual(self.result(RuntimeError("no kernel\nat"), "fp16"), "not supported: no kernel")
        self.assertEqual(self.result(RuntimeError("CUDA out of memory."), "fp32"),
                         "does not fit in memory: CUDA out of memory.")
        for error, dtype in ((RuntimeError("shape mismatch"), "fp32"), (RuntimeError("CUDA error: fault"), "fp16")):
            with self.assertRaisesRegex(Exception, f"conv .*: {error}"):
                self.result(error, dtype)


if __name__ == "__main__":
    unittest.main(verbosity=1)
