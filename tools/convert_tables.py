#!/usr/bin/env python3
"""Convert the source data into network files and test oracles.

Reads a source directory with the layout

    models/<m>.csv, models/<m>_variants.csv           layer shapes
    latency/xrbench/<m>.csv, <m>_variants.csv         cycles and energy per layer and accelerator type
    accuracy/<m>.csv                                  measured accuracy of every set of variants
    latency/maestro/<m>.csv, <m>_variants.csv         only with --oracles: costs of upstream MAESTRO
    oracles/dysta/, oracles/neutral/                  only with --oracles

and writes workloads/networks/ (and tests/oracle/ with --oracles) in the formats of docs/file_formats.md. The output depends on
the input only. Anything that does not fit together ends the run with a message and exit code 1; nothing is written then.
"""

import argparse
import csv
import sys
from decimal import Decimal
from pathlib import Path

TYPES = [f"{flow}_{size}" for size in ("1k", "2k", "4k") for flow in ("ws", "os", "rs")]

SHAPES_TERASTAL = "noiper/terastal-layer-versioning (Apache-2.0)"
SHAPES_XRBENCH = "XRBench-MLSys2023 (MIT, (c) 2023 XRBench)"
COSTS = "MAESTRO in the fork of XRBench-MLSys2023 (both MIT)"
SOURCE_DYSTA = "formulas of the harness of Sparse-Multi-DNN-Scheduling; the tables are synthetic"

# name in the source, description
TERASTAL = [
    ("vgg11", "VGG11, 224x224"),
    ("resnet50", "ResNet50, 224x224"),
    ("inceptionv3", "InceptionV3, 299x299"),
    ("mobilenetv2_ssd", "MobileNetV2-SSD, 300x300"),
    ("sp2dense", "Sp2Dense, depth from an image and sparse depth samples, 228x304"),
    ("swin_tiny", "Swin-Tiny, 224x224, literal export (one token per linear layer)"),
    ("swin_tiny_tokens", "Swin-Tiny, 224x224, with the token count of the linear layers restored"),
]
XRBENCH = [
    ("AS_ED_TCN", "action segmentation, ED-TCN"),
    ("ASR_EM_24L", "speech recognition, Emformer with 24 layers"),
    ("DE_midas_v21_small", "depth estimation, MiDaS v2.1 small"),
    ("DR_RGBd_200", "depth refinement, RGB-d with 200 samples"),
    ("ES_RITNet", "eye segmentation, RITNet"),
    ("GE_FBNet_C", "gaze estimation, FBNet-C"),
    ("HT_hand_graph_cnn_half", "hand tracking, Hand Graph-CNN at half size (Hand S/P)"),
    ("KD_res8_narrow", "keyword detection, res8-narrow"),
    ("OD_D2go_FasterRCNN", "object detection, D2Go Faster R-CNN"),
    ("PD_Plane_RCNN_Quarter", "plane detection, PlaneRCNN at quarter size"),
    ("SS_HRViT_b1", "semantic segmentation, HRViT-b1"),
]
# name in the source: metric, column of the accuracy file
METRICS = {
    "vgg11": ("top-5", "top5_percent"),
    "resnet50": ("top-5", "top5_percent"),
    "inceptionv3": ("top-5", "top5_percent"),
    "swin_tiny": ("top-5", "top5_percent"),
    "mobilenetv2_ssd": ("VOC mAP", "map"),
    "sp2dense": ("delta1", "delta1"),
}
ACCURACY_OF = {"swin_tiny_tokens": "swin_tiny"}

DYSTA_MODELS = ["mobilenet_a", "resnet50_a", "ssd_a", "vgg16_a"]
DYSTA_POLICIES = ["fcfs", "sjf", "prema", "planaria", "sdrm3", "dysta_naive", "dysta"]


class Failure(Exception):
    pass


def require(condition, message):
    if not condition:
        raise Failure(message)


def read_rows(path):
    require(path.is_file(), f"{path}: no such file")
    with open(path, encoding="utf-8", newline="") as stream:
        rows = list(csv.DictReader(stream))
    require(rows, f"{path}: no rows")
    for number, row in enumerate(rows, start=2):
        require(None not in row and None not in row.values(), f"{path}:{number}: wrong number of columns")
    return rows


def plain(text):
    """The same decimal number without an exponent: 5.11647e+06 -> 5116470."""
    return format(Decimal(text), "f")


def integer(text, where):
    require(text.isdigit(), f"{where}: '{text}' is not a non-negative integer")
    return int(text)


def table(comments, header, rows):
    lines = [f"# {line}" for line in comments]
    lines.append(",".join(header))
    for row in rows:
        for cell in row:
            require(not set(str(cell)) & set(',"\n#'), f"cell '{cell}' needs quoting")
        lines.append(",".join(str(cell) for cell in row))
    return "\n".join(lines) + "\n"


def unique(names):
    """Repeated names get the suffix _2, _3, ..."""
    seen = set()
    result = []
    for name in names:
        candidate, count = name, 1
        while candidate in seen or (count > 1 and candidate in names):
            count += 1
            candidate = f"{name}_{count}"
        seen.add(candidate)
        result.append(candidate)
    return result


# Columns of a layer's shape. N is left out: the cost tools leave it out, too.
SHAPE_COLUMNS = ["K", "C", "R", "S", "Y", "X", "stride_y", "stride_x", "out_y", "out_x"]


def shape_cells(row, where):
    return [integer(row[key], where) for key in SHAPE_COLUMNS]


def cost_header():
    return [f"{t}_{unit}" for t in TYPES for unit in ("cycles", "nj")]


def cost_cells(row, where):
    cells = []
    for t in TYPES:
        cycles = integer(row[f"{t}_cycles"], where)
        require(cycles > 0, f"{where}: {t} takes no time")
        energy = plain(row[f"{t}_energy_nj"])
        require(Decimal(energy) > 0, f"{where}: {t} takes no energy")
        cells += [cycles, energy]
    return cells


class Network:
    """Layer table of one network, with the layers' final names."""

    def __init__(self, source, name, shapes):
        self.source = source
        self.name = name
        self.file = name.lower()
        self.shapes = shapes
        self.path = source / "latency" / "xrbench" / f"{name}.csv"
        self.rows = read_rows(self.path)
        shape_rows = read_rows(source / "models" / f"{name}.csv")
        require(len(shape_rows) == len(self.rows), f"{name}: {len(shape_rows)} layer shapes, {len(self.rows)} latency rows")
        for index, (row, shape) in enumerate(zip(self.rows, shape_rows)):
            require(integer(row["layer"], self.path) == index, f"{self.path}: layer {row['layer']} stands at place {index}")
            for key, value in shape.items():
                require(row[key] == value, f"{name}, layer {index}: {key} is {value} in models/ and {row[key]} in latency/")
        self.layers = unique([row["name"] for row in self.rows])

    def layer_table(self):
        rows = []
        batches = False
        for layer, row in zip(self.layers, self.rows):
            where = f"{self.path}: {layer}"
            n, k, c, r, s, out_y, out_x, macs = (
                integer(row[key], where) for key in ("N", "K", "C", "R", "S", "out_y", "out_x", "macs"))
            require(macs == k * c * r * s * out_y * out_x, f"{where}: macs do not fit the shape")
            if self.shapes == SHAPES_XRBENCH:
                valid = [max(1, integer(row[a], where) - b + 1) for a, b in (("Y", r), ("X", s))]
                require([out_y, out_x] == valid, f"{where}: output {out_y}x{out_x} instead of {valid}")
            if row["op"] == "DSCONV":  # depthwise: one filter per channel, K = 1
                require(k == 1, f"{where}: DSCONV with K = {k}")
                channels = c
            else:
                require(row["op"] == "CONV", f"{where}: operator {row['op']}")
                channels = k
            batches = batches or n != 1
            rows.append([layer, row["op"], macs, channels * out_y * out_x] + shape_cells(row, where) + cost_cells(row, where))
        comments = [
            f"{self.file}: layers in execution order.",
            f"Source: shapes {self.shapes}; cycles and energy {COSTS}, 1 GHz.",
        ]
        if self.shapes == SHAPES_XRBENCH:
            comments.append("XRBench's shapes carry neither padding nor stride; output_bytes counts 8-bit elements.")
        else:
            comments.append("macs and output_bytes (8-bit elements) are those of the true layer; "
                            "cycles and energy were costed without padding and stride.")
        if batches:
            comments += [
                "N (tokens or windows in the batch dimension: 64, 16, 4 or 1) is left out of macs and output_bytes, as the",
                "cost tool leaves it out of cycles and energy; all columns then describe one item of the batch.",
            ]
        return table(comments, ["layer", "op", "macs", "output_bytes"] + SHAPE_COLUMNS + cost_header(), rows)

    def variants(self, selected):
        """[(layer, variant name, gamma, row)] of the variant rows that `selected` keeps."""
        path = self.source / "latency" / "xrbench" / f"{self.name}_variants.csv"
        rows = read_rows(path)
        shape_rows = read_rows(self.source / "models" / f"{self.name}_variants.csv")
        require(len(rows) == len(shape_rows), f"{path}: rows differ from models/")
        result = []
        for row, shape in zip(rows, shape_rows):
            where = f"{path}: {row['name']}"
            require(row["name"] == shape["base_name"] and row["variant"] == f"v{shape['variant_idx']}_r{shape['r']}",
                    f"{where}: rows differ from models/")
            for key in shape:
                if key in row:
                    require(row[key] == shape[key], f"{where}: {key} differs from models/")
            index = integer(row["layer"], where)
            require(index < len(self.rows), f"{where}: there is no layer {index}")
            require(self.rows[index]["name"] == row["name"],
                    f"{where}: layer {index} is called {self.rows[index]['name']}")
            if selected(row):
                layer = self.layers[index]
                result.append((layer, f"{layer}_r{row['r']}", integer(row["r"], where), row))
        require(result, f"{path}: no variant selected")
        require(len({layer for layer, _, _, _ in result}) == len(result), f"{path}: two variants of one layer selected")
        return result

    def variant_table(self, variants, note):
        rows = [[layer, variant, gamma, row["op"]] + shape_cells(row, variant) + cost_cells(row, variant) for layer, variant, gamma, row in variants]
        comments = [
            f"{self.file}: layer variants. {note}",
            f"Source: shapes {self.shapes}; cycles and energy {COSTS}, 1 GHz.",
        ]
        return table(comments, ["layer", "variant", "gamma", "op"] + SHAPE_COLUMNS + cost_header(), rows)

    def accuracy(self, variants):
        """Baseline as text, and the accuracy table of all measured sets over `variants`."""
        name = ACCURACY_OF.get(self.name, self.name)
        metric, column = METRICS[name]
        path = self.source / "accuracy" / f"{name}.csv"
        all_names = {row["name"] for row in read_rows(self.source / "latency" / "xrbench" / f"{self.name}_variants.csv")}
        chosen = {layer: variant for layer, variant, _, _ in variants}
        order = [variant for _, variant, _, _ in variants]
        baseline = None
        seen = set()
        rows = []
        for row in read_rows(path):
            labels = row["variants"].split("|") if row["variants"] else []
            layers = [label.replace(".", "_") for label in labels]
            for label, layer in zip(labels, layers):
                require(layer in all_names, f"{path}: '{label}' is no variant of {self.name}")
            require(len(set(layers)) == len(layers), f"{path}: '{row['variants']}' names a layer twice")
            if not all(layer in chosen for layer in layers):
                continue
            names = sorted((chosen[layer] for layer in layers), key=order.index)
            key = frozenset(names)
            require(key not in seen, f"{path}: '{row['variants']}' is listed twice")
            seen.add(key)
            require(Decimal(row[column]) >= 0, f"{path}: accuracy {row[column]}")
            if not names:
                baseline = row[column]
            rows.append(["|".join(names), row[column]])
        require(baseline is not None, f"{path}: no row without variants")
        used = set().union(*seen)
        for variant in order:
            require(variant in used, f"{path}: no set holds {variant}")
        complete = len(seen) == 2 ** len(order)
        comments = [
            f"{name}: measured {metric} of sets of layer variants; the row without variants is the baseline.",
            f"Source: {SHAPES_TERASTAL}.",
        ]
        if not complete:
            comments.append(f"{len(seen)} of {2 ** len(order)} sets were measured.")
            print(f"warning: {path}: {len(seen)} of {2 ** len(order)} sets were measured", file=sys.stderr)
        return metric, baseline, table(comments, ["variants", "accuracy"], rows)


def network_yaml(name, description, source, layers, variants=None, accuracy=None):
    lines = [f"network: {name}", f"description: {description}", f"source: {source}", f"layers: {layers}"]
    if variants is not None:
        metric, baseline, sets = accuracy
        lines += [f"variants: {variants}", "accuracy:", f"  metric: {metric}", f"  baseline: {baseline}", f"  sets: {sets}"]
    return "\n".join(lines) + "\n"


def convert_networks(source):
    folder = Path("workloads/networks")
    files = {}
    for name, description in TERASTAL:
        net = Network(source, name, SHAPES_TERASTAL)
        chosen = net.variants(lambda row: row["paper_subset"] == "yes")
        metric, baseline, sets = net.accuracy(chosen)
        sets_file = f"{ACCURACY_OF.get(name, name)}_accuracy.csv"
        files[folder / f"{net.file}.csv"] = net.layer_table()
        files[folder / f"{net.file}_variants.csv"] = net.variant_table(chosen, "The variants of the paper.")
        require(files.get(folder / sets_file, sets) == sets, f"{sets_file}: two different tables")
        files[folder / sets_file] = sets
        origin = f"shapes and accuracy {SHAPES_TERASTAL}; latency {COSTS}, 1 GHz"
        files[folder / f"{net.file}.yaml"] = network_yaml(
            net.file, description, origin, f"{net.file}.csv", f"{net.file}_variants.csv", (metric, baseline, sets_file))
        if name == "vgg11":
            trained = net.variants(lambda row: row["r"] == "2")
            metric, baseline, sets = net.accuracy(trained)
            files[folder / "vgg11_five_variants.csv"] = net.variant_table(
                trained, "All five that were trained; the paper's are the last four.")
            files[folder / "vgg11_five_accuracy.csv"] = sets
            files[folder / "vgg11_five_variants.yaml"] = network_yaml(
                "vgg11_five_variants", f"{description}, with the fifth trained variant (features_8)", origin, "vgg11.csv",
                "vgg11_five_variants.csv", (metric, baseline, "vgg11_five_accuracy.csv"))
    for name, description in XRBENCH:
        net = Network(source, name, SHAPES_XRBENCH)
        files[folder / f"{net.file}.csv"] = net.layer_table()
        files[folder / f"{net.file}.yaml"] = network_yaml(
            net.file, description, f"shapes {SHAPES_XRBENCH}; latency {COSTS}, 1 GHz", f"{net.file}.csv")
    return files


def convert_dysta(source):
    data = source / "oracles" / "dysta"
    folder = Path("tests/oracle/dysta")
    files = {}
    origin = f"Source: {SOURCE_DYSTA}."
    samples_of = {}
    for model in DYSTA_MODELS:
        path = data / "tables" / f"{model}.csv"
        rows = []
        layers_of = {}
        for row in read_rows(path):
            sample, layer = integer(row["batch-indx"], path), integer(row["layer-indx"], path)
            require(layer == layers_of.get(sample, 0), f"{path}: sample {sample}, layer {layer} is out of order")
            layers_of[sample] = layer + 1
            require(Decimal(row["sim_lat"]) > 0, f"{path}: latency {row['sim_lat']}")
            rows.append([sample, layer, plain(row["sim_lat"]), plain(row["overall-sparsity"])])
        require(len(set(layers_of.values())) == 1, f"{path}: samples differ in their number of layers")
        samples_of[model] = set(layers_of)
        files[folder / f"{model}_samples.csv"] = table(
            [f"{model}: latency on the one accelerator and overall sparsity of every layer of every sample.", origin],
            ["sample", "layer", "npu_s", "sparsity"], rows)

    requests = read_rows(data / "requests.csv")
    counts = {model: 0 for model in DYSTA_MODELS}
    traces = {model: [] for model in DYSTA_MODELS}
    place = []  # idx -> (task, job)
    last = {}
    for index, row in enumerate(requests):
        where = f"{data / 'requests.csv'}: request {index}"
        require(integer(row["idx"], where) == index, f"{where}: idx {row['idx']}")
        model = row["model"]
        require(model in counts, f"{where}: unknown model {model}")
        sample = integer(row["sample_id"], where)
        require(sample in samples_of[model], f"{where}: no sample {sample}")
        require(Decimal(row["arrival_s"]) > last.get(model, Decimal(-1)), f"{where}: arrivals do not ascend")
        last[model] = Decimal(row["arrival_s"])
        traces[model].append([plain(row["arrival_s"]), plain(row["target_lat_s"]), integer(row["priority"], where), sample])
        place.append((model, counts[model]))
        counts[model] += 1
    for model in DYSTA_MODELS:
        files[folder / f"{model}_arrivals.csv"] = table(
            [f"Requests for {model}. deadline_s is relative.", origin],
            ["release_s", "deadline_s", "weight", "sample"], traces[model])

    for policy in DYSTA_POLICIES:
        path = data / f"finish_{policy}.csv"
        rows = read_rows(path)
        require(len(rows) == len(place), f"{path}: {len(rows)} rows for {len(place)} requests")
        result = []
        for index, row in enumerate(rows):
            require(integer(row["idx"], path) == index, f"{path}: idx {row['idx']} at place {index}")
            task, job = place[index]
            result.append([index, task, job, plain(row["finish_s"])])
        files[folder / f"finish_{policy}.csv"] = table(
            [f"Finish times under {policy}, absolute. job counts the requests of a task by release, from 0.", origin],
            ["idx", "task", "job", "finish_s"], result)

    lines = [
        "# One accelerator, 1000 requests to four models, layer by layer, against which seven policies are checked (finish_*.csv).",
        f"# {origin} Rate 12/s, targets 10 x isolated latency.",
        "# Actual times are those of the request's own sample, estimates the mean over the samples of a layer.",
        "scenario: dysta",
        "description: 1000 requests to four models with per-sample latencies on one accelerator",
        "platform:",
        "  platform: dysta",
        "  types:",
        "    npu: { kind: npu }",
        "  accelerators:",
        "    - { name: npu0, type: npu }",
        "horizon: 100 s",
        "seed: 1",
        "late_jobs: run_on",
        "granularity: layer",
        "execution: { kind: samples }",
        "tasks:",
    ]
    for model in DYSTA_MODELS:
        lines += [
            f"  - name: {model}",
            f"    network: {{ network: {model}, samples: {model}_samples.csv }}",
            f"    arrivals: {{ kind: trace, file: {model}_arrivals.csv }}",
        ]
    require(max(last.values()) < 100, "dysta: the horizon is before the last release")
    files[folder / "dysta.yaml"] = "\n".join(lines) + "\n"
    return files


def convert_neutral(source):
    files = {}
    for name in ("A.txt", "B.txt"):
        path = source / "oracles" / "neutral" / name
        require(path.is_file(), f"{path}: no such file")
        files[Path("tests/oracle/neutral") / name] = path.read_text(encoding="ascii")
    return files


MAESTRO_TYPES = [f"{array}_{size}" for size in ("1k", "2k", "4k") for array in ("nvdla", "shidiannao")]


def convert_maestro(source):
    """One table of all layers and variants with the costs of upstream MAESTRO, in the order the tool was given them."""
    rows = []
    names = []
    for path in sorted((source / "latency" / "maestro").glob("*.csv")):
        for row in read_rows(path):
            names.append(f"{path.stem.lower()}/{row['name']}")
            where = f"{path}: {row['name']}"
            costs = [cell for t in MAESTRO_TYPES
                     for cell in (integer(row[f"{t}_cycles"], where), plain(row[f"{t}_energy_nj"]))]
            rows.append([row["op"]] + shape_cells(row, where) + costs)
    comments = [
        "Cycles and energy of layers as upstream MAESTRO computes them (maestro-project/maestro 4eb08d1, MIT), 1 GHz, with",
        "an unlimited off-chip link. Costed shape: stride 1, valid, with the true output (out_y + R - 1 rows of input).",
        "The tool's energy column leaves out MACs and adds the first-level accesses of the row before; see the test.",
    ]
    header = ["layer", "op"] + SHAPE_COLUMNS + [f"{t}_{unit}" for t in MAESTRO_TYPES for unit in ("cycles", "nj")]
    return {Path("tests/oracle/maestro/reference.csv"):
            table(comments, header, [[name] + row for name, row in zip(unique(names), rows)])}


def main():
    parser = argparse.ArgumentParser(
        description=__doc__.split("\n\n", 1)[0], epilog=__doc__.split("\n\n", 1)[1],
        formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("source", type=Path, help="directory with the source data")
    parser.add_argument("--out", type=Path, default=Path(__file__).resolve().parent.parent,
                        help="root of the repository to write into (default: the repository of this script)")
    parser.add_argument("--oracles", action="store_true", help="write tests/oracle/ as well")
    arguments = parser.parse_args()
    try:
        files = convert_networks(arguments.source)
        if arguments.oracles:
            files.update(convert_dysta(arguments.source))
            files.update(convert_neutral(arguments.source))
            files.update(convert_maestro(arguments.source))
        for name, text in files.items():
            require(len(text.encode()) < 1 << 20, f"{name}: larger than 1 MiB")
        for name, text in sorted(files.items()):
            path = arguments.out / name
            path.parent.mkdir(parents=True, exist_ok=True)
            with open(path, "w", encoding="utf-8", newline="\n") as stream:
                stream.write(text)
    except (Failure, KeyError, OSError, ArithmeticError, ValueError) as error:
        print(f"convert_tables.py: error: {error!r}" if isinstance(error, (KeyError, ArithmeticError))
              else f"convert_tables.py: error: {error}", file=sys.stderr)
        return 1
    print(f"{len(files)} files written")
    return 0


if __name__ == "__main__":
    sys.exit(main())
