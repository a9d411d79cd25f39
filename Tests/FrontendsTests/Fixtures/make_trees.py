"""Writes trees/: small models of trees in every form that is read, with what their libraries compute of some events.

Run it in this folder with xgboost 3.2.0, lightgbm 4.7.0, scikit-learn 1.9.1, skl2onnx 1.20.0, onnxmltools 1.16.0, onnx 1.23.2 and
onnxruntime 1.32.0. trees/expected.json has, by model: its files, the events (NaN is null), the margins, and the leaf of every tree
numbered from left to right (for a split by categories, what is in the set is left). Half of the events lie on thresholds or one
float32 step beside.
"""

import json
import pathlib

import lightgbm
import numpy as np
import onnx
import onnxmltools
import onnxruntime
import xgboost
from onnx import TensorProto, helper
from onnxmltools.convert.common.data_types import FloatTensorType
from skl2onnx import to_onnx
from sklearn.ensemble import GradientBoostingClassifier, RandomForestClassifier

OUT = pathlib.Path("trees")
OUT.mkdir(exist_ok=True)
EXPECTED = {}
rng = np.random.default_rng(17)


def data(n=400, features=5, missing=0.0, categories=None):
    x = rng.normal(size=(n, features)).astype("f4")
    if categories is not None:
        x[:, -1] = rng.integers(0, categories, size=n)
    y = x[:, 0] + np.sin(2 * x[:, 1]) - x[:, 2] * (x[:, 3] > 0) + 0.1 * rng.normal(size=n)
    if categories is not None:
        y += np.isin(x[:, -1], [1, 3, 4]) * 2
    if missing:
        x[rng.random(x.shape) < missing] = np.nan
    return x, y.astype("f4")


def near(x, thresholds, count=24):
    """Events of x with features on thresholds, and one float32 step beside."""
    events = x[:count].copy()
    for event in events:
        feature, threshold = thresholds[rng.integers(len(thresholds))]
        t = np.float32(threshold)
        event[feature] = [np.nextafter(t, np.float32(-9)), t, np.nextafter(t, np.float32(9))][rng.integers(3)]
    return np.concatenate([x[count : 2 * count], events])


def expect(name, files, events, margins, leaves=None):
    margins = np.asarray(margins, dtype="f8").reshape(len(events), -1)
    EXPECTED[name] = {
        "files": files,
        "events": [[None if np.isnan(v) else float(v) for v in row] for row in events],
        "margins": margins.tolist(),
    }
    if leaves is not None:
        EXPECTED[name]["leaves"] = np.asarray(leaves).reshape(len(events), -1).tolist()


def xgb(name, x, y, rounds=8, **parameters):
    types = ["q"] * x.shape[1]
    if parameters.pop("categorical", False):
        types[-1] = "c"
    options = {"enable_categorical": True, "feature_types": types} if "c" in types else {}
    booster = xgboost.train(
        {"max_depth": 3, "seed": 1, "nthread": 1, **parameters}, xgboost.DMatrix(x, y, **options), rounds)
    for ending in ["json", "ubj"]:
        booster.save_model(OUT / f"{name}.{ending}")
    model = json.loads((OUT / f"{name}.json").read_text())["learner"]["gradient_booster"]
    trees = (model.get("gbtree") or model)["model"]["trees"]
    thresholds = [
        (t["split_indices"][i], t["split_conditions"][i])
        for t in trees for i, left in enumerate(t["left_children"]) if left >= 0 and not t["split_type"][i]]
    events = near(x, thresholds)
    matrix = xgboost.DMatrix(events, **options)
    orders = []
    for tree in trees:
        order = {}

        def walk(i):
            left, right = tree["left_children"][i], tree["right_children"][i]
            if left < 0:
                order[i] = len(order)
                return
            if tree["split_type"][i]:
                left, right = right, left
            walk(left)
            walk(right)

        walk(0)
        orders.append(order)
    picked = booster.predict(matrix, pred_leaf=True).reshape(len(events), -1)
    leaves = [[orders[t][int(leaf)] for t, leaf in enumerate(row)] for row in picked]
    expect(name, [f"{name}.json", f"{name}.ubj"], events, booster.predict(matrix, output_margin=True), leaves)
    return booster


def lgb(name, x, y, rounds=8, **parameters):
    categorical = parameters.pop("categorical", [])
    booster = lightgbm.train(
        {"num_leaves": 6, "verbose": -1, "seed": 1, "num_threads": 1, "min_data_in_leaf": 5,
         "deterministic": True, **parameters},
        lightgbm.Dataset(x, y, categorical_feature=categorical or "auto"), rounds)
    booster.save_model(OUT / f"{name}.txt")
    dump = booster.dump_model()
    (OUT / f"{name}.json").write_text(json.dumps(dump))
    thresholds, orders = [], []
    for tree in dump["tree_info"]:
        order = {}

        def walk(node):
            if "leaf_value" in node:
                order[node.get("leaf_index", 0)] = len(order)
                return
            if node["decision_type"] == "<=" and abs(node["threshold"]) > 1e-30:
                thresholds.append((node["split_feature"], node["threshold"]))
            walk(node["left_child"])
            walk(node["right_child"])

        walk(tree["tree_structure"])
        orders.append(order)
    events = near(x, thresholds)
    picked = booster.predict(events, pred_leaf=True).reshape(len(events), -1)
    leaves = [[orders[t][int(leaf)] for t, leaf in enumerate(row)] for row in picked]
    expect(name, [f"{name}.txt", f"{name}.json"], events, booster.predict(events, raw_score=True), leaves)


x, y = data()
label = (y > 0).astype("i4")
xgb("xgb_logistic", x, label, objective="binary:logistic")
three = np.digitize(y, [-1, 1])
xgb("xgb_softprob", x, three, rounds=3, objective="multi:softprob", num_class=3)
xgb("xgb_dart", x, y, booster="dart", rate_drop=0.4, objective="reg:squarederror", base_score=0.7)
xgb("xgb_poisson", x, np.exp(y / 2), objective="count:poisson")
xgb("xgb_forest", x, label, rounds=2, num_parallel_tree=4, subsample=0.6, objective="binary:logistic")
both = np.stack([y, np.roll(y, 1) * 0 + x[:, 1]], axis=1)
xgb("xgb_vector", x, both, rounds=4, multi_strategy="multi_output_tree", objective="reg:squarederror")
m, my = data(missing=0.15)
xgb("xgb_missing", m, my, objective="reg:squarederror")
c, cy = data(categories=7)
xgb("xgb_categories", c, cy, categorical=True, objective="reg:squarederror", max_cat_to_onehot=1)

lgb("lgb_binary", x, label, objective="binary")
lgb("lgb_multiclass", x, three, rounds=3, objective="multiclass", num_class=3)
lgb("lgb_missing", m, my, objective="regression")
z, zy = data()
z[rng.random(z.shape) < 0.3] = 0
lgb("lgb_zero", z, zy, objective="regression", zero_as_missing=True)
lgb("lgb_categories", c, cy, objective="regression", categorical=[4], min_data_per_group=1, cat_smooth=1)
lgb("lgb_forest", x, label, objective="binary", boosting="rf", bagging_freq=1, bagging_fraction=0.6)


def run(model, events):
    session = onnxruntime.InferenceSession(model.SerializeToString())
    return session.run(None, {session.get_inputs()[0].name: events})


def without_transform(model):
    copy = onnx.ModelProto()
    copy.CopyFrom(model)
    for node in copy.graph.node:
        for attribute in node.attribute:
            if attribute.name == "post_transform":
                attribute.s = b"NONE"
    return copy


def save(name, model, events, column):
    onnx.save(model, OUT / f"{name}.onnx")
    expect(name, [f"{name}.onnx"], events, column(events))


def thresholds(model):
    node = next(n for n in model.graph.node if n.op_type.startswith("TreeEnsemble"))
    fields = {a.name: helper.get_attribute_value(a) for a in node.attribute}
    return [
        (f, v) for f, v, mode in zip(fields["nodes_featureids"], fields["nodes_values"], fields["nodes_modes"])
        if mode != b"LEAF"]


boosted = GradientBoostingClassifier(n_estimators=8, max_depth=3, random_state=1).fit(x, label)
model = to_onnx(boosted, x[:1], options={"zipmap": False}, target_opset={"": 15, "ai.onnx.ml": 1})
save("onnx_boosted", model, near(x, thresholds(model)), lambda e: boosted.decision_function(e))
forest = RandomForestClassifier(n_estimators=5, max_depth=4, random_state=1).fit(x, three)
model = to_onnx(forest, x[:1], target_opset={"": 15, "ai.onnx.ml": 3})
save("onnx_forest", model, near(x, thresholds(model)), lambda e: forest.predict_proba(e))
booster = xgboost.XGBRegressor(n_estimators=6, max_depth=3).fit(x, y)
model = onnxmltools.convert_xgboost(booster, initial_types=[("x", FloatTensorType([None, 5]))])
save("onnx_xgboost", model, near(x, thresholds(model)), lambda e: run(model, e)[0])

# TreeEnsemble of ai.onnx.ml 5, by hand: every mode, leaves of two targets, a set of categories.
tensor = lambda name, kind, values: helper.make_tensor(name, kind, [len(values)], values)
F, U = TensorProto.FLOAT, TensorProto.UINT8
node = helper.make_node(
    "TreeEnsemble", ["x"], ["y"], domain="ai.onnx.ml", n_targets=2, aggregate_function=1, post_transform=0,
    tree_roots=[0, 3, 5],
    nodes_modes=tensor("m", U, [0, 1, 2, 3, 4, 6]), nodes_featureids=[0, 1, 2, 3, 4, 4],
    nodes_splits=tensor("s", F, [0.25, -0.5, 0.1, 0.3, 2, 0]),
    nodes_truenodeids=[1, 0, 2, 4, 6, 8], nodes_trueleafs=[0, 1, 1, 0, 1, 1],
    nodes_falsenodeids=[2, 1, 3, 5, 7, 9], nodes_falseleafs=[0, 1, 1, 1, 1, 1],
    membership_values=tensor("v", F, [1, 3, 4, float("nan")]),
    leaf_targetids=[0, 1, 0, 1, 0, 1, 0, 0, 1, 0],
    leaf_weights=tensor("w", F, [0.5, -0.25, 0.125, 1, 2, 3, 0.75, -1, 0.0625, 4]))
graph = helper.make_graph(
    [node], "modes", [helper.make_tensor_value_info("x", F, [None, 5])],
    [helper.make_tensor_value_info("y", F, [None, 2])])
model = helper.make_model(
    graph, opset_imports=[helper.make_opsetid("", 20), helper.make_opsetid("ai.onnx.ml", 5)], ir_version=10)
splits = [(0, 0.25), (1, -0.5), (2, 0.1), (3, 0.3)]
save("onnx_modes", model, near(c, splits), lambda e: run(model, e)[0])

# conifer's own form, by hand: an oblique split beside axis-aligned ones, and a norm.
conifer = {
    "n_classes": 2, "n_features": 3, "n_trees": 2, "max_depth": 2, "init_predict": [0.5], "norm": 0.5,
    "library": "sklearn", "splitting_convention": "<=",
    "trees": [
        [{"feature": [0, -2, 1, -2, -2], "weight": [[0.5, -1, 0.25], [0, 0, 0], [0, 1, 0], [0, 0, 0], [0, 0, 0]],
          "threshold": [0.25, -2, -0.5, -2, -2], "value": [0, 1, 0, -0.5, 0.25],
          "children_left": [1, -1, 3, -1, -1], "children_right": [2, -1, 4, -1, -1]}],
        [{"feature": [-2], "weight": [[0, 0, 0]], "threshold": [-2], "value": [0.125], "children_left": [-1],
          "children_right": [-1]}]],
}
(OUT / "conifer_oblique.json").write_text(json.dumps(conifer))
events = np.round(rng.normal(size=(40, 3)) * 4) / 4
answers = []
for e in events:
    tree = 1 if 0.5 * e[0] - e[1] + 0.25 * e[2] <= 0.25 else (-0.5 if e[1] <= -0.5 else 0.25)
    answers.append(0.5 * (0.5 + tree + 0.125))
expect("conifer_oblique", ["conifer_oblique.json"], events, answers)

(OUT / "expected.json").write_text(json.dumps(EXPECTED, separators=(",", ":")))
