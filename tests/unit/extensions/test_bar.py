"""The bar, and what is said of progress in words."""

from __future__ import annotations

import pytest

from flowrun.eventbus.progress import Progress
from flowrun.extensions.bar import bar, how_far, in_words


@pytest.mark.parametrize(
    ("share", "shown"),
    [
        (0.0, "▕           ▏  0%"),
        (0.29, "▕███        ▏ 29%"),
        (0.5, "▕█████▌     ▏ 50%"),
        (0.999999, "▕██████████▉▏ 99%"),
        (1.0, "▕███████████▏ 100%"),
    ],
)
def test_the_bar_is_full_only_at_the_end(share: float, shown: str) -> None:
    """It grows by eighths of a column."""
    assert bar(share) == shown


@pytest.mark.parametrize(
    ("progress", "shown", "said"),
    [
        (Progress(3, 10, "files"), bar(0.3), "30 % (3 of 10 files)"),
        (Progress(12, 10), bar(1), "100 % (12 of 10)"),
        (Progress(0, 0), bar(1), "100 % (0 of 0)"),
        (Progress(1204, None, "rows"), "1,204 rows", "1,204 rows"),
        (Progress(0.25), "0.25", "0.25"),
    ],
)
def test_progress_in_words(progress: Progress, shown: str, said: str) -> None:
    """Without a total there is no bar; more than everything is everything, and nothing of nothing too."""
    assert (how_far(progress), in_words(progress)) == (shown, said)
