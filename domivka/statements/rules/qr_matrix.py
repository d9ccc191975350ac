"""QR matrices fast enough for a print run: segno makes the frame of a version once, we only pour the data in.

A QR code of a fixed version, level and mask is the same everywhere but for its code words, and those are linear in
the data, so tables made once do for every bill (segno draws about 90 codes a second, this some thousands). A test holds
the result equal to segno's, module by module.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any, Final

import numpy as np
import numpy.typing as npt
import segno
from segno import consts

Bits = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]
Places = npt.NDArray[np.intp]

VERSIONS: Final = range(10, 18)
"""Versions allowed for format 003 (domain.md §2.3)."""
MASK: Final = 0  # every reader undoes any mask; one that is fixed keeps codes linear
_TOGETHER: Final = 256
"""Codes made in one step: their tables and bits stay in the processor's cache."""
_LEVELS: Final = ("q", "m")
_LEVEL_CODES: Final[dict[str, int]] = {"q": consts.ERROR_LEVEL_Q, "m": consts.ERROR_LEVEL_M}


class TooMuchForQr(ValueError):
    """The text does not fit version 17 at level M."""


@dataclass(frozen=True)
class _Frame:
    """Everything about a version and level that does not depend on the data."""

    size: int
    capacity: int  # bytes of text
    data_words: int
    filling: bytes
    blocks: tuple[tuple[int, int], ...]  # data words of each block: from, to
    parity: Bytes  # [places from the end of a block][byte] → its part of the error words
    order: Places  # interleaving of data and error words
    sources: Places  # for each module of a row padded to whole bytes: its bit, or the one past the last, which is 0
    base: Bytes  # function patterns, format and version; mask where data will be


def matrix(text: str) -> Bits:
    """Modules of an ASCII text, True is dark, without the quiet zone; the smallest version of 10 to 17 that holds it at
    level M, level Q where that version allows it. Raises `TooMuchForQr`."""
    ((size, rows),) = packed([text])
    return ~np.unpackbits(np.frombuffer(rows, np.uint8).reshape(size, -1), axis=1)[:, :size].astype(bool)


def packed(texts: Sequence[str]) -> list[tuple[int, bytes]]:
    """The side of each text's matrix and its rows as bits, 0 is dark, each row in whole bytes. Raises `TooMuchForQr`.

    Codes of a version are made together: a step is one numpy operation on all of them, codes being the last axis.
    """
    found: list[tuple[int, bytes]] = [(0, b"")] * len(texts)
    alike: dict[tuple[int, str], list[int]] = defaultdict(list)
    data = [text.encode("ascii") for text in texts]
    for place, one in enumerate(data):
        alike[_version(len(one))].append(place)
    for (version, level), places in alike.items():
        frame = _frame(version, level)
        for first in range(0, len(places), _TOGETHER):
            some = places[first : first + _TOGETHER]
            for place, rows in zip(some, _fill(frame, [data[place] for place in some]), strict=True):
                found[place] = frame.size, rows.tobytes()
    return found


@cache
def _version(length: int) -> tuple[int, str]:
    """The version and level for so many bytes. Raises `TooMuchForQr`."""
    for version in VERSIONS:
        for level in _LEVELS:
            if length <= _frame(version, level).capacity:
                return version, level
    raise TooMuchForQr(f"{length} bytes")


def _fill(frame: _Frame, texts: Sequence[bytes]) -> Bytes:
    """Packed rows of each text."""
    words = np.frombuffer(b"".join([_words(frame, text) for text in texts]), np.uint8).reshape(len(texts), -1)
    errors = []
    for first, last in frame.blocks:
        block = frame.parity[last - first - 1].take(words[:, first], axis=0)
        for place in range(first + 1, last):
            block ^= frame.parity[last - place - 1].take(words[:, place], axis=0)
        errors.append(block)
    ordered = np.concatenate([words, *errors], axis=1).T[frame.order]
    bits = np.zeros((len(ordered) * 8 + 1, len(texts)), np.uint8)
    for bit in range(8):
        bits[bit:-1:8] = ordered >> (7 - bit) & 1
    modules = (bits.take(frame.sources, axis=0) ^ frame.base[:, None]).reshape(-1, 8, len(texts))
    rows = modules[:, 7]
    for bit in range(7):
        rows |= modules[:, bit] << (7 - bit)
    return np.ascontiguousarray(rows.T)


def _words(frame: _Frame, data: bytes) -> bytes:
    """Data words of a text: its mode has four bits, so everything is half a byte off."""
    stream = (0b0100 << 16 | len(data)).to_bytes(3, "big") + data + b"\0"
    shifted = (int.from_bytes(stream, "big") << 4).to_bytes(len(stream) + 1, "big")[1:-1]
    return (shifted + frame.filling)[: frame.data_words]


@cache
def _frame(version: int, level: str) -> _Frame:
    size = 17 + 4 * version
    blocks_of: Any = consts.ECC  # segno has no types
    layout = blocks_of[version][_LEVEL_CODES[level]]
    shapes = [(part.num_data, part.num_total - part.num_data) for part in layout for _ in range(part.num_blocks)]
    ends = np.cumsum([data for data, _error in shapes])
    data_words = int(ends[-1])
    error_words = shapes[0][1]
    blocks = tuple((int(end) - data, int(end)) for (data, _error), end in zip(shapes, ends, strict=True))
    longest = max(data for data, _error in shapes)
    order = [first + i for i in range(longest) for first, last in blocks if first + i < last]
    order += [data_words + block * error_words + i for i in range(error_words) for block in range(len(blocks))]
    function = _function_modules(version)
    places = _zigzag(size, function)
    bits, width = (data_words + error_words * len(blocks)) * 8, -(-size // 8) * 8
    sources = np.full((size, width), bits)
    sources[places // size, places % size] = np.minimum(np.arange(len(places)), bits)
    sample = segno.make_qr("0", version=version, error=level, mask=MASK, boost_error=False)
    drawn = np.array([list(row) for row in sample.matrix], dtype=np.uint8) > 0
    rows, columns = np.indices((size, size))
    base = np.where(function, drawn, (rows + columns) % 2 == 0)
    return _Frame(
        size=size,
        capacity=data_words - 3,  # four bits of mode, sixteen of length, the terminator
        data_words=data_words,
        filling=b"\xec\x11" * data_words,
        blocks=blocks,
        parity=_parity(longest, error_words),
        order=np.array(order),
        sources=sources.ravel(),
        base=np.pad(~base, ((0, 0), (0, width - size))).astype(np.uint8).ravel(),
    )


def _function_modules(version: int) -> Bits:
    """Where finders, timing, alignment, format and version stand: no data there."""
    size = 17 + 4 * version
    taken = np.zeros((size, size), bool)
    taken[:9, :9] = taken[:9, -8:] = taken[-8:, :9] = True
    taken[6, :] = taken[:, 6] = True
    taken[:6, -11:-8] = taken[-11:-8, :6] = True
    centres: tuple[int, ...] = consts.ALIGNMENT_POS[version - 2]
    corners = {(centres[0], centres[0]), (centres[0], centres[-1]), (centres[-1], centres[0])}
    for row in centres:
        for column in centres:
            if (row, column) not in corners:
                taken[row - 2 : row + 3, column - 2 : column + 3] = True
    return taken


def _zigzag(size: int, taken: Bits) -> Places:
    """Flat indices of data modules in the order in which bits are laid: two columns at a time, up and down."""
    places, upwards = [], True
    for right in [*range(size - 1, 6, -2), 5, 3, 1]:
        for row in range(size - 1, -1, -1) if upwards else range(size):
            places += [row * size + column for column in (right, right - 1) if not taken[row, column]]
        upwards = not upwards
    return np.array(places)


def _parity(longest: int, error_words: int) -> npt.NDArray[np.uint8]:
    """Remainder of byte × x^(place + error words) by the generator polynomial over GF(256)."""
    exp, log = [0] * 512, [0] * 256
    value = 1
    for power in range(255):
        exp[power] = exp[power + 255] = value
        log[value] = power
        value = value << 1 ^ (0x11D if value & 0x80 else 0)

    def times(a: int, b: int) -> int:
        return exp[log[a] + log[b]] if a and b else 0

    generator = [1]
    for power in range(error_words):
        shifted = [*generator, 0]
        scaled = [0, *(times(coefficient, exp[power]) for coefficient in generator)]
        generator = [a ^ b for a, b in zip(shifted, scaled, strict=True)]
    powers, logs = np.array(exp, np.uint8), np.array(log)
    table = np.zeros((longest, 256, error_words), np.uint8)
    remainder = generator[1:]  # of x^error_words
    for place in range(longest):
        words = np.array(remainder)
        table[place, 1:] = np.where(words, powers[logs[1:, None] + logs[words]], 0)  # every byte times every word
        lead = remainder[0]
        remainder = [word ^ times(lead, g) for word, g in zip([*remainder[1:], 0], generator[1:], strict=True)]
    return table
