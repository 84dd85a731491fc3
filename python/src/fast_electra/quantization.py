"""What codes stand for, and the polynomials through the tail's nodes."""

from __future__ import annotations

from typing import List, Sequence

import numpy as np
import numpy.typing as npt

INFINITE_CODE = 65_535


def _deficits() -> npt.NDArray[np.float64]:
    code = np.arange(65_536, dtype=np.float64)
    lines = [code / 128, (code - 128) / 64, (code - 896) / 16]
    result: npt.NDArray[np.float64] = np.maximum.reduce(lines)
    result[INFINITE_CODE] = np.inf
    result.flags.writeable = False
    return result


#: How far below the largest logit each head code lies; 65,536 elements.
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


def tail_codes(folded: npt.NDArray[np.uint16], nodes: Sequence[float]) -> npt.NDArray[np.int16]:
    """The codes of the stored elements; both [nodes, masked positions]."""
    result = np.empty(folded.shape, dtype=np.int16)
    for j, node in enumerate(nodes):
        e = folded[j].astype(np.int32)
        difference = (e >> 1) ^ -(e & 1)
        prediction = np.zeros(folded.shape[1], dtype=np.float64)
        if j:
            for c, codes in zip(coefficients(node, nodes[:j]), result):
                prediction += c * codes
        whole = np.clip(np.rint(prediction), -32768, 32767).astype(np.int32)
        # Modulo 2^16, as a signed integer of two bytes.
        result[j] = ((whole + difference + 32768) & 0xFFFF) - 32768
    return result
