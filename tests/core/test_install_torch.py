"""`make lesson` takes PyTorch's CPU build, and PyPI's where that index is not reached."""

import http.server
import io
import os
import socket
import sys
import threading
import zipfile

import install_torch
import pytest

NAMES = "torch-9.9.9-py3-none-any.whl", "torchvision-9.9.9-py3-none-any.whl"


def wheel(name):
    """The bytes of an empty wheel that pip installs."""
    distribution, version = name.split("-")[:2]
    info, data = f"{distribution}-{version}.dist-info", io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        archive.writestr(f"{distribution}.py", "")
        archive.writestr(
            f"{info}/METADATA", f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n"
        )
        archive.writestr(f"{info}/WHEEL", "Wheel-Version: 1.0\nTag: py3-none-any\n")
        archive.writestr(f"{info}/RECORD", f"{distribution}.py,,\n{info}/METADATA,,\n")
    return data.getvalue()


class Index(http.server.BaseHTTPRequestHandler):
    """An index of two empty wheels."""

    def do_GET(self):
        name = self.path.rstrip("/").split("/")[-1]
        if name in NAMES:
            body = wheel(name)
        else:
            body = "".join(f'<a href="/{n}">{n}</a>' for n in NAMES if n.startswith(f"{name}-"))
            body = f"<!DOCTYPE html><html><body>{body}</body></html>".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        pass


@pytest.fixture
def index():
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Index) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}"
        server.shutdown()


@pytest.fixture
def silent():
    """The address of a server that takes a connection and never answers."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield f"http://127.0.0.1:{server.getsockname()[1]}"


@pytest.fixture
def bare(monkeypatch):
    """A Linux machine without GPU and without torch; gives the list of what pip is asked for."""
    asked = []
    monkeypatch.setattr(install_torch.importlib.util, "find_spec", lambda name: None)
    monkeypatch.setattr(install_torch.platform, "system", lambda: "Linux")
    monkeypatch.setattr(install_torch, "has_nvidia", lambda: False)
    monkeypatch.setattr(install_torch, "install", lambda index: asked.append(index) or 0)
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    return asked


def closed():
    """An address at which nobody listens."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    return f"http://127.0.0.1:{port}"


def test_an_index_that_answers_is_asked_first(bare, index, capsys):
    assert install_torch.main("", index) == 0
    assert bare == [index]
    assert "CPU build is taken" in capsys.readouterr().out


@pytest.mark.parametrize("build, status", [("", 0), ("cpu", 1)])
def test_an_index_that_refuses_leaves_it_to_pypi_unless_asked_for(bare, build, status, capsys):
    assert install_torch.main(build, closed()) == status
    said = "".join(capsys.readouterr())
    assert bare == [] and "not reached" in said and "efused" in said and "3.2 GB" in said


def test_an_index_that_hangs_is_given_up(bare, silent, monkeypatch, capsys):
    monkeypatch.setattr(install_torch.why_not_reached, "__defaults__", (0.3,))
    assert install_torch.main("", silent) == 0
    assert bare == [] and "not reached" in capsys.readouterr().out


def test_an_index_without_torch_is_not_taken(bare, index, monkeypatch):
    assert install_torch.why_not_reached(index) == ""
    monkeypatch.setitem(globals(), "NAMES", ())
    assert install_torch.why_not_reached(index) == "it offers no torch"


def test_pip_that_fails_leaves_it_to_pypi(bare, index, monkeypatch, capsys):
    monkeypatch.setattr(install_torch, "install", lambda index: 1)
    assert install_torch.main("", index) == 0
    assert "could not be installed: PyPI's build is taken" in capsys.readouterr().out


@pytest.mark.parametrize(
    "build, system, nvidia, cpu",
    [
        ("", "Linux", False, True),
        ("", "Linux", True, False),
        ("", "Darwin", False, False),
        ("", "Windows", False, False),
        ("cpu", "Linux", True, True),
        ("cuda", "Linux", False, False),
    ],
)
def test_the_machine_decides_unless_the_hand_does(monkeypatch, build, system, nvidia, cpu):
    monkeypatch.setattr(install_torch.platform, "system", lambda: system)
    monkeypatch.setattr(install_torch, "has_nvidia", lambda: nvidia)
    assert install_torch.wants_cpu_build(build) is cpu


def test_what_is_installed_or_unknown_asks_nobody(bare, monkeypatch, capsys):
    assert install_torch.main("gpu", closed()) == 2
    assert "may be cpu or cuda" in capsys.readouterr().err
    monkeypatch.setattr(install_torch.importlib.util, "find_spec", lambda name: "a spec")
    assert install_torch.main("cpu", closed()) == 0
    assert bare == []


def test_pip_takes_both_from_the_index(index, tmp_path, monkeypatch):
    pytest.importorskip("pip")
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)  # a machine's own places for wheels
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    assert install_torch.wanted() and all(w.startswith("torch") for w in install_torch.wanted())
    assert (
        install_torch.install(index, "--no-deps", "--target", str(tmp_path), "--no-cache-dir") == 0
    )
    assert {p.name for p in tmp_path.glob("*.py")} == {"torch.py", "torchvision.py"}


@pytest.mark.skipif(sys.platform != "linux", reason="a script of sh stands for nvidia-smi")
@pytest.mark.parametrize(
    "script, seen",
    [("echo 'GPU 0: NVIDIA'", True), ("echo 'No devices found'; exit 6", False), ("exit 0", False)],
)
def test_a_gpu_is_what_its_own_tool_lists(tmp_path, monkeypatch, script, seen):
    tool = tmp_path / "nvidia-smi"
    tool.write_text(f"#!/bin/sh\n{script}\n")
    tool.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(install_torch.Path, "exists", lambda path: False)
    assert install_torch.has_nvidia() is seen
