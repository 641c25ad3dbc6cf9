"""Sweeps under mpirun, for the tests that need it."""

import os
import pathlib
import shutil
import subprocess

from support import PROGRAM, CliTest

SWEEP = """\
sweep: grid
axes:
  scenario: small.yaml
  load: [0.5, 1, 1.5]
  policy: [edf, fcfs]
  seed: 30
set: { horizon: 200 ms }
skip: [ { policy: fcfs, load: 0.5, seed: [3, 4] } ]
"""
CELLS = 178

# As root, and with more ranks than cores, Open MPI wants to be told so. It leaks what it allocates at its start, which a
# program built with the address sanitizer would report in its place.
MPI_ENVIRONMENT = {"OMPI_ALLOW_RUN_AS_ROOT": "1", "OMPI_ALLOW_RUN_AS_ROOT_CONFIRM": "1",
                   "OMPI_MCA_rmaps_base_oversubscribe": "1", "OMPI_MCA_hwloc_base_binding_policy": "none",
                   "ASAN_OPTIONS": "detect_leaks=0"}


def why_no_mpi():
    """Why sweeps cannot run under mpirun here; empty when they can."""
    if shutil.which("mpirun") is None:
        return "mpirun is missing; install openmpi-bin"
    if not (pathlib.Path(shutil.which(PROGRAM)).parent / "terastal_mpi.so").exists():
        return "the program was built without MPI; install libopenmpi-dev"
    return ""


class RanksTest(CliTest):
    """A sweep, `grid.yaml`, and ways of running it."""

    def setUp(self):
        super().setUp()
        self.write("grid.yaml", SWEEP)

    def environment(self, **more):
        # The tests themselves may run under a launcher.
        env = {k: v for k, v in super().environment().items() if not k.startswith(("OMPI_", "PMIX_", "PMI_", "SLURM_"))}
        return {**env, **MPI_ENVIRONMENT, **more}

    def mpirun(self, ranks, *command, code=0):
        """Runs a command on so many ranks; what the program said, without what mpirun adds."""
        done = subprocess.run(["mpirun", "-np", str(ranks), *command], cwd=self.folder, capture_output=True,
                              encoding="utf-8", env=self.environment(), timeout=120, check=False)
        self.assertEqual(done.returncode, code, f"{command}\n{done.stdout}\n{done.stderr}")
        return done

    def sweep_on(self, ranks, *arguments, code=0):
        return self.mpirun(ranks, PROGRAM, "sweep", "grid.yaml", *arguments, code=code)

    def digest_of(self, store):
        return self.output("query", store, "--digest").strip()

    def each_rank_in_its_folder(self, ranks):
        """A command for mpirun, to be followed by arguments: each rank runs the program in a copy of the folder."""
        for rank in range(ranks):
            copy = self.folder / f"rank{rank}"
            copy.mkdir()
            for name in ["small.yaml", "grid.yaml"]:
                shutil.copy(self.folder / name, copy)
        script = self.folder / "in_folder.sh"
        script.write_text(f'#!/bin/sh\ncd "rank$OMPI_COMM_WORLD_RANK" && exec "{PROGRAM}" "$@"\n', encoding="utf-8")
        os.chmod(script, 0o755)
        return str(script)
