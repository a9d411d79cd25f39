"""Write and read the files of a model: architecture, weights, hls4ml configuration."""

import pathlib

import hls4ml
import numpy as np
import qkeras
import tensorflow as tf
import yaml

PART = "xcvu13p-flga2577-2-e"
CLOCK_PERIOD = 5


def fix_seeds(seed):
    """Make a training run repeatable on the same machine."""
    tf.keras.utils.set_random_seed(seed)
    tf.config.experimental.enable_op_determinism()


def fit_classifier(model, splits, epochs, loss="sparse_categorical_crossentropy", rate=2e-3, batch=256):
    """Adam, halving the rate on plateaus, keeping the weights of the best validation loss; epochs run."""
    model.compile(tf.keras.optimizers.Adam(rate), loss, ["accuracy"])
    callbacks = [
        tf.keras.callbacks.ReduceLROnPlateau("val_loss", factor=0.5, patience=4, min_lr=2e-5),
        tf.keras.callbacks.EarlyStopping("val_loss", patience=14, restore_best_weights=True),
    ]
    history = model.fit(
        *splits["train"], validation_data=splits["validation"],
        batch_size=batch, epochs=epochs, callbacks=callbacks, verbose=2,
    )
    return len(history.history["loss"])


def save_model(model, folder, name):
    """NAME.json and NAME_weights.h5."""
    folder = pathlib.Path(folder)
    (folder / f"{name}.json").write_text(model.to_json())
    model.save_weights(folder / f"{name}_weights.h5")


def load_model(folder, name):
    """The model that save_model wrote."""
    folder = pathlib.Path(folder)
    text = (folder / f"{name}.json").read_text()
    model = tf.keras.models.model_from_json(text, custom_objects=qkeras_objects())
    model.load_weights(folder / f"{name}_weights.h5")
    return model


def qkeras_objects():
    """QKeras classes by name, as Keras asks for them."""
    objects = {}
    qkeras.utils._add_supported_quantized_objects(objects)
    return objects


def logits_model(model):
    """The model without its last activation."""
    return tf.keras.Model(model.inputs, model.layers[-2].output)


def write_samples(folder, events, labels, network, quantized, logits=True):
    """Sample events, their labels and both models' answers; before the softmax too, where there is one."""
    folder = pathlib.Path(folder)
    answers = {"outputs_float": network, "outputs_qkeras": quantized}
    if logits:
        answers["logits_qkeras"] = logits_model(quantized)
    np.save(folder / "events.npy", events)
    np.save(folder / "labels.npy", labels.astype(np.int64))
    for name, model in answers.items():
        np.save(folder / f"{name}.npy", model.predict(events, batch_size=500, verbose=0))


def hls_configuration(model, project, io_type="io_parallel", adjust=None):
    """hls4ml's own configuration of a model, with the project settings around it."""
    config = hls4ml.utils.config_from_keras_model(model, granularity="name", backend="Vitis")
    if adjust is not None:
        adjust(config)
    return {
        "Backend": "Vitis",
        "Part": PART,
        "ClockPeriod": CLOCK_PERIOD,
        "IOType": io_type,
        "ProjectName": project,
        "HLSConfig": config,
    }


def _plain(value):
    """Dictionaries, lists, numbers and strings only, so that any YAML reader understands the file."""
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    return str(value)


def write_hls_configuration(path, configuration):
    pathlib.Path(path).write_text(yaml.safe_dump(_plain(configuration), sort_keys=False))


def read_hls_configuration(path):
    return yaml.safe_load(pathlib.Path(path).read_text())
