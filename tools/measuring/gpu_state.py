"""What a GPU says of itself while it is measured: clocks, temperature, power, energy. NVIDIA only."""

from __future__ import annotations

import dataclasses
import os
import subprocess
import time

# Fields of a reading, and their names to nvidia-smi. Drivers differ in the name of the throttle mask.
FIELDS = {"sm_mhz": "clocks.sm", "memory_mhz": "clocks.mem", "celsius": "temperature.gpu", "watts": "power.draw"}
THROTTLE = ("clocks_event_reasons.active", "clocks_throttle_reasons.active")
# Bits of the throttle mask that say nothing about the measurement: idle, and clocks set by an application.
HARMLESS = 0x1 | 0x2


def selector(torch, index):
    """How NVIDIA's tools name PyTorch's device `index`; they do not follow CUDA_VISIBLE_DEVICES."""
    uuid = getattr(torch.cuda.get_device_properties(index), "uuid", None)
    if uuid:
        return f"GPU-{str(uuid).removeprefix('GPU-')}"
    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return visible[index].strip() if index < len(visible) else str(index)


def open_gpu(name, nvml=None):
    """The GPU of that name (index or UUID) through NVML, else through nvidia-smi, else None."""
    for opened in (lambda: NvmlGpu(name, nvml or _nvml()), lambda: SmiGpu(name)):
        try:
            return opened()
        except Exception:  # the libraries have error types of their own; all mean: not this way
            continue
    return None


def _nvml():
    import pynvml  # optional

    return pynvml


class NvmlGpu:
    """Through NVIDIA's management library (Debian: python3-pynvml; PyPI: nvidia-ml-py)."""

    quick = True  # a reading takes well below a millisecond

    def __init__(self, name, nvml):
        self.nvml = nvml
        nvml.nvmlInit()
        by_index = name.isdigit()
        self.handle = nvml.nvmlDeviceGetHandleByIndex(int(name)) if by_index else self._by_uuid(name)
        self.driver = _text(nvml.nvmlSystemGetDriverVersion())

    def _by_uuid(self, name):
        try:
            return self.nvml.nvmlDeviceGetHandleByUUID(name)
        except TypeError:  # older bindings want bytes
            return self.nvml.nvmlDeviceGetHandleByUUID(name.encode())

    def read(self):
        n, handle = self.nvml, self.handle
        return _without_none({
            "sm_mhz": self._try(lambda: n.nvmlDeviceGetClockInfo(handle, n.NVML_CLOCK_SM)),
            "memory_mhz": self._try(lambda: n.nvmlDeviceGetClockInfo(handle, n.NVML_CLOCK_MEM)),
            "celsius": self._try(lambda: n.nvmlDeviceGetTemperature(handle, n.NVML_TEMPERATURE_GPU)),
            "watts": self._try(lambda: n.nvmlDeviceGetPowerUsage(handle) / 1000),
            "throttle": self._try(lambda: n.nvmlDeviceGetCurrentClocksThrottleReasons(handle)),
        })

    def energy_meter(self):
        """A function that returns nanojoules since some moment, and what it goes by; (None, "") when there is none."""
        if self._try(lambda: self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.handle)) is not None:
            return lambda: self.nvml.nvmlDeviceGetTotalEnergyConsumption(self.handle) * 1e6, "energy counter"
        if self._try(lambda: self.nvml.nvmlDeviceGetPowerUsage(self.handle)) is not None:
            return PowerIntegral(lambda: self.nvml.nvmlDeviceGetPowerUsage(self.handle) / 1000), "integrated power"
        return None, ""

    def _try(self, call):
        try:
            return call()
        except Exception:  # NVMLError, or a function that an older binding lacks
            return None


class SmiGpu:
    """Through nvidia-smi: no energy, and each reading starts a program."""

    quick = False

    def __init__(self, name):
        self.name = name
        self.driver = self._query(["driver_version"])[0]
        self.fields = next((f for mask in THROTTLE if self._answers(f := {**FIELDS, "throttle": mask})), FIELDS)

    def read(self):
        try:
            values = self._query(self.fields.values())
        except (OSError, subprocess.SubprocessError):
            return {}
        return _without_none({field: _number(text) for field, text in zip(self.fields, values)})

    def _answers(self, fields):
        try:
            return bool(self._query(fields.values()))
        except subprocess.SubprocessError:
            return False

    def energy_meter(self):
        return None, ""

    def _query(self, fields):
        command = ["nvidia-smi", "-i", self.name, f"--query-gpu={','.join(fields)}", "--format=csv,noheader,nounits"]
        done = subprocess.run(command, capture_output=True, text=True, timeout=30, check=True)
        return [text.strip() for text in done.stdout.splitlines()[0].split(",")]


class PowerIntegral:
    """Energy as the integral of readings of power over time, by trapezoids between calls."""

    def __init__(self, watts, now=time.monotonic):
        self.watts = watts
        self.now = now
        self.at, self.power, self.nanojoules = now(), watts(), 0.0

    def __call__(self):
        at, power = self.now(), self.watts()
        self.nanojoules += (self.power + power) / 2 * (at - self.at) * 1e9
        self.at, self.power = at, power
        return self.nanojoules


@dataclasses.dataclass
class StateLog:
    """Readings over a measurement. A slow source is asked at most every few seconds."""

    gpu: object
    interval_s: float = 5.0
    now: object = time.monotonic

    def __post_init__(self):
        self.readings = []
        self._last = None

    def note(self):
        if self.gpu is None:
            return
        now = self.now()
        if not self.gpu.quick and self._last is not None and now - self._last < self.interval_s:
            return
        self._last = now
        self.readings.append(self.gpu.read())

    def summary(self):
        """One line for the table's header; empty without readings."""
        parts = [
            self._range("sm_mhz", "SM clock", "MHz"), self._range("memory_mhz", "memory clock", "MHz"),
            self._range("celsius", "temperature", "°C"), self._range("watts", "power", "W"),
        ]
        masks = [int(reading["throttle"]) & ~HARMLESS for reading in self.readings if "throttle" in reading]
        if masks:
            held = sum(mask != 0 for mask in masks)
            parts.append(f"clocks held back in {held} of {len(masks)} readings")
        return ", ".join(part for part in parts if part)

    def _range(self, field, name, unit):
        values = [reading[field] for reading in self.readings if field in reading]
        if not values:
            return ""
        low, high = min(values), max(values)
        return f"{name} {low:g} {unit}" if low == high else f"{name} {low:g} to {high:g} {unit}"


def _number(text):
    """A number of nvidia-smi's, hexadecimal for masks; None for '[N/A]' and the like."""
    try:
        return int(text, 16) if text.startswith("0x") else float(text)
    except ValueError:
        return None


def _without_none(values):
    return {key: value for key, value in values.items() if value is not None}


def _text(value):
    return value.decode() if isinstance(value, bytes) else value
