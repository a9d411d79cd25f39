"""Slurm for real, on this machine's loopback interface: a batch array with `triggerfish join`, and Dask workers as Slurm jobs."""

import os
import subprocess
import sys
import tempfile
import time
import unittest

import numpy as np
import slurm

from common import COMMAND, JETS, OPTIONS, Case, needs

WHY = slurm.unavailable()


@unittest.skipIf(WHY, f"no Slurm here: {WHY}")
class Slurm(Case):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        # Short: sockets' paths are.
        cls.scratch = tempfile.TemporaryDirectory(prefix="tf-slurm-", dir="/tmp")
        cls.cluster = slurm.Cluster(cls.scratch.name)
        try:
            cls.environment = cls.cluster.__enter__()
        except slurm.Unavailable as reason:
            cls.scratch.cleanup()
            raise unittest.SkipTest(f"no Slurm here: {reason}")

    @classmethod
    def tearDownClass(cls):
        cls.cluster.__exit__()
        cls.scratch.cleanup()

    def text(self, name):
        with open(self.path(name), encoding="utf-8") as file:
            return file.read()

    def slurm(self, *command):
        done = subprocess.run(command, env=self.environment, capture_output=True, text=True, cwd=self.folder, timeout=60)
        self.assertEqual(done.returncode, 0, done.stderr)
        return done.stdout

    def test_a_batch_array_joins_to_a_single_run(self):
        with open(self.path("rates.sh"), "w") as file:
            # docs/rates.md has the same.
            file.write(f"""#!/bin/bash
#SBATCH --array=0-3
#SBATCH --output={self.folder}/log.%a
first=$((SLURM_ARRAY_TASK_ID * 500))
model="{JETS}/jet_tagger.json --config {JETS}/hls.yml --input {JETS}/events.npy --events $first:$((first + 500)) --threads 1"
{COMMAND} rates $model --labels {JETS}/labels.npy --signal 4 --score 4 --crossing-rate 40MHz --output rates.$SLURM_ARRAY_TASK_ID.json
{COMMAND} emulate $model --raw --output words.$SLURM_ARRAY_TASK_ID.npy --record words.$SLURM_ARRAY_TASK_ID.json
""")
        self.slurm("sbatch", "rates.sh")
        end = time.monotonic() + 60
        while self.slurm("squeue", "-h"):
            self.assertLess(time.monotonic(), end, "jobs do not end")
            time.sleep(0.2)
        logs = "".join(self.text(f"log.{i}") for i in range(4))
        parts = [self.path(f"rates.{i}.json") for i in range(4)]
        self.assertTrue(all(os.path.exists(part) for part in parts), logs)
        subprocess.run([COMMAND, "join", *parts, "--output", self.path("rates.json")], check=True, capture_output=True)
        single = self.model.rates(self.events, self.labels, file="events.npy", **OPTIONS)
        self.assertEqual(self.text("rates.json"), single.json)
        subprocess.run([COMMAND, "join", *[self.path(f"words.{i}.json") for i in range(4)], "--output", self.path("words.npy")],
                       check=True, capture_output=True)
        np.testing.assert_array_equal(np.load(self.path("words.npy")), self.model.predict(self.events, raw=True))

    @needs("dask", "distributed", "dask_jobqueue", "uproot", "awkward")
    def test_dask_workers_as_jobs(self):
        import triggerfish.dask
        from dask.distributed import Client
        from dask_jobqueue import SLURMCluster

        files = self.three_files()
        before = dict(os.environ)
        os.environ.update(self.environment)
        try:
            with SLURMCluster(
                queue="test", cores=1, processes=1, memory="400MB", walltime="00:10:00", interface="lo", python=sys.executable,
                log_directory=self.folder, local_directory=self.folder, scheduler_options={"dashboard_address": None},
            ) as cluster, Client(cluster) as client:
                cluster.scale(jobs=2)
                client.wait_for_workers(2, timeout=60)
                self.assertEqual(len(self.slurm("squeue", "-h", "-t", "R").splitlines()), 2)
                found = triggerfish.dask.rates(client, self.model, files, partition=100, **OPTIONS)
        finally:
            os.environ.clear()
            os.environ.update(before)
        self.assertEqual(found.json, self.model.rates(files, **OPTIONS).json)


if __name__ == "__main__":
    unittest.main()
