"""Convert a model with hls4ml, compile its C simulation, compare with the framework.

    python -m training.csim jet_tagger --work BUILD

Where the model ends in a softmax, its input is compared as well.
"""

import argparse
import pathlib

import hls4ml
import numpy as np

from . import artifacts


def predict_with_hls4ml(model, configuration, events, work):
    """Outputs of hls4ml's compiled C++ for these events."""
    converted = hls4ml.converters.convert_from_keras_model(
        model,
        hls_config=configuration["HLSConfig"],
        backend=configuration["Backend"],
        part=configuration["Part"],
        clock_period=configuration["ClockPeriod"],
        io_type=configuration["IOType"],
        project_name=configuration["ProjectName"],
        output_dir=str(work),
    )
    converted.compile()
    outputs = converted.predict(np.ascontiguousarray(events))
    return np.asarray(outputs).reshape(len(events), -1)


def accuracy(scores, labels):
    return (scores.argmax(1) == labels).mean()


def compare(what, csim, framework):
    """Print how far the two are apart."""
    difference = np.abs(csim - framework)
    agreement = (csim.argmax(1) == framework.argmax(1)).mean()
    print(
        f"{what}: largest difference {difference.max():.6f}, "
        f"events with any {(difference > 0).any(1).mean():.4f}, same argmax {agreement:.4f}"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="model folder, e.g. jet_tagger")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the C++ project")
    parser.add_argument("--config", default="hls.yml")
    options = parser.parse_args()

    folder = pathlib.Path(__file__).resolve().parent.parent / options.name
    model = artifacts.load_model(folder, options.name)
    configuration = artifacts.read_hls_configuration(folder / options.config)
    events, labels = np.load(folder / "events.npy"), np.load(folder / "labels.npy")
    framework = np.load(folder / "outputs_qkeras.npy")
    again = model.predict(events, batch_size=500, verbose=0)
    print(f"stored outputs reproduced to {np.abs(again - framework).max():.2e}")

    csim = predict_with_hls4ml(model, configuration, events, options.work / "whole")
    compare("answers", csim, framework)
    print(f"accuracy: framework {accuracy(framework, labels):.4f}, csim {accuracy(csim, labels):.4f}")
    if (folder / "logits_qkeras.npy").exists():
        configuration["HLSConfig"]["LayerName"].pop(model.layers[-1].name)
        logits_model = artifacts.logits_model(model)
        logits = predict_with_hls4ml(logits_model, configuration, events, options.work / "logits")
        compare("logits", logits, np.load(folder / "logits_qkeras.npy"))


if __name__ == "__main__":
    main()
