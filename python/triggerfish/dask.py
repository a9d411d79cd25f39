"""Many files on many machines with dask.distributed: the same words, counts and thresholds as on one (docs/rates.md).

    from dask.distributed import Client
    import triggerfish, triggerfish.dask, triggerfish.events

    model = triggerfish.load("tagger.json", config="hls.yml")
    files = triggerfish.events.open("data/*.root", "mapping.yml")
    with Client(cluster) as client:                  # LocalCluster, SLURMCluster, HTCondorCluster, ...
        rates = triggerfish.dask.rates(client, model, files, score=4, crossing_rate="40MHz")

Workers see the files and the model under the same paths. A worker that dies is replaced by dask and its parts are computed again; a
part that fails to read is tried again `retries` times. Each part counts once, and at the end the parts must be all there are.
"""

from __future__ import annotations

import os

from typing import Any, Dict, List, Optional, Sequence, Union

import numpy as np

from . import _parts
from ._library import Error
from ._model import Model
from ._rates import Rates, _joined, join
from ._report import Comparison
from .events import PARTITION

# How many results are added up by one task: a tree, so that no process holds them all.
FAN_IN = 16
# Parts that one task counts, one after the other, at most; and how many tasks there should be, at least: in all, and for each worker.
PARTS_PER_TASK, LEAST_TASKS, TASKS_PER_WORKER = 8, 64, 16


def rates(client: Any, models: Union[Model, Sequence[Model]], files: Any, *, partition: int = PARTITION, threads: int = 1,
          retries: int = 3, parts_per_task: Optional[int] = None, **options: Any) -> Union[Rates, List[Rates]]:
    """Counts events of files by output word, as `Model.rates` does.

    Parameters
    ----------
    client : dask.distributed.Client
    models : Model, or a list of them
        Several are counted side by side: a list of results.
    files : triggerfish.events.Files
        Or anything else with `partitions(size)`, whose parts have `files`, `first`, `end`, `of` and `read()`.
    partition : int
        Events that are read at a time.
    threads : int
        Threads of a task; 1 where a worker has a process per core.
    retries : int
        How often a task that fails is tried again.
    parts_per_task : int, optional
        How many parts a task counts, one after the other: fewer tasks and results take less of the scheduler, larger ones lose more
        with a worker. Unless told otherwise up to 8, and so few that there are 64 tasks at least, and 16 for each worker there is now.
    **options
        `score`, `signal`, `background`, `crossing_rate`, `weight_bits`, `threshold_step`, `float` of `Model.rates`.
    """
    many = isinstance(models, (list, tuple))
    sent = [model.with_threads(threads) for model in (models if many else [models])]
    parts = list(files.partitions(partition))
    if not parts:
        raise Error("there are no events", 65)
    size = parts_per_task
    if size is None:
        size = min(PARTS_PER_TASK, max(1, len(parts) // max(LEAST_TASKS, TASKS_PER_WORKER * len(client.nthreads()))))
    if size < 1:
        raise Error(f"tasks of {size} parts: at least 1 is needed", 64)
    tasks = [parts[at:at + size] for at in range(0, len(parts), size)]
    # One message for all tasks of a model.
    sums = [client.map(_count, tasks, model=model, options=options, retries=retries, pure=False) for model in sent]
    found = []
    for futures in sums:
        while len(futures) > FAN_IN:
            futures = [client.submit(_add, futures[at:at + FAN_IN], pure=False) for at in range(0, len(futures), FAN_IN)]
        found.append(join(client.gather(futures)))
    return found if many else found[0]


def predict(client: Any, model: Model, files: Any, output: Union[None, str, os.PathLike, Sequence[Any]] = None, *, raw: bool = False,
            partition: int = PARTITION, threads: int = 1, retries: int = 3) -> Any:
    """Computes what the firmware will answer to the events of files, in their order.

    Parameters
    ----------
    output : path, or a list of them where the model has several outputs, optional
        Where the answers go, as .npy: each part is written beside it with its record, and all are joined at the end, so that a run
        that is killed leaves nothing under the name. A record of the whole goes to OUTPUT.json. Without it they are returned.
    raw : bool
        Whether the int64 words are wanted, not their values.

    Returns
    -------
    array, or a list of them where the model has several outputs; with `output` the number of events
    """
    sent = model.with_threads(threads)
    parts = list(files.partitions(partition))
    if not parts:
        raise Error("there are no events", 65)
    if output is None:
        found = client.gather([client.submit(_predict, sent, part, raw, retries=retries, pure=False) for part in parts])
        whole = [np.concatenate(arrays) for arrays in zip(*found)]
        return whole[0] if len(whole) == 1 else whole
    outputs = [os.path.abspath(path) for path in (output if isinstance(output, (list, tuple)) else [output])]
    folder = f"{outputs[0]}.parts"
    os.makedirs(folder, exist_ok=True)
    records = client.gather([client.submit(_parts.write, sent, part, raw, folder, retries=retries, pure=False) for part in parts])
    events = _parts.join_files(records, outputs, f"{outputs[0]}.json", expect_events=sum(part.end - part.first for part in parts))
    # Only what was written here: the folder may have been somebody's before.
    for record in records:
        _parts.remove(record)
    if not os.listdir(folder):
        os.rmdir(folder)
    return events


def trace_statistics(client: Any, model: Model, files: Any, *, partition: int = PARTITION, threads: int = 1,
                     retries: int = 3) -> Dict[str, Dict[str, int]]:
    """What the words of every layer are on the events of files: exact integers, whatever the parts.

    Returns
    -------
    dict of dict
        By layer: `words` (how many), `least`, `largest`, `sum`, `zeros`, and how many are `lowest` and `highest` of what was seen.
    """
    sent = model.with_threads(threads)
    futures = [client.submit(_statistics, sent, part, retries=retries, pure=False) for part in files.partitions(partition)]
    if not futures:
        raise Error("there are no events", 65)
    while len(futures) > FAN_IN:
        futures = [client.submit(add_statistics, futures[at:at + FAN_IN], pure=False) for at in range(0, len(futures), FAN_IN)]
    return add_statistics(client.gather(futures))


def compare(client: Any, model: Model, files: Any, *, partition: int = 2000, retries: int = 3) -> Comparison:
    """Holds the numbers of every part against the float model's, as `Model.compare` does, and adds the comparisons up
    (`Comparison.joined` says how). Of a part of more than 2,000 events so many are compared, evenly chosen."""
    sent = model.with_threads(1)
    parts = client.gather([client.submit(_compare, sent, part, retries=retries, pure=False) for part in files.partitions(partition)])
    if not parts:
        raise Error("there are no events", 65)
    return Comparison.joined(parts)


def explore(client: Any, models: Union[Model, Sequence[Model]], requests: Sequence[Dict[str, Any]] = ({},), *,
            retries: int = 3) -> List[Dict[str, Any]]:
    """Lists the designs worth having of every model under every request (`Model.explore`'s options), in that order."""
    sent = [model.with_threads(1) for model in (models if isinstance(models, (list, tuple)) else [models])]
    return client.gather([client.submit(_explore, model, dict(request), retries=retries, pure=False)
                          for model in sent for request in requests])


# MARK: Tasks


def _count(parts, model, options):
    """The counts of some parts together; only one's events are in memory at a time."""
    counting = model._counting(**options)
    counts = [model._rates(part.read(), counting, part) for part in parts]
    return counts[0] if len(counts) == 1 else _add(counts)


def _add(parts):
    return _joined(parts, complete=False)


def _predict(model, part, raw):
    found = model.predict(_inputs(part.read()), raw)
    return found if isinstance(found, list) else [found]


def _inputs(events):
    return events.inputs if len(events.inputs) > 1 else events.inputs[0]


def _statistics(model, part):
    return statistics(model, part.read())


def statistics(model: Model, events: Any) -> Dict[str, Dict[str, int]]:
    """Those of `trace_statistics` for some events."""
    _, layers = model.trace(_inputs(events), raw=True)
    found = {}
    for name, words in layers.items():
        flat = words.reshape(-1)
        least, largest = int(flat.min()), int(flat.max())
        # Halves of 32 bits, so that their sums are exact: a part has far fewer than 2^31 words.
        total = (int((flat >> 32).sum()) << 32) + int((flat & 0xFFFFFFFF).sum())
        found[name] = {"words": flat.size, "least": least, "largest": largest, "sum": total, "zeros": int((flat == 0).sum()),
                       "lowest": int((flat == least).sum()), "highest": int((flat == largest).sum())}
    return found


def add_statistics(parts: Sequence[Dict[str, Dict[str, int]]]) -> Dict[str, Dict[str, int]]:
    """The statistics of the events of several parts together."""
    whole: Dict[str, Dict[str, int]] = {}
    for part in parts:
        for name, more in part.items():
            if name not in whole:
                whole[name] = dict(more)
                continue
            sums = whole[name]
            for end, count, better in (("least", "lowest", more["least"] < sums["least"]),
                                       ("largest", "highest", more["largest"] > sums["largest"])):
                if better:
                    sums[end], sums[count] = more[end], more[count]
                elif more[end] == sums[end]:
                    sums[count] += more[count]
            for key in ("words", "sum", "zeros"):
                sums[key] += more[key]
    return whole


def _compare(model, part):
    return model.compare(_inputs(part.read()))


def _explore(model, request):
    return model.explore(**request)
