"""How often one address, author or key may act, and how many comments are taken at once.

Counted in this process's memory; nothing about people is stored.
"""

from __future__ import annotations

import math
import time
from array import array
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from enum import StrEnum
from functools import lru_cache

from limits import RateLimitItem, parse_many

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


@lru_cache(maxsize=1_000)
def check_rates(value: str) -> tuple[RateLimitItem, ...]:
    """Return the rates of a setting such as `10/minute;60/hour`. Raises ValueError."""
    return tuple(parse_many(value))


PLACES = 512
"""The most comments that one process stores and judges at the same moment."""


SWEEP = 10_000
"""After so many acts, those who have done nothing within their times are forgotten."""


class Limits:
    """Counters of one process, by act and by who acts: the times of what was counted, within each rate's own time.

    Args:
        now: a clock in seconds that never goes back.

    Attributes:
        busy: how many comments are being stored and judged now.
    """

    def __init__(
        self, rates: Mapping[Act, str], places: int = PLACES, *, now: Callable[[], float] = time.monotonic
    ) -> None:
        self.busy = 0
        self._places = places
        self._rates = {act: check_rates(rate) for act, rate in rates.items()}
        self._now = now
        self._counted: dict[tuple[Act, str, RateLimitItem], array[float]] = {}
        self._until_sweep = SWEEP

    def spend(self, act: Act, who: str, own: str = "") -> None:
        """Count one act.

        Args:
            own: rates that hold for this one alone, instead of those of the act.

        Raises:
            errors.TooManyRequests: a rate is used up; nothing was counted.
        """
        now = self._now()
        rates = check_rates(own) if own else self._rates[act]
        counted = [self._within(act, who, rate, now) for rate in rates]
        for rate, times in zip(rates, counted, strict=True):
            if len(times) >= rate.amount:
                wait = max(1, math.ceil(times[0] + rate.get_expiry() - now))
                raise errors.TooManyRequests(
                    f"The limit of {rate} for {act.value} is used up.",
                    retry_after=wait,
                    hint=f"Try again in {wait} seconds.",
                )
        for times in counted:
            times.append(now)
        self._until_sweep -= 1
        if not self._until_sweep:
            self._forget(now)

    def usage(self, act: Act, who: str, own: str = "") -> tuple[int, int]:
        """Return how often an act is allowed in the longest of its times, and how often it was counted in it."""
        rates = check_rates(own) if own else self._rates[act]
        longest = max(rates, key=lambda rate: rate.get_expiry())
        return longest.amount, len(self._within(act, who, longest, self._now()))

    def _within(self, act: Act, who: str, rate: RateLimitItem, now: float) -> array[float]:
        """Return the times of what was counted within a rate's own time."""
        # Most have one or two times, for which an array takes a tenth of what a deque does.
        times = self._counted.setdefault((act, who, rate), array("d"))
        del times[: bisect_right(times, now - rate.get_expiry())]
        return times

    def _forget(self, now: float) -> None:
        self._until_sweep = SWEEP
        for act, who, rate in list(self._counted):
            if not self._within(act, who, rate, now):
                del self._counted[act, who, rate]

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
