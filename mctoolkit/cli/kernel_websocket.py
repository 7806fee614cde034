"""The WebSocket between a page and its kernel, with Nagle's algorithm off."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptConnection"]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """Jupyter's connection, which sends each message at once.

    By default, the system holds a small message back until the browser acknowledges the previous one. That may take
    40 ms, and 200 ms on Windows; the response to a key press is several small messages.
    """

    def connect(self) -> Any:
        """Set TCP_NODELAY, then connect."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
