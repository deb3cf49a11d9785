"""Reading XML of any size that somebody else wrote: no entities, no network, no DOCTYPE, element by element.

It keeps no more than one element of those that are asked for; the rest of the tree is thrown away as it passes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from lxml import etree

from majlis import errors


def elements(stream: BinaryIO, *, root: str, wanted: Mapping[str, int]) -> Iterator[etree._Element]:
    """Yield the wanted elements as each of them ends.

    Args:
        root: the name of the outermost element, without namespace as all names here.
        wanted: how deep below the root each wanted element stands, by its name. The same name elsewhere is not it.

    An element may be kept only until the next one is asked for, except for what stands above it and before it.

    Raises:
        errors.ArchiveInvalid: broken XML, another root, or a DOCTYPE, which could declare entities.
    """
    events = etree.iterparse(
        stream,
        events=("start", "end"),
        tag=[f"{{*}}{one}" for one in (root, *wanted)],
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
    )
    checked = False
    try:
        for event, element in events:
            if not checked:
                _check_root(element.getroottree().getroot(), root)
                checked = True
            if event == "end" and wanted.get(name(element)) == sum(1 for _ in element.iterancestors()):
                yield element
                _forget(element, wanted)
        if not checked:
            _check_root(events.root, root)
    except etree.XMLSyntaxError as error:
        line, column = error.position if error.position else (0, 0)
        # libxml2 quotes what stands in the file, which are readers' words, and repeats the place.
        wrong = (error.msg or "").partition("\n")[0].partition(", line ")[0]
        raise errors.ArchiveInvalid(
            f"The XML is broken at line {line}, column {column}: {wrong}.",
            hint="Export the archive again; nothing was imported.",
        ) from None


def _check_root(element: etree._Element, root: str) -> None:
    if element.getroottree().docinfo.doctype:
        raise errors.ArchiveInvalid(
            "The XML begins with a DOCTYPE, which could declare entities.", hint="Remove the DOCTYPE."
        )
    if name(element) != root:
        raise errors.ArchiveInvalid(
            f"The file begins with <{name(element)[:80]}>, not with <{root}>.", hint="Check the format and the file."
        )


def _forget(element: etree._Element, wanted: Mapping[str, int]) -> None:
    """Throw away the content of an element, and those before it that were emptied already. The last one may stay."""
    element.clear(keep_tail=False)
    parent, before = element.getparent(), element.getprevious()
    while parent is not None and before is not None and name(before) in wanted:
        parent.remove(before)
        before = element.getprevious()


def name(element: etree._Element) -> str:
    """Return an element's name without its namespace; empty for comments and instructions."""
    tag = element.tag
    return tag.rpartition("}")[2] if isinstance(tag, str) else ""


def child(element: etree._Element, called: str) -> etree._Element | None:
    """Return the first child with this name."""
    return next(element.iterchildren(f"{{*}}{called}"), None)


def text(element: etree._Element, called: str) -> str:
    """Return the text of the first child with this name; empty where there is none."""
    one = child(element, called)
    return (one.text or "") if one is not None else ""


def attribute(element: etree._Element | None, called: str) -> str:
    """Return the value of an attribute by its name without namespace; empty where there is none."""
    if element is None:
        return ""
    for key, value in element.attrib.items():
        if str(key).rpartition("}")[2] == called:
            return str(value)
    return ""
