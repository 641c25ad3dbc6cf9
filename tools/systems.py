#!/usr/bin/env python3
"""Writes docs/systems.md: every policy in the setting of every paper, with the paper's own metric and its claim.

Everything in the page comes from runs of the tool; the commands stand in the page. Without arguments the page is written
anew, --check compares it with the one that is there (runs are deterministic, so it must be the same).
"""

import argparse
import json
import math
import pathlib
import subprocess
import sys

ROOT = pathlib.Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs/systems.md"


def paper(folder, *names):
    return [f"workloads/papers/{folder}/{name}.yaml" for name in names]


# key, title, scenarios, metric, how it is averaged over the scenarios, horizon, replications
FAMILIES = [
    ("terastal", "Terastal", paper("terastal", "multi_camera_heavy_6k", "multi_camera_light_4k", "ar_social_4k", "ar_social_6k",
                                   "ar_gaming_light_4k", "ar_gaming_heavy_6k"), "miss_rate", "mean", "2 s", 3),
    ("dream", "DREAM", paper("dream", "vr_gaming_4k", "ar_call_4k", "drone_outdoor_4k", "drone_indoor_4k", "ar_social_4k"), "uxcost",
     "geometric mean", "2 s", 3),
    ("xrbench", "XRBench", [f"workloads/xrbench/{name}.yaml" for name in
                            ("vr_gaming", "ar_gaming", "social_interaction_a", "social_interaction_b", "outdoor_activity_a",
                             "outdoor_activity_b", "ar_assistant")], "xrbench", "mean", "2 s", 3),
    ("lalarand", "LaLaRAND", paper("lalarand", "taskset_0", "mixed_single_core"), "miss_rate", "mean", "4 s", 1),
    ("cd_msa", "CD-MSA", paper("cd_msa", "light", "mixed", "heavy"), "sla", "mean", "1 s", 3),
    ("planaria", "Planaria", paper("planaria", "subarrays"), "sla", "mean", "1 s", 3),
    ("dysta", "Dysta", ["tests/oracle/dysta/dysta.yaml"], "antt", "mean", "100 s", 1),
    ("moca", "MoCA", paper("moca", "moca_set_c_qos_h", "moca_set_c_qos_m", "moca_set_c_qos_l"), "stp", "mean", "2 s", 3),
    ("veltair", "VELTAIR", paper("veltair", "veltair_mix"), "sla", "mean", "1 s", 3),
]

# Rows beside a policy's defaults.
VARIANTS = {"dream": ["dream:alpha=0"], "prema": ["prema:mechanism=dynamic"], "planaria": ["planaria:form=spatial"],
            "dysta": ["dysta:sparsity=false"], "terastal": ["terastal:variants=false"]}

# family, what the paper says, (policy, against, metric, published change in percent, None when it is a range)
CLAIMS = [
    ("terastal", "40.58 % fewer deadline misses per model than FCFS, on average", ("terastal", "fcfs", "miss_rate", -40.58)),
    ("terastal", "30.53 % fewer than EDF", ("terastal", "edf", "miss_rate", -30.53)),
    ("terastal", "36.27 % fewer than DREAM", ("terastal", "dream-full", "miss_rate", -36.27)),
    ("dream", "UXCost lower by 32.2 % and 50.0 % (geometric mean, five scenarios) than two baselines, taken to be Planaria and Veltair; "
              "which has which is not known to us", ("dream-full", "planaria", "uxcost", -32.2)),
    ("dream", "the same, the other baseline", ("dream-full", "veltair", "uxcost", -50.0)),
    ("cd_msa", "SLA satisfaction 63 % higher than the state of the art, taken to be PREMA and Planaria (our reading)",
     ("cd-msa", "prema:mechanism=dynamic", "sla", 63.0)),
    ("cd_msa", "the same, against Planaria", ("cd-msa", "planaria:form=spatial", "sla", 63.0)),
    ("cd_msa", "weighted system throughput 27 % higher", ("cd-msa", "prema:mechanism=dynamic", "wst", 27.0)),
    ("cd_msa", "the same, against Planaria", ("cd-msa", "planaria:form=spatial", "wst", 27.0)),
]


class Tool:
    def __init__(self, build):
        self.binary = build / "bin/terastal"

    def json(self, *arguments):
        command = [self.binary, *arguments, "--format", "json", "--quiet"]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
        if done.returncode != 0:
            sys.exit(f"{' '.join(map(str, command))}: {done.stderr}")
        return json.loads(done.stdout)


def average(values, how):
    if any(value is None for value in values):
        return None
    if how == "geometric mean":
        return math.exp(sum(math.log(value) for value in values) / len(values))
    return sum(values) / len(values)


class Family:
    """The results of one family: metric values by policy, averaged over its scenarios."""

    def __init__(self, tool, family, policies):
        self.key, self.title, self.scenarios, self.metric, self.how, self.horizon, self.replications = family
        metrics = [self.metric] + [claim[2][2] for claim in CLAIMS if claim[0] == self.key]
        self.metrics = list(dict.fromkeys(metrics))
        self.result = tool.json("compare", *self.scenarios, "--policies", ",".join(policies), "--metrics", ",".join(self.metrics),
                                "--replications", str(self.replications), "--set", f"horizon={self.horizon}")
        self.info = {m["metric"]: m for m in self.result["metrics"]}

    def value(self, policy, metric):
        values = []
        for scenario in self.result["results"]:
            for entry in scenario["policies"]:
                if entry["policy"] == policy:
                    values.append(entry["metrics"][metric]["mean"] if entry["metrics"].get(metric) else None)
        return average(values, self.how)

    def command(self):
        return (f"terastal compare {' '.join(self.scenarios)} --policies … --metrics {','.join(self.metrics)} "
                f"--replications {self.replications} --set horizon='{self.horizon}'")


def shown(value, metric):
    if value is None:
        return "–"
    if metric in ("miss_rate", "sla"):
        return f"{100 * value:.1f} %"
    return f"{value:.3g}"


def table(header, rows):
    lines = ["| " + " | ".join(header) + " |", "|" + "---|" * len(header)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def main_table(families, policies):
    header = ["policy"] + [f"{f.title}: {f.metric} {'↑' if f.info[f.metric]['higher_is_better'] else '↓'}" for f in families]
    columns = []
    for f in families:
        values = [f.value(policy, f.metric) for policy in policies]
        known = [v for v in values if v is not None]
        best = (max if f.info[f.metric]["higher_is_better"] else min)(known) if known else None
        columns.append([f"**{shown(v, f.metric)}**" if v is not None and v == best else shown(v, f.metric) for v in values])
    return table(header, [[f"`{policy}`"] + [column[i] for column in columns] for i, policy in enumerate(policies)])


def claim_rows(families):
    by_key = {f.key: f for f in families}
    rows = []
    for key, words, (policy, against, metric, published) in CLAIMS:
        family = by_key[key]
        ours, other = family.value(policy, metric), family.value(against, metric)
        if ours is None or not other:
            change, verdict = "–", "not to be said: the other one is 0" if other == 0 else "–"
        else:
            percent = 100 * (ours / other - 1)
            change = f"{percent:+.1f} %"
            verdict = "same direction" if percent * published > 0 else "not here"
            if abs(percent - published) <= 0.2 * abs(published):
                verdict = "agrees within a fifth"
        rows.append([family.title, words, f"{published:+.4g} %", f"`{policy}` against `{against}`: {change}", verdict])
    return rows


INTRO = """# Systems: every policy in every paper's setting

Generated by `tools/systems.py` from runs of the tool. A column is the family of scenarios that one paper's experiment is reconstructed
by, with that paper's own metric (↑ more is better, ↓ less is better; bold: the best of the column). A row is a policy with its
default settings, or with the one setting it names. What is reconstruction is said in each scenario file, what is our reading of a policy in [policies](policies.md), what
the metrics are in [metrics](metrics.md).

"""

NOTES = """
Read with care: scenarios are stand-ins for the papers' (none published its task sets whole), horizons are short, and policies see
systems they were not made for. A policy that needs preemption, groups of accelerators, a shared memory, a supernet or layer variants runs
without what the platform or the networks do not have.
"""


def page(tool):
    policies = []
    for p in tool.json("list", "policies")["policies"]:
        policies += [p["id"], *VARIANTS.get(p["id"], [])]
    families = [Family(tool, family, policies) for family in FAMILIES]
    text = INTRO + main_table(families, policies) + "\n" + NOTES
    text += "\n## Claims\n\nThe papers' claims, and the same comparison here. Conditions differ wherever a scenario is reconstructed.\n\n"
    text += table(["paper", "claim", "published change", "ours, change of the family's average", "verdict"], claim_rows(families)) + "\n"
    text += "\nLaLaRAND's claims are about schedulable task sets: [LaLaRAND](lalarand.md) has the experiment. CD-MSA's latency-bounded\n"
    text += "throughput is in [multi-array systems](multi_array.md).\n"
    text += "\n## Conditions\n\n"
    rows = []
    for f in families:
        platforms = sorted({s["config"]["platform"] if isinstance(s["config"]["platform"], str) else "in the file"
                            for s in f.result["results"]})
        names = ", ".join(f"`{pathlib.Path(p).stem}`" if p.endswith(".yaml") else p for p in platforms)
        scenarios = ", ".join(f"`{s['scenario']}`" for s in f.result["results"])
        rows.append([f.title, scenarios, names, f"{f.info[f.metric]['meaning']}; {f.how} over the scenarios", f.horizon,
                     f"{f.replications}, from each file's seed on"])
    text += table(["family", "scenarios", "platforms", "metric", "horizon", "replications"], rows) + "\n"
    text += "\nThe commands, with all policies of the first table for `…`:\n\n```\n"
    text += "\n".join(f.command() for f in families) + "\n```\n"
    return text


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--build", type=pathlib.Path, default=ROOT / "build", help="build folder with bin/terastal")
    parser.add_argument("--check", action="store_true", help="compare with the page that is there; exit 1 on differences")
    arguments = parser.parse_args()
    text = page(Tool(arguments.build))
    if not arguments.check:
        PAGE.write_text(text, encoding="utf-8")
        return
    if not PAGE.exists() or PAGE.read_text(encoding="utf-8") != text:
        sys.exit("docs/systems.md is not what the tool gives now; run tools/systems.py")


if __name__ == "__main__":
    main()
