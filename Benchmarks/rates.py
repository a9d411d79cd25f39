"""Events of rates per second, from one worker to eight here and to a thousand by a model that is checked against those.

    PYTHONPATH=python:.build/analysis python3 Benchmarks/rates.py --events 1e9 --workers 8          # nothing lost, memory flat
    PYTHONPATH=python:.build/analysis python3 Benchmarks/rates.py --events 2e7 --scaling            # 1, 2, 4, 8 and the model

Events are generated on the worker, each part from its own seed, so that no file limits what is measured; the model then says what files
and scheduler do. Figures are written as JSON with the machine's load, as other processes take their share.
"""

import argparse
import heapq
import json
import os
import resource
import time

from dataclasses import dataclass

import numpy as np
import triggerfish
import triggerfish.dask
import triggerfish.events

JETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "models", "jet_tagger")
OPTIONS = {"score": 4, "crossing_rate": "40MHz"}


@dataclass(frozen=True)
class Generated:
    """So many events of 16 numbers, which every process makes alike."""

    events: int

    def partitions(self, size):
        for first in range(0, self.events, size):
            yield GeneratedPart((f"generated-{self.events}",), first, min(self.events, first + size), self.events)


@dataclass(frozen=True)
class GeneratedPart(triggerfish.events.Part):
    def read(self):
        generator = np.random.Generator(np.random.SFC64([20, self.first]))
        numbers = generator.random((self.end - self.first, 16), dtype=np.float32)
        numbers -= np.float32(0.5)
        numbers *= np.float32(4)
        return triggerfish.events.Events([numbers])


def nothing(number):
    return number


def peak():
    """The most memory that this process had, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def processor():
    """The processor time that this process took, in seconds."""
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


def measure(events, workers, partition, tasks=0):
    """Counts on so many worker processes; the time, the result, each worker's memory, and what an empty task costs."""
    from dask.distributed import Client, LocalCluster

    model = triggerfish.load(os.path.join(JETS, "jet_tagger.json"), config=os.path.join(JETS, "hls.yml"))
    with LocalCluster(n_workers=workers, threads_per_worker=1, host="127.0.0.1", dashboard_address=None, silence_logs=50) as cluster, \
            Client(cluster) as client:
        warm = Generated(partition * workers)
        triggerfish.dask.rates(client, model, warm, partition=partition, **OPTIONS)
        early = max(client.run(peak).values())
        idle = None
        if tasks:
            start = time.monotonic()
            client.gather(client.map(nothing, range(tasks), pure=False))
            idle = (time.monotonic() - start) / tasks
        used, others = sum(client.run(processor).values()), processor()
        start = time.monotonic()
        found = triggerfish.dask.rates(client, model, Generated(events), partition=partition, **OPTIONS)
        seconds = time.monotonic() - start
        used, others = sum(client.run(processor).values()) - used, processor() - others
        late = max(client.run(peak).values())
    return {"workers": workers, "events": events, "partition": partition, "seconds": round(seconds, 2),
            "eventsPerSecond": round(events / seconds), "eventsPerProcessorSecond": round(events / used), "lost": events - found.events,
            "counted": sum(found["words"]["background"]), "memoryAtStartMB": round(early), "memoryAtEndMB": round(late),
            # Of this process, which is client and scheduler.
            "processorSeconds": round(used, 2), "processorSecondsOfOthers": round(others, 2), "secondsPerEmptyTask": idle, "load": os.getloadavg()[0],
            "digest": found["provenance"]["sources"][0]["digests"]}, found


def simulated(tasks, workers, *, compute, scheduler, cores=None, others=0.0, size=0.0, bandwidth=float("inf"), stream=float("inf")):
    """The time that so many equal tasks take.

    A worker that is free asks the scheduler, which serves one at a time (`scheduler` seconds a task, its result included); reads its
    part (`size` bytes: a file system of `bandwidth` serves the parts one after the other, none faster than `stream`); then computes
    (`compute` seconds). Where workers share `cores` with scheduler and client, which work `others` seconds for each task, computing is
    longer.
    """
    slower = max(1.0, workers / cores * (1 + others / compute)) if cores else 1.0
    free = [0.0] * workers
    heapq.heapify(free)
    scheduler_free = files_free = end = 0.0
    for _ in range(tasks):
        start = max(heapq.heappop(free), scheduler_free)
        scheduler_free = start + scheduler
        files_free = max(scheduler_free, files_free) + size / bandwidth
        done = max(files_free, scheduler_free + size / stream) + compute * slower
        end = max(end, done)
        heapq.heappush(free, done)
    return end


def scaling(events, partition, cores):
    """1, 2, 4, 8 workers measured and predicted; then up to 1,000 predicted."""
    rows, single, result = [], None, None
    for workers in (1, 2, 4, 8):
        figures, found = measure(events, workers, partition, tasks=2000)
        # Bit for bit the same, however many.
        assert result is None or found.json == result, "results differ"
        result = found.json
        tasks = -(-events // partition)
        single = single or figures
        compute = single["seconds"] / tasks - single["secondsPerEmptyTask"]
        figures["predictedSeconds"] = round(
            simulated(tasks, workers, compute=compute, scheduler=single["secondsPerEmptyTask"], cores=cores,
                      others=single["processorSecondsOfOthers"] / tasks), 2)
        # By time where the machine is ours; by processor time whatever else runs.
        figures["efficiencyPerWorker"] = round(figures["eventsPerSecond"] / min(workers, cores) / single["eventsPerSecond"], 3)
        figures["efficiencyByProcessorTime"] = round(
            figures["eventsPerProcessorSecond"] / single["eventsPerProcessorSecond"], 3)
        rows.append(figures)
        print(f"{workers} workers: {figures['seconds']} s, predicted {figures['predictedSeconds']} s, "
              f"{figures['eventsPerSecond']:.3g} events/s; per worker {figures['efficiencyPerWorker']} of one worker's by time, "
              f"{figures['efficiencyByProcessorTime']} by processor time", flush=True)
    predicted = []
    tasks = 10_000_000_000 // 1_000_000
    compute = (single["seconds"] / (-(-events // partition)) - single["secondsPerEmptyTask"]) * 1_000_000 / partition
    for name, bandwidth in (("5 GB/s", 5e9), ("50 GB/s", 5e10)):
        for workers in (1, 10, 30, 100, 300, 1000):
            seconds = simulated(tasks, workers, compute=compute, scheduler=single["secondsPerEmptyTask"], size=64e6,
                                bandwidth=bandwidth, stream=5e8)
            predicted.append({"files": name, "workers": workers, "seconds": round(seconds), "speedup": None})
        first = next(row["seconds"] for row in predicted if row["files"] == name)
        for row in predicted:
            if row["files"] == name:
                row["speedup"] = round(first / row["seconds"], 1)
                print(f"10^10 events, files at {name}, {row['workers']} workers: {row['seconds']} s, {row['speedup']}×")
    return {"measured": rows, "predicted": predicted}


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--events", type=float, default=1e8)
    parser.add_argument("--workers", type=int, default=8)
    parser.add_argument("--partition", type=int, default=250_000)
    parser.add_argument("--cores", type=int, default=os.cpu_count())
    parser.add_argument("--parts-per-task", type=int, help="parts that a task counts; as triggerfish.dask.rates chooses unless told")
    parser.add_argument("--scaling", action="store_true")
    parser.add_argument("--output")
    arguments = parser.parse_args()
    if arguments.parts_per_task:
        OPTIONS["parts_per_task"] = arguments.parts_per_task
    if arguments.scaling:
        figures = scaling(int(arguments.events), arguments.partition, arguments.cores)
    else:
        figures, _ = measure(int(arguments.events), arguments.workers, arguments.partition)
        assert figures["lost"] == 0 and figures["counted"] == figures["events"], figures
    print(json.dumps(figures, indent=2))
    if arguments.output:
        with open(arguments.output, "w") as file:
            json.dump(figures, file, indent=2)
