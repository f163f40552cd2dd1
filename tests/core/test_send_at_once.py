"""Jupyter's servers, as the Makefile sets them up, send small messages without waiting."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
CLASSIC = ROOT / ".venv-classic" / "bin" / "python"

# What a server does with its settings, and a connection that notes what is asked of it.
NOTES = """\
import sys
asked = []
def as_usual(self, *args):
    asked.append("as usual")
"""
LAB = """\
from jupyter_server.serverapp import ServerApp
from jupyter_server.services.kernels.connection.channels import ZMQChannelsWebsocketConnection
from traitlets.config import Config

class Handler:
    set_nodelay = asked.append

ZMQChannelsWebsocketConnection.connect = as_usual
c = Config()
exec(sys.argv[1], {"c": c})
kind = ServerApp(config=c).kernel_websocket_connection_class
connection = kind.__new__(kind)
connection._trait_values = {"websocket_handler": Handler}
connection.connect()
"""
CLASSIC_NOTEBOOK = """\
from notebook.services.kernels.handlers import ZMQChannelsHandler

class Handler(ZMQChannelsHandler):
    def set_nodelay(self, on):
        asked.append(on)

ZMQChannelsHandler.open = as_usual
exec(sys.argv[1], {})
Handler.__new__(Handler).open("id")
"""
TELL = "print(asked, 'matplotlib' in sys.modules)"


def settings(name):
    """The text that `make` writes as a server's settings."""
    return re.search(rf"define {name}\n(.*?)endef", (ROOT / "Makefile").read_text("utf-8"), re.S)[1]


@pytest.mark.parametrize(
    ("name", "python", "code"),
    [
        ("LAB_CONFIG", Path(sys.executable), LAB),
        ("CLASSIC_CONFIG", CLASSIC, CLASSIC_NOTEBOOK),
    ],
    ids=["JupyterLab", "classic Notebook"],
)
def test_a_connection_waits_for_nothing_and_the_server_loads_no_pictures(name, python, code):
    if not python.exists():
        pytest.skip("no .venv-classic; `make test` makes it")
    done = subprocess.run(
        [python, "-c", NOTES + code + TELL, settings(name)],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert done.stdout.split("\n")[0] == "[True, 'as usual'] False", done.stderr
