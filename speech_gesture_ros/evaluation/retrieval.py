"""Retrieval of faces by voices: the share of voices whose own face is among the k nearest ones."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

RANKS = (1, 2, 5, 10)
Floats = npt.NDArray[np.floating]


def recall_at(queries: Floats, gallery: Floats, own: Sequence[int], ranks: Sequence[int] = RANKS) -> dict[int, float]:
    """Return the share of queries whose own entry is among the first k, by the cosine; equal ones count half.

    Args:
        queries: (Q, F) features of voices.
        gallery: (N, F) features of faces, one for each person.
        own: (Q,) index in the gallery of each query's own face.
        ranks: Values of k.
    """
    first, second = (np.asarray(x, dtype=np.float64) for x in (queries, gallery))
    first = first / np.maximum(np.linalg.norm(first, axis=1, keepdims=True), 1e-12)
    second = second / np.maximum(np.linalg.norm(second, axis=1, keepdims=True), 1e-12)
    similarity = first @ second.T
    true = similarity[np.arange(len(first)), np.asarray(own)][:, None]
    better = (similarity > true).sum(axis=1) + 0.5 * ((similarity == true).sum(axis=1) - 1)
    return {k: float((better < k).mean()) for k in ranks}


def chance_at(size: int, ranks: Sequence[int] = RANKS) -> dict[int, float]:
    """Return the recall of a random order of a gallery."""
    return {k: min(1.0, k / size) for k in ranks}


def recall_table(rows: dict[str, dict[int, float]]) -> str:
    """Return recalls as Markdown, in percent."""
    ranks = list(next(iter(rows.values())))
    lines = ["| | " + " | ".join(f"R@{k} [%]" for k in ranks) + " |", "|---" * (len(ranks) + 1) + "|"]
    lines += [f"| {name} | {' | '.join(f'{100 * recall[k]:.1f}' for k in ranks)} |" for name, recall in rows.items()]
    return "\n".join(lines)
