#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Runs the shards of `ingot evaluate` on several workers, then merges them and evaluates.

    evaluate_shards.py --shards 16 --cache DIR [--engine ray|processes] [--ingot PATH] [--attempts 3] -- MODEL --dataset … --data … --task …

What follows `--` is what `ingot evaluate` takes. Each shard is one process; it writes its own files in the cache, which all workers must see
(a shared folder where they are on several machines). A shard whose worker dies is started again, and goes on where it was. When all are done
`ingot evaluate --merge` checks them, and the tasks are run on the merged features: the result is that of one run, to the bit.

Ray (pip install ray) is the engine: `--address auto` joins a running cluster, without it workers are started on this machine. `processes`
needs nothing but Python. For Slurm see evaluate_shards.slurm.
"""

import argparse
import concurrent.futures
import contextlib
import ctypes
import os
import signal
import subprocess
import sys

PR_SET_PDEATHSIG = 1


def die_with_parent():
    """A worker that is killed takes its process with it: two processes must not write one shard (Linux; elsewhere Ingot's lock tells)."""
    try:
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
    except (AttributeError, OSError):
        pass


def run_shard(command):
    """Computes one shard; raises with the last words of the process where it fails."""
    process = subprocess.run(command, capture_output=True, text=True, preexec_fn=die_with_parent)
    if process.returncode != 0:
        raise RuntimeError(f"{' '.join(command)} ended with {process.returncode}: {process.stderr.strip()[-2000:]}")
    return process.stdout


@contextlib.contextmanager
def talk_to_standard_error():
    """Standard output is the result's alone: Ray prints there what becomes of its workers."""
    sys.stdout.flush()
    kept = os.dup(1)
    os.dup2(2, 1)
    try:
        yield
    finally:
        sys.stdout.flush()
        os.dup2(kept, 1)
        os.close(kept)


def with_ray(commands, arguments):
    import ray

    ray.init(address=arguments.address, include_dashboard=False, log_to_driver=False,
             num_cpus=None if arguments.address else arguments.workers)
    # A worker that dies is Ray's to replace; a process that ends with an error is not started again.
    task = ray.remote(max_retries=arguments.attempts - 1, num_cpus=1)(run_shard)
    waiting = {task.remote(command): index for index, command in enumerate(commands, 1)}
    while waiting:
        done, _ = ray.wait(list(waiting), num_returns=1)
        ray.get(done[0])
        print(f"shard {waiting.pop(done[0])} of {len(commands)} is done", file=sys.stderr, flush=True)
    ray.shutdown()


def with_processes(commands, arguments):
    def attempt(index, command):
        for left in range(arguments.attempts, 0, -1):
            process = subprocess.run(command, capture_output=True, text=True)
            if process.returncode == 0:
                return index
            # A signal killed it: once more. An error of its own would come again.
            if process.returncode > 0 or left == 1:
                raise RuntimeError(f"shard {index} ended with {process.returncode}: {process.stderr.strip()[-2000:]}")

    with concurrent.futures.ThreadPoolExecutor(arguments.workers) as pool:
        for future in concurrent.futures.as_completed(
                [pool.submit(attempt, index, command) for index, command in enumerate(commands, 1)]):
            print(f"shard {future.result()} of {len(commands)} is done", file=sys.stderr, flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--shards", type=int, required=True)
    parser.add_argument("--cache", required=True, help="a folder that all workers see")
    parser.add_argument("--engine", choices=("ray", "processes"), default="ray")
    parser.add_argument("--address", help="of a running Ray cluster, for example auto")
    parser.add_argument("--workers", type=int, default=2, help="on this machine, where none are running")
    parser.add_argument("--threads", type=int, default=1, help="of each shard's process")
    parser.add_argument("--attempts", type=int, default=3, help="for a shard whose worker dies")
    parser.add_argument("--ingot", default="ingot")
    parser.add_argument("evaluate", nargs=argparse.REMAINDER, metavar="-- MODEL …")
    arguments = parser.parse_args()
    words = arguments.evaluate[1:] if arguments.evaluate[:1] == ["--"] else arguments.evaluate
    if arguments.shards < 1 or not words:
        parser.error("at least one shard, and after -- what ingot evaluate takes")
    base = [arguments.ingot, "evaluate", *words, "--cache", arguments.cache]
    commands = [
        [*base, "--threads", str(arguments.threads), "--shard", f"{index}/{arguments.shards}"]
        for index in range(1, arguments.shards + 1)
    ]
    try:
        with talk_to_standard_error():
            (with_ray if arguments.engine == "ray" else with_processes)(commands, arguments)
    except Exception as error:  # Ray wraps what its workers raise.
        sys.exit(f"evaluate_shards.py: {error}")
    for command in ([*base, "--merge", str(arguments.shards)], base):
        process = subprocess.run(command, stdout=subprocess.DEVNULL if "--merge" in command else None)
        if process.returncode != 0:
            sys.exit(process.returncode)


if __name__ == "__main__":
    main()
