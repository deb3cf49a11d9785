"""How often one address, author or key may act, and how many comments are taken at once.

Counted in this process's memory; nothing about people is stored.
"""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum

from limits import RateLimitItem, parse_many
from limits.storage import MemoryStorage
from limits.strategies import MovingWindowRateLimiter

from majlis import errors


class Act(StrEnum):
    """What is limited."""

    COMMENT = "comment"
    PLAIN_FORM = "plain-form"
    AUTHOR = "author"
    LIKE = "like"
    REPORT = "report"
    OBJECT = "object"
    LOGIN = "login"
    CHALLENGE = "challenge"
    KEY = "key"


DEFAULT: Mapping[Act, str] = {
    Act.COMMENT: "10/minute;60/hour",
    Act.PLAIN_FORM: "3/minute;15/hour",
    Act.AUTHOR: "6/minute;40/hour",
    Act.LIKE: "60/minute",
    Act.REPORT: "10/minute;40/hour",
    Act.OBJECT: "10/minute",
    Act.LOGIN: "10/minute;50/hour",
    Act.CHALLENGE: "60/minute",
    Act.KEY: "6000/minute",
}
"""Per address, except `author` (per author), `login` (also per name) and `key` (per API key)."""


def check_rates(value: str) -> list[RateLimitItem]:
    """Return the rates of a setting such as `10/minute;60/hour`. Raises ValueError."""
    return parse_many(value)


PLACES = 512
"""The most comments that one process stores and judges at the same moment."""


class Limits:
    """Counters of one process, by act and by who acts.

    Attributes:
        busy: how many comments are being stored and judged now.
    """

    def __init__(self, rates: Mapping[Act, str], places: int = PLACES) -> None:
        self.busy = 0
        self._places = places
        self._rates = {act: check_rates(rate) for act, rate in rates.items()}
        self._counter = MovingWindowRateLimiter(MemoryStorage())

    def spend(self, act: Act, who: str, own: str = "") -> None:
        """Count one act.

        Args:
            own: rates that hold for this one alone, instead of those of the act.

        Raises:
            errors.TooManyRequests: a rate is used up; nothing was counted.
        """
        rates = check_rates(own) if own else self._rates[act]
        for rate in rates:
            if not self._counter.test(rate, act.value, who):
                reset = self._counter.get_window_stats(rate, act.value, who).reset_time
                wait = max(1, math.ceil(reset - time.time()))
                raise errors.TooManyRequests(
                    f"The limit of {rate} for {act.value} is used up.",
                    retry_after=wait,
                    hint=f"Try again in {wait} seconds.",
                )
        for rate in rates:
            self._counter.hit(rate, act.value, who)

    def usage(self, act: Act, who: str, own: str = "") -> tuple[int, int]:
        """Return how often an act is allowed in the longest of its times, and how often it was counted in it."""
        rates = check_rates(own) if own else self._rates[act]
        longest = max(rates, key=lambda rate: rate.get_expiry())
        left = self._counter.get_window_stats(longest, act.value, who).remaining
        return longest.amount, longest.amount - left

    @contextmanager
    def place(self) -> Iterator[None]:
        """Hold one of the places for comments that are stored and judged. Raises errors.Overloaded."""
        if self.busy >= self._places:
            raise errors.Overloaded(
                f"{self.busy} comments are being judged right now.", hint="Send it again in a few seconds."
            )
        self.busy += 1
        try:
            yield
        finally:
            self.busy -= 1
