"""The commands for who may do what: people of the desk, API keys, and the systems that are told of comments."""

from __future__ import annotations

import secrets
from typing import Annotated

import typer

from majlis.app import DEMO_URL, clock, hooks_of
from majlis.cli.root import (
    ConfigOption,
    DatabaseOption,
    DataOption,
    SiteOption,
    open_database,
    settings_of,
    stderr,
    waits,
)
from majlis.domain.ids import uuid7
from majlis.domain.moment import day
from majlis.domain.site import Role
from majlis.services import keys, roster
from majlis.services.deliver import send_test
from majlis.services.opening import ensure_site
from majlis.services.staff import OPERATOR, add_staff, one_time_login

cli = typer.Typer()

staff_cli = typer.Typer(help="The people of the desk.", no_args_is_help=True)
keys_cli = typer.Typer(help="API keys.", no_args_is_help=True)
hooks_cli = typer.Typer(help="Your own systems that are told of comments.", no_args_is_help=True)
cli.add_typer(staff_cli, name="staff")
cli.add_typer(keys_cli, name="keys")
cli.add_typer(hooks_cli, name="hooks")

PersonArgument = Annotated[str, typer.Argument(help="The name that `majlis staff list` prints.")]


@staff_cli.command("add")
@waits
async def staff_add(
    name: str,
    role: Annotated[Role, typer.Option("--role", help="What they may do.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Add a person of the desk, or take back one who left, and print their one-time login, which works for a day."""
    settings = settings_of(config)
    site, now = site or settings.site, clock()
    async with open_database(data, database, settings) as opened:
        await ensure_site(opened, site=site, name=settings.name, now=now)
        person = await add_staff(opened, site=site, name=name, role=role, now=now, random=secrets.token_bytes(10))
        token = await one_time_login(opened, staff=person, now=now, random=secrets.token_bytes(32))
    if person.created_at < now:
        stderr.print(
            f"majlis: {name!r} was at the desk before; the account is restored, with its earlier decisions.",
            markup=False,
        )
    typer.echo(f"{settings.public_url or DEMO_URL}/desk/login?token={token}")


@staff_cli.command("list")
@waits
async def staff_list(
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the people of the desk, a line each: id, role, since when, name."""
    settings = settings_of(config)
    async with open_database(data, database, settings, create=False) as opened:
        for person in await roster.everybody(opened, site=site or settings.site):
            typer.echo(f"{person.id}  {person.role.value:9}  {day(person.created_at)}  {person.name}")


@staff_cli.command("role")
@waits
async def staff_role(
    name: PersonArgument,
    role: Annotated[Role, typer.Option("--role", help="What they may do from now on.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Give a person of the desk another role, which holds from their next request on."""
    settings = settings_of(config)
    site = site or settings.site
    async with open_database(data, database, settings, create=False) as opened:
        person = await roster.named(opened, site=site, name=name)
        await roster.change_role(opened, site=site, id=person.id, role=role, by=OPERATOR, now=clock())


@staff_cli.command("remove")
@waits
async def staff_remove(
    name: PersonArgument,
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Take a person off the desk at once. What they decided stays, under their name."""
    settings = settings_of(config)
    site = site or settings.site
    async with open_database(data, database, settings, create=False) as opened:
        person = await roster.named(opened, site=site, name=name)
        await roster.remove(opened, site=site, id=person.id, by=OPERATOR, now=clock())


@keys_cli.command("create")
@waits
async def keys_create(
    name: str,
    scope: Annotated[keys.Scope, typer.Option("--scope", help="What the key may do.")],
    rate: Annotated[str, typer.Option(help="How often it may be used, such as 60/minute;1000/day.")] = "",
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Make an API key and print it: once, as the only line. Only its hash is stored."""
    settings = settings_of(config)
    site = site or settings.site
    async with open_database(data, database, settings) as opened:
        await ensure_site(opened, site=site, name=settings.name, now=clock())
        random = secrets.token_bytes(keys.RANDOM_BYTES)
        key = await keys.create_key(opened, site=site, name=name, scope=scope, now=clock(), random=random, rate=rate)
    typer.echo(key)


@keys_cli.command("list")
@waits
async def keys_list(
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Print the keys that work, a line each: id, scope, limit, since when, name."""
    settings = settings_of(config)
    async with open_database(data, database, settings, create=False) as opened:
        for key in await keys.open_keys(opened, site=site or settings.site):
            typer.echo(f"{key.id}  {key.scope:5}  {key.rate or '-'}  {day(key.created_at)}  {key.name}")


@keys_cli.command("revoke")
@waits
async def keys_revoke(
    id: Annotated[str, typer.Argument(help="The id that `majlis keys list` prints.")],
    site: SiteOption = None,
    data: DataOption = None,
    database: DatabaseOption = None,
    config: ConfigOption = None,
) -> None:
    """Revoke an API key. It stops working at once."""
    settings = settings_of(config)
    async with open_database(data, database, settings, create=False) as opened:
        await keys.revoke_key(opened, site=site or settings.site, id=id, now=clock())


@hooks_cli.command("test")
@waits
async def hooks_test(config: ConfigOption = None) -> None:
    """Send a signed test to each address of the settings and print how it went. Exit code 1 if one did not take it."""
    failed = False
    for hook in hooks_of(settings_of(config)):
        answer = await send_test(hook, id=uuid7(clock(), secrets.token_bytes(10)), now=clock())
        typer.echo(f"{hook.url}: {answer.error or 'ok'}")
        failed = failed or bool(answer.error)
    raise typer.Exit(failed)
