#!/usr/bin/env python3
"""Make the synthetic layer profiles of workloads/papers/lalarand/networks/.

The published magnitudes of LaLaRAND's networks on a CPU and a GPU are their numbers of layers, the sums over layers on the GPU
and on the CPU (fp32), the longest layer on each, and the layers that the CPU runs faster. The tables have exactly these, to the
printed digits; how a sum is divided over the layers, the sizes of outputs, the times of the quantised layers and what they cost in
accuracy is drawn from a seed. The second set, `_single_core`, has the sums of an older profile of the same networks, divided in the
proportions of the first.

The output depends on the arguments only.
"""

import argparse
import random
import sys
from pathlib import Path

# One unit is 10 us, the resolution of the published figures. Times of quantised layers are written to 1 us.
UNITS_PER_MS = 100

# What a layer of each kind costs: relative time on the GPU, and how many times as long the CPU takes (fp32).
OPS = {
    "conv": (1.0, 85.0),
    "pool": (0.25, 9.0),
    "shortcut": (0.15, 8.0),
    "route": (0.1, 4.0),
    "upsample": (0.15, 6.0),
    "detect": (0.15, 5.0),
    "rnn": (1.0, 1.1),
    "linear": (0.3, 0.9),
    "softmax": (0.12, 1.6),
    "cost": (0.1, 1.8),
}


class Profile:
    """One network: published magnitudes, times in ms, and its layers' kinds in order."""

    def __init__(self, name, title, ops, gpu, cpu, gpu_longest, cpu_longest, wins, older, largest_output, smallest_output):
        self.name, self.title, self.ops = name, title, ops
        self.gpu, self.cpu = gpu, cpu  # sums
        self.gpu_longest, self.cpu_longest = gpu_longest, cpu_longest  # (layer, ms)
        self.wins = wins  # layers where the CPU is faster
        self.older = older  # sums of the older profile
        self.largest_output, self.smallest_output = largest_output, smallest_output  # bytes


YOLO = (["conv", "pool"] * 6 + ["conv"] * 4 + ["detect", "route", "conv", "upsample", "route", "conv", "conv", "detect"])
EXTRACTION = (["conv", "pool"] * 2 + ["conv"] * 4 + ["pool"] + ["conv"] * 10 + ["pool"] + ["conv"] * 5
              + ["pool", "softmax", "cost"])
RESNET = ["conv", "pool"] + ["conv", "conv", "shortcut"] * 8 + ["pool", "conv", "softmax"]
RNN = ["rnn", "rnn", "rnn", "linear", "softmax", "cost"]

PROFILES = [
    Profile("yolo_tiny", "YOLO-tiny", YOLO, 13.73, 1067.0, (12, 3.05), (12, 320.5), [], (58.96, 1603.0), 3070000, 40000),
    Profile("extraction", "darknet's extraction network", EXTRACTION, 15.03, 1631.5, (2, 1.84), (18, 308.6), [26, 27],
            (68.82, 2699.0), 3070000, 4000),
    Profile("resnet18", "ResNet-18", RESNET, 11.27, 883.1, (0, 1.13), (0, 74.0), [26, 28], (56.11, 1375.0), 3070000, 4000),
    Profile("rnn", "a recurrent network", RNN, 4.01, 4.16, (1, 1.30), (1, 1.39), [0, 3, 4], (7.53, 9.87), 64000, 4000),
]


def units(ms):
    return round(ms * UNITS_PER_MS)


def apportion(weights, total, low, high):
    """Whole numbers with this sum, as near as may be to the weights' proportions, each within its bounds."""
    assert sum(low) <= total <= sum(high), (sum(low), total, sum(high))
    small, large = 0.0, 1e9
    for _ in range(200):
        scale = (small + large) / 2
        reached = sum(min(max(w * scale, l), h) for w, l, h in zip(weights, low, high))
        small, large = (scale, large) if reached < total else (small, scale)
    exact = [min(max(w * small, l), h) for w, l, h in zip(weights, low, high)]
    result = [int(x) for x in exact]
    order = sorted(range(len(exact)), key=lambda i: (result[i] - exact[i], i))
    while sum(result) < total:
        for i in order:
            if sum(result) < total and result[i] < high[i]:
                result[i] += 1
    assert sum(result) == total
    return result


def draw_times(profile, rng):
    """Units per layer on the GPU and on the CPU."""
    layers = range(len(profile.ops))
    weights = [OPS[op][0] * rng.uniform(0.6, 1.4) for op in profile.ops]
    ratios = [OPS[op][1] * rng.uniform(0.7, 1.3) for op in profile.ops]

    at, longest = profile.gpu_longest[0], units(profile.gpu_longest[1])
    low = [longest if l == at else 4 for l in layers]
    high = [longest if l == at else longest - 1 for l in layers]
    gpu = apportion(weights, units(profile.gpu), low, high)

    at, longest = profile.cpu_longest[0], units(profile.cpu_longest[1])
    low = [longest if l == at else 1 if l in profile.wins else gpu[l] + 1 for l in layers]
    high = [longest if l == at else max(1, int(0.9 * gpu[l])) if l in profile.wins else longest - 1 for l in layers]
    cpu = apportion([g * r for g, r in zip(gpu, ratios)], units(profile.cpu), low, high)
    return gpu, cpu


def scaled(times, total):
    """The same proportions with another sum."""
    count = len(times)
    return apportion([float(t) for t in times], total, [1] * count, [total] * count)


def draw_outputs(profile, rng):
    """Bytes per layer: the largest first, shrinking geometrically to the smallest."""
    last = len(profile.ops) - 1
    shrink = profile.smallest_output / profile.largest_output
    sizes = [profile.largest_output * shrink ** (l / last) for l in range(last + 1)]
    jitter = [1.0 if l in (0, last) else rng.uniform(0.7, 1.3) for l in range(last + 1)]
    return [min(profile.largest_output, round(s * j / 100) * 100) for s, j in zip(sizes, jitter)]


def draw_costs(profile, total_loss, rng):
    """Accuracy cost per quantised layer in units of 1e-6; together `total_loss`."""
    weights = [(1.0 if op in ("conv", "rnn", "linear") else 0.2) * rng.uniform(0.5, 1.5) for op in profile.ops]
    total = round(total_loss * 1e6)
    return apportion(weights, total, [0] * len(weights), [total] * len(weights))


def write(profile, folder, suffix, text, gpu, cpu, outputs, costs, speedup, seed):
    name = profile.name + suffix
    layers = ["layer,op,output_bytes,gpu_ms,cpu_ms"]
    variants = ["layer,variant,accuracy_cost,cpu_us"]
    for l, op in enumerate(profile.ops):
        label = f"{op}{l}"
        layers.append(f"{label},{op},{outputs[l]},{gpu[l] / UNITS_PER_MS:.2f},{cpu[l] / UNITS_PER_MS:.2f}")
        quantised = max(1, round(cpu[l] * 1000 / UNITS_PER_MS / speedup))
        variants.append(f"{label},{label}_int8,{costs[l] / 1e6:.6f},{quantised}")
    (folder / f"{name}.csv").write_text("\n".join(layers) + "\n")
    (folder / f"{name}_variants.csv").write_text("\n".join(variants) + "\n")
    (folder / f"{name}.yaml").write_text(
        f"network: lalarand_{name}\n"
        f"description: \"{profile.title}, {text}; synthetic\"\n"
        f"source: \"synthetic: tools/make_lalarand_profiles.py, seed {seed}; number of layers and sums over them (GPU, fp32 CPU) are "
        f"those of LaLaRAND's prototype{'' if suffix else ', the longest layers and the layers that the CPU runs faster, too'}; int8 "
        f"is {speedup:g} times as fast as fp32 on the CPU and costs what it costs in accuracy by our reading\"\n"
        f"layers: {name}.csv\n"
        f"variants: {name}_variants.csv\n"
        f"accuracy: {{ metric: relative, baseline: 100, model: additive }}\n")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n", maxsplit=1)[0])
    root = Path(__file__).resolve().parent.parent
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--speedup", type=float, default=3.0, help="int8 over fp32 on the CPU; default 3 (our reading)")
    parser.add_argument("--total-loss", type=float, default=0.008,
                        help="accuracy loss of a network with all layers quantised; default 0.008 (our reading: twice the largest "
                             "difference that the paper reports)")
    parser.add_argument("--output", type=Path, default=root / "workloads" / "papers" / "lalarand" / "networks")
    arguments = parser.parse_args()
    if arguments.speedup <= 0 or not 0 < arguments.total_loss <= 1:
        parser.error("the speed-up must be above 0, the loss above 0 and at most 1")
    arguments.output.mkdir(parents=True, exist_ok=True)
    for number, profile in enumerate(PROFILES):
        rng = random.Random(arguments.seed * 1000 + number)
        gpu, cpu = draw_times(profile, rng)
        outputs = draw_outputs(profile, rng)
        costs = draw_costs(profile, arguments.total_loss, rng)
        common = (outputs, costs, arguments.speedup, arguments.seed)
        write(profile, arguments.output, "", "CPU and GPU of an embedded board", gpu, cpu, *common)
        older = (scaled(gpu, units(profile.older[0])), scaled(cpu, units(profile.older[1])))
        write(profile, arguments.output, "_single_core", "older profile with one CPU core", *older, *common)
    return 0


if __name__ == "__main__":
    sys.exit(main())
