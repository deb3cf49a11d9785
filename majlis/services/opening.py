"""Opening a newsroom: its guidelines and lanes are read and checked, its site and their versions are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from majlis import errors
from majlis.domain.guidelines import Examples, Guidelines
from majlis.domain.site import LANGUAGES
from majlis.judge import examples, guidelines, policy
from majlis.judge.policy import Policy
from majlis.services.newsroom import Newsroom
from majlis.store import records, stories
from majlis.store.database import Connection, Database

PACKAGE = Path(__file__).parent.parent
GUIDELINES = PACKAGE / "guidelines"
POLICY = PACKAGE / "judge" / "policy.toml"


def read_guidelines(folder: Path | None = None) -> Mapping[str, Guidelines]:
    """Return the guidelines of a folder by language; the defaults without one.

    Raises:
        errors.GuidelinesInvalid: a file cannot be used, or two of them do not hold the same clauses.
    """
    found = [read_guidelines_file(path) for path in sorted((folder or GUIDELINES).glob("*.md"))]
    if not found:
        raise errors.GuidelinesInvalid(f"There is no .md file in {folder}.", hint="Write one file for each language.")
    order = {language: place for place, language in enumerate(LANGUAGES)}
    found.sort(key=lambda one: (order.get(one.language, len(order)), one.language))
    guidelines.check_set(tuple(found))
    return {one.language: one for one in found}


def read_guidelines_file(path: Path) -> Guidelines:
    """Return the guidelines of one file. Raises errors.GuidelinesInvalid."""
    return guidelines.parse(_text(path))


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8")
    except OSError as error:
        raise errors.GuidelinesInvalid(f"{path} cannot be read: {error.strerror}.") from error
    except UnicodeDecodeError as error:
        raise errors.GuidelinesInvalid(
            f"{path} is not UTF-8: byte {error.start} cannot be read.", hint="Save the file as UTF-8."
        ) from error


def read_examples(folder: Path | None, rules: Guidelines) -> tuple[Examples, ...]:
    """Return the examples that lie beside guidelines, in the order of their clauses; none without a folder.

    Raises:
        errors.GuidelinesInvalid: a file cannot be used, or its clause is one that the machine knows by itself.
    """
    paths = {clause.id: folder / f"{clause.id}.txt" for clause in rules.clauses} if folder is not None else {}
    found = {id: path for id, path in paths.items() if path.is_file()}
    if not found:
        return ()
    from majlis.signals.gather import covered  # whatever judges takes memory that a process need not

    if known := [id for id in found if id in covered()]:
        raise errors.GuidelinesInvalid(
            f"{known[0]}.txt has examples of a clause that the machine knows by itself.",
            hint="Give your clause an id of its own, or move the file elsewhere.",
        )
    return tuple(examples.parse(_text(path), id) for id, path in found.items())


def read_policy(path: Path | None = None) -> tuple[Policy, str]:
    """Return the lanes of a file and its text; the defaults without one. Raises errors.ConfigInvalid."""
    try:
        text = (path or POLICY).read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise errors.ConfigInvalid(f"The policy {path} cannot be read: {error}.", field="policy") from error
    return policy.parse(text), text


async def ensure_site(database: Database, *, site: str, name: str, now: int) -> None:
    """Make sure that the site is in the database."""
    await database.write(lambda tx: stories.add_site(tx, id=site, name=name, now=now))


async def open_newsroom(newsroom: Newsroom) -> None:
    """Make sure that the site is in the database, and that the rules in force are kept there."""
    now = newsroom.now()

    async def work(tx: Connection) -> None:
        await stories.add_site(tx, id=newsroom.site, name=newsroom.name, now=now)
        for one in newsroom.guidelines.values():
            await records.keep_guidelines(tx, version=one.version, language=one.language, source=one.source, now=now)
        await records.keep_policy(tx, version=newsroom.policy.version, source=newsroom.policy_source, now=now)

    await newsroom.database.write(work)
