"""Arithmetic of the benchmark's report."""

import pytest

from syncjobs.stories.bench.figures import Figure, percentile


def test_a_figure_stands_beside_its_ceiling() -> None:
    figure = Figure(ours=710.04, ceiling=2301.5, goal=0.6)
    assert figure.as_json() == {"ours": 710.0, "ceiling": 2301.5, "ratio": 0.31, "goal": 0.6}


@pytest.mark.parametrize(("share", "value"), [(0.5, 2.0), (0.95, 4.0), (1.0, 4.0), (0.25, 1.0)])
def test_a_percentile_is_the_smallest_value_that_covers_the_share(share: float, value: float) -> None:
    assert percentile([4.0, 1.0, 3.0, 2.0], share) == value
