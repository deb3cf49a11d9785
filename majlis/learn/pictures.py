"""Draws what was measured: small pictures in SVG that take their colours from the page and fit a phone.

They are made with matplotlib in marker colours, which are then replaced by the page's own, so that a picture follows
light and dark like the text around it. Nothing is measured here.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import matplotlib
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from majlis.domain.decision import Verdict
from majlis.domain.site import LANGUAGES
from majlis.learn.evaluate import ALL, Calibration, Group, Kind, Lanes
from majlis.learn.measures import Risk, Share

WIDTH = 4.4
"""Inches; a phone shows this many at nearly full size."""

_COLOURS = {
    "ink": "#010203",
    "soft": "#040506",
    "good": "#070809",
    "wait": "#0a0b0c",
    "bad": "#0d0e0f",
} | {language: f"#1011{place:02x}" for place, language in enumerate((*LANGUAGES, ALL))}
"""Marker colours by the name of the page's variable."""

_STYLE: dict[Any, Any] = {
    "svg.fonttype": "none",
    "svg.hashsalt": "majlis",
    "font.size": 9,
    "text.color": _COLOURS["ink"],
    "axes.edgecolor": _COLOURS["soft"],
    "axes.labelcolor": _COLOURS["ink"],
    "axes.spines.top": False,
    "axes.spines.right": False,
    "xtick.color": _COLOURS["soft"],
    "ytick.color": _COLOURS["soft"],
    "xtick.labelcolor": _COLOURS["ink"],
    "ytick.labelcolor": _COLOURS["ink"],
    "grid.color": _COLOURS["soft"],
    "grid.linewidth": 0.4,
    "legend.frameon": False,
}

_VERDICTS = ((Verdict.APPROVE, "approved"), (Verdict.REFER, "waits for a person"), (Verdict.REJECT, "rejected"))


def verdicts(lanes: Mapping[str, Lanes]) -> str:
    """Return where fair and broken comments of each language end up."""
    rows = []
    for language, one in lanes.items():
        for name, n, approved, rejected in (
            ("fair", one.fair, one.fair_approved.share, one.fair_rejected.share),
            ("breaks a clause", one.broken, one.broken_approved.share, one.broken_rejected.share),
        ):
            if n:
                rows.append((f"{language}, {name}", (approved, 1 - approved - rejected, rejected), name == "fair"))
    return _bars(rows, "Verdicts by language")


def kinds(some: Sequence[Kind], *, fair: bool) -> str:
    """Return the verdicts on one half of the functional cases, a bar a kind."""
    rows = []
    for kind in some:
        counts = kind.fair if fair else kind.unfair
        total = sum(counts.values())
        shares = tuple(counts[verdict] / total for verdict, _ in _VERDICTS)
        rows.append((kind.name.replace("-", " "), shares, fair))
    return _bars(rows, f"Verdicts on {'fair' if fair else 'unfair'} cases by kind")


def _bars(rows: Iterable[tuple[str, tuple[float, ...], bool]], label: str) -> str:
    rows = list(rows)
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(0.215 * len(rows) + 0.55)
        for place, (_, shares, fair) in enumerate(rows):
            left = 0.0
            for wide, colour in zip(shares, ("good", "wait", "bad") if fair else ("bad", "wait", "good"), strict=True):
                axes.barh(place, wide, left=left, height=0.72, color=_COLOURS[colour])
                left += wide
        axes.set_yticks(range(len(rows)), [name for name, _, _ in rows])
        axes.set_ylim(len(rows) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        axes.spines["left"].set_visible(False)
        _percent(axes, "x")
        axes.set_xlim(0, 1)
        return _svg(figure, label)


def calibration(one: Calibration, name: str) -> str:
    """Return the calibration curve of one language: what was said against what came true, on square-root scales."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(2.3, width=2.3)
        axes.plot([0, 1], [0, 1], color=_COLOURS["soft"], linewidth=0.8, linestyle=(0, (4, 3)))
        said = [math.sqrt(each.said) for each in one.bins]
        true = [math.sqrt(each.true) for each in one.bins]
        axes.plot(said, true, color=_COLOURS[name], marker="o", markersize=4, linewidth=1.6)
        ticks = (0, 0.05, 0.25, 1)
        for axis in (axes.xaxis, axes.yaxis):
            axis.set_ticks([math.sqrt(tick) for tick in ticks], [f"{tick:.0%}" for tick in ticks])
        axes.set_xlim(-0.02, 1.02)
        axes.set_ylim(-0.02, 1.02)
        axes.set_xlabel("the judge said")
        axes.set_ylabel("broke a clause")
        axes.grid()
        axes.set_title(name, fontsize=10, loc="left")
        return _svg(figure, f"Calibration, {name}")


def risk(curves: Mapping[str, Sequence[Risk]], today: Mapping[str, Risk], accepted: float, done: str) -> str:
    """Return risk against coverage of a lane by score, a line a language; a dot where the policy stands today.

    `accepted` is drawn as the error that is accepted; `done` says what the machine does in this lane.
    """
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(3.3)
        highest = max([accepted * 2, *(1.5 * one.risk for one in today.values() if one.coverage)])
        for language, curve in curves.items():
            total = language == ALL
            line: dict[str, Any] = {
                "color": _COLOURS[language],
                "linewidth": 2.4 if total else 1,
                "zorder": 3 if total else 2,
            }
            axes.plot([one.coverage for one in curve], [one.risk for one in curve], label=language, **line)
            axes.plot(today[language].coverage, today[language].risk, "o", color=line["color"], markersize=6, zorder=4)
        axes.axhline(accepted, color=_COLOURS["bad"], linewidth=0.9, linestyle=(0, (4, 3)))
        inside = [one.coverage for curve in curves.values() for one in curve if one.risk <= highest]
        near = 4 * max(one.coverage for one in today.values()) or 1.0
        axes.set_xlim(0, min(near, max(inside, default=1.0)))
        axes.set_ylim(0, min(1, highest))
        _percent(axes, "x")
        _percent(axes, "y")
        axes.set_xlabel(f"of all comments, {done} by the machine")
        axes.set_ylabel("of these, wrongly")
        axes.grid()
        axes.legend(ncols=4, fontsize=8, loc="upper center", bbox_to_anchor=(0.45, 1.2), handlelength=1.2)
        return _svg(figure, f"Risk against coverage: {done} by the machine")


def groups(some: Sequence[Group], usual: Mapping[str, float]) -> str:
    """Return the share of fair comments that name a group and are not approved, with intervals.

    `usual` is the same share of all fair comments of the language, drawn as a small line.
    """
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(0.2 * len(some) + 0.6)
        for place, group in enumerate(some):
            colour = _COLOURS["bad"] if group.held.low > usual[group.language] else _COLOURS["ink"]
            axes.plot([group.held.low, group.held.high], [place, place], color=colour, linewidth=1)
            axes.plot(group.held.share, place, "o", color=colour, markersize=4.5)
            axes.plot([usual[group.language]] * 2, [place - 0.4, place + 0.4], color=_COLOURS["wait"], linewidth=2)
        names = [f"{group.language}  {group.name.replace('-', ' ')}" for group in some]
        axes.set_yticks(range(len(some)), names)
        axes.set_ylim(len(some) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        _percent(axes, "x")
        axes.set_xlim(-0.01, 1.01)
        axes.grid(axis="x")
        return _svg(figure, "Fair comments that wait or are rejected, by group named")


def disguises(table: Mapping[str, Mapping[str, Share]], wanted: float) -> str:
    """Return how many comments keep their verdict in each disguise, with intervals, and the share that is wanted."""
    with matplotlib.rc_context(_STYLE):
        figure, axes = _axes(0.28 * len(table) + 0.6)
        for place, row in enumerate(table.values()):
            one = row[ALL]
            colour = _COLOURS["good" if one.share >= wanted else "bad"]
            axes.barh(place, one.share, height=0.6, color=colour)
            axes.plot([one.low, one.high], [place, place], color=_COLOURS["ink"], linewidth=1)
        axes.axvline(wanted, color=_COLOURS["ink"], linewidth=0.9, linestyle=(0, (4, 3)))
        axes.set_yticks(range(len(table)), list(table))
        axes.set_ylim(len(table) - 0.4, -0.6)
        axes.tick_params(axis="y", length=0)
        _percent(axes, "x")
        axes.set_xlim(0, 1)
        return _svg(figure, "Same verdict in disguise")


def _axes(height: float, width: float = WIDTH) -> tuple[Figure, Axes]:
    figure = Figure(figsize=(width, height), layout="constrained")
    return figure, figure.subplots()


def _percent(axes: Axes, which: str) -> None:
    axis = axes.xaxis if which == "x" else axes.yaxis
    axis.set_major_formatter(lambda value, _: f"{value * 100:.3g}%")


def _svg(figure: Figure, label: str) -> str:
    """Return the picture as an element of the page: colours by name, its font, no size and no ids."""
    out = io.StringIO()
    figure.savefig(out, format="svg", transparent=True, metadata={"Date": None, "Creator": None})
    text = out.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<metadata>.*?</metadata>", "", text, flags=re.DOTALL)
    text = re.sub(r' id="[A-Za-z0-9]+_\d+"', "", text)
    text = re.sub(r"(font: [\d.]+px )[^;\"]*", r"\1var(--font)", text)
    text = re.sub(r'<svg [^>]*?(viewBox="[^"]*")[^>]*>', rf'<svg \1 role="img" aria-label="{label}">', text, count=1)
    text = re.sub(r"<!--.*?-->|<defs>\s*<style[^>]*>.*?</style>\s*</defs>", "", text, flags=re.DOTALL)
    for name, colour in _COLOURS.items():
        text = text.replace(colour, f"var(--{name})")
    return re.sub(r">\s+<", "><", text)
