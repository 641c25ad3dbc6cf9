"""What the tests of tools/measure_gpu.py share: the script, a folder, a table, and a GPU that answers."""

import pathlib
import subprocess
import sys
import tempfile
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
SCRIPT = ROOT / "tools" / "measure_gpu.py"
sys.path.insert(0, str(ROOT / "tools"))

from measuring import layer_tables, networks
from measuring.problems import Problems

TABLE = """\
# tiny: made for the tests
layer,op,K,C,R,S,Y,X,stride_y,stride_x,npu_us
stem,CONV,32,3,3,3,300,300,2,2,5
dw,DSCONV,1,32,3,3,150,150,1,1,6
again,CONV,32,3,3,3,300,300,2,2,7
fc,linear,10,32,,,1,1,,,8
"""


class FolderTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)

    def write(self, name, text):
        (self.folder / name).write_text(text, encoding="utf-8")
        return self.folder / name

    def measure(self, *arguments, code=0):
        done = subprocess.run([sys.executable, SCRIPT, *map(str, arguments)], cwd=self.folder, capture_output=True,
                              encoding="utf-8", timeout=120, check=False)
        self.assertEqual(done.returncode, code, f"{arguments}\n{done.stdout}\n{done.stderr}")
        return done

    def layers(self, text, name="t.csv"):
        problems = Problems()
        table = layer_tables.read(self.write(name, text), problems)
        problems.raise_if_any()
        return table

    def errors(self, text, name="t.csv"):
        """What is wrong with a file, without the folder."""
        problems = Problems()
        networks.read(self.write(name, text), problems)
        return [line.replace(f"{self.folder}/", "") for line in problems.lines]


class FakeNvml:
    """NVIDIA's management library with one GPU, whose temperature it does not know."""

    NVML_CLOCK_SM, NVML_CLOCK_MEM, NVML_TEMPERATURE_GPU = 1, 2, 0

    def __init__(self, counter=True):
        self.counter = counter

    def nvmlInit(self):
        pass

    def nvmlDeviceGetHandleByUUID(self, name):
        return {"GPU-7": "handle"}[name]

    def nvmlSystemGetDriverVersion(self):
        return b"580.1"

    def nvmlDeviceGetClockInfo(self, _handle, kind):
        return {1: 1980, 2: 3201}[kind]

    def nvmlDeviceGetTemperature(self, _handle, _sensor):
        raise RuntimeError("Not Supported")

    def nvmlDeviceGetPowerUsage(self, _handle):
        return 250_500

    def nvmlDeviceGetCurrentClocksThrottleReasons(self, _handle):
        return 0x4

    def nvmlDeviceGetTotalEnergyConsumption(self, _handle):
        if not self.counter:
            raise RuntimeError("Not Supported")
        return 12
