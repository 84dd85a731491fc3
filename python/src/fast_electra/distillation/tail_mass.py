"""The tail's mass at the nodes, in single precision: within `MEASUREMENT_ERROR` in its logarithm."""

from __future__ import annotations

import sys
from typing import Any, List, Optional, Sequence

import numpy as np
import numpy.typing as npt

from .precision import GRID_STEPS, LONGEST_STRIDE, grid_strides

#: Elements that are summed at a time: so few that they stay in a cache, and that a sum in single precision is right.
TILE = 1 << 15
#: No sum notices exp of less, and products of such powers stay normal numbers.
_LOWEST = -60.0


class TailMass:
    """Sums exp((x - base) / T) over rows at each node T, at most so many columns at a time. Not to be shared between threads."""

    def __init__(self, nodes: Sequence[float]) -> None:
        self._inverses = [1 / node for node in reversed(nodes)]
        self._strides: Optional[List[int]] = grid_strides(nodes)
        self._lowest = _LOWEST / self._inverses[-1] if nodes else 0.0
        # Kept, because fresh memory costs more than the arithmetic on it.
        self._buffers = np.empty((LONGEST_STRIDE + 3, TILE), dtype=np.float32)
        # PyTorch's exponentials and sums are twice as fast as numpy's. Whoever has tensors has it.
        self._torch: Any = sys.modules.get("torch")

    def sums(self, rows: npt.NDArray[np.float32], bases: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        """[rows, nodes] of [rows, V] and [rows]. No element lies above its row's base."""
        count, width = rows.shape
        result = np.zeros((count, len(self._inverses)))
        wide, high = min(width, TILE), max(1, TILE // width)
        for top in range(0, count, high):
            for left in range(0, width, wide):
                tile = rows[top : top + high, left : left + wide]
                result[top : top + high] += self._tile(tile, bases[top : top + high, None])
        return result[:, ::-1]

    def _tile(self, rows: npt.NDArray[np.float32], bases: npt.NDArray[np.float32]) -> npt.NDArray[np.float64]:
        x, power, *powers = self._buffers[:, : rows.size].reshape(-1, *rows.shape)
        np.subtract(rows, bases, out=x)
        np.maximum(x, np.float32(self._lowest), out=x)
        sums: List[npt.NDArray[np.float32]] = []
        if self._strides is None:
            for inverse in self._inverses:
                self._exponential(x, inverse, power)
                sums.append(self._sums(power))
            return np.stack(sums, axis=1).astype(np.float64)
        # On an even grid of inverse temperatures all powers are products of two exponentials.
        self._exponential(x, (self._inverses[-1] - self._inverses[0]) / GRID_STEPS, powers[1])
        for exponent in range(2, max(self._strides) + 1):
            np.multiply(powers[exponent // 2], powers[exponent - exponent // 2], out=powers[exponent])
        self._exponential(x, self._inverses[0], power)
        sums.append(self._sums(power))
        for stride in self._strides:
            np.multiply(power, powers[stride], out=power)
            sums.append(self._sums(power))
        return np.stack(sums, axis=1).astype(np.float64)

    def _exponential(self, x: npt.NDArray[np.float32], scale: float, out: npt.NDArray[np.float32]) -> None:
        np.multiply(x, np.float32(scale), out=out)
        if self._torch is None:
            np.exp(out, out=out)
        else:
            tensor = self._torch.from_numpy(out)
            self._torch.exp(tensor, out=tensor)

    def _sums(self, values: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
        if self._torch is None:
            result: npt.NDArray[np.float32] = values.sum(axis=1)
        else:
            result = self._torch.from_numpy(values).sum(dim=1).numpy()
        return result
