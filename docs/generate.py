"""Writes the parts of the documentation that the code knows best: settings, commands, the HTTP API."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from majlis.cli import cli
from majlis.config import PREFIX, Config
from majlis.web.openapi import document

DOCS = Path(__file__).parent


def configuration() -> str:
    """Return the reference of all settings."""
    lines = [
        "# Configuration",
        "",
        "Settings are read from the environment, then from `majlis.toml` (or the file of `--config`), then from the",
        "defaults below. An unknown key or a bad value is an error that names it. Beside each variable, one with",
        "`_FILE` at its end may name a file that holds the value, as for secrets.",
        "",
        "| setting | variable | default | what it is for |",
        "|---|---|---|---|",
    ]
    for setting in fields(Config):
        default = setting.default
        shown = "none" if default in ("", ()) else str(default).lower() if isinstance(default, bool) else default
        about = setting.metadata["help"]
        lines.append(f"| `{setting.name}` | `{PREFIX}{setting.name.upper()}` | {shown} | {about} |")
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return the reference of the command line."""
    command = get_command(cli)
    lines = ["# Command line", ""]
    for path, one in _walk(command, "majlis"):
        lines += [f"## `{path}`", "", (one.help or "").strip(), ""]
        shown = [_parameter(parameter) for parameter in one.params if parameter.name != "help"]
        lines += ["| argument | what it is |", "|---|---|", *shown, ""] if shown else []
    return "\n".join(lines).rstrip() + "\n"


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(command, TyperGroup):
        for name, one in sorted(command.commands.items()):
            yield from _walk(one, f"{path} {name}")
        return
    yield path, command


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    name = ", ".join(parameter.opts) if is_option else str(parameter.name).upper()
    return f"| `{name}` | {getattr(parameter, 'help', None) or 'Required.'} |"


def api() -> str:
    """Return the reference of the reader API."""
    spec = document()
    lines = [
        "# HTTP API",
        "",
        "Everything below is under `/api/v1`; the same as OpenAPI 3.1 is at `/api/v1/openapi.json`. Bodies are JSON in",
        "UTF-8, times are RFC 3339 in UTC. An error is `application/problem+json` (RFC 9457) with `type`, `title`,",
        "`status`, `detail`, `code`, and `field` where one field is to blame.",
        "",
        "In a thread, conversations come in the order asked for, and each one's comments oldest first, so that a",
        "comment never comes before the one it answers. `body` is the reader's own text: escape it before you show it.",
        "",
    ]
    for path, methods in spec["paths"].items():
        for method, operation in methods.items():
            lines += [f"## `{method.upper()} {path.removeprefix('/api/v1')}`", "", operation["summary"], ""]
            if "description" in operation:
                lines += [operation["description"], ""]
            for parameter in operation["parameters"]:
                need = ", required" if parameter["required"] else ""
                about = parameter.get("description", "")
                lines.append(f"- `{parameter['name']}` ({parameter['in']}{need}) {about}".rstrip())
            lines += [""] if operation["parameters"] else []
            if "requestBody" in operation:
                lines += [f"Body: {_named(operation['requestBody'])}", ""]
            good = [status for status in operation["responses"] if int(status) < 400]
            bad = [status for status in operation["responses"] if int(status) >= 400]
            answers = [f"{status} {_named(operation['responses'][status])}".strip() for status in good]
            lines.append(f"Answers {', '.join(answers)}.")
            lines += [f"Problems: {', '.join(bad)}.", ""] if bad else [""]
    lines += ["## Structures", ""]
    for name, schema in spec["components"]["schemas"].items():
        lines += [f"### {name}", "", schema.get("description", ""), "", "| field | type |", "|---|---|"]
        lines += [f"| `{field}` | {_type(kind)} |" for field, kind in schema.get("properties", {}).items()]
        lines.append("")
    return "\n".join(lines).rstrip() + "\n"


def _named(part: dict[str, Any]) -> str:
    for media, content in part.get("content", {}).items():
        return _type(content["schema"]) if media == "application/json" else f"`{media}`"
    return ""


def _type(schema: dict[str, Any]) -> str:
    if "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        return f"[{name}](#{name.lower()})"
    if "anyOf" in schema:
        return " or ".join(_type(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"list of {_type(schema.get('items', {}))}" if schema.get("items") else "list"
    if schema.get("type") == "object" and "additionalProperties" in schema:
        return "object"
    if "enum" in schema:
        return "one of " + ", ".join(f"`{value}`" for value in schema["enum"])
    return str(schema.get("type", "any"))


PAGES = {"configuration.md": configuration, "commands.md": commands, "http.md": api}


def main() -> int:
    """Write every page; with --check only compare, and return 1 where one is out of date."""
    stale = []
    for name, make in PAGES.items():
        text = make()
        if "--check" not in sys.argv:
            (DOCS / name).write_text(text, "utf-8")
        elif (DOCS / name).read_text("utf-8") != text:
            stale.append(name)
    for name in stale:
        print(f"docs/{name} is out of date; run `make docs`", file=sys.stderr)
    return 1 if stale else 0


if __name__ == "__main__":
    os.environ["COLUMNS"] = "100"
    sys.exit(main())
