"""Writes the report as one HTML file that needs nothing else: pictures inside, light and dark, phone and desk.

What stands on the page is said in `page.html`; nothing is measured here.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup

from majlis.domain.decision import Verdict
from majlis.learn import pictures
from majlis.learn.evaluate import ALL, Group, Report
from majlis.learn.measures import Area, Share

ACCEPTED = (0.02, 0.05)
"""The errors that are accepted among what the machine approves and among what it rejects."""

SAME = 0.9
"""The share of disguised comments that are to keep their verdict."""

FEWEST = 5
"""Fair comments that name a group, from which on the group is shown."""


def render(report: Report, made: str, source: str) -> str:
    """Return the page.

    Args:
        report: what was measured.
        made: the day, in words.
        source: what it was measured on, in words.
    """
    folder = FileSystemLoader(Path(__file__).parent)
    environment = Environment(loader=folder, autoescape=True, undefined=StrictUndefined, trim_blocks=True)
    filters: dict[str, Callable[..., str]] = {"percent": percent, "about": about, "area": area, "shade": shade}
    environment.filters |= filters
    shown = shown_groups(report)
    usual = {language: 1 - one.fair_approved.share for language, one in report.lanes.items()}
    return environment.get_template("page.html").render(
        report=report,
        made=made,
        source=source,
        total=report.lanes[ALL],
        languages=list(report.lanes),
        ALL=ALL,
        APPROVE=Verdict.APPROVE,
        REFER=Verdict.REFER,
        REJECT=Verdict.REJECT,
        accepted=ACCEPTED,
        same=SAME,
        fewest=FEWEST,
        shown=shown,
        usual=usual,
        pictures=_pictures(report, shown, usual),
    )


def shown_groups(report: Report) -> list[Group]:
    """Return the groups with enough fair mentions, those that are held most above their language first."""
    enough = [group for group in report.groups if group.held.n >= FEWEST]
    usual = {language: 1 - one.fair_approved.share for language, one in report.lanes.items()}
    return sorted(enough, key=lambda group: group.held.share - usual[group.language], reverse=True)


def percent(value: float | Share, digits: int = 0) -> str:
    """Return a share as people read it; a dash where nothing was counted."""
    share = value.share if isinstance(value, Share) else value
    return "–" if math.isnan(share) else f"{share * 100:.{digits}f} %"


def about(value: Share) -> str:
    """Return the interval of a share, in hundredths."""
    return "" if math.isnan(value.share) else f"{value.low * 100:.0f} to {value.high * 100:.0f}"


def area(value: Area) -> str:
    """Return an area with two digits; a dash where one side is empty."""
    return "–" if math.isnan(value.area) else f"{value.area:.2f}".removeprefix("0")


def shade(value: Area) -> str:
    """Return how strongly a cell is coloured, in hundredths: nothing at .95 and above, most at .6 and below."""
    if math.isnan(value.area):
        return "0"
    return f"{min(1.0, max(0.0, (0.95 - value.area) / 0.35)) * 45:.0f}"


def _pictures(report: Report, shown: Sequence[Group], usual: dict[str, float]) -> dict[str, Markup | list[Markup]]:
    approved = {language: one[Verdict.APPROVE] for language, one in report.decided.items()}
    rejected = {language: one[Verdict.REJECT] for language, one in report.decided.items()}
    drawn: dict[str, str | list[str]] = {
        "verdicts": pictures.verdicts(report.lanes),
        "calibration": [pictures.calibration(one, language) for language, one in report.calibration.items()],
        "approving": pictures.risk(report.approving, approved, ACCEPTED[0], "approved"),
        "rejecting": pictures.risk(report.rejecting, rejected, ACCEPTED[1], "rejected"),
        "groups": pictures.groups(shown[:24], usual) if shown else "",
        "disguises": pictures.disguises(report.disguises, SAME) if report.disguises else "",
        "fair": pictures.kinds(report.kinds, fair=True) if report.kinds else "",
        "unfair": pictures.kinds(report.kinds, fair=False) if report.kinds else "",
    }
    return {
        name: [Markup(each) for each in one] if isinstance(one, list) else Markup(one) for name, one in drawn.items()
    }
