"""Examples of a newsroom's own clause: a plain file in, comments out. Nothing here opens a file or learns.

A file is named after its clause, `spoilers.txt`, and lies beside the guidelines. A line each:

    # what is meant, for whoever reads the file
    - a comment that breaks the clause
    + a comment that does not
"""

from __future__ import annotations

from majlis import errors
from majlis.domain.guidelines import Examples

FEWEST, MOST = 5, 200
"""How many comments a file needs and may have, of each sort."""

LONGEST = 2000
"""Letters of one example."""

_HINT = "Begin each line with '- ' (breaks the clause), '+ ' (does not) or '#' (a note)."


def parse(text: str, clause: str) -> Examples:
    """Read one file.

    Raises:
        errors.GuidelinesInvalid: with the line to blame, or 0 where it is the whole file.
    """
    sorts: dict[str, dict[str, int]] = {"-": {}, "+": {}}
    for number, raw in enumerate(text.removeprefix("\ufeff").splitlines(), 1):
        line = raw.strip()
        if not line or line.startswith("#"):
            continue
        sign, comment = line[0], line[1:].strip()
        if sign not in sorts or not comment:
            raise _invalid(clause, number, f"{line[:40]!r} is no example.", _HINT)
        if len(comment) > LONGEST:
            raise _invalid(clause, number, f"An example has {len(comment)} letters.", f"At most {LONGEST} are read.")
        for seen in sorts.values():
            if comment in seen:
                raise _invalid(clause, number, f"This comment stands on line {seen[comment]} already.", "Remove one.")
        sorts[sign][comment] = number
    for sign, said in (("-", "that break it"), ("+", "that do not")):
        if not FEWEST <= len(sorts[sign]) <= MOST:
            raise _invalid(clause, 0, f"It has {len(sorts[sign])} comments {said}.", f"{FEWEST} to {MOST} are needed.")
    return Examples(clause=clause, broken=tuple(sorts["-"]), fine=tuple(sorts["+"]))


def _invalid(clause: str, line: int, sentence: str, hint: str) -> errors.GuidelinesInvalid:
    place = f"{clause}.txt, line {line}" if line else f"{clause}.txt"
    return errors.GuidelinesInvalid(f"{place}: {sentence}", line=line, hint=hint)
