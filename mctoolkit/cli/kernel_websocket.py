"""The WebSocket between a page and its kernel, without Nagle's algorithm."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["NoDelayConnection"]


class NoDelayConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's connection with TCP_NODELAY, so that each message is sent immediately.

    By default, the system delays a small message until the browser acknowledges the previous one, by up to 40 ms, or
    200 ms on Windows; a keystroke in the form causes several small messages.
    """

    def connect(self) -> Any:
        """Set TCP_NODELAY, then connect."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
