"""The image: its Dockerfile is read, its steps are tried, its server starts without a network.

With GAN_LESSON_IMAGE=1 the steps are executed for real, which takes minutes and a network: in
docker where it runs, and the learner's own steps in a folder.
"""

import fnmatch
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
REALLY = bool(os.environ.get("GAN_LESSON_IMAGE"))
really = pytest.mark.skipif(not REALLY, reason="takes minutes and the network: GAN_LESSON_IMAGE=1")


def instructions():
    """The Dockerfile's instructions in order, as pairs of a word and the rest."""
    text = re.sub(r"(?m)^\s*#.*\n", "", (ROOT / "Dockerfile").read_text("utf-8"))
    lines = re.sub(r"\\\n\s*", "", text).strip().splitlines()
    return [tuple(line.split(maxsplit=1)) for line in lines if line.strip()]


STEPS = instructions()
ARGUMENTS = dict(rest.split("=", 1) for word, rest in STEPS if word == "ARG")


def filled(text, names):
    return re.sub(r"\$\{(\w+)\}", lambda found: names[found[1]], text)


def environment():
    """ARG and ENV, as a step after all of them sees them."""
    names = {"PATH": "/usr/bin:/bin", **ARGUMENTS}
    for word, rest in STEPS:
        if word == "ENV":
            now = dict(names)
            for pair in shlex.split(rest):
                name, value = pair.split("=", 1)
                names[name] = filled(value, now)
    return names


def only(word):
    (rest,) = [rest for each, rest in STEPS if each == word]
    return rest


def ignored(name):
    """Whether .dockerignore keeps a path of the tree out of the image."""
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        if line and not line.startswith("#"):
            pattern = line.removeprefix("**/")
            parts = name.split("/")
            tried = parts if line.startswith("**/") else parts[:1]
            if any(fnmatch.fnmatch(part, pattern) for part in tried):
                return True
    return False


def tracked():
    listed = subprocess.check_output(
        ["git", "ls-files", "-coz", "--exclude-standard"], cwd=ROOT, text=True
    )
    return [name for name in listed.split("\0") if name and (ROOT / name).is_file()]


# --- what it says -------------------------------------------------------------------------------


def test_it_starts_from_a_named_version_and_names_no_other_machine():
    image = only("FROM")
    assert re.fullmatch(r"[a-z]+:[\w.-]*\d[\w.-]*", image), "a tag with a number, no registry"
    assert "://" not in (ROOT / "Dockerfile").read_text("utf-8")


def test_nobody_is_root_in_it_and_only_the_first_step_is_roots():
    words = [word for word, _ in STEPS]
    user = words.index("USER")
    assert filled(only("USER"), ARGUMENTS) == ARGUMENTS["NB_USER"] != "root"
    assert int(ARGUMENTS["NB_UID"]) >= 1000
    before, after = (
        [rest for word, rest in part if word == "RUN"] for part in (STEPS[:user], STEPS[user:])
    )
    assert len(before) == 1 and "apt-get" in before[0] and "pip" not in before[0]
    assert len(after) == 1 and "apt-get" not in after[0]
    assert words.index("COPY") > user and only("COPY").startswith("--chown=")


def test_it_takes_the_cpu_build_by_the_makefile_and_keeps_no_cache():
    (install,) = [rest for word, rest in STEPS if word == "RUN" and "make" in rest.split()[0]]
    assert "make .venv/.lab TORCH=cpu" in install
    assert environment()["PIP_NO_CACHE_DIR"] == "1"


def test_every_file_of_the_course_goes_into_it_and_no_environment_does():
    kept = [name for name in tracked() if not ignored(name)]
    lost = {name.partition("/")[0] for name in tracked() if ignored(name)}
    assert lost == {".github"}
    digits = [name for name in kept if name.endswith(".npz")]
    assert digits and "notebooks/06_digits.ipynb" in kept and "Makefile" in kept
    for name in (".venv/bin/python", ".git/config", "my_lessons/a.ipynb", "a/__pycache__/b.pyc"):
        assert ignored(name)


def test_it_opens_the_lessons_as_make_lesson_does():
    command = json.loads(only("CMD"))
    assert command[:2] == ["make", "lesson"]
    assert "--ip=0.0.0.0" in command[2] and f"--port={only('EXPOSE')}" in command[2]


def test_codespaces_builds_the_same_image():
    settings = json.loads((ROOT / ".devcontainer" / "devcontainer.json").read_text("utf-8"))
    folder = ROOT / ".devcontainer"
    assert (folder / settings["build"]["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert (folder / settings["build"]["context"]).resolve() == ROOT
    assert settings["remoteUser"] == ARGUMENTS["NB_USER"]
    vscode = settings["customizations"]["vscode"]["settings"]
    assert vscode["python.defaultInterpreterPath"] == f"{only('WORKDIR')}/.venv/bin/python"
    for name in settings["customizations"]["codespaces"]["openFiles"]:
        assert (ROOT / name).is_file()


# --- its steps, executed ------------------------------------------------------------------------

NOTE = '#!/bin/sh\necho "$(basename "$0") $*" >> "$NOTES"\n'


def test_its_steps_do_in_a_shell_what_they_say(tmp_path):
    """By programs that note how they are called, for those that need root or a network."""
    programs, work = tmp_path / "bin", tmp_path / "course"
    for name in ("apt-get", "rm", "useradd", "install", "make"):
        (programs / name).parent.mkdir(exist_ok=True)
        (programs / name).write_text(NOTE)
        (programs / name).chmod(0o755)
    (work / ".venv" / "bin").mkdir(parents=True)
    shutil.copy(programs / "make", work / ".venv" / "bin" / "python")
    (programs / "basename").symlink_to(shutil.which("basename"))
    names = environment() | {"PATH": str(programs), "NOTES": str(tmp_path / "notes")}
    for word, rest in STEPS:
        if word == "RUN":
            subprocess.run(["/bin/sh", "-ec", rest], cwd=work, env=names, check=True)
    notes = (tmp_path / "notes").read_text().splitlines()
    assert notes.pop(2).startswith("rm -rf /var/lib/apt/lists/")
    assert notes == [
        "apt-get update",
        "apt-get install --yes --no-install-recommends git make",
        "useradd --create-home --home-dir /home/learner --uid 1000 learner",
        "install --directory --owner=learner /course",
        "make .venv/.lab TORCH=cpu",
        "python -m pip install --quiet notebook>=7.4 jupyterhub>=5",
    ]


# Asks the server of the container, or of this environment, and trains where no network is.
ASK = """\
import json, sys, time, urllib.request
for _ in range(240):
    try:
        told = json.load(urllib.request.urlopen("http://127.0.0.1:8888/api", timeout=5))
        break
    except OSError:
        time.sleep(0.5)
from gan_lesson.__main__ import main
assert main(["train", "--steps", "2", "--out", sys.argv[1]]) == 0
print("server", told["version"])
"""


def test_its_command_serves_and_trains_where_no_network_is(tmp_path):
    """The server that `make lesson` starts, in a namespace whose only device is the loopback."""
    alone = ["unshare", "--net", "--fork", "--kill-child", "/bin/sh", "-c"]
    if not (shutil.which("unshare") and shutil.which("ip")):
        pytest.skip("no unshare, or no ip")
    if subprocess.run([*alone, "true"], capture_output=True, check=False).returncode:
        pytest.skip("no namespace without a network can be made here")
    options = json.loads(only("CMD"))[2].removeprefix("LAB_ARGS=").split()
    options += ["--allow-root"] if os.geteuid() == 0 else []
    serve = shlex.join([sys.executable, "-m", "jupyterlab", *options])
    ask = shlex.join([sys.executable, "-c", ASK, str(tmp_path / "out")])
    (tmp_path / "notebooks").mkdir()
    names = {
        "HOME": str(tmp_path),
        "PATH": "/usr/bin:/bin:/usr/sbin:/sbin",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(
        [*alone, f"ip link set lo up; {serve} >log 2>&1 & {ask}; status=$?; kill $!; exit $status"],
        cwd=tmp_path / "notebooks",
        env=names | {"OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert "server" in done.stdout, done.stderr[-2000:] + (tmp_path / "notebooks/log").read_text()


@really
@pytest.mark.skipif(not shutil.which("docker"), reason="no docker")
def test_docker_builds_it_and_it_serves_without_a_network():
    if subprocess.run(["docker", "info"], capture_output=True, check=False).returncode:
        pytest.skip("docker does not run here")
    subprocess.run(["make", "image"], cwd=ROOT, check=True)
    start = ["docker", "run", "--detach", "--rm", "--network", "none", "gan-lessons"]
    container = subprocess.check_output(start, text=True).strip()
    try:
        ask = ["docker", "exec", container, "python", "-c", ASK, "/tmp/out"]
        assert "server" in subprocess.check_output(ask, text=True)
    finally:
        subprocess.run(["docker", "kill", container], check=True, capture_output=True)


@really
def test_its_steps_make_the_environment(tmp_path):
    """The learner's steps, for real, in a folder that holds what .dockerignore lets in."""
    course = tmp_path / "course"
    for name in tracked():
        if not ignored(name):
            (course / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(ROOT / name, course / name)
    kept = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "VIRTUAL_ENV")}
    names = kept | {"PYTHON": sys.executable, "PIP_NO_CACHE_DIR": "1"}
    user = [word for word, _ in STEPS].index("USER")
    for word, rest in STEPS[user:]:
        if word == "RUN":
            subprocess.run(["/bin/sh", "-ec", rest], cwd=course, env=names, check=True)
    ask = "import torch, notebook, jupyterhub, gan_lesson; print(torch.__version__)"
    told = subprocess.check_output([course / ".venv/bin/python", "-c", ask], text=True, cwd="/")
    assert "+cpu" in told
