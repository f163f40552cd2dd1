"""Install PyTorch's small CPU build where no NVIDIA GPU is seen, before the rest is installed.

    python tools/install_torch.py "" https://…/whl/cpu      # or "cpu", or "cuda", to decide by hand

PyPI's build for Linux brings CUDA with it, 3.2 GB instead of 0.4. Whatever this leaves
uninstalled, the call of pip that follows takes from PyPI. Standard library only: it runs in an
environment that is still empty.
"""

import importlib.util
import platform
import re
import shutil
import subprocess
import sys
import threading
import urllib.request
from pathlib import Path

PATIENCE = 8.0  # seconds for the index to answer
REQUIREMENTS = Path(__file__).parent.parent / "requirements.txt"


def main(build: str, index: str) -> int:
    """Install what `build` ("", "cpu" or "cuda") asks for; return the exit status."""
    if build not in ("", "cpu", "cuda"):
        return _say(f"TORCH={build}: it may be cpu or cuda, or left out.", status=2)
    if importlib.util.find_spec("torch") or not wants_cpu_build(build):
        return 0
    if why := why_not_reached(index):
        return _without(build, f"PyTorch's CPU index was not reached ({why})")
    _say("No NVIDIA GPU is seen, so PyTorch's CPU build is taken." if not build else "")
    if install(index):
        return _without(build, "PyTorch's CPU build could not be installed")
    return 0


def wants_cpu_build(build: str) -> bool:
    """Tell whether the CPU build is to be taken: by hand, or on Linux without an NVIDIA GPU.

    Elsewhere PyPI's own build has no CUDA in it.
    """
    return build == "cpu" or (build == "" and platform.system() == "Linux" and not has_nvidia())


def has_nvidia() -> bool:
    """Tell whether this machine shows an NVIDIA GPU, or the driver of one."""
    if Path("/proc/driver/nvidia/version").exists():
        return True
    if not (tool := shutil.which("nvidia-smi")):
        return False
    try:
        told = subprocess.run([tool, "-L"], capture_output=True, timeout=20, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return told.returncode == 0 and b"GPU" in told.stdout


def why_not_reached(index: str, patience: float = PATIENCE) -> str:
    """Return why the index does not offer torch, or "" if it does within `patience` seconds.

    A thread asks, because a server that sends a byte now and then keeps a socket's own timeout
    from ending.
    """
    found = [f"no answer within {patience:.0f} seconds"]

    def ask():
        try:
            with urllib.request.urlopen(f"{index.rstrip('/')}/torch/", timeout=patience) as page:
                found[0] = "" if b"torch-" in page.read() else "it offers no torch"
        except Exception as error:
            found[0] = str(getattr(error, "reason", "") or error) or type(error).__name__

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(patience)
    return found[0]


def install(index: str, *options: str) -> int:
    """Let pip take torch and torchvision from `index`; return pip's exit status."""
    quiet = [] if sys.stderr.isatty() else ["--quiet"]
    pip = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *quiet]
    return subprocess.call([*pip, *options, *wanted(), "--index-url", index, "--retries", "1"])


def wanted() -> list[str]:
    """Return the lines of requirements.txt for torch and torchvision."""
    return re.findall(r"^torch(?:vision)?\b.*", REQUIREMENTS.read_text(), re.M)


def _without(build: str, what: str) -> int:
    """Say what happens instead; an error if the CPU build was asked for by hand."""
    if build == "cpu":
        return _say(f"{what}. Say TORCH=cuda to take PyPI's build, which is 3.2 GB.", status=1)
    return _say(f"{what}: PyPI's build is taken, 3.2 GB instead of 0.4.")


def _say(sentence: str, status: int = 0) -> int:
    if sentence:
        print(sentence, file=sys.stderr if status else sys.stdout, flush=True)
    return status


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
