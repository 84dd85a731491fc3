"""The header of shards that keep `LIMIT`."""

from __future__ import annotations

from typing import Sequence, Tuple

from ..header import Header, SpecialTokens
from .precision import precision


def header_for(
    *,
    vocabulary_size: int,
    vocabulary_sha256: str,
    generator_sha256: str,
    special_tokens: SpecialTokens,
    maximum_length: int,
    never_drawn: Sequence[Tuple[int, int]] = (),
    sources: Sequence[str] = ("",),
    mask_probability: float = 0.15,
    seed: int = 1,
    least_candidates: int = 1,
    most_candidates: int = 16,
    visits: int = 4,
    temperatures: Tuple[float, float] = (1.0, 2.0),
    block_size: int = 256,
) -> Header:
    """A header with the nodes, parts and bound of a range of temperatures, as `fast-electra generate` makes it.

    `visits`: visits of a training run that are independent draws. As many candidates as the vocabulary has tokens keep all logits.
    Raises `TemperatureRangeError` for a range whose draws could be off softmax(z/T) by more than 0.002.
    """
    low, high = map(float, temperatures)
    if not 1 / 64 <= low <= high <= 64:
        raise ValueError(f"the temperatures are {low:g} to {high:g}; give two from 1/64 to 64, ascending")
    most = min(most_candidates, vocabulary_size)
    least = vocabulary_size if most == vocabulary_size else min(least_candidates, most)
    found = precision(low, high, vocabulary_size=vocabulary_size, least_candidates=least, most_candidates=most)
    return Header(
        vocabulary_size=vocabulary_size,
        vocabulary_sha256=vocabulary_sha256,
        generator_sha256=generator_sha256,
        special_tokens=special_tokens,
        never_drawn=tuple((int(first), int(last)) for first, last in never_drawn),
        sources=tuple(sources),
        maximum_length=maximum_length,
        mask_probability=mask_probability,
        seed=seed,
        least_candidates=least,
        most_candidates=most,
        visit_count=0 if least == vocabulary_size else visits,
        minimum_temperature=low,
        maximum_temperature=high,
        tail_nodes=found.nodes,
        change_parts=found.change_parts,
        deviation=found.deviation,
        block_size=block_size,
        pass_number=0,
        first_sequence=0,
    )
