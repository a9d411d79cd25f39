"""Convert a model with hls4ml, compile its C simulation, compare with the framework.

    python -m training.csim jet_tagger --work BUILD
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


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="model folder, e.g. jet_tagger")
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the C++ project")
    parser.add_argument("--config", default="hls.yml")
    options = parser.parse_args()

    folder = pathlib.Path(__file__).resolve().parent.parent / options.name
    model = artifacts.load_model(folder, options.name)
    configuration = artifacts.read_hls_configuration(folder / options.config)
    events = np.load(folder / "events.npy")
    labels = np.load(folder / "labels.npy")
    framework = np.load(folder / "outputs_qkeras.npy").reshape(len(events), -1)
    ours = model.predict(events, batch_size=512, verbose=0).reshape(len(events), -1)
    print(f"stored outputs reproduced to {np.abs(ours - framework).max():.2e}")

    csim = predict_with_hls4ml(model, configuration, events, options.work)
    print(f"largest difference csim - framework: {np.abs(csim - framework).max():.6f}")
    print(f"same argmax: {(csim.argmax(1) == framework.argmax(1)).mean():.4f}")
    if labels.ndim == 1 and labels.dtype.kind == "i":
        print(f"accuracy framework: {(framework.argmax(1) == labels).mean():.4f}")
        print(f"accuracy csim: {(csim.argmax(1) == labels).mean():.4f}")


if __name__ == "__main__":
    main()
