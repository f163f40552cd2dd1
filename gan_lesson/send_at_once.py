"""Jupyter's servers send each small message at once, as sliders need.

By themselves they leave small messages waiting, about 40 ms each, until the browser has
acknowledged the one before (Nagle's algorithm); a slider then feels like treacle. The settings that
the Makefile writes for JupyterLab and classic Notebook call this, and so does the wall.
"""


def connection_class() -> type:
    """Return what `ServerApp.kernel_websocket_connection_class` may be (JupyterLab, Voila)."""
    from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection

    class SendAtOnce(ZMQChannelsWebsocketConnection):
        """A connection that does not wait for the browser between two small messages."""

        def connect(self):
            """Connect as usual, without Nagle's algorithm."""
            self.websocket_handler.set_nodelay(True)
            return super().connect()

    return SendAtOnce


def in_classic_notebook() -> None:
    """Let classic Notebook do the same; it has no setting for it."""
    from notebook.services.kernels.handlers import ZMQChannelsHandler

    as_usual = ZMQChannelsHandler.open

    def open_and_send_at_once(self, *args, **kwargs):
        self.set_nodelay(True)
        return as_usual(self, *args, **kwargs)

    ZMQChannelsHandler.open = open_and_send_at_once
