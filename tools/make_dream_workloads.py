#!/usr/bin/env python3
"""Writes the networks, platforms and scenarios of DREAM's experiment (workloads/papers/dream).

Layer shapes are those of the published architectures as the comments beside them say; where an architecture is not
public, the file says which one stands in. Without arguments the files are written anew; --check compares them.
"""

import argparse
import pathlib
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
FOLDER = ROOT / "workloads/papers/dream"
TOKENS = 20  # of GNMT; with the patches of SOSNet chosen so that 4K PEs are well loaded


class Chain:
    """Layers in execution order, with the size of the tensor between them."""

    def __init__(self, channels, rows, columns):
        self.c, self.y, self.x = channels, rows, columns
        self.rows = []

    def conv(self, name, k, r, stride=1, *, c=None, op="conv", skip=0.0, exit_=0.0, keep=False, valid=False):
        """A convolution; c: input channels other than the tensor's (branches); keep: the tensor stays (a branch)."""
        c = c or self.c
        shrink = r - 1 if valid else 0
        out_y, out_x = -(-(self.y - shrink) // stride), -(-(self.x - shrink) // stride)
        filters = 1 if op == "depthwise" else k
        self.rows.append((name, op, filters, c, r, r, self.y, self.x, stride, out_y, out_x, skip, exit_))
        if not keep:
            self.c, self.y, self.x = k, out_y, out_x

    def pool(self, size):
        """Pooling is not a layer of its own here: it only changes the size, as in the tables of the other networks."""
        self.y, self.x = -(-self.y // size), -(-self.x // size)

    def fc(self, name, k, c=None, rows=1, exit_=0.0):
        self.rows.append((name, "conv", k, c or self.c, 1, 1, rows, 1, 1, rows, 1, 0.0, exit_))
        self.c, self.y, self.x = k, rows, 1

    def csv(self):
        head = "layer,op,K,C,R,S,Y,X,stride_y,stride_x,out_y,out_x"
        skips = any(row[11] for row in self.rows)
        exits = any(row[12] for row in self.rows)
        lines = [head + (",skip" if skips else "") + (",exit" if exits else "")]
        for name, op, k, c, r, s, y, x, stride, out_y, out_x, skip, exit_ in self.rows:
            cells = [name, op, k, c, r, s, y, x, stride, stride, out_y, out_x]
            cells += [skip or ""] if skips else []
            cells += [exit_ or ""] if exits else []
            lines.append(",".join(str(cell) for cell in cells))
        return "\n".join(lines) + "\n"


def googlenet():
    net = Chain(3, 224, 224)
    net.conv("conv1", 64, 7, 2)
    net.pool(2)
    net.conv("conv2_reduce", 64, 1)
    net.conv("conv2", 192, 3)
    net.pool(2)
    modules = {
        "3a": (64, 96, 128, 16, 32, 32), "3b": (128, 128, 192, 32, 96, 64),
        "4a": (192, 96, 208, 16, 48, 64), "4b": (160, 112, 224, 24, 64, 64), "4c": (128, 128, 256, 24, 64, 64),
        "4d": (112, 144, 288, 32, 64, 64), "4e": (256, 160, 320, 32, 128, 128),
        "5a": (256, 160, 320, 32, 128, 128), "5b": (384, 192, 384, 48, 128, 128),
    }
    for name, (one, three_reduce, three, five_reduce, five, pool) in modules.items():
        if name in ("4a", "5a"):
            net.pool(2)
        for part, k, r, c in (("1x1", one, 1, None), ("3x3_reduce", three_reduce, 1, None), ("3x3", three, 3, three_reduce),
                              ("5x5_reduce", five_reduce, 1, None), ("5x5", five, 5, five_reduce), ("pool", pool, 1, None)):
            net.conv(f"inception_{name}_{part}", k, r, c=c, keep=True)
        net.c = one + three + five + pool
    net.fc("fc", 1000)
    return net


def residual(net, blocks, widths, skip=0.0):
    for stage, (count, k) in enumerate(zip(blocks, widths), start=2):
        for block in range(count):
            stride = 2 if block == 0 and stage > 2 else 1
            same = block > 0 or stage == 2
            net.conv(f"conv{stage}_{block}_a", k, 3, stride, skip=skip if same else 0.0)
            net.conv(f"conv{stage}_{block}_b", k, 3, skip=skip if same else 0.0)
    return net


def trailnet():
    net = Chain(3, 180, 320)
    net.conv("conv1", 64, 7, 2)
    net.pool(2)
    residual(net, (2, 2, 2, 2), (64, 128, 256, 512))
    net.fc("fc6", 6)
    return net


def skipnet():
    net = Chain(3, 224, 224)
    net.conv("conv1", 64, 7, 2)
    net.pool(2)
    residual(net, (3, 4, 6, 3), (64, 128, 256, 512), skip=0.5)
    net.fc("fc", 1000)
    return net


def sosnet():
    net = Chain(1, 352, 352)
    for name, k, stride in (("conv1", 32, 1), ("conv2", 32, 1), ("conv3", 64, 2), ("conv4", 64, 1), ("conv5", 128, 2),
                            ("conv6", 128, 1)):
        net.conv(name, k, 3, stride)
    net.conv("conv7", 128, 8, 8)
    return net


def rapid_rl():
    net = Chain(3, 103, 103)
    net.conv("conv1", 96, 7, 2)
    net.pool(2)
    net.conv("conv2", 256, 5, exit_=0.2)
    net.pool(2)
    net.conv("conv3", 384, 3, exit_=0.2)
    net.conv("conv4", 384, 3, exit_=0.2)
    net.conv("conv5", 256, 3)
    net.pool(2)
    net.fc("fc1", 1024, c=256 * net.y * net.x)
    net.fc("fc2", 1024)
    net.fc("fc3", 25)
    return net


def gnmt():
    net = Chain(1024, TOKENS, 1)
    for side, layers in (("encoder", 9), ("decoder", 8)):
        for layer in range(layers):
            net.fc(f"{side}_{layer}", 4096, c=2048, rows=TOKENS)
    net.fc("attention", 1024, c=2048, rows=TOKENS)
    net.fc("projection", 32000, c=1024, rows=TOKENS)
    return net


def mobile(repeats):
    net = Chain(3, 224, 224)
    net.conv("stem", 32, 3, 2)
    stages = zip((1, 6, 6, 6, 6, 6, 6), (16, 24, 32, 64, 96, 160, 320), repeats, (1, 2, 2, 2, 1, 2, 1))
    for stage, (expand, k, count, stride) in enumerate(stages, start=1):
        for block in range(count):
            wide = net.c * expand
            if expand > 1:
                net.conv(f"stage{stage}_{block}_expand", wide, 1)
            net.conv(f"stage{stage}_{block}_depthwise", wide, 3, stride if block == 0 else 1, op="depthwise")
            net.conv(f"stage{stage}_{block}_project", k, 1)
    net.conv("head", 1280, 1)
    net.fc("classifier", 1000)
    return net


NETWORKS = {
    "googlenet": (googlenet, "GoogLeNet, 224x224", "shapes: Szegedy et al., CVPR 2015, Table 1"),
    "trailnet": (trailnet, "TrailNet's s-ResNet-18, 320x180",
                 "shapes: Smolyanskiy et al., IROS 2017 (ResNet-18 of He et al., CVPR 2016); identity shortcuts are free"),
    "skipnet": (skipnet, "SkipNet on ResNet-34, 224x224: layers of identity blocks are skipped with probability 0.5",
                "shapes: He et al., CVPR 2016; the probability, and that layers are drawn one by one, are our reading"),
    "sosnet": (sosnet, "SOSNet on 121 patches of 32x32, laid out as one image of 352x352",
               "shapes: Tian et al., CVPR 2019 (L2-Net); the number of patches is our reading"),
    "rapid_rl": (rapid_rl, "five convolutions and three linear layers for navigation, with three early exits",
                 "stands in for RAPID-RL (Kosta et al., ICRA 2022), whose shapes were not available to us; exit "
                 "probabilities of 0.2 are our reading"),
    "gnmt": (gnmt, "GNMT, 20 tokens: each LSTM layer as one matrix product over the sequence",
             "shapes: Wu et al., 2016 (1024 units, 8 layers a side, the first encoder layer in both directions); the "
             "number of tokens and the merging of time steps are our reading"),
    "ofa_deep": (lambda: mobile((1, 2, 3, 4, 3, 3, 1)), "supernet, deep: MobileNetV2, 224x224",
                 "stands in for Once-for-All, whose sub-networks were not available to us; shapes: Sandler et al., CVPR "
                 "2018; accuracy as published there"),
    "ofa_shallow": (lambda: mobile((1, 1, 1, 1, 1, 1, 1)), "supernet, shallow: one block in each stage of MobileNetV2",
                    "stands in for Once-for-All; the accuracy is an assumption"),
}
ACCURACY = {"ofa_deep": 72.0, "ofa_shallow": 65.0}

SHIPPED = {
    "gaze": ("ge_fbnet_c", "FBNet-C of XRBench"),
    "hand_detection": ("mobilenetv2_ssd", "SSD-MobileNetV2"),
    "hand_pose": ("ht_hand_graph_cnn_half", "XRBench's hand tracking stands in for HandPoseNet"),
    "keyword": ("kd_res8_narrow", "res8 of XRBench"),
    "object_detection": ("mobilenetv2_ssd", "SSD-MobileNetV2"),
    "face_detection": ("mobilenetv2_ssd", "SSD-MobileNetV2"),
    "face_verification": ("vgg11", "VGG11 stands in for VGG-VoxCeleb"),
    "depth": ("sp2dense", "Sparse-to-Dense stands in for FocalLengthDepth"),
    "action_segmentation": ("as_ed_tcn", "ED-TCN of XRBench"),
}
OWN = {"translation": "gnmt", "context": "ofa_deep", "navigation": "trailnet", "odometry": "sosnet",
       "obstacle": "rapid_rl", "car_classification": "googlenet", "skip_context": "skipnet"}

# (task, rate, task it follows)
SCENARIOS = {
    "vr_gaming": ("VR gaming", [("gaze", 60, None), ("hand_detection", 30, None), ("hand_pose", 30, "hand_detection"),
                                ("context", 30, None), ("keyword", 15, None), ("translation", 15, "keyword")]),
    "ar_call": ("AR call", [("keyword", 15, None), ("translation", 15, "keyword"), ("skip_context", 30, None)]),
    "drone_outdoor": ("drone, outdoor", [("object_detection", 30, None), ("navigation", 60, None), ("odometry", 60, None)]),
    "drone_indoor": ("drone, indoor", [("object_detection", 30, None), ("obstacle", 60, None), ("odometry", 60, None),
                                       ("car_classification", 60, None)]),
    "ar_social": ("AR social interaction", [("depth", 30, None), ("action_segmentation", 30, None),
                                            ("face_detection", 30, None), ("face_verification", 30, "face_detection"),
                                            ("context", 30, None)]),
}

# name: (description, [(dataflow, thousands of PEs), …])
PLATFORMS = {
    "dream_4k_2ws": [("ws", 2), ("ws", 2)], "dream_4k_2os": [("os", 2), ("os", 2)],
    "dream_4k_ws_2os": [("ws", 2), ("os", 1), ("os", 1)], "dream_4k_os_2ws": [("os", 2), ("ws", 1), ("ws", 1)],
    "dream_8k_2ws": [("ws", 4), ("ws", 4)], "dream_8k_2os": [("os", 4), ("os", 4)],
    "dream_8k_ws_2os": [("ws", 4), ("os", 2), ("os", 2)], "dream_8k_os_2ws": [("os", 4), ("ws", 2), ("ws", 2)],
}
FLOWS = {"ws": "weight-stationary", "os": "output-stationary"}


def network_yaml(name, description, source):
    text = f"network: {name}\ndescription: \"{description}\"\nsource: \"{source}\"\nlayers: {name}.csv\n"
    if name in ACCURACY:
        text += f"accuracy: {{ metric: top-1, baseline: {ACCURACY[name]}, sets: [] }}\n"
    return text


def platform_yaml(name, parts):
    kinds = sorted(set(parts), key=parts.index)
    words = " and ".join(f"{parts.count(k)} x {FLOWS[k[0]]} {k[1]}K" for k in kinds)
    lines = ["# DREAM's systems are known to us from recollection: total of 4K or 8K PEs, weight- and output-stationary arrays, one of half",
             "# the size and two of a quarter in mixed ones. Clock, bandwidth and energies are those of XRBench, with whose tools the",
             "# shipped tables were made; those tables ignore strides, networks without a column are costed with them (shape:",
             "# equivalent). Our reading: 100 pJ for each byte that a context switch moves through DRAM (a 64-bit word of DRAM",
             "# costs 1.3 to 2.6 nJ in 45 nm: Horowitz, ISSCC 2014).",
             f"platform: {name}", f"description: {words} PEs", "source: our reading of DREAM (ASPLOS 2023); clock 1 GHz as in XRBench",
             "types:"]
    for flow, size in kinds:
        lines.append(f"  {flow}_{size}k:")
        lines.append(f"    {{ kind: npu, dataflow: {FLOWS[flow]}, pes: {size * 1024}, clock: 1 GHz, context_energy: 100 pJ,")
        lines.append(f"      cost: {{ model: xrbench, dataflow: {flow}, noc_bandwidth: 128, shape: equivalent }} }}")
    lines.append("accelerators:")
    count = {}
    for flow, size in parts:
        index = count.get(flow, 0)
        count[flow] = index + 1
        lines.append(f"  - {{ name: {flow}{index}, type: {flow}_{size}k }}")
    return "\n".join(lines) + "\n"


def scenario_yaml(key, size, words, tasks):
    notes = [f"# {task}: {SHIPPED[task][1]}." for task, _, _ in tasks if task in SHIPPED]
    notes += [f"# {task}: see networks/{OWN[task]}.yaml." for task, _, _ in tasks if task in OWN]
    lines = ["# Models and rates of DREAM's scenario are known to us from recollection; not verified. Cascades follow with probability 0.5 (our",
             "# reading), deadlines are periods and count from the release of a cascade's first job, phases are random, late jobs run on."]
    lines += notes
    lines += [f"scenario: dream_{key}_{size}k", f"description: \"DREAM, {words}, {size}K PEs: weight-stationary and two output-stationary arrays\"",
              f"platform: ../../../configs/platforms/dream_{size}k_ws_2os.yaml", "horizon: 5 s", "seed: 1", "late_jobs: run_on", "tasks:"]
    for task, rate, after in tasks:
        folder = f"networks/{OWN[task]}" if task in OWN else f"../../networks/{SHIPPED[task][0]}"
        lines.append(f"  - name: {task}")
        lines.append(f"    network: {folder}.yaml")
        if task == "context":
            lines.append("    alternatives: [networks/ofa_shallow.yaml]")
            lines.append("    switch_points:")
            for stage in range(2, 8):
                lines.append(f"      - [stage{stage}_0_expand, stage{stage}_0_expand]")
        if after:
            lines.append(f"    after: {{ task: {after}, probability: 0.5 }}")
        else:
            lines.append(f"    arrivals: {{ kind: periodic, rate: {rate} fps, phase: random }}")
    return "\n".join(lines) + "\n"


def files():
    for name, (make, description, source) in NETWORKS.items():
        yield FOLDER / f"networks/{name}.yaml", network_yaml(name, description, source)
        note = f"# {name}: layers in execution order, shapes only; made by tools/make_dream_workloads.py.\n# Source: {source}.\n"
        yield FOLDER / f"networks/{name}.csv", note + make().csv()
    for name, parts in PLATFORMS.items():
        yield ROOT / f"configs/platforms/{name}.yaml", platform_yaml(name, parts)
    for key, (words, tasks) in SCENARIOS.items():
        for size in (4, 8):
            yield FOLDER / f"{key}_{size}k.yaml", scenario_yaml(key, size, words, tasks)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="compare with the files that are there; exit 1 on differences")
    check = parser.parse_args().check
    different = []
    for path, text in files():
        if check:
            if not path.exists() or path.read_text(encoding="utf-8") != text:
                different.append(str(path.relative_to(ROOT)))
            continue
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    if different:
        sys.exit("differs from what the script makes: " + ", ".join(different))


if __name__ == "__main__":
    main()
