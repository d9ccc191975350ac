"""Rate and time left of a long job."""

from __future__ import annotations

from domivka.kernel.pace import pace


def test_nothing_is_said_before_anything_was_done() -> None:
    early = pace(done=0, total=100, seconds=3)

    assert (early.rate_words, early.left_words) == ("", "")


def test_rate_and_time_left_in_words() -> None:
    fast, slow = pace(done=50_000, total=1_000_000, seconds=4), pace(done=2, total=10, seconds=60)

    assert (fast.rate_words, fast.left_words) == ("12\u00a0500 за секунду", "ще 76 с")
    assert (slow.rate_words, slow.left_words) == ("2 за хвилину", "ще 4 хв")


def test_last_moments_are_a_second() -> None:
    assert pace(done=100, total=100, seconds=4).left_words == "ще 1 с"
