"""Accuracy and area under the ROC curve, as rows of a Markdown table."""

import numpy as np
from sklearn.metrics import roc_auc_score


def classification(scores, labels, names):
    """Accuracy, and one-against-the-rest AUC for every class."""
    result = {"accuracy": float((scores.argmax(1) == labels).mean())}
    for index, name in enumerate(names):
        result[f"AUC {name}"] = float(roc_auc_score(labels == index, scores[:, index]))
    return result


def confusion(scores, labels, count):
    """Share of each true class (rows) given each answer (columns)."""
    table = np.zeros((count, count))
    np.add.at(table, (labels, scores.argmax(1)), 1)
    return table / table.sum(1, keepdims=True)


def markdown(rows):
    """A Markdown table from {row name: {column: number}}."""
    columns = list(next(iter(rows.values())))
    lines = ["| model | " + " | ".join(columns) + " |", "|---" * (len(columns) + 1) + "|"]
    for name, values in rows.items():
        lines.append(f"| {name} | " + " | ".join(f"{values[c]:.4f}" for c in columns) + " |")
    return "\n".join(lines)


def print_comparison(models, events, labels, names):
    """Accuracy and AUC of every model, and the confusion of the last one."""
    scores = {name: model.predict(events, verbose=0) for name, model in models.items()}
    print(markdown({name: classification(s, labels, names) for name, s in scores.items()}))
    print(confusion(list(scores.values())[-1], labels, len(names)).round(3))
