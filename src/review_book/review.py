"""The review as the engine has it: where its data, its build and its pages are, and all of its records."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING

from review_utils import review

if TYPE_CHECKING:
    from review_book.living.freshness import Freshness
    from review_book.records.kinds import Records


class Review(review.Review):
    """A review with its records."""

    @cached_property
    def records(self) -> Records:
        """Its records, each file read once and only when asked for."""
        from review_book.records.kinds import Records

        return Records(self.data)

    @cached_property
    def freshness(self) -> Freshness:
        """When it was last searched and executed, and what waits."""
        from review_book.living.freshness import freshness_of

        return freshness_of(self.records)
