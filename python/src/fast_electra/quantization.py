"""The values of codes, and the polynomials through the tail's nodes."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import numpy.typing as npt

INFINITE_CODE = 65_535


def _deficits() -> npt.NDArray[np.float64]:
    code = np.arange(65_536, dtype=np.float64)
    lines = [code / 256, (code - 2_048) / 128, (code - 8_192) / 32]
    result: npt.NDArray[np.float64] = np.maximum.reduce(lines)
    result[INFINITE_CODE] = np.inf
    result.flags.writeable = False
    return result


#: Steps of a code of the tail's log-mass.
TAIL_STEP = 2.0**-8

#: How far below the largest logit each head code lies, in units of the lowest temperature; 65,536 elements.
DEFICITS = _deficits()


def head_codes(deficits: npt.NDArray[np.float64]) -> npt.NDArray[np.int64]:
    """The nearest codes of logits that lie so far below the largest, in units of the lowest temperature."""
    near, middle, far = deficits * 256, (deficits - 16) * 128 + 4_096, (deficits - 64) * 32 + 10_240
    steps = np.where(deficits < 16, near, np.where(deficits < 64, middle, far))
    # Halves away from zero.
    rounded = np.floor(np.minimum(steps, INFINITE_CODE) + 0.5)
    result: npt.NDArray[np.int64] = np.clip(rounded, 0, INFINITE_CODE).astype(np.int64)
    return result


def coefficients(x: float, nodes: Sequence[float]) -> List[float]:
    """The factors of the values at `nodes`, whose sum is their polynomial's value at `x`."""
    if x in nodes:
        return [1.0 if node == x else 0.0 for node in nodes]
    terms = []
    # Many nodes of a narrow range give 0, whose inverse is infinite: an error in Python, and a number elsewhere.
    with np.errstate(all="ignore"):
        for j, node in enumerate(nodes):
            product = np.float64(1.0)
            for i, other in enumerate(nodes):
                if i != j:
                    product *= node - other
            terms.append(1.0 / product / (x - node))
        total = np.float64(0.0)
        for term in terms:
            total += term
        return [float(term / total) for term in terms]


def storage_order(count: int) -> List[int]:
    """The order in which nodes are stored: both ends, then the middle of each gap, again and again."""
    order = [0, count - 1][: min(count, 2)]
    gaps = [(0, count - 1)]
    for low, high in gaps:
        if high - low > 1:
            middle = (low + high) // 2
            order.append(middle)
            gaps += [(low, middle), (middle, high)]
    return order


def tail_codes(folded: npt.NDArray[np.uint32], places: Sequence[float]) -> npt.NDArray[np.int32]:
    """The codes of the stored elements; both [nodes, positions with a tail], the codes in the order of their nodes."""
    result = np.empty(folded.shape, dtype=np.int32)
    for j, node in enumerate(storage_order(len(places))):
        e = folded[j].astype(np.int64)
        difference = (e >> 1) ^ -(e & 1)
        result[node] = _signed(_prediction(result, j, places) + difference)
    return result


def fold_tail_codes(codes: npt.NDArray[np.int32], places: Sequence[float]) -> npt.NDArray[np.uint32]:
    """The elements to store for codes; both as for `tail_codes`, which takes them back."""
    result = np.empty(codes.shape, dtype=np.uint32)
    for j, node in enumerate(storage_order(len(places))):
        difference = _signed(codes[node].astype(np.int64) - _prediction(codes, j, places))
        result[j] = np.where(difference < 0, -2 * difference - 1, 2 * difference)
    return result


def _prediction(codes: npt.NDArray[np.int32], j: int, places: Sequence[float]) -> npt.NDArray[np.int64]:
    """The prediction for number j from the nodes that are stored before it."""
    order = storage_order(len(places))
    prediction = np.zeros(codes.shape[1], dtype=np.float64)
    if j:
        for c, known in zip(coefficients(places[order[j]], [places[i] for i in order[:j]]), order):
            prediction += c * codes[known]
    prediction[np.isnan(prediction)] = 2**31 - 1
    result: npt.NDArray[np.int64] = np.clip(np.rint(prediction), -(2**31), 2**31 - 1).astype(np.int64)
    return result


def _signed(values: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Modulo 2^32, as signed integers of four bytes."""
    result: npt.NDArray[np.int64] = ((values + 2**31) & 0xFFFFFFFF) - 2**31
    return result
