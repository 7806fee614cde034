"""The wire between a page and its Python."""

from __future__ import annotations

from pathlib import Path

import pytest
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets.utils.importstring import import_item

from mctoolkit.cli import lab, page, prompt, serving


def test_a_small_message_waits_for_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    done: list[object] = []

    class Handler:
        def set_nodelay(self, value: bool) -> None:
            done.append(value)

    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "websocket_handler", Handler())
    monkeypatch.setattr(ZMQChannelsWebsocketConnection, "connect", lambda self: done.append("connected"))
    prompt.PromptConnection.connect(object.__new__(prompt.PromptConnection))
    assert done == [True, "connected"]


def test_both_servers_use_it() -> None:
    assert import_item(serving.CONNECTION) is prompt.PromptConnection
    given = lab._arguments(Path("/a"), Path("/a/.mctoolkit"), "/lab", "t", True, None)
    assert f"--ServerApp.kernel_websocket_connection_class={serving.CONNECTION}" in given
    assert page._chosen("/a", "t", None, "/b")["kernel_websocket_connection_class"] == serving.CONNECTION
