"""tools/measure_gpu.py without PyTorch: percentiles, warm-up, clocks on a simulated GPU, energy, journal, progress."""

import io
import itertools
import json
import os
import random
import types
import unittest
from unittest import mock

from measure_support import FakeNvml, FolderTest
from measuring import campaign, clocks, gpu_state, journal, timing
from measuring.problems import InputError
from measuring.shapes import Shape
from measuring.timing import Figures


class Percentiles(unittest.TestCase):
    def test_nearest_rank(self):
        for count, expected in ((100, (50, 95, 99)), (200, (100, 190, 198)), (10, (5, 10, 10)), (3, (2, 3, 3)),
                                (1, (1, 1, 1))):
            sample = list(range(1, count + 1))
            self.assertEqual(tuple(timing.percentile(sample, p) for p in (50, 95, 99)), expected)

    def test_figures_are_ordered_and_of_the_sample(self):
        generator = random.Random(5)
        for count in range(1, 60):
            sample = [generator.randrange(1, 1000) for _ in range(count)]
            figures = timing.measure(ListClock(sample), None, count, timing.WarmUp(0, 0))
            self.assertLessEqual(figures.p50, figures.p95)
            self.assertLessEqual(figures.p95, figures.p99)
            self.assertLessEqual({figures.p50, figures.p95, figures.p99}, set(sample))
            self.assertGreaterEqual(2 * sum(value <= figures.p50 for value in sample), count)


class ListClock:
    """Gives the sample for the last call, and one value for those of the warm-up."""

    exposed = 0

    def __init__(self, sample):
        self.sample_ = sample

    def finish(self):
        pass

    def sample(self, _run, count):
        return self.sample_ if count == len(self.sample_) else [1] * count


class WarmUps(unittest.TestCase):
    def warmed(self, times, limits):
        """Warm-up with executions of the given times; whether they settled, and the seconds it took."""
        state = types.SimpleNamespace(now=0.0)

        def sample(_run, count):
            values = [next(times) for _ in range(count)]
            state.now += sum(values) * 1e-9
            return values

        clock = types.SimpleNamespace(sample=sample, exposed=0)
        return timing.warm_up(clock, None, limits, lambda: state.now), state.now

    def test_ends_when_times_settle(self):
        ms = 10**6
        settled, seconds = self.warmed(itertools.chain([90 * ms, 50 * ms, 20 * ms, 15 * ms], itertools.repeat(10 * ms)),
                                       timing.WarmUp(0.0, 5.0))
        self.assertTrue(settled)
        self.assertAlmostEqual(seconds, 0.175 + 3 * 0.010)  # two to begin with, windows of one: 20, 15, 10, 10, 10

    def test_lasts_as_long_as_asked(self):
        settled, seconds = self.warmed(itertools.repeat(10**6), timing.WarmUp(1.0, 5.0))
        self.assertTrue(settled)
        self.assertTrue(1.0 <= seconds < 1.02, seconds)

    def test_gives_up(self):
        settled, seconds = self.warmed(itertools.cycle([10**8, 2 * 10**8]), timing.WarmUp(0.0, 2.0))
        self.assertFalse(settled)
        self.assertTrue(2.0 <= seconds < 2.3, seconds)


class SimulatedGpu:
    """PyTorch's `cuda` on virtual time: kernels run in order, each launch and record costs the host some time."""

    LAUNCH, RECORD = 20_000, 2_000  # ns of the host
    HZ = 2e9

    def __init__(self):
        self.host, self.free, self.slept = 0, 0, []
        self.cuda = types.SimpleNamespace(Event=self.event, _sleep=self.sleep, synchronize=self.synchronize)

    def launch(self, nanoseconds):
        self.host += self.LAUNCH
        self.free = max(self.free, self.host) + nanoseconds

    def sleep(self, cycles):
        self.slept.append(cycles)
        self.launch(round(cycles / self.HZ * 1e9))

    def synchronize(self):
        self.host = max(self.host, self.free)

    def event(self, enable_timing):
        assert enable_timing
        gpu = self

        class Event:
            def record(self):
                gpu.host += gpu.RECORD
                self.at = gpu.free = max(gpu.free, gpu.host)

            def query(self):
                return gpu.host >= self.at

            def elapsed_time(self, end):
                assert gpu.host >= end.at, "read before it has passed"
                return (end.at - self.at) * 1e-6

        return Event()


class GpuClocks(unittest.TestCase):
    def setUp(self):
        self.gpu = SimulatedGpu()
        patch = mock.patch("measuring.clocks.time.perf_counter_ns", lambda: self.gpu.host)
        patch.start()
        self.addCleanup(patch.stop)

    def test_launches_are_hidden(self):
        durations = itertools.cycle([5_000, 7_000, 6_000])
        clock = clocks.CudaKernelClock(self.gpu)
        with mock.patch.object(clocks.CudaKernelClock, "DELAYS", (1, 1 << 29)):
            clock.delay = 1  # at first far too short: the chunk is measured again
            times = clock.sample(lambda: self.gpu.launch(next(durations)), 100)
        self.assertEqual((len(times), set(times), clock.exposed), (100, {5_000, 6_000, 7_000}, 0))
        self.assertGreater(self.gpu.slept[1], 1)

    def test_an_operator_that_waits_is_counted_as_exposed(self):
        def run():
            self.gpu.launch(5_000)
            self.gpu.synchronize()

        clock = clocks.CudaKernelClock(self.gpu)
        times = clock.sample(run, 40)
        self.assertEqual((len(times), clock.exposed), (40, 40))
        self.assertEqual(max(times), 5_000 + SimulatedGpu.LAUNCH + SimulatedGpu.RECORD)
        self.assertLess(self.gpu.host, 10**9)
        self.assertEqual(timing.measure(clock, run, 40, timing.WarmUp(0, 0)).exposed, 40)
        self.assertEqual(timing.measure(clock, lambda: self.gpu.launch(5_000), 40, timing.WarmUp(0, 0)).exposed, 0)

    def test_host_mode_counts_launch_and_wait(self):
        times = clocks.CudaHostClock(self.gpu).sample(lambda: self.gpu.launch(5_000), 3)
        self.assertEqual(times, [25_000] * 3)

    def test_flushes_are_outside_of_the_time(self):
        flushed = []

        def flush():
            flushed.append(self.gpu.host)
            self.gpu.launch(50_000)

        for clock, expected in ((clocks.CudaKernelClock, 5_000), (clocks.CudaHostClock, 25_000)):
            flushed.clear()
            clock = clock(self.gpu, flush)
            self.assertEqual(set(clock.sample(lambda: self.gpu.launch(5_000), 32)), {expected})
            self.assertGreaterEqual(len(flushed), 32)


class Energy(unittest.TestCase):
    def energy(self, meter_step_s, seconds, execution_s=0.001, watts=100):
        """Energy of an execution that draws constant power, by a meter that counts in steps."""
        state = types.SimpleNamespace(now=0.0)

        def run():
            state.now += execution_s

        def meter():
            return watts * (state.now // meter_step_s) * meter_step_s * 1e9

        clock = types.SimpleNamespace(finish=lambda: None)
        return timing.energy_nj(clock, run, meter, seconds, execution_s * 1e9, lambda: state.now)

    def test_constant_power(self):
        self.assertAlmostEqual(self.energy(0.1, 1.0) / (100 * 0.001 * 1e9), 1, delta=0.02)

    def test_a_meter_that_stands_still(self):
        self.assertIsNone(self.energy(1e9, 1.0))

    def test_power_is_integrated(self):
        readings = iter([(0.0, 10.0), (1.0, 30.0), (3.0, 30.0)])
        current = next(readings)
        integral = gpu_state.PowerIntegral(lambda: current[1], lambda: current[0])
        current = next(readings)
        self.assertEqual(integral(), 20e9)  # a second from 10 to 30 W
        current = next(readings)
        self.assertEqual(integral(), 80e9)  # two more at 30 W


class GpuState(FolderTest):
    def test_nvml(self):
        gpu = gpu_state.open_gpu("GPU-7", FakeNvml())
        self.assertEqual(gpu.driver, "580.1")
        self.assertEqual(gpu.read(), {"sm_mhz": 1980, "memory_mhz": 3201, "watts": 250.5, "throttle": 4})
        meter, source = gpu.energy_meter()
        self.assertEqual((meter(), source), (12e6, "energy counter"))
        meter, source = gpu_state.open_gpu("GPU-7", FakeNvml(counter=False)).energy_meter()
        self.assertEqual(source, "integrated power")
        self.assertGreaterEqual(meter(), 0)

    def smi(self, answers):
        """An nvidia-smi on the PATH that knows the fields of `answers`."""
        lines = "\n".join(f'  *"{fields}"*) echo "{answer}";;' for fields, answer in answers.items())
        script = f'#!/bin/sh\ncase "$*" in\n{lines}\n  *) echo "not a valid field"; exit 2;;\nesac\n'
        path = self.write("nvidia-smi", script)
        path.chmod(0o755)
        return mock.patch.dict(os.environ, PATH=f"{self.folder}:{os.environ['PATH']}")

    def test_nvidia_smi(self):
        old_name = "clocks.sm,clocks.mem,temperature.gpu,power.draw,clocks_throttle_reasons.active"
        with self.smi({"driver_version": "535.2", old_name: "1410, 1215, 41, [N/A], 0x0000000000000001"}):
            gpu = gpu_state.open_gpu("0", types.SimpleNamespace())
            self.assertEqual(gpu.driver, "535.2")
            self.assertEqual(gpu.read(), {"sm_mhz": 1410, "memory_mhz": 1215, "celsius": 41, "throttle": 1})
            self.assertEqual(gpu.energy_meter(), (None, ""))

    def test_neither(self):
        with self.smi({}):
            self.assertIsNone(gpu_state.open_gpu("0", types.SimpleNamespace()))

    def test_summary(self):
        readings = iter([{"sm_mhz": 1410, "celsius": 40, "throttle": 1},
                         {"sm_mhz": 1980, "celsius": 40, "throttle": 5}])
        log = gpu_state.StateLog(types.SimpleNamespace(read=lambda: next(readings), quick=True))
        log.note()
        log.note()
        self.assertEqual(log.summary(),
                         "SM clock 1410 to 1980 MHz, temperature 40 °C, clocks held back in 1 of 2 readings")
        self.assertEqual(gpu_state.StateLog(None).summary(), "")

    def test_a_slow_source_is_asked_seldom(self):
        times = iter([0.0, 1.0, 6.0])
        gpu = types.SimpleNamespace(read=lambda: {"celsius": 1}, quick=False)
        log = gpu_state.StateLog(gpu, now=lambda: next(times))
        for _ in range(3):
            log.note()
        self.assertEqual(len(log.readings), 2)

    def test_selector(self):
        def torch(**properties):
            return types.SimpleNamespace(cuda=types.SimpleNamespace(
                get_device_properties=lambda _: types.SimpleNamespace(**properties)))

        self.assertEqual(gpu_state.selector(torch(uuid="1-2"), 1), "GPU-1-2")
        with mock.patch.dict(os.environ, CUDA_VISIBLE_DEVICES="3,GPU-5"):
            self.assertEqual([gpu_state.selector(torch(), i) for i in (0, 1)], ["3", "GPU-5"])
        with mock.patch.dict(os.environ, CUDA_VISIBLE_DEVICES=""):
            self.assertEqual(gpu_state.selector(torch(), 1), "1")


class Journals(FolderTest):
    ONE, TWO = Shape("conv", k=1), Shape("conv", k=2)

    def journal(self, resume=True, **conditions):
        return journal.Journal(self.folder / "j", conditions, resume)

    def test_goes_on_after_an_interruption(self):
        log = self.journal(dtype="fp32")
        log.add(self.ONE, False, Figures(1, 2, 3, 4.5))
        log.add(self.ONE, True, "not supported: x")
        log.close(keep=True)
        with open(self.folder / "j", "a", encoding="utf-8") as stream:
            stream.write('["cut short' + 200 * "!")
        log = self.journal(dtype="fp32")
        log.add(self.TWO, False, Figures(5, 6, 7, settled=False))
        log.close(keep=True)
        log = self.journal(dtype="fp32")
        log.close(keep=True)
        results = log.results
        self.assertEqual(results[journal.key(self.ONE, False)], Figures(1, 2, 3, 4.5))
        self.assertEqual(results[journal.key(self.ONE, True)], "not supported: x")
        self.assertEqual(results[journal.key(self.TWO, False)], Figures(5, 6, 7, settled=False))
        self.assertEqual(len((self.folder / "j").read_text(encoding="utf-8").splitlines()), 4)

    def test_other_conditions_are_refused(self):
        log = self.journal(dtype="fp32", cold=False)
        log.add(self.ONE, False, Figures(1, 2, 3))
        log.close(keep=True)
        message = "j:1:1: error: measured under other conditions: dtype was 'fp32' and is 'fp16'"
        with self.assertRaisesRegex(InputError, message):
            self.journal(dtype="fp16", cold=False)

    def test_a_spoilt_line(self):
        self.write("j", json.dumps({}) + "\n[1, 2]\n")
        with self.assertRaisesRegex(InputError, "j:2:1: error: not a line of a journal"):
            self.journal()

    def test_without_results_nothing_stays(self):
        self.journal().close(keep=True)
        self.assertFalse((self.folder / "j").exists())


class Progress(unittest.TestCase):
    def test_lines(self):
        times = iter([0.0, 2.0, 4.0])
        options = types.SimpleNamespace(device="cpu", warm_up_s=1, repetitions=10, energy_s=0)
        jobs = [campaign.Job(Shape("conv"), False), campaign.Job(Shape("conv", k=2), True)]
        stream = io.StringIO()
        progress = campaign.Progress(jobs, options, stream, lambda: next(times))
        progress.step(jobs[0], Figures(1500, 2000, 3000))
        progress.step(jobs[1], "not supported: x")
        self.assertEqual(stream.getvalue(),
                         "[1/2] conv N1 K1 C1 1x1 1x1->1x1: 1.500 us, p99 3.000 us (0.50 shapes/s, 2 s left)\n"
                         "[2/2] conv N1 K2 C1 1x1 1x1->1x1 (linear): not supported: x (0.50 shapes/s, 0 s left)\n")

    def test_durations(self):
        self.assertEqual([campaign.duration(s) for s in (0.4, 119, 120, 7199, 9000)],
                         ["0 s", "119 s", "2 min", "119 min", "2.5 h"])


if __name__ == "__main__":
    unittest.main(verbosity=1)
