"""A Starlette server that only validates, as a peer of the sandbox: ``python -m benchmarks._bare``."""

from __future__ import annotations

import socket
from collections.abc import Awaitable, Callable

import jsonschema_rs
import orjson
import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from mctoolkit.spec import catalog, schemas

CHECKS = {name: jsonschema_rs.Draft4Validator(schemas.schema(name)) for name in catalog.event_types()}
SID = "0" * 64


def _handler(status: int, headers: dict[str, str]) -> Callable[[Request], Awaitable[Response]]:
    async def handle(request: Request) -> Response:
        body = orjson.loads(await request.body())
        valid = CHECKS[body["eventType"]].is_valid(body)
        return Response(status_code=status if valid else 400, headers=headers)

    return handle


def application() -> Starlette:
    """Return an app with the two POST routes of the API, which only validates each body against its schema."""
    start = _handler(201, {"Location": f"/api/v1/sessions/{SID}"})
    return Starlette(
        routes=[
            Route("/api/v1/sessions", start, methods=["POST"]),
            Route("/api/v1/sessions/{sid}/events", _handler(204, {}), methods=["POST"]),
        ]
    )


def main() -> None:
    """Serve the app on a free port, with the same server and event loop as the sandbox."""
    listening = socket.create_server(("127.0.0.1", 0), backlog=1024)
    print(f"listening on http://127.0.0.1:{listening.getsockname()[1]}", flush=True)
    config = uvicorn.Config(application(), log_level="error", access_log=False, lifespan="off")
    uvicorn.Server(config).run(sockets=[listening])


if __name__ == "__main__":
    main()
