"""What must not depend on the version of Python."""

from fast_electra.quantization import coefficients
from fast_electra.streams import Mixture
from fast_electra.summation import plain_sum


def test_sums_are_not_compensated() -> None:
    assert plain_sum([0.1, 0.4, 0.1]) == 0.1 + 0.4 + 0.1 == 0.6
    assert Mixture([0.1, 0.4, 0.1], seed=1).quotas.tolist() == [10923, 43691, 10922]


def test_coefficients_that_are_not_numbers() -> None:
    """64 nodes of a narrow range: their products are too small for a number."""
    nodes = [-1e-6 + 2e-6 * index / 63 for index in range(64)]
    assert len(coefficients(1e-9, nodes)) == 64
    assert coefficients(nodes[3], nodes) == [1.0 if index == 3 else 0.0 for index in range(64)]
