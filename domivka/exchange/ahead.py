"""Reading and writing at the same time."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")


def one_ahead(items: Iterator[T]) -> Iterator[T]:
    """The items of an iterator; the next one, the first at once, is made in a thread, which must not use the database."""
    thread = ThreadPoolExecutor(1)
    first = thread.submit(next, items, None)

    def made() -> Iterator[T]:
        with thread:
            coming = first
            while (item := coming.result()) is not None:
                coming = thread.submit(next, items, None)
                yield item

    return made()
