"""The wire between a page and its Python, on which what was typed is answered at once."""

from __future__ import annotations

from typing import Any

from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

__all__ = ["PromptConnection"]


class PromptConnection(ZMQChannelsWebsocketConnection):
    """The connection that Jupyter has, with each message sent when it is there.

    Left to itself, the system holds a small message back until the one before it is acknowledged, for which a browser
    may take 40 ms, and 200 on Windows. An answer to a key press is several small messages.
    """

    def connect(self) -> Any:
        """Connect as ever, on a wire that waits for nothing."""
        self.websocket_handler.set_nodelay(True)
        return super().connect()
