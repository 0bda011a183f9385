"""kNN, PCA and the figures of a classifier, from their definitions, in float64."""

import numpy as np

from .features import Features


def nearest(train: Features, test: Features, k: int) -> tuple[np.ndarray, float]:
    """Predicted class of every test image: the plurality of the k training images of largest cosine, ties to the class
    that comes first (as the released knn.py does with bincount().argmax()); equal cosines go to the earlier image.

    Second: the smallest distance in cosine between the k-th and the next neighbour, below which rounding could decide.
    """
    unit = [f.values.astype(np.float64) / np.linalg.norm(f.values.astype(np.float64), axis=1, keepdims=True) for f in (train, test)]
    cosines = unit[1] @ unit[0].T
    order = np.argsort(-cosines, axis=1, kind="stable")
    ranked = np.take_along_axis(cosines, order, 1)
    said = np.array([np.bincount(train.labels[row[:k]]).argmax() for row in order])
    return said, float((ranked[:, k - 1] - ranked[:, k]).min())


def plane(values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two first principal directions (2, width), and the shares of the variance they explain (2,)."""
    centred = values.astype(np.float64) - values.mean(0, dtype=np.float64)
    _, singular, directions = np.linalg.svd(centred, full_matrices=False)
    return directions[:2], (singular**2 / (singular**2).sum())[:2]


def macro_auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the classes of the share of pairs (image of the class, image of another) that are in order."""
    areas = []
    for label in np.unique(labels):
        own, others = scores[labels == label, label], scores[labels != label, label]
        areas.append(((own[:, None] > others) + 0.5 * (own[:, None] == others)).mean())
    return float(np.mean(areas))


def macro_f1(said: np.ndarray, labels: np.ndarray) -> float:
    """Mean over the classes that occur of 2 · both / (true + said)."""
    found = [2 * ((said == c) & (labels == c)).sum() / ((labels == c).sum() + (said == c).sum()) for c in np.unique(labels)]
    return float(np.mean(found))


def confusion(said: np.ndarray, labels: np.ndarray, classes: int) -> list[list[int]]:
    """Rows are the true class, columns the one that was said."""
    table = np.zeros((classes, classes), int)
    np.add.at(table, (labels, said), 1)
    return table.tolist()
