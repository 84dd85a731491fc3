"""What codes stand for, and the polynomials through the tail's nodes."""

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


#: How far below the largest logit each head code lies, in units of the lowest temperature; 65,536 elements.
DEFICITS = _deficits()


def coefficients(x: float, nodes: Sequence[float]) -> List[float]:
    """What to multiply the values at `nodes` with, to have their polynomial's value at `x`."""
    if x in nodes:
        return [1.0 if node == x else 0.0 for node in nodes]
    terms = []
    for j, node in enumerate(nodes):
        product = 1.0
        for i, other in enumerate(nodes):
            if i != j:
                product *= node - other
        terms.append(1.0 / product / (x - node))
    total = 0.0
    for term in terms:
        total += term
    return [term / total for term in terms]


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


def tail_codes(folded: npt.NDArray[np.uint16], places: Sequence[float]) -> npt.NDArray[np.int16]:
    """The codes of the stored elements; both [nodes, positions with a tail], the codes in the order of their nodes."""
    result = np.empty(folded.shape, dtype=np.int16)
    order = storage_order(len(places))
    for j, node in enumerate(order):
        e = folded[j].astype(np.int32)
        difference = (e >> 1) ^ -(e & 1)
        prediction = np.zeros(folded.shape[1], dtype=np.float64)
        if j:
            for c, known in zip(coefficients(places[node], [places[i] for i in order[:j]]), order):
                prediction += c * result[known]
        prediction[np.isnan(prediction)] = 32767
        whole = np.clip(np.rint(prediction), -32768, 32767).astype(np.int32)
        # Modulo 2^16, as a signed integer of two bytes.
        result[node] = ((whole + difference + 32768) & 0xFFFF) - 32768
    return result
