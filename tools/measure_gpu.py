#!/usr/bin/env python3
"""Measure the latency of each layer of networks on a GPU or CPU with PyTorch.

Reads network files or layer and variant tables with shape columns and writes tables with columns T_us (median),
T_p50_us, T_p95_us, T_p99_us and, with --energy, T_nj for the accelerator type T. Equal shapes are measured once.
"""

import argparse
import datetime
import pathlib
import re
import shlex
import sys

from measuring import campaign, csv_table, gpu_state, journal, networks, output, shapes
from measuring.device import MODES, Device, Options
from measuring.operators import DTYPES
from measuring.problems import InputError, MeasuringError, Problems

EXAMPLES = """\
examples:
  measure_gpu.py vgg11.csv --out measured                     this machine's first GPU, fp32, one image
  measure_gpu.py vgg11.csv --out measured --dry-run           what would be measured, and how long it takes
  measure_gpu.py vgg11.yaml resnet50.yaml --out measured --type gpu_fp16 --dtype fp16 --channels-last
  measure_gpu.py vgg11.yaml --out measured --network measured/vgg11.yaml --cold --energy 2
  measure_gpu.py vgg11.csv --out measured --merge --type cpu --device cpu --threads 4
  measure_gpu.py *.csv --out measured --resume                goes on after an interruption

exit codes: 0 fine, 2 wrong usage, 3 bad input, 4 the measurement failed, 130 interrupted (--resume goes on).
Conditions and caveats: docs/measuring.md"""


def parser():
    p = argparse.ArgumentParser(
        prog="measure_gpu.py", description=__doc__, epilog=EXAMPLES, allow_abbrev=False,
        formatter_class=argparse.RawDescriptionHelpFormatter)
    p.add_argument("inputs", nargs="+", metavar="FILE", help="network (.yaml) or table of layers or variants (.csv)")
    files = p.add_argument_group("files")
    files.add_argument("-o", "--out", type=pathlib.Path, metavar="PATH",
                       help="folder for the tables, or a .csv file when there is one table")
    files.add_argument("--network", type=pathlib.Path, metavar="FILE", help="also write a network file, of one network")
    files.add_argument("--merge", action="store_true", help="add columns to tables that are there, or replace them")
    files.add_argument("--resume", action="store_true", help="go on with an interrupted run")
    files.add_argument("--dry-run", action="store_true", help="list what would be measured, with a rough duration")
    files.add_argument("--quiet", action="store_true", help="no progress on standard error")
    what = p.add_argument_group("what is measured")
    what.add_argument("--type", metavar="NAME", help="accelerator type of the columns (default: gpu, or cpu)")
    what.add_argument("--device", default="cuda", metavar="D", help="cuda, cuda:1, … or cpu (default: cuda)")
    what.add_argument("--dtype", choices=DTYPES, default="fp32", help="element type (default: fp32)")
    what.add_argument("--batch", type=_positive, default=1, metavar="N", help="multiplies N (default: 1)")
    what.add_argument("--channels-last", action="store_true", help="channels innermost in memory")
    what.add_argument("--no-cudnn-benchmark", action="store_true", help="cuDNN chooses algorithms without trying them")
    what.add_argument("--threads", type=_positive, metavar="N", help="on a CPU (default: PyTorch's choice)")
    how = p.add_argument_group("how it is timed")
    how.add_argument("--mode", choices=MODES, default="kernel",
                     help="kernel: time on the GPU, launches hidden; graph: the same, as a CUDA graph; host: from the "
                     "call until the GPU is done. A CPU has only host (default: kernel)")
    how.add_argument("--cold", action="store_true", help="overwrite the last-level cache before every execution")
    how.add_argument("--repetitions", type=_positive, default=200, metavar="N", help="timed executions (default: 200)")
    how.add_argument("--warm-up", type=_seconds, default=0.2, metavar="S", help="seconds at least (default: 0.2)")
    how.add_argument("--warm-up-limit", type=_seconds, default=5.0, metavar="S",
                     help="seconds at most, if times do not settle (default: 5)")
    how.add_argument("--energy", type=_seconds, default=0.0, metavar="S",
                     help="also measure energy, in a loop of S seconds a shape; needs NVML (default: no)")
    return p


def _positive(text):
    if not re.fullmatch(r"[1-9]\d{0,8}", text):
        raise argparse.ArgumentTypeError(f"expected a whole number of at least 1, got '{text}'")
    return int(text)


def _seconds(text):
    if not re.fullmatch(r"\d+(\.\d+)?", text) or float(text) > 3600:
        raise argparse.ArgumentTypeError(f"expected seconds, 0 to 3600, got '{text}'")
    return float(text)


def checked_options(p, args):
    """Options of the measurement; ends the program on a contradiction."""
    on_cpu = args.device == "cpu"
    if not re.fullmatch(r"cpu|cuda(:\d+)?", args.device):
        p.error(f"--device is cuda, cuda:N or cpu, got '{args.device}'")
    if args.type is None:
        args.type = "cpu" if on_cpu else "gpu"
    if not re.fullmatch(r"[A-Za-z][A-Za-z0-9_.-]*", args.type) or re.search(r"_p\d+$", args.type) or args.type == "any":
        p.error(f"--type is a letter, then letters, digits, '_', '.', '-', and is not 'any' nor ends in _p50; "
                f"got '{args.type}'")
    if on_cpu and args.dtype == "tf32":
        p.error("--dtype tf32 is a GPU's")
    if on_cpu and args.mode == "graph":
        p.error("--mode graph is a GPU's")
    if args.threads and not on_cpu:
        p.error("--threads is for --device cpu")
    if not args.dry_run and args.out is None:
        p.error("--out says where the tables go")
    return Options(
        args.device, args.dtype, "host" if on_cpu else args.mode, args.channels_last, args.cold,
        not args.no_cudnn_benchmark and not on_cpu, args.repetitions, args.warm_up, args.warm_up_limit, args.energy,
        args.threads)


def read_inputs(paths, batch):
    problems = Problems()
    read = [network for path in paths if (network := networks.read(path, problems))]
    problems.raise_if_any()
    for network in read:
        for table in network.tables:
            for entry in table.entries:
                entry.shape = entry.shape.batched(batch)
    return read


def job_of(entry):
    return campaign.Job(entry.shape, shapes.is_linear(entry.shape, entry.op))


def distinct_jobs(read):
    entries = [entry for network in read for table in network.tables for entry in table.entries]
    return list(dict.fromkeys(job_of(entry) for entry in entries)), len(entries)


def output_paths(p, args, read):
    """[(table, path)] of what is written; ends the program when that cannot be."""
    tables = [table for network in read for table in network.tables]
    if args.out.suffix == ".csv":
        if len(tables) != 1:
            p.error(f"--out names one file, but there are {len(tables)} tables; give a folder")
        paths = [args.out]
    else:
        paths = [args.out / table.file_name for table in tables]
    if len(set(paths)) < len(paths):
        twice = next(path for path in paths if paths.count(path) > 1)
        p.error(f"two tables would become {twice}; measure them into two folders")
    if not args.merge:
        for table, path in zip(tables, paths):
            if path.resolve() == table.path.resolve():
                p.error(f"{path} is an input; --merge adds columns to it")
    if args.network:
        networks.need_yaml()
        if len(read) != 1 or read[0].layers is None:
            p.error("--network is for one network: give one network file or one layer table")
        if args.network.resolve() == read[0].path.resolve():
            p.error(f"--network {args.network} is the input")
    return list(zip(tables, paths))


def existing_tables(targets, merge):
    """Tables that are there to be merged into, by path."""
    problems = Problems()
    existing = {}
    for table, path in targets if merge else []:
        if path.exists():
            existing[path] = csv_table.read(path, problems)
            if existing[path]:
                output.check_fit(existing[path], table, problems)
    problems.raise_if_any()
    return existing


def describe(args, device, state, jobs, log):
    """Header lines about the measurement; each begins with the type, so that a later one can replace them."""
    o = device.options
    measured = [result for _, result in results_of(jobs, log) if not isinstance(result, str)]
    unsettled = sum(not figures.settled for figures in measured)
    exposed = sum(figures.exposed > 0 for figures in measured)
    tuned = f", cudnn.benchmark {'on' if o.cudnn_benchmark else 'off'}" if device.is_cuda else ""
    lines = [
        f"each layer alone, {o.repetitions} executions; {args.type}_us is their median; an empty cell: not supported",
        f"device {device.name} ({o.device}), {device.software()}",
        f"{o.dtype}, N times {args.batch}, {'channels last' if o.channels_last else 'channels first'}, mode {o.mode}, "
        f"caches {'cold' if o.cold else 'warm'}{tuned}; warm-up {o.warm_up_s:g} to {o.warm_up_limit_s:g} s",
        state.summary(),
        f"{unsettled} of {len(jobs)} shapes did not settle while warming up" if unsettled else "",
        f"{exposed} of {len(jobs)} shapes may include waiting for the host to launch" if exposed else "",
        f"energy of the whole board, {o.energy_s:g} s for a shape, {device.energy_meter[1]}"
        if o.energy_s and device.energy_meter[0]
        else "",
    ]
    date = datetime.datetime.now(datetime.timezone.utc).strftime("%Y-%m-%d %H:%M UTC")
    lines.append(f"measured {date} with {shlex.join(['measure_gpu.py', *sys.argv[1:]])}")
    return [f"# {args.type}: {line}" for line in lines if line]


def write_tables(args, read, targets, existing, log, comments):
    for table, path in targets:
        results = [result for _, result in results_of(map(job_of, table.entries), log)]
        if path in existing:
            text = output.merged(existing[path], table, results, args.type, comments)
        else:
            what = "layer variants" if table.of_variants else "layers in execution order"
            note = "" if table.of_variants else f"; output_bytes of {args.dtype} elements"
            title = [f"# {path.stem}: {what}, shapes from {table.path.name}{note}"]
            text = output.fresh(table, results, args.type, args.dtype, title + comments)
        output.write(path, text)
    if args.network:
        path_of = {id(table): path for table, path in targets}
        layers, variants = path_of[id(read[0].layers)], path_of.get(id(read[0].variants))
        source = f"latency of {args.type} measured, see the head of the table"
        output.write(args.network, networks.written(read[0], args.network, layers, variants, source))


def warn(text):
    print(f"warning: {text}", file=sys.stderr)


def results_of(jobs, log):
    return [(job, log.results[journal.key(job.shape, job.linear)]) for job in jobs]


def warn_of_gaps(jobs, log):
    """Names the layers without figures; whether there are any figures."""
    results = results_of(jobs, log)
    for job, reason in results:
        if isinstance(reason, str):
            warn(f"{job}: {reason}; its cells stay empty")
    return any(not isinstance(result, str) for _, result in results)


def import_torch():
    try:
        import torch
    except ImportError as error:
        raise MeasuringError(
            f"PyTorch is needed ({error}); install it (Debian: python3-torch, CPU only; else https://pytorch.org)"
        ) from error
    return torch


def measure(p, args, options):
    read = read_inputs(args.inputs, args.batch)
    jobs, layers = distinct_jobs(read)
    if args.dry_run:
        for job in jobs:
            print(f"{job.shape.macs:>14} MACs  {job}")
        total = campaign.duration(sum(job.estimate_s(options) for job in jobs))
        print(f"{layers} layers, {len(jobs)} distinct shapes, roughly {total}")
        return
    targets = output_paths(p, args, read)
    existing = existing_tables(targets, args.merge)
    path = journal_path(args)
    if path.exists() and not args.resume:
        p.error(f"{path} holds an interrupted run: --resume goes on with it; else delete it")
    device = Device(import_torch(), options)
    if options.energy_s and device.energy_meter[0] is None:
        warn("no energy: the device has no meter (or NVML's Python binding is missing); the column is left out")
    state = gpu_state.StateLog(device.gpu)
    log = journal.Journal(path, conditions(device), args.resume)
    keep = True
    try:
        with device.torch.inference_mode():
            campaign.run(device, jobs, log, state, args.quiet)
        keep = warn_of_gaps(jobs, log)
        if not keep:
            raise MeasuringError("the device can run none of the layers under these conditions; nothing is written")
        write_tables(args, read, targets, existing, log, describe(args, device, state, jobs, log))
        keep = False
    finally:
        log.close(keep)


def journal_path(args):
    name = f"{args.type}.journal"
    return args.out.with_name(f"{args.out.name}.{name}") if args.out.suffix == ".csv" else args.out / name


def conditions(device):
    return {"name": device.name, "software": device.software(), **vars(device.options)}


def main():
    p = parser()
    args = p.parse_args()
    options = checked_options(p, args)
    try:
        measure(p, args, options)
    except InputError as error:
        print(error, file=sys.stderr)
        return 3
    except (MeasuringError, OSError) as error:
        print(f"measure_gpu.py: error: {error}", file=sys.stderr)
        return 4
    except KeyboardInterrupt:
        print("measure_gpu.py: interrupted; --resume goes on", file=sys.stderr)
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
