"""The commands that print reference data: explain, rules, openapi."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated

import typer

from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.cli.console import OK, print_json

if TYPE_CHECKING:
    from mctoolkit.spec.catalog import Parameter

__all__ = ["explain", "openapi", "rules"]

_LABELS = {
    "type": Message("Type"),
    "member": Message("Member"),
    "set_on": Message("On"),
    "required_on": Message("Required on"),
    "values": Message("Known values"),
    "example": Message("Example"),
    "context": Message("In Adobe Analytics"),
    "xdm": Message("In XDM"),
    "source": Message("Source"),
}


def explain(
    key: Annotated[str | None, typer.Argument(help=_("A key such as media.length, or a search term."))] = None,
) -> None:
    """Print the reference of the keys, or of one key."""
    from mctoolkit.spec import catalog

    if key is None:
        for parameter in catalog.parameters_of("sessionStart"):
            mark = _("Required") if parameter.required("sessionStart") else _("Optional")
            print(f"{parameter.key:38} {parameter.type:8} {mark:9} {parameter.label}")
        return
    misspelling = catalog.misspellings().get(key)
    if misspelling is not None:
        print(f"{key}: {misspelling.why}")
        key = misspelling.meant
        if key is None:
            return
    parameter = catalog.parameters().get(key) or _search(key)
    print("\n".join(_description(parameter)))


def rules() -> None:
    """Print the rules of sessions."""
    from mctoolkit.spec import session_rules

    for _id, rule in sorted(session_rules.rules().items()):
        print(f"{rule.id:26} {rule.level:8} {rule.title:46} {rule.source}")


def openapi() -> None:
    """Print the API as an OpenAPI document."""
    from mctoolkit.spec.openapi import document

    print_json(document())


def _search(term: str) -> Parameter:
    """Return the only key that matches a search term; if several match, print them and exit."""
    from mctoolkit.spec import catalog

    found = catalog.search(term)
    if len(found) == 1:
        return found[0]
    if found:
        for parameter in found:
            print(f"{parameter.key:38} {parameter.label}")
        raise typer.Exit(OK)
    return catalog.parameter(term)


def _description(parameter: Parameter) -> list[str]:
    from mctoolkit.spec.catalog import EVERY_EVENT

    values = {
        "type": parameter.type + (f", {_('in {unit}').format(unit=parameter.unit)}" if parameter.unit else ""),
        "member": ".".join(parameter.place[:-1]) or _("top level"),
        "set_on": ", ".join(parameter.set_on).replace(EVERY_EVENT, _("every event")) or _("no event (obsolete)"),
        "required_on": ", ".join(parameter.required_on).replace(EVERY_EVENT, _("every event")),
        "values": ", ".join(parameter.values),
        "example": json.dumps(parameter.example) if parameter.example is not None else "",
        "context": parameter.context or "",
        "xdm": parameter.xdm or "",
        "source": parameter.source,
    }
    lines = [f"{parameter.key}  {parameter.label}", parameter.help]
    return lines + [f"  {_LABELS[name]!s}: {value}" for name, value in values.items() if value]
