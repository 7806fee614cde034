"""The commands that send events: send, simulate."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Annotated

import typer

from mctoolkit._core.messages import gettext as _
from mctoolkit.cli.console import FAILED, OK, Body, print_error, print_text, read_body, verdict_status

if TYPE_CHECKING:
    from mctoolkit.sandbox import Sandbox

__all__ = ["send", "simulate"]

_Host = Annotated[
    str | None,
    typer.Option(help=_("The host, such as company.hb-api.omtrdc.net, or a URL; a new sandbox by default.")),
]


def send(
    body: Body,
    to: _Host = None,
    anyway: Annotated[bool, typer.Option("--anyway", help=_("Send the body even if it has errors."))] = False,
) -> None:
    """Send a sessionStart and print the response."""
    from mctoolkit.client.client import Client
    from mctoolkit.models.errors import NoResponse
    from mctoolkit.models.event import Event
    from mctoolkit.validation import validate

    event = Event(read_body(body))
    verdict = validate(event, endpoint="sessions")
    if verdict.errors and not anyway:
        print_error(str(verdict))
        print_error(_("Nothing was sent. To send the body with its errors: --anyway"))
        raise typer.Exit(verdict_status(verdict))
    with ExitStack() as stack:
        client = stack.enter_context(Client(_host_or_sandbox(to, stack)))
        try:
            exchange = client.start_session(event, send_anyway=anyway)
        except NoResponse as error:
            print_error(str(error.exchange))
            raise typer.Exit(FAILED) from None
    print_text(exchange)
    if exchange.session_id is not None:
        print(_("Session id: {id}").format(id=exchange.session_id))
    raise typer.Exit(OK if exchange.status == 201 else FAILED)


def simulate(
    scenario: Annotated[
        str | None,
        typer.Argument(
            metavar="SCENARIO",
            help=_("A scenario, such as timeline-1, or a .toml file; lists the scenarios if omitted."),
        ),
    ] = None,
    to: _Host = None,
    speed: Annotated[
        float | None,
        typer.Option(
            help=_(
                "The speed: 1 is real time, 10 is ten times as fast. By default, events are sent at once and the "
                "sandbox's clock is advanced."
            )
        ),
    ] = None,
    defect: Annotated[
        list[str] | None,
        typer.Option(
            metavar="DEFECT",
            help=_("A mistake that the player makes, such as no-pings; repeatable. An unknown name lists all."),
        ),
    ] = None,
    keep_going: Annotated[
        bool, typer.Option("--keep-going", help=_("Continue after 404, 410 and no response, as Adobe's SDKs do."))
    ] = False,
) -> None:
    """Send the events of a scenario and print the responses."""
    from mctoolkit.simulation import known
    from mctoolkit.simulation import scenario as read_scenario
    from mctoolkit.simulation.runner import simulate

    if scenario is None:
        for name, preset in known().items():
            print(f"{name:12} {preset.about}")
        return
    events = read_scenario(scenario)
    with ExitStack() as stack:
        host = _host_or_sandbox(to, stack)
        run = simulate(events, host, speed=speed, defects=defect or (), keep_going=keep_going, on_progress=print_text)
    print_text(run.message)
    raise typer.Exit(OK if run.ok else FAILED)


def _host_or_sandbox(to: str | None, stack: ExitStack) -> str | Sandbox:
    if to is not None:
        return to
    from mctoolkit.sandbox import Sandbox

    return stack.enter_context(Sandbox())
