"""Makes the golden cases garnet_*: hls4ml's GarNet in the forms that the shared vectors leave out.

Usage: python make_garnet.py OUTPUT_FOLDER [case ...]

Needs hls4ml==1.3.0, h5py, numpy and g++; no Keras, as hls4ml reads the layer from its file. The files are written here: a Keras 2
architecture with seeded weights. Every case becomes a folder of the form described in ../README.md. Nothing here is needed to run
the tests: the vectors are committed. The number of vertices is at most that of the places; vertices behind it are unused.
"""

import json
import os
import shutil
import sys
import tempfile

import h5py
import numpy as np
from hls4ml.converters.keras_v2_to_hls import keras_v2_to_hls

EVENTS = 24
FORMATS = {"default": "ap_fixed<16,6,AP_RND,AP_SAT>", "result": "ap_fixed<16,6>"}

# name: (class, settings, precision of the layer, reuse factor)
CASES = {
    "garnet_reuse1": ("GarNet", dict(collapse="mean"), FORMATS, 1),
    "garnet_groups": ("GarNet", dict(collapse="mean", vertices=12), FORMATS, 6),
    "garnet_types": (
        "GarNet", dict(collapse="mean"),
        {"edge_weight": "ap_ufixed<8,0,AP_RND,AP_SAT>", "edge_weight_aggr": "ap_ufixed<11,3,AP_TRN,AP_SAT>",
         "aggr": "ap_fixed<15,6,AP_RND_CONV,AP_SAT>", "norm": "ap_ufixed<12,4>", "result": "ap_fixed<14,5,AP_RND,AP_SAT>"},
        4),
    "garnet_by_count": ("GarNet", dict(collapse="mean", mean_by_nvert=True), FORMATS, 4),
    "garnet_stack": (
        "GarNetStack",
        dict(collapse="mean", n_aggregators=[3, 2], n_filters=[4, 3], n_propagate=[2, 3]), FORMATS, 4),
    "garnet_stack3": (
        "GarNetStack",
        dict(collapse="mean", n_aggregators=[2, 2, 3], n_filters=[3, 4, 2], n_propagate=[2, 2, 2]), FORMATS, 2),
    # As in fastmachinelearning's garnet_3layer: ternary weights, which hls4ml takes from 0.5 on (not 0.5 itself) up and down.
    "garnet_ternary": (
        "GarNetStack",
        dict(collapse="mean", n_aggregators=[3, 2], n_filters=[4, 3], n_propagate=[2, 3], quantize_transforms=True), FORMATS, 4),
}


def write(name, kind, settings, precision, reuse, folder):
    random = np.random.default_rng(sum(ord(c) * 31**i for i, c in enumerate(name)) % 2**31)
    settings = dict(n_aggregators=3, n_filters=4, n_propagate=2, mean_by_nvert=False) | settings
    vertices, features = settings.pop("vertices", 16), 3
    config = dict(
        name="gar", trainable=True, dtype="float32", simplified=True, input_format="xn", output_activation=None,
        **dict(quantize_transforms=False) | settings)
    if kind == "GarNetStack":
        config["n_sublayers"] = len(settings["n_filters"])
    lists = [settings[key] if kind == "GarNetStack" else [settings[key]] for key in ("n_propagate", "n_aggregators", "n_filters")]

    def entry(class_name, config, inbound):
        return dict(class_name=class_name, config=config, name=config["name"], inbound_nodes=inbound)

    def placeholder(name, shape, dtype):
        return entry("InputLayer", dict(batch_input_shape=[None, *shape], dtype=dtype, sparse=False, ragged=False, name=name), [])

    model = dict(
        class_name="Model", keras_version="2.2.4-tf", backend="tensorflow",
        config=dict(
            name="model",
            layers=[
                placeholder("vertices", (vertices, features), "float32"), placeholder("count", (1,), "int32"),
                entry(kind, config, [[["vertices", 0, 0, {}], ["count", 0, 0, {}]]]),
            ],
            input_layers=[["vertices", 0, 0], ["count", 0, 0]], output_layers=[["gar", 0, 0]]))
    weights, inputs = {}, features
    for index, (propagated, aggregators, filters) in enumerate(zip(*lists)):
        number = str(index) if kind == "GarNetStack" else ""
        for part, shape in (("FLR", (inputs, propagated)), ("S", (inputs, aggregators)), ("Fout", (aggregators * propagated, filters))):
            weights[f"{part}{number}_kernel"] = random.normal(0, 0.8, shape).astype("f4")
            weights[f"{part}{number}_bias"] = random.normal(0, 0.4, shape[1]).astype("f4")
            if config["quantize_transforms"]:
                weights[f"{part}{number}_kernel"].flat[:2] = 0.5, -0.5
        inputs = filters
    os.makedirs(folder, exist_ok=True)
    with open(f"{folder}/model.json", "w") as file:
        json.dump(model, file)
    with h5py.File(f"{folder}/model_weights.h5", "w", track_order=False) as file:
        file.attrs["layer_names"] = [b"vertices", b"count", b"gar"]
        file.attrs["backend"], file.attrs["keras_version"] = b"tensorflow", b"2.2.4-tf"
        for empty in ("vertices", "count"):
            file.create_group(empty).attrs["weight_names"] = np.array([], dtype="S1")
        group = file.create_group("gar")
        group.attrs["weight_names"] = [f"gar/{key}:0".encode() for key in weights]
        for key, value in weights.items():
            group.create_dataset(f"gar/{key}:0", data=value)
    settings = {
        "Model": {"Precision": "ap_fixed<16,6>", "ReuseFactor": 1, "Strategy": "Latency"},
        "LayerName": {
            "vertices": {"Precision": {"result": "ap_fixed<14,5,AP_RND,AP_SAT>"}},
            "count": {"Precision": {"result": "ap_uint<8>"}},
            "gar": {"Precision": precision, "ReuseFactor": reuse},
        },
    }
    written = {"Backend": "Vivado", "Part": "xcvu13p-flga2577-2-e", "ClockPeriod": 5, "IOType": "io_parallel", "HLSConfig": settings}
    with open(f"{folder}/config.json", "w") as file:
        json.dump(written, file, indent=1)
    project = tempfile.mkdtemp()
    converted = keras_v2_to_hls(
        json.loads(json.dumps(written)) | {
            "OutputDir": project, "ProjectName": "myproject", "KerasJson": f"{folder}/model.json",
            "KerasH5": f"{folder}/model_weights.h5"})
    converted.compile()

    def answers(events, counts):
        return np.asarray(converted.predict([events, counts]), dtype="f8").reshape(len(events), -1)

    def save(suffix, events, counts):
        for slot, array in enumerate((events, counts)):
            np.save(f"{folder}/inputs{suffix}_{slot}.npy", array)
        np.save(f"{folder}/outputs{suffix}.npy", answers(events, counts))

    events = random.normal(0, 1, (EVENTS, vertices, features)).astype("f4")
    counts = random.integers(1, vertices + 1, (EVENTS, 1)).astype("f4")
    save("", events, counts)
    wild = random.normal(0, 8, (8, vertices, features)).astype("f4")
    save("_stress", wild, np.array([[0 if name != "garnet_by_count" else 1], [1]] + [[vertices]] * 6, dtype="f4"))
    case = dict(
        model="model.json", weights="model_weights.h5", config="config.json", hls4ml="1.3.0", io_type="io_parallel",
        inputs=["inputs_0.npy", "inputs_1.npy"], outputs=["outputs.npy"],
        stress_inputs=["inputs_stress_0.npy", "inputs_stress_1.npy"], stress_outputs=["outputs_stress.npy"])
    with open(f"{folder}/case.json", "w") as file:
        json.dump(case, file, indent=1)
    shutil.rmtree(project)


for name, (kind, settings, precision, reuse) in CASES.items():
    if len(sys.argv) < 3 or name in sys.argv[2:]:
        write(name, kind, settings, precision, reuse, f"{sys.argv[1]}/{name}")
        print(name, np.load(f"{sys.argv[1]}/{name}/outputs.npy")[0])
