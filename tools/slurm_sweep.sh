#!/usr/bin/env bash
# Runs a sweep as a Slurm job array, one part of it a task, and joins the results when all have ended.
# Usage: tools/slurm_sweep.sh SWEEP [TASKS [OPTION…]]
#   SWEEP:   a file, or the name of a shipped sweep
#   TASKS:   of the array, 16 without; a task should run for minutes at least, for starting it takes about a second
#   OPTION:  of 'terastal sweep', e.g. --set axes.seed=1..10
# Environment:
#   TERASTAL        the program; without: the one in PATH
#   STORE           the file of results; without: NAME.sqlite here
#   SBATCH_…        as sbatch takes them, e.g. SBATCH_PARTITION, SBATCH_TIMELIMIT, SBATCH_ACCOUNT
#   CPUS_PER_TASK   threads of a task, 1 without
# The folder must be seen by all machines. Called again with the same arguments, it goes on with what is missing.
# Cells that fail do not keep the others from being joined: the job that joins them says so and ends with exit code 4.
set -euo pipefail

if [[ $# -lt 1 || $1 == -h || $1 == --help ]]; then
  sed -n '2,/^set /{/^set /d;s/^# \{0,1\}//;p}' "$0"
  [[ $# -ge 1 ]] && exit 0 || exit 2
fi
sweep=$1
tasks=${2:-16}
options=("${@:3}")
if ! [[ $tasks =~ ^[1-9][0-9]*$ ]]; then
  echo "TASKS: '$tasks' is not a number of tasks" >&2
  exit 2
fi
program=$(command -v "${TERASTAL:-terastal}") || {
  echo "no program '${TERASTAL:-terastal}'; set TERASTAL to its path" >&2
  exit 2
}
program=$(realpath "$program")
name=$(basename "$sweep")
name=${name%.yaml}
name=${name%.yml}
name=${name%.sweep}
store=${STORE:-$name.sqlite}
part=${store%.sqlite}
cpus=${CPUS_PER_TASK:-1}

if [[ -e $store ]]; then
  echo "'$store' is there already; move it away, or set STORE to another name" >&2
  exit 2
fi
# What is wrong with the sweep is said here, not in a job's log.
"$program" sweep "$sweep" "${options[@]}" --dry-run --shard "1/$tasks" -o "$part.1-of-$tasks.sqlite"

# Unless the first failed cell is to end a task.
[[ " ${options[*]} " == *" --fail-fast "* ]] || options+=(--allow-failed)
command=$(printf '%q ' "$program" sweep "$sweep" "${options[@]}" --quiet --no-mpi -j "$cpus")
stores=$(printf '%q' "$part")
array=$(sbatch --parsable --job-name "$name" --array "1-$tasks" --cpus-per-task "$cpus" --signal B:TERM@60 \
  --output "$part.%a-of-$tasks.log" \
  --wrap "exec $command --shard \$SLURM_ARRAY_TASK_ID/$tasks -o $stores.\$SLURM_ARRAY_TASK_ID-of-$tasks.sqlite")
array=${array%%;*} # a cluster's name may follow
merge=$(sbatch --parsable --job-name "$name-merge" --dependency "afterok:$array" --kill-on-invalid-dep yes \
  --output "$part.merge.log" \
  --wrap "$(printf '%q ' "$program" merge "$store") $stores.*-of-$tasks.sqlite")
merge=${merge%%;*}
echo "Array job $array: $tasks tasks; job $merge joins their results into $store."
echo "A task that does not end leaves $store unmade: the reason is in $part.N-of-$tasks.log; the same command goes on."
echo "Cells that failed are counted in $part.merge.log; 'terastal query $store --failed' then shows why, and with"
echo "--retry-failed, and $store moved away, the same command runs them again."
