"""What is refused and what is taken, whatever it is called; the check never breaks and never takes long."""

from __future__ import annotations

import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from domivka.cnap.rules.files import POINTS_LIMIT, Kind, kind_of, points
from tests.database.cnap.hostile import REFUSED, TAKEN, docx, jpg_of, picture, png_of


def acceptable(content: bytes) -> bool:
    kind = kind_of(content)
    return kind is not None and points(content, kind) <= POINTS_LIMIT


@pytest.mark.parametrize("name", REFUSED)
def test_hostile_file_is_refused_soon(name: str) -> None:
    began = time.process_time()

    assert not acceptable(REFUSED[name])
    assert time.process_time() - began < 1


@pytest.mark.parametrize("name", TAKEN)
def test_file_that_is_what_it_says_is_taken(name: str) -> None:
    assert acceptable(TAKEN[name])


@pytest.mark.parametrize("name", ["png", "jpg", "pdf", "docx"])
@settings(max_examples=60, deadline=None)
@given(share=st.floats(0.01, 0.95))
def test_a_file_cut_anywhere_is_refused(name: str, share: float) -> None:
    whole = {**TAKEN, "jpg": picture("JPEG", 400, 300)}[name]

    assert kind_of(whole[: int(len(whole) * share)]) is None


@pytest.mark.parametrize("name", TAKEN)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_damaged_real_file_never_breaks_the_check(name: str, data: st.DataObject) -> None:
    content = bytearray(TAKEN[name])
    for _ in range(data.draw(st.integers(1, 10))):
        at = data.draw(st.integers(0, len(content) - 1))
        content[at : at + data.draw(st.integers(0, 8))] = data.draw(st.binary(max_size=8)) or b"\0"

    kind = kind_of(bytes(content))

    assert kind is None or points(bytes(content), kind) >= 0


@given(st.sampled_from(sorted(Kind)), st.binary(max_size=300))
def test_size_of_noise_is_a_number(kind: Kind, noise: bytes) -> None:
    assert points(b"\xff\xd8" + noise, kind) >= 0


@given(st.integers(1, 65_535), st.integers(1, 65_535))
def test_size_of_a_picture_is_read_from_its_header(width: int, height: int) -> None:
    assert points(png_of(width, height), Kind.PNG) == width * height
    assert points(jpg_of(width, height), Kind.JPG) == width * height


def test_size_of_a_real_jpg_is_read() -> None:
    assert points(picture("JPEG", 640, 480), Kind.JPG) == 640 * 480


@settings(max_examples=50, deadline=None)
@given(st.binary(max_size=400))
def test_any_list_of_parts_is_read_or_refused(types: bytes) -> None:
    assert kind_of(docx(types)) in (Kind.DOCX, None)
