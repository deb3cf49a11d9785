"""The settings, read once from the environment, a TOML file and the defaults, in this order. Only cli and app see them.

An unknown key, a bad value or a secret that may not be used in production is an error that names it.
"""

from __future__ import annotations

import base64
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from ipaddress import ip_network
from pathlib import Path
from typing import Any, get_type_hints
from urllib.parse import urlsplit

from majlis import errors
from majlis.domain.site import LANGUAGES

PREFIX = "MAJLIS_"
LEAST_SECRET = 32


def _setting(default: Any, help: str) -> Any:
    return field(default=default, metadata={"help": help})


@dataclass(frozen=True, kw_only=True)
class Config:
    """Every setting, with its default and what it is for."""

    database: str = _setting("", "Address of the database: `sqlite:///PATH` or `postgresql://…`. Required by `serve`.")
    bus: str = _setting(
        "", "NATS server `nats://HOST` at which nodes tell each other of changes. Empty: in PostgreSQL itself."
    )
    secret: str = _setting("", "At least 32 random characters that sign receipts and forms. Required by `serve`.")
    public_url: str = _setting("", "The address under which readers reach this server. Required by `serve`.")
    host: str = _setting("127.0.0.1", "The address that the server listens on.")
    port: int = _setting(8000, "The port that the server listens on.")
    proxies: int = _setting(0, "How many proxies of your own stand in front, each adding to `X-Forwarded-For`.")
    site: str = _setting("main", "The id of the site in the database.")
    name: str = _setting("Newsroom", "What readers call the newsroom.")
    language: str = _setting("en", "The language of pages where nothing else is known: en, ar, ckb, kmr, tr or fa.")
    guidelines: str = _setting("", "Folder with your guidelines, one Markdown file a language. Empty: the defaults.")
    policy: str = _setting("", "File with your own lanes (thresholds), all of them. Empty: the defaults.")
    story_origins: tuple[str, ...] = _setting(
        (), "Origins such as `https://news.example` whose pages become stories on their first comment."
    )
    embed_origins: tuple[str, ...] = _setting((), "Origins of pages that may embed the comments.")
    image_origins: tuple[str, ...] = _setting((), "Origins from which photos of imported stories are shown.")
    email_required: bool = _setting(False, "Whether a reader has to give an e-mail address. It is never shown.")
    judging: bool = _setting(
        True,
        "Whether this process judges. Where false, comments that it takes wait for one that does, or for people.",
    )
    comment_characters: int = _setting(5_000, "The most characters of a comment.")
    rates: tuple[str, ...] = _setting((), "Your own rate limits, such as `comment=10/minute;60/hour`. See below.")
    theme_accent: str = _setting("", "Colour of links and buttons, as `#rrggbb`. Empty: the default.")
    theme_font: str = _setting("", "Font family of the comments, as in CSS. Empty: the reader's system fonts.")
    remote_url: str = _setting(
        "",
        "Address of a remote judge, before `/chat/completions`. Empty: none is asked. `remote_from` says what it sees.",
    )
    remote_model: str = _setting("", "The model that the remote judge is to use.")
    remote_key: str = _setting("", "The key for the remote judge.")
    remote_milliseconds: int = _setting(4_000, "How long the remote judge may take before a person decides.")
    remote_from: int = _setting(
        30,
        "From which score in percent, of being rejected at all, a referred comment is sent to the remote judge. Where "
        "nothing can judge a clause, every referred one is; where a signal failed or the language is in doubt, none.",
    )
    remote_certainty: int = _setting(
        95,
        "How often in percent the remote judge is right when it names a clause. Below a reject lane it rejects none.",
    )
    remote_tokens: int = _setting(
        1_000_000,
        "How many tokens each process may spend on the remote judge in a day (UTC). Every start counts anew.",
    )
    coral_secrets: tuple[str, ...] = _setting((), "Signing secrets of Coral's external moderation phases.")
    webhooks: tuple[str, ...] = _setting(
        (), "Your own systems that are told of comments: `https://cms.example/hook whsec_…` each. See webhooks.md."
    )
    webhook_networks: tuple[str, ...] = _setting(
        (), "Networks such as `10.0.0.0/8` in which your own systems may lie; others have to be public, with https."
    )
    log_level: str = _setting("info", "How much is logged: debug, info, warning or error.")


_LEVELS = ("debug", "info", "warning", "error")
_ORIGIN = re.compile(r"https?://[^/?#\s]+")
_ENDPOINT = re.compile(r"https?://[^?#\s]+")
_WEBHOOK = re.compile(r"https?://[^/@?#\s]+([/?][^#\s]*)?")
_WEBHOOK_SECRET = re.compile(r"whsec_[A-Za-z0-9+/]{32,86}={0,2}")
"""24 to 64 bytes in base64, as Standard Webhooks asks for."""

_BUS = re.compile(r"(nats|tls)://[^/\s]+")
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_FONT = re.compile(r"[\w ,'\"-]{0,200}")


def read(environment: Mapping[str, str], file: Path | None = None) -> Config:
    """Return the settings.

    Args:
        environment: variables; those that begin with `MAJLIS_` are settings, and `MAJLIS_X_FILE` names a file that
            holds the value of `x`.
        file: a TOML file; its keys are the settings' names.

    Raises:
        errors.ConfigInvalid: names the setting and the value seen (never a secret's).
    """
    values: dict[str, Any] = {}
    for name, value in _from_file(file).items():
        values[name] = _typed(name, value, origin=str(file))
    for name, text in _from_environment(environment).items():
        values[name] = _typed(name, text, origin="the environment")
    config = Config(**values)
    _check(config)
    return config


def check_production(config: Config) -> None:
    """Refuse to serve readers without what a real server needs. Raises errors.ConfigInvalid."""
    for name in ("database", "secret", "public_url"):
        if not getattr(config, name):
            raise errors.ConfigInvalid(
                f"The setting {name} is not set.",
                hint=f"Set it in majlis.toml or as {PREFIX}{name.upper()}.",
                field=name,
            )
    if len(config.secret) < LEAST_SECRET or len(set(config.secret)) < 8:
        raise errors.ConfigInvalid(
            f"The setting secret has {len(config.secret)} characters or repeats itself; "
            f"{LEAST_SECRET} random ones are needed.",
            hint="Make one with: python3 -c 'import secrets; print(secrets.token_urlsafe(32))'",
            field="secret",
        )


def _from_file(file: Path | None) -> dict[str, Any]:
    if file is None:
        return {}
    try:
        return tomllib.loads(file.read_text("utf-8"))
    except OSError as error:
        raise errors.ConfigInvalid(f"The file {file} cannot be read: {error.strerror}.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise errors.ConfigInvalid(f"The file {file} is not TOML: {error}.") from error


def _from_environment(environment: Mapping[str, str]) -> dict[str, str]:
    found: dict[str, str] = {}
    names = {setting.name for setting in fields(Config)}
    for key, value in environment.items():
        if not key.startswith(PREFIX):
            continue
        name = key.removeprefix(PREFIX).lower()
        if name not in names and name.endswith("_file"):
            name = name.removesuffix("_file")
            try:
                value = Path(value).read_text("utf-8").strip()
            except OSError as error:
                raise errors.ConfigInvalid(
                    f"The file that {key} names cannot be read: {error.strerror}.", field=name
                ) from error
        found[name] = value
    return found


def _typed(name: str, value: Any, *, origin: str) -> Any:
    kinds = get_type_hints(Config)
    if name not in kinds:
        raise errors.ConfigInvalid(
            f"The setting {name} in {origin} is not known.", hint="docs/configuration.md lists them all.", field=name
        )
    kind = kinds[name]
    if kind is int and isinstance(value, str) and re.fullmatch(r"-?\d{1,9}", value):
        return int(value)
    if kind is bool and isinstance(value, str) and value.lower() in {"true", "false"}:
        return value.lower() == "true"
    if kind == tuple[str, ...]:
        if isinstance(value, str):
            return tuple(part.strip() for part in value.split(",") if part.strip())
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
    elif isinstance(value, kind) and not (kind is int and isinstance(value, bool)):
        return value
    shown = "" if name in {"secret", "database", "bus", "remote_key", "coral_secrets", "webhooks"} else f" {value!r}"
    wanted = {"int": "a whole number", "bool": "true or false", "str": "text"}.get(
        getattr(kind, "__name__", ""), "a list of texts"
    )
    raise errors.ConfigInvalid(f"The value{shown} of {name} in {origin} is not {wanted}.", field=name)


def _check(config: Config) -> None:
    def refuse(name: str, wanted: str) -> None:
        raise errors.ConfigInvalid(f"The value {getattr(config, name)!r} of {name} is not {wanted}.", field=name)

    if config.bus and not _BUS.fullmatch(config.bus):
        raise errors.ConfigInvalid("The value of bus is not an address such as nats://host:4222.", field="bus")
    if config.bus and config.database.startswith("sqlite:"):
        raise errors.ConfigInvalid(
            "The setting bus is for several nodes, and one process alone serves a SQLite file.",
            hint="Remove bus, or use PostgreSQL.",
            field="bus",
        )
    if not 0 <= config.port <= 65_535:
        refuse("port", "a port between 0 and 65535")
    if not 0 <= config.proxies <= 10:
        refuse("proxies", "a number between 0 and 10")
    if config.language not in LANGUAGES:
        refuse("language", f"one of {', '.join(LANGUAGES)}")
    if not 1 <= config.comment_characters <= 5_000:
        refuse("comment_characters", "between 1 and 5000")
    if config.remote_url and not _ENDPOINT.fullmatch(config.remote_url):
        refuse("remote_url", "an address such as https://models.example/v1")
    if config.remote_url and not config.remote_model:
        refuse("remote_model", "the name of a model, which remote_url needs")
    if not 100 <= config.remote_milliseconds <= 60_000:
        refuse("remote_milliseconds", "between 100 and 60000")
    for name in ("remote_from", "remote_certainty"):
        if not 0 <= getattr(config, name) <= 100:
            refuse(name, "a share between 0 and 100")
    if config.remote_tokens < 0:
        refuse("remote_tokens", "a number of tokens")
    if config.log_level not in _LEVELS:
        refuse("log_level", f"one of {', '.join(_LEVELS)}")
    if config.public_url and (not _ORIGIN.fullmatch(config.public_url) or not urlsplit(config.public_url).hostname):
        refuse("public_url", "an origin such as https://comments.news.example, without a path")
    for name in ("story_origins", "embed_origins", "image_origins"):
        if not all(_ORIGIN.fullmatch(origin) for origin in getattr(config, name)):
            refuse(name, "a list of origins such as https://news.example, without a path")
    for place, webhook in enumerate(config.webhooks, 1):
        _check_webhook(webhook, place)
    if len({webhook.split()[0] for webhook in config.webhooks}) < len(config.webhooks):
        raise errors.ConfigInvalid("An address stands in webhooks twice.", field="webhooks")
    for network in config.webhook_networks:
        try:
            ip_network(network)
        except ValueError:
            refuse("webhook_networks", "a list of networks such as 10.0.0.0/8 or 127.0.0.1")
    if config.theme_accent and not _COLOUR.fullmatch(config.theme_accent):
        refuse("theme_accent", "a colour such as #7a1f2b")
    if not _FONT.fullmatch(config.theme_font):
        refuse("theme_font", "a CSS font family")
    if not re.fullmatch(r"[a-z0-9-]{1,40}", config.site):
        refuse("site", "lower-case letters, digits and hyphens")


def _check_webhook(webhook: str, place: int) -> None:
    url, *secrets = webhook.split() or [""]
    try:
        fits = bool(_WEBHOOK.fullmatch(url) and urlsplit(url).hostname and urlsplit(url).port != 0)
    except ValueError:
        fits = False
    if not fits:
        raise errors.ConfigInvalid(
            f"Entry {place} of webhooks does not begin with an address such as https://cms.example/hook.",
            field="webhooks",
        )
    if not 1 <= len(secrets) <= 2 or not all(_is_webhook_secret(secret) for secret in secrets):
        raise errors.ConfigInvalid(
            f"The address of entry {place} of webhooks is not followed by a space and one or two secrets (whsec_…).",
            hint="Make one with: python3 -c 'import base64, secrets; "
            'print("whsec_" + base64.b64encode(secrets.token_bytes(32)).decode())\'',
            field="webhooks",
        )


def _is_webhook_secret(secret: str) -> bool:
    try:
        return bool(
            _WEBHOOK_SECRET.fullmatch(secret) and base64.b64decode(secret.removeprefix("whsec_"), validate=True)
        )
    except ValueError:
        return False
