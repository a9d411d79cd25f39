"""What models of HGQ2 share: training against a growing cost of bits, and their archives."""

import zipfile

import keras
import numpy as np
from hgq.utils import trace_minmax
from hgq.utils.sugar import BetaScheduler, PieceWiseSchedule


def train(model, beta, splits, epochs, *, rate, share, batch, warm_up):
    """Adam, its rate a cosine from `rate` to `share` of it; what an EBOP costs grows to `beta` over `warm_up` epochs. Then the ranges
    of all values are traced on the events of training and validation; the model's EBOPs are returned."""
    events, labels = splits["train"]
    steps = epochs * -(-len(events) // batch)
    cosine = keras.optimizers.schedules.CosineDecay(rate, steps, alpha=share)
    loss = keras.losses.SparseCategoricalCrossentropy(from_logits=True)
    model.compile(keras.optimizers.Adam(cosine), loss, metrics=["accuracy"])
    schedule = PieceWiseSchedule([(0, 1e-8, "log"), (warm_up, beta, "constant")])
    model.fit(
        events, labels, validation_data=splits["validation"], batch_size=batch, epochs=epochs,
        callbacks=[BetaScheduler(schedule)], verbose=2,
    )
    return trace_minmax(model, np.concatenate([events, splits["validation"][0]]))


def save(model, path):
    """The model's archive; compressed, as HDF5 is mostly empty space, and without the time."""
    model.save(path)
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(entries.items()):
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content)
