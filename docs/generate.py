"""Writes the parts of the documentation that the code knows best: settings, commands, the HTTP API."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator, Mapping
from dataclasses import fields
from enum import Enum
from inspect import cleandoc
from pathlib import Path
from typing import Any

from typer.core import TyperGroup
from typer.main import get_command

from majlis.cli import cli
from majlis.config import PREFIX, Config
from majlis.services.limits import DEFAULT, Act
from majlis.web.openapi import document

DOCS = Path(__file__).parent

ACTS: Mapping[Act, str] = {
    Act.COMMENT: "comments from one network address, each with a proof of work",
    Act.PLAIN_FORM: "comments from one network address by the form without a script",
    Act.AUTHOR: "comments of one author: an e-mail address, or a name with a network address",
    Act.LIKE: "likes from one network address, and likes taken back",
    Act.REPORT: "reports from one network address",
    Act.OBJECT: "objections and withdrawals from one network address",
    Act.LOGIN: "tries to log in at the desk from one network address, and as many for one name",
    Act.CHALLENGE: "proofs of work that one network address asks for",
    Act.KEY: "uses of an API key that has no rate of its own",
}


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
    lines += [
        "",
        "A list is written in brackets in the file, and with commas between in the environment:",
        "",
        "```toml",
        'story_origins = ["https://news.example", "https://www.news.example"]',
        'rates = ["comment=5/minute;30/hour", "like=20/minute"]',
        "```",
        "",
        "## Rates",
        "",
        "What is limited, and how often each may be done. Every rate of an act holds, in a window that moves. `rates`",
        "replaces the rates of the acts that it names; the others stay as they are. A rate is a number, `/` and",
        "`second`, `minute`, `hour` or `day`, or several with `;` between. Each process counts for itself. Comments",
        "that come with an API key are counted under `key` alone.",
        "",
        "| act | default | what is counted |",
        "|---|---|---|",
        *(f"| `{act}` | `{DEFAULT[act]}` | {ACTS[act]} |" for act in Act),
    ]
    return "\n".join(lines) + "\n"


def commands() -> str:
    """Return the reference of the command line."""
    command = get_command(cli)
    lines = [
        "# Command line",
        "",
        "A command that touches data opens the database of `--data` (a folder with a SQLite file) or of `--database`",
        "(an address). Where neither is given, it opens that of the settings: of the environment, of the file of",
        "`--config`, or of a `majlis.toml` in the folder in which it runs. Where these name none, it opens the demo's.",
        "So give `--config` for a server that has one: a key made in the demo's database is unknown to the server.",
        "",
        "The exit code is 1 where something was looked at and found bad, and 2 for an error, which is one sentence on",
        "stderr.",
        "",
        "## `majlis`",
        "",
        *_table(command),
    ]
    for path, one in _walk(command, "majlis"):
        lines += [f"## `{path}`", "", (one.help or "").strip(), "", *_table(one)]
    return "\n".join(lines).rstrip() + "\n"


def _table(command: Any) -> list[str]:
    shown = [_parameter(parameter) for parameter in command.params if parameter.name != "help"]
    return ["| argument | what it is | default |", "|---|---|---|", *shown, ""] if shown else []


def _walk(command: Any, path: str) -> Iterator[tuple[str, Any]]:
    if isinstance(command, TyperGroup):
        for name, one in sorted(command.commands.items()):
            yield from _walk(one, f"{path} {name}")
        return
    yield path, command


def _parameter(parameter: Any) -> str:
    is_option = parameter.param_type_name == "option"
    name = ", ".join(parameter.opts) if is_option else str(parameter.name).upper()
    about = f"{parameter.help or ''} {_allowed(parameter)}".strip()
    return f"| `{name}` | {about} | {_default(parameter)} |"


def _allowed(parameter: Any) -> str:
    """Return which values a parameter takes, where that is not free."""
    kind = parameter.type_descriptor.annotation
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"One of {', '.join(f'`{value.value}`' for value in kind)}."
    if parameter.min is not None and parameter.max is not None:
        return f"From {parameter.min} to {parameter.max}."
    return ""


def _default(parameter: Any) -> str:
    if parameter.required:
        return "required"
    if getattr(parameter, "is_flag", False):
        return "off"
    return "" if parameter.default in (None, "") else f"`{parameter.default}`"


def api() -> str:
    """Return the reference of the reader API."""
    spec = document()
    lines = [
        "# HTTP API",
        "",
        "Everything below is under `/api/v1`; the same as OpenAPI 3.1 is at `/api/v1/openapi.json`. Bodies are JSON in",
        "UTF-8, times are RFC 3339 in UTC. An error is `application/problem+json` (RFC 9457) with `type`, `title`,",
        "`status`, `detail`, `code`, and `field` where one field is to blame. A 429 or 503 may say in `Retry-After`",
        "how many seconds to wait.",
        "",
        "Where an API key is needed or taken, it is sent as `Authorization: Bearer KEY`. `majlis keys create` makes",
        "one, and so does an admin at the desk. The scope `write` may do what `read` may, and `read` what `judge` may.",
        "Keep keys on your servers: a page that readers open needs none.",
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
                about = f"{parameter.get('description', '')} {_bounds(parameter['schema'])}".strip()
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
        lines += [f"### {name}", "", cleandoc(schema.get("description", "")), "", *_structure(schema), ""]
    return "\n".join(lines).rstrip() + "\n"


def _structure(schema: dict[str, Any]) -> list[str]:
    if "enum" in schema:
        return [_sentence(_type(schema))]
    lines = ["| field | type |", "|---|---|"]
    for field, kind in schema.get("properties", {}).items():
        spared = field not in schema.get("required", []) and not kind.get("default")
        shown = [_type(kind), *(["optional"] if spared else []), *_limits(kind)]
        lines.append(f"| `{field}` | {', '.join(shown)} |")
    return lines


def _bounds(schema: dict[str, Any]) -> str:
    """Return what a parameter may be, as sentences."""
    said = [_type(schema)] if "enum" in schema else []
    said += _limits(schema)
    said += [f"default `{schema['default']}`"] if "default" in schema else []
    return " ".join(map(_sentence, said))


def _limits(schema: dict[str, Any]) -> list[str]:
    found = []
    for least, most, what in (
        ("minimum", "maximum", ""),
        ("minLength", "maxLength", " characters"),
        ("minItems", "maxItems", " times"),
    ):
        if least in schema and most in schema:
            found.append(f"from {schema[least]} to {schema[most]}{what}")
        elif most in schema:
            found.append(f"at most {schema[most]}{what}")
    return found


def _sentence(text: str) -> str:
    return f"{text[0].upper()}{text[1:]}."


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
    if schema.get("type") == "object" and isinstance(schema.get("additionalProperties"), dict):
        return f"object, each value {_type(schema['additionalProperties'])}"
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
