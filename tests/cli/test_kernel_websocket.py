"""The WebSocket between a page and its kernel."""

from __future__ import annotations

import json

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets.utils.importstring import import_item

from mctoolkit.cli import kernel_websocket, server_common


def test_connection_sets_no_delay(monkeypatch: pytest.MonkeyPatch) -> None:
    calls: list[object] = []

    class Handler:
        def set_nodelay(self, value: bool) -> None:
            calls.append(value)

    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "websocket_handler", Handler())
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: calls.append("connected"))
    kernel_websocket.NoDelayConnection.connect(object.__new__(kernel_websocket.NoDelayConnection))
    assert calls == [True, "connected"]


@pytest.mark.parametrize(("file", "server"), [("jupyter_server_config.json", "ServerApp"), ("voila.json", "Voila")])
def test_both_servers_use_the_connection(file: str, server: str) -> None:
    configuration = json.loads((server_common.CONFIGURATION / file).read_text("utf-8"))
    assert import_item(configuration[server]["kernel_websocket_connection_class"]) is kernel_websocket.NoDelayConnection
