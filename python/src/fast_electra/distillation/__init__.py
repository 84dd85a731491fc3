"""From a generator's logits to the values that shards keep of them. Needs no PyTorch, and takes its tensors."""

from .distilling import Distilled, distil
from .header import header_for
from .precision import Precision, TemperatureRangeError, precision
from .rows import LogitsError

__all__ = ["Distilled", "LogitsError", "Precision", "TemperatureRangeError", "distil", "header_for", "precision"]
