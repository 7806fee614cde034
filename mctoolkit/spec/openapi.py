"""The API as an OpenAPI 3.1 document, made from the facts: for tools that draw clients, mocks or tests from one."""

from __future__ import annotations

from typing import Any

from mctoolkit._core.messages import Message
from mctoolkit._core.messages import gettext as _
from mctoolkit.spec import catalog, schemas
from mctoolkit.spec.catalog import DocumentedResponse
from mctoolkit.spec.paths import DOWNLOADED_PATH, EVENTS_PATH, SCHEMAS_PATH, SESSIONS_PATH

__all__ = ["document"]

_JSON = "application/json"
_WITHOUT_BODY = frozenset({201, 204})


_ELSEWHERE = ("Content-Type", "Content-Length", "Connection", "Date")
"""Headers that OpenAPI has elsewhere, or that belong to one response: a tool that plays the document would copy them."""


_OPENAPIS = {
    "title": Message("Media Collection API, as mctoolkit understands it"),
    "about": Message(
        "Made by mctoolkit from the pages of Adobe; this is not Adobe's own document. "
        "Where the pages contradict each other, it follows the readings of mctoolkit."
    ),
    "namespace": Message("The name under which Adobe has set up the company."),
    "beginSession": Message("Begin a session; or, deprecated, send the list of events of a downloaded programme"),
    "sendEvent": Message("Send an event of a session"),
    "getSchema": Message("Get the JSON Schema of an event type"),
    "sendDownloaded": Message("Send the list of events of a downloaded programme"),
    "sid": Message("The session id: what stands in the header Location of the 201, after /sessions/."),
    "eventType": Message("An event type."),
}


def document(server: str = "https://{namespace}.hb-api.omtrdc.net") -> dict[str, Any]:
    """Return the OpenAPI 3.1 document of the API; a new dict at each call.

    The schemas are those that the API serves, in the dialect of OpenAPI. One difference is lost: to them ``23.0`` is a
    whole number, and to the draft-04 of the API it is none.

    Parameters
    ----------
    server : str
        The address of the API, such as that of a sandbox.

    Examples
    --------
    >>> sorted(document()["paths"])[:2]
    ['/api/v1/downloaded', '/api/v1/schemas/{eventType}']

    Notes
    -----
    Source: Experience League and the parameter tables, as the catalog has them. Adobe's own Swagger file knows fewer
    keys and neither schemas nor downloads.
    """
    place: dict[str, Any] = {"url": server}
    if "{namespace}" in server:
        said = _("The name under which Adobe has set up the company.")
        place["variables"] = {"namespace": {"default": "company", "description": said}}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": _("Media Collection API, as mctoolkit understands it"),
            "description": _(
                "Made by mctoolkit from the pages of Adobe; this is not Adobe's own document. Where the "
                "pages contradict each other, it follows the readings of mctoolkit."
            ),
            "version": "1",
        },
        "servers": [place],
        "paths": {
            SESSIONS_PATH: {"post": _operation("sessions", "beginSession", _choice("LiveStart", "MarkedList"))},
            EVENTS_PATH: {
                "parameters": [_in_path("sid", {"type": "string", "minLength": 1})],
                "post": _operation("events", "sendEvent", {"$ref": "#/components/schemas/Event"}),
            },
            f"{SCHEMAS_PATH}/{{eventType}}": {
                "parameters": [_in_path("eventType", {"type": "string", "enum": list(catalog.event_types())})],
                "get": _operation("schemas", "getSchema", None),
            },
            DOWNLOADED_PATH: {
                "post": _operation("downloaded", "sendDownloaded", {"$ref": "#/components/schemas/List"})
            },
        },
        "components": {"schemas": _schemas()},
    }


def _operation(endpoint: str, name: str, body: dict[str, Any] | None) -> dict[str, Any]:
    made: dict[str, Any] = {"operationId": name, "summary": str(_OPENAPIS[name])}
    if body is not None:
        made["requestBody"] = {"required": True, "content": {_JSON: {"schema": body}}}
    made["responses"] = {str(status): _response(response) for status, response in catalog.responses(endpoint).items()}
    return made


def _response(response: DocumentedResponse) -> dict[str, Any]:
    headers = {
        header.name: {
            "description": header.help,
            # The response to a list has no Location.
            "required": header.relied_on and header.name != "Location",
            "schema": {"type": "string"},
        }
        for header in response.headers
        if header.name not in _ELSEWHERE
    }
    made: dict[str, Any] = {"description": f"{response.meaning} {response.next_step}", "headers": headers}
    if response.status not in _WITHOUT_BODY:
        body = {"type": "object"} if response.outcome == "accepted" else {"$ref": "#/components/schemas/ApiError"}
        made["content"] = {_JSON: {"schema": body}}
    return made


def _schemas() -> dict[str, Any]:
    made = {name: _schema(name) for name in catalog.event_types()}
    later = [name for name in made if name != "sessionStart"]
    marks = {"LiveStart": False, "MarkedStart": True}
    for name, downloaded in marks.items():
        made[name] = _schema("sessionStart")
        made[name]["properties"]["params"]["properties"]["media.downloaded"] = {"type": "boolean", "enum": [downloaded]}
    made["MarkedStart"]["properties"]["params"]["required"].append("media.downloaded")
    made["Event"] = _choice(*later) | {"discriminator": {"propertyName": "eventType"}}
    made["List"] = _list("sessionStart")
    made["MarkedList"] = _list("MarkedStart") | {"description": str(catalog.rule("list-deprecated").message())}
    made["ApiError"] = {
        "type": "object",
        "properties": {"message": {"type": "string"}},
        "required": ["message"],
    }
    return made


def _schema(event: str) -> dict[str, Any]:
    """Return the schema of an event type with what its keys mean."""
    made = schemas.schema(event)
    del made["$schema"], made["id"]
    made["description"] = catalog.event_type(event).help
    for parameter in catalog.parameters_of(event):
        holder = made
        for part in parameter.place[:-1]:
            holder = holder["properties"][part]
        found = holder["properties"][parameter.place[-1]]
        holder["properties"][parameter.place[-1]] = {**found, "description": parameter.help}
    return made


def _list(first: str) -> dict[str, Any]:
    return {
        "type": "array",
        "minItems": 1,
        "prefixItems": [{"$ref": f"#/components/schemas/{first}"}],
        "items": {"$ref": "#/components/schemas/Event"},
    }


def _choice(*names: str) -> dict[str, Any]:
    return {"oneOf": [{"$ref": f"#/components/schemas/{name}"} for name in names]}


def _in_path(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    said = str(_OPENAPIS[name])
    return {"name": name, "in": "path", "required": True, "description": said, "schema": schema}
