"""Writes the model fixtures of FrontendsTests and what Keras itself says about them.

Run it in this folder twice: once where tensorflow 2.15.1, qkeras 0.9.0 and tensorflow_model_optimization are
installed (it writes keras2/), once where keras 3 with a backend is (KERAS_BACKEND=jax; it writes keras3/).

For every model, expected.json holds two events with Keras's outputs, and for every layer the shape of its
result and a checksum of each of its weights.
"""

import json
import os
import pathlib
import zipfile

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "3")
os.environ.setdefault("KERAS_BACKEND", "jax")
try:
    from tensorflow import keras

    import qkeras
    from tensorflow_model_optimization.sparsity import keras as pruning

    GENERATION = 2
except ImportError:
    import keras

    GENERATION = 3

import numpy as np

L = keras.layers
FOLDER = pathlib.Path(f"keras{GENERATION}")
FOLDER.mkdir(exist_ok=True)
expected = {}
rng = np.random.default_rng(7)


def flat_layers(model, owner=None):
    """The layers of a model and of the models in it, with the name of the model they are in."""
    for layer in model.layers:
        if hasattr(layer, "layers"):
            yield from flat_layers(layer, layer.name)
        else:
            yield layer, owner


def shape_of(layer):
    """The shape of a layer's (first) result without the batch."""
    output = layer.get_output_at(0) if GENERATION == 2 else layer._inbound_nodes[0].output_tensors[0]
    return [int(n) for n in output.shape[1:]]


def checksum(weight):
    values = np.asarray(weight, "f8").ravel()
    return float(np.sum(values * (np.arange(values.size) % 7 + 1)))


def repack(path):
    """Packs a .keras archive again, compressed: Keras stores it plain, which is mostly zeros."""
    with zipfile.ZipFile(path) as archive:
        entries = {name: archive.read(name) for name in archive.namelist()}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in entries.items():
            archive.writestr(zipfile.ZipInfo(name), data, zipfile.ZIP_DEFLATED)


def numbers(array):
    """The shortest decimals that give the float32 numbers again."""
    return [float(str(v)) for v in np.asarray(array, "f4").ravel()]


def save(name, model, files):
    """Gives the model seeded weights, saves it, and notes what Keras computes."""
    for layer, _ in flat_layers(model):
        values = []
        for weight, variable in zip(layer.get_weights(), layer.weights):
            if weight.dtype.kind != "f":
                values.append(weight)
                continue
            value = rng.normal(scale=0.5, size=weight.shape).astype("f4")
            values.append(np.abs(value) + 0.5 if "variance" in variable.name else value)
        layer.set_weights(values)
    inputs = [rng.normal(size=(2, *i.shape[1:])).astype("f4") for i in model.inputs]
    outputs = model(inputs if len(inputs) > 1 else inputs[0], training=False)
    outputs = outputs if isinstance(outputs, (list, tuple)) else [outputs]
    for file in files:
        path = str(FOLDER / file)
        if file.endswith(".json"):
            pathlib.Path(path).write_text(model.to_json())
        elif file.endswith(("_weights.h5", ".weights.h5")):
            model.save_weights(path)
        else:
            model.save(path)
            if file.endswith(".keras"):
                repack(path)
    expected[name] = {
        "files": files,
        "inputs": [numbers(i) for i in inputs],
        "outputs": [numbers(o) for o in outputs],
        "outputShapes": [[int(n) for n in o.shape[1:]] for o in outputs],
        "layers": [
            {
                "name": layer.name,
                "owner": owner,
                "class": type(layer).__name__,
                "shape": shape_of(layer),
                "weights": {
                    variable.name.split("/")[-1].split(":")[0]: checksum(weight)
                    for variable, weight in zip(layer.weights, layer.get_weights())
                },
            }
            for layer, owner in flat_layers(model)
            if type(layer).__name__ not in ("InputLayer", "Dropout", "GaussianNoise")
        ],
    }


# --- Dense networks -----------------------------------------------------------------------------------------------

model = keras.Sequential(
    [
        keras.Input((6,)),
        L.Dense(5, activation="relu", name="first"),
        L.Dropout(0.2),
        L.BatchNormalization(name="norm", epsilon=0.01),
        L.GaussianNoise(0.1),
        L.Dense(4, use_bias=False, name="../../second" if GENERATION == 2 else "second"),
        L.BatchNormalization(name="plain", center=False, scale=False),
        L.Dense(3, activation="softmax", name="int"),
    ],
    name="chain",
)
weights = "sequential_weights.h5" if GENERATION == 2 else "sequential.weights.h5"
save("sequential", model, ["sequential.json", weights, "sequential.h5", "sequential.keras"])

a = keras.Input((4, 6), name="a")
b = keras.Input((4, 6), name="b")
shared = L.Dense(6, name="shared", activation="tanh")
p, q = shared(a), shared(b)
x = L.Concatenate(axis=1, name="along_1")([p, q, a])
x = L.Permute((2, 1), name="swap")(x)
x = L.Reshape((-1, 8), name="fold")(x)
x = L.Concatenate(name="along_last")([x, L.Reshape((9, 8))(x)])
x = L.Flatten(name="flat")(x)
x = L.Dense(3, name="head")(x)
d = L.Dot(axes=(2, 1), name="dot")([p, L.Permute((2, 1))(q)])
n = L.Dot(axes=1, normalize=True, name="cosine")([L.Flatten()(p), L.Flatten()(q)])
merged = [
    L.Add(name="add")([a, b, p]),
    L.Subtract(name="subtract")([a, q]),
    L.Multiply(name="multiply")([a, b]),
    L.Average(name="average")([a, b, q]),
    L.Maximum(name="maximum")([a, b]),
    L.Minimum(name="minimum")([a, p]),
]
y = L.Concatenate(axis=-1, name="merged")(merged)
y = L.Dense(2, name="last", activation="sigmoid")(y)
z = L.RepeatVector(3, name="repeat")(n)
model = keras.Model([a, b], [x, y, d, z], name="functional")
save("functional", model, ["functional.h5", "functional.keras"])

# Keras 2 cannot save two layers of one name in one nested model as HDF5.
deep_name = "dense" if GENERATION == 3 else "deep_dense"
deep = keras.Sequential([L.Dense(3, name=deep_name), L.ReLU(name="relu"), L.BatchNormalization(name="norm")], name="deep")
i = keras.Input((5,), name="entry")
j = keras.Input((5,), name="side")
u = L.Dense(4, name="dense")(i)
v = deep(L.Dense(4, name="other")(j))
func = keras.Model([i, j], [u, L.Dense(4, name="out")(v)], name="func")
twice = keras.Sequential([keras.Input((4,)), L.Dense(4, activation="tanh", name="again")], name="twice")
s = keras.Input((5,), name="start")
t = L.Dense(5, name="dense")(s)
f, g = func([t, s])
f2, g2 = func([s, t])
h = twice(twice(L.Add(name="add")([f, g2])))
model = keras.Model(s, [L.Dense(2, name="end")(h), g, twice(f2)], name="nested")
save("nested", model, ["nested.h5", "nested.keras"])

# --- Activations --------------------------------------------------------------------------------------------------

names = [
    "linear relu leaky_relu elu selu softmax sigmoid tanh hard_sigmoid softplus softsign swish gelu exponential",
    " silu relu6 hard_tanh" if GENERATION == 3 else "",
]
i = keras.Input((3, 4), name="x")
results = [L.Activation(n, name=f"act_{n}")(i) for n in "".join(names).split()]
slope = {"negative_slope": 0.125} if GENERATION == 3 else {"alpha": 0.125}
results += [
    L.ReLU(max_value=0.75, negative_slope=0.25, threshold=0.125, name="relu_all")(i),
    L.LeakyReLU(name="leaky", **slope)(i),
    L.PReLU(name="prelu")(i),
    L.PReLU(shared_axes=[1], name="prelu_shared")(i),
    L.ELU(alpha=0.7, name="elu_layer")(i),
    L.Softmax(axis=1, name="softmax_1")(i),
    L.Dense(3, activation="softplus", name="dense_act")(i),
    L.Dense(3, activation=L.LeakyReLU(name="inside", **slope), name="dense_layer")(i),
]
if GENERATION == 2:
    results.append(L.ThresholdedReLU(theta=0.4, name="thresholded")(i))
save("activations", keras.Model(i, results, name="activations"), ["activations.keras"])

# --- Convolutions -------------------------------------------------------------------------------------------------


def images(data_format):
    """Every two-dimensional layer. TensorFlow cannot compute these channels first on a CPU."""
    first = data_format == "channels_first"
    f = {"data_format": data_format}
    i = keras.Input((4, 9, 8) if first else (9, 8, 4), name="image")
    c = L.Conv2D(6, (3, 2), strides=(2, 1), groups=2, activation="relu", name="conv", **f)(i)
    same = L.Conv2D(3, 3, padding="same", dilation_rate=2, name="same", **f)(i)
    deep = L.DepthwiseConv2D(3, strides=2, padding="same", depth_multiplier=2, name="depthwise", **f)(same)
    pair = L.SeparableConv2D(4, (2, 3), depth_multiplier=2, activation="tanh", name="separable", **f)(same)
    up = L.Conv2DTranspose(2, (3, 2), strides=(2, 3), name="transposed", **f)(pair)
    up_same = L.Conv2DTranspose(2, 3, strides=2, padding="same", use_bias=False, name="transposed_same", **f)(pair)
    norm = L.BatchNormalization(axis=1 if first else -1, name="norm")(c)
    act = L.PReLU(shared_axes=[2, 3] if first else [1, 2], name="prelu")(norm)
    big = L.MaxPooling2D((2, 3), name="max", **f)(act)
    mean = L.AveragePooling2D(3, strides=2, padding="same", name="mean", **f)(act)
    padded = L.ZeroPadding2D(((1, 2), (0, 3)), name="padded", **f)(mean)
    cropped = L.Cropping2D(((0, 1), (2, 1)), name="cropped", **f)(padded)
    larger = L.UpSampling2D((2, 3), name="larger", **f)(cropped)
    both = L.Add(name="both")([L.ReLU(name="r1")(norm), L.Activation("softmax", name="r2")(c)])
    chained = L.Concatenate(axis=1 if first else -1, name="chained")([both, norm])
    flat = L.Flatten(name="flat", **f)(chained)
    outputs = [
        L.GlobalMaxPooling2D(name="gmax", **f)(deep),
        L.GlobalAveragePooling2D(keepdims=True, name="gmean", **f)(up),
        up_same,
        big,
        larger,
        L.Dense(3, name="head")(flat),
        L.Dense(2, name="per_pixel")(chained),
    ]
    return keras.Model(i, outputs, name=data_format)


save("images", images("channels_last"), ["images.keras"])
if GENERATION == 3:
    save("channels_first", images("channels_first"), ["channels_first.keras"])

i = keras.Input((11, 4), name="series")
c = L.Conv1D(6, 3, strides=2, activation="relu", name="conv")(i)
causal = L.Conv1D(3, 3, padding="causal", dilation_rate=2, name="causal")(i)
deep = L.DepthwiseConv1D(3, depth_multiplier=2, padding="same", name="depthwise")(causal)
pair = L.SeparableConv1D(4, 2, name="separable")(deep)
up = L.Conv1DTranspose(2, 3, strides=2, name="transposed")(pair)
outputs = [
    L.MaxPooling1D(2, name="max")(c),
    L.AveragePooling1D(3, strides=2, padding="same", name="mean")(c),
    L.GlobalMaxPooling1D(name="gmax")(up),
    L.GlobalAveragePooling1D(keepdims=True, name="gmean")(up),
    L.ZeroPadding1D((1, 2), name="padded")(pair),
    L.Cropping1D((2, 1), name="cropped")(pair),
    L.UpSampling1D(2, name="larger")(pair),
    L.TimeDistributed(L.Dense(3, activation="softmax", name="step"), name="over_time")(i),
]
s = L.Reshape((11, 4, 1), name="stack")(i)
outputs += [
    L.TimeDistributed(L.Conv1D(2, 2, strides=2, name="window"), name="rows")(s),
    L.TimeDistributed(L.MaxPooling1D(2), name="row_max")(s),
    L.TimeDistributed(L.BatchNormalization(), name="row_norm")(s),
    L.TimeDistributed(L.Flatten(), name="row_flat")(s),
    L.Resizing(7, 6, interpolation="nearest", name="resized")(s),
]
save("series", keras.Model(i, outputs, name="series"), ["series.h5", "series.keras"][GENERATION - 2 :])

# --- Keras 3's operators and QKeras -------------------------------------------------------------------------------

if GENERATION == 3:
    i = keras.Input((4,), name="i")
    x = L.Dense(4, name="d")(i)
    save("operators", keras.Model(i, (x + i) * x, name="operators"), ["operators.keras"])
else:
    i = keras.Input((8,), name="i")
    x = qkeras.QDense(
        6,
        kernel_quantizer=qkeras.quantized_bits(6, 0, alpha=1),
        bias_quantizer="quantized_bits(6,2)",
        activation="quantized_relu(4,1)",
        name="fc1",
    )(i)
    x = qkeras.QActivation("quantized_tanh(5)", name="tanh")(x)
    x = qkeras.QDense(4, kernel_quantizer=qkeras.ternary(), activation="hard_sigmoid", name="fc2")(x)
    x = qkeras.QBatchNormalization(name="norm")(x)
    x = qkeras.QActivation(qkeras.quantized_bits(8, 2), name="bits")(x)
    x = L.Reshape((2, 2, 1), name="image")(x)
    x = qkeras.QConv2DBatchnorm(
        3, 2, padding="same", kernel_quantizer="quantized_bits(4,0,alpha='auto')", bias_quantizer="quantized_po2(4)", name="folded"
    )(x)
    x = qkeras.QDepthwiseConv2D(2, padding="same", depthwise_quantizer="binary(alpha=0.5)", name="deep")(x)
    x = qkeras.QSeparableConv2D(
        2, 2, depthwise_quantizer="quantized_bits(4,0,1)", pointwise_quantizer="quantized_bits(5,1,1)", name="pair"
    )(x)
    x = qkeras.QConv2D(2, 1, kernel_quantizer="stochastic_ternary('auto')", name="conv")(x)
    x = qkeras.QGlobalAveragePooling2D(average_quantizer="quantized_bits(6,0)", activation="quantized_bits(8,2)", name="gmean")(x)
    model = keras.Model(i, x, name="qkeras")
    save("qkeras", model, ["qkeras.json", "qkeras_weights.h5", "qkeras.keras"])

    model = keras.Sequential(
        [
            L.InputLayer(input_shape=(6,)),
            pruning.prune_low_magnitude(L.Dense(4, name="fc"), pruning.ConstantSparsity(0.5, 0)),
            L.Dense(2, name="end"),
        ],
        name="pruned",
    )
    save("pruned", model, ["pruned.h5"])

    # Quantizers however they are spelled, and the attributes QKeras gives them.
    spellings = [
        "quantized_bits(6,0,alpha=1)",
        "quantized_bits(4, 1, 1, keep_negative=False)",
        "quantized_bits(3,0,alpha='auto')",
        "quantized_bits(bits=3,integer=1,alpha='auto_po2')",
        "quantized_bits",
        "quantized_bits()",
        "quantized_bits(1,0,alpha=0.5)",
        "quantized_relu(6)",
        "quantized_relu(3,1)",
        "quantized_relu(6,2,0,0.25)",
        "quantized_relu(6,2,relu_upper_bound=1.5,is_quantized_clip=False)",
        "quantized_relu(4,use_sigmoid=1)",
        "quantized_tanh(4)",
        "quantized_tanh(4,symmetric=True,use_real_tanh=True)",
        "quantized_sigmoid(4,True)",
        "quantized_sigmoid(4,use_real_sigmoid=1)",
        "binary",
        "binary(True)",
        "binary(alpha='auto')",
        "ternary(alpha=0.5,threshold=0.25)",
        "ternary('auto_po2',number_of_unrolls=3)",
        "ternary()",
        "stochastic_ternary(alpha='auto')",
        "stochastic_binary()",
        "bernoulli()",
        "quantized_po2(4,1)",
        "quantized_po2(5,quadratic_approximation=True)",
        "quantized_relu_po2(6,2048)",
        "quantized_relu_po2(4,negative_slope=0.5)",
        "quantized_hswish(8,2,relu_shift=2,relu_upper_bound=5)",
    ]

    def attributes(quantizer):
        wanted = """bits integer symmetric keep_negative alpha use_sigmoid negative_slope relu_upper_bound is_quantized_clip
            use_real_tanh use_real_sigmoid use_01 threshold number_of_unrolls max_value quadratic_approximation relu_shift"""
        return {k: v for k, v in vars(quantizer).items() if k in wanted.split()}

    cases = []
    for spelling in spellings:
        quantizer = qkeras.get_quantizer(spelling)
        dictionary = {"class_name": type(quantizer).__name__, "config": quantizer.get_config()}
        cases.append({"spelling": spelling, "class": type(quantizer).__name__, "attributes": attributes(quantizer)})
        # QKeras cannot read its own quantized_hswish again (it writes a keep_negative).
        again = quantizer if "hswish" in spelling else qkeras.get_quantizer(dictionary)
        cases.append({"spelling": dictionary, "class": type(again).__name__, "attributes": attributes(again)})
    (FOLDER / "quantizers.json").write_text(json.dumps(cases, indent=1, default=float))

for case in expected.values():
    case["files"] = [file for file in case["files"] if not file.endswith("weights.h5")]
(FOLDER / "expected.json").write_text(json.dumps(expected))
