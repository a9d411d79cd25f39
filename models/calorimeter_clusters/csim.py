"""hls4ml's C simulation of the sample events with hls.yml, as outputs_hls4ml.npy.

    python -m calorimeter_clusters.csim --work BUILD
"""

import argparse
import pathlib

import hls4ml
import numpy as np

from training import artifacts

from . import train

HERE = pathlib.Path(__file__).resolve().parent
NAME = "calorimeter_clusters"


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--work", type=pathlib.Path, required=True, help="folder for the C++ project")
    options = parser.parse_args()

    model = train.network()  # hls4ml's layer cannot be read back from JSON
    model.load_weights(HERE / f"{NAME}_weights.h5")
    settings = artifacts.read_hls_configuration(HERE / "hls.yml")
    project = hls4ml.converters.convert_from_keras_model(
        model, hls_config=settings["HLSConfig"], backend=settings["Backend"], part=settings["Part"],
        clock_period=settings["ClockPeriod"], io_type=settings["IOType"], project_name=NAME, output_dir=str(options.work),
    )
    project.compile()
    inputs = [np.ascontiguousarray(np.load(HERE / file).astype("float32")) for file in ("events.npy", "numbers.npy")]
    words = np.asarray(project.predict(inputs)).reshape(len(inputs[0]), -1)
    np.save(HERE / "outputs_hls4ml.npy", words)
    keras = np.load(HERE / "outputs_float.npy")
    print(f"largest difference {np.abs(words - keras).max():.4f}, same answer {(words.argmax(1) == keras.argmax(1)).mean():.4f}")


if __name__ == "__main__":
    main()
