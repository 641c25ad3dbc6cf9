"""The device that is measured: its clock, its operators, and what is written about it beside every figure."""

from __future__ import annotations

import dataclasses
import functools
import pathlib
import platform

from . import clocks, gpu_state, operators
from .problems import MeasuringError

MODES = ("kernel", "graph", "host")
SOME_CACHE = 64 << 20  # bytes, where the size of the last-level cache is not known


@dataclasses.dataclass(frozen=True)
class Options:
    """Conditions that the user chooses; they stand in the table's header and in the journal."""

    device: str
    dtype: str
    mode: str
    channels_last: bool
    cold: bool
    cudnn_benchmark: bool
    repetitions: int
    warm_up_s: float
    warm_up_limit_s: float
    energy_s: float
    threads: int | None


class Device:
    """`name` is the product's, `software` says which versions ran, `gpu` reads clocks and energy (or is None)."""

    def __init__(self, torch, options, gpu=None):
        self.torch = torch
        self.options = options
        self.is_cuda = options.device.startswith("cuda")
        torch.manual_seed(1)
        self.gpu = gpu
        self.name = self._open_cuda() if self.is_cuda else self._open_cpu()
        try:
            self.operators = operators.operators(torch, options.device, options.dtype, options.channels_last)
        except operators.Unsupported as error:
            raise MeasuringError(f"{options.dtype} on {options.device}: {error}") from error
        self.clock = self._clock()

    def prepared(self, run):
        """The function whose executions are timed."""
        return clocks.captured(self.torch, run) if self.options.mode == "graph" else run

    def release(self):
        if self.is_cuda:
            self.torch.cuda.empty_cache()

    @functools.cached_property
    def energy_meter(self):
        """(meter, what it goes by); (None, "") when the device has none."""
        return self.gpu.energy_meter() if self.gpu else (None, "")

    def software(self):
        if not self.is_cuda:
            return f"threads {self.torch.get_num_threads()}, torch {self.torch.__version__}"
        driver = self.gpu.driver if self.gpu else "unknown"
        cudnn = self.torch.backends.cudnn.version()
        return f"driver {driver}, CUDA {self.torch.version.cuda}, cuDNN {cudnn}, torch {self.torch.__version__}"

    def _open_cuda(self):
        torch = self.torch
        if not torch.cuda.is_available():
            raise MeasuringError(
                f"torch {torch.__version__} sees no GPU (built for CUDA {torch.version.cuda}); "
                "--device cpu measures the CPU"
            )
        name = self.options.device
        index = int(name.partition(":")[2] or torch.cuda.current_device())
        if index >= torch.cuda.device_count():
            raise MeasuringError(f"there is no {name}; devices: 0 to {torch.cuda.device_count() - 1}")
        torch.cuda.set_device(index)
        torch.backends.cudnn.benchmark = self.options.cudnn_benchmark
        self.gpu = self.gpu or gpu_state.open_gpu(gpu_state.selector(torch, index))
        self._cache = getattr(torch.cuda.get_device_properties(index), "L2_cache_size", 0) or SOME_CACHE
        return torch.cuda.get_device_name(index)

    def _open_cpu(self):
        if self.options.threads:
            self.torch.set_num_threads(self.options.threads)
        self._cache = cpu_cache_bytes()
        return cpu_name()

    def _clock(self):
        flush = clocks.flusher(self.torch, self.options.device, self._cache) if self.options.cold else None
        if not self.is_cuda:
            return clocks.CpuClock(flush)
        if self.options.mode == "host":
            return clocks.CudaHostClock(self.torch, flush)
        return clocks.CudaKernelClock(self.torch, flush)


def cpu_name(info="/proc/cpuinfo"):
    try:
        lines = pathlib.Path(info).read_text(encoding="utf-8").splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def cpu_cache_bytes(folder="/sys/devices/system/cpu/cpu0/cache"):
    """Size of the largest cache of the first core."""
    sizes = [path.read_text(encoding="ascii").strip() for path in pathlib.Path(folder).glob("index*/size")]
    sizes = [int(size[:-1]) << {"K": 10, "M": 20}[size[-1]] for size in sizes if size[-1:] in ("K", "M")]
    return max(sizes, default=SOME_CACHE)
