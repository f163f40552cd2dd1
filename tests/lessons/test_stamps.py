"""All links and set-up cells name one copy on GitHub and one tag, also in a fork (10 s)."""

import importlib.util
import json
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import stamp
import yaml

import gan_lesson

ROOT = Path(__file__).parents[2]
NOTEBOOKS = ROOT / "notebooks"
TEXTS = sorted((NOTEBOOKS / "text").glob("*.md"))
COURSE = "some-one/gan.course"
STAMPS = re.compile(r"github(?:\.com)?/([\w-]+/[\w.-]+?)(?=/blob|@|\\?[\"`)])")
TAGS = re.compile(r"gan_lesson @ git\+https://github\.com/[\w-]+/[\w.-]+@([\w.+-]+)")
VERSIONS = re.compile(r"built_for\(\\?\"([\d.]+)\\?\"\)")

spec = importlib.util.spec_from_file_location("build", NOTEBOOKS / "build.py")
build = importlib.util.module_from_spec(spec)
spec.loader.exec_module(build)


def texts_of(folder):
    return [path.read_text("utf-8") for path in stamp.files_of(folder)]


def found(pattern, folder):
    return {name for text in texts_of(folder) for name in pattern.findall(text)}


def stamps_in(folder):
    return found(STAMPS, folder) - {"udlbook/udlbook"}


@pytest.fixture
def copy(tmp_path):
    """What a copy of the course is stamped in, and the tools that stamp it."""
    folder = tmp_path / "copy"
    tools = [".ci/stamp", "notebooks/stamp.py", "gan_lesson/__init__.py", ".github/workflows/*"]
    paths = [path for tool in tools for path in ROOT.glob(tool)] + stamp.files_of(ROOT)
    for path in [*paths, ROOT / "requirements.txt", ROOT / "pyproject.toml"]:
        new = folder / path.relative_to(ROOT)
        new.parent.mkdir(parents=True, exist_ok=True)
        new.write_bytes(path.read_bytes())
        new.chmod(path.stat().st_mode)
    return folder


def assert_all_point_at(folder, repo):
    """The stamps' test: one copy, one tag, one version; none where no copy is set."""
    assert stamps_in(folder) == {repo}
    version = stamp.version_of(folder)
    n_lessons = len(list((folder / "notebooks").glob("*.ipynb")))
    texts = texts_of(folder)
    if repo == stamp.UNSET:
        assert found(TAGS, folder) == set()
        assert sum("No copy on GitHub is set" in text for text in texts) >= 2 * n_lessons
    else:
        assert found(TAGS, folder) == {f"v{version}"}
        assert sum(bool(TAGS.search(text)) for text in texts) >= 2 * n_lessons
        assert not any("No copy on GitHub is set" in text for text in texts)
    assert found(VERSIONS, folder) == {".".join(version.split(".")[:2])}


def test_all_links_and_set_up_cells_name_one_copy_and_one_tag():
    (repo,) = stamps_in(ROOT)
    assert_all_point_at(ROOT, repo)


def test_they_are_stamped_for_another_copy_and_back(copy):
    before = {p: p.read_bytes() for p in copy.rglob("*") if p.is_file()}
    (present,) = stamps_in(copy)
    changed = stamp.stamp(copy, COURSE)
    assert len(changed) > 20
    assert_all_point_at(copy, COURSE)
    for path in copy.rglob("*.ipynb"):
        nbformat.validate(nbformat.read(path, as_version=4))
    assert stamp.stamp(copy, COURSE) == []
    stamp.stamp(copy, present)
    assert {p: p.read_bytes() for p in before} == before


def test_a_stamped_notebook_is_what_the_build_would_write(copy):
    """Its JSON, to the byte, so that a stamp changes no other line."""
    stamp.stamp(copy, COURSE)
    for path in copy.rglob("*.ipynb"):
        text = path.read_text("utf-8")
        assert nbformat.writes(nbformat.reads(text, 4)).rstrip("\n") + "\n" == text


def test_a_new_version_is_stamped_into_every_set_up_cell(copy):
    stamp.stamp(copy, COURSE)
    package = copy / "gan_lesson" / "__init__.py"
    text = package.read_text("utf-8")
    package.write_text(text.replace(f'"{gan_lesson.__version__}"', '"0.17.3"'), "utf-8")
    stamp.stamp(copy, COURSE)
    assert found(TAGS, copy) == {"v0.17.3"} and found(VERSIONS, copy) == {"0.17"}


def test_the_mark_of_a_text_follows_its_words_and_not_the_copy_it_points_at(copy, tmp_path):
    def marks(folder, change=lambda text: text):
        for text in sorted((folder / "notebooks" / "text").glob("*.md")):
            other = tmp_path / text.name
            other.write_text(change(text.read_text("utf-8")), "utf-8")
            yield build.mark(build.assemble(build.read_text(other), "answer"))

    before = list(marks(ROOT))
    for repo in (COURSE, stamp.UNSET):
        stamp.stamp(copy, repo)
        assert list(marks(copy)) == before and len(set(before)) == len(TEXTS)
    assert not set(marks(ROOT, lambda text: text.replace(" a ", " the ", 1))) & set(before)


def test_what_is_no_copy_is_named(copy):
    for wrong in ("", "name", "a/b/c", "a b/c"):
        with pytest.raises(stamp.StampError, match="must be owner/name"):
            stamp.stamp(copy, wrong)
    readme = copy / "README.md"
    text = readme.read_text("utf-8")
    readme.write_text(re.sub(r"/github/[^/]+/[^/]+/blob", "/github/a/b/blob", text, count=1))
    with pytest.raises(stamp.StampError, match="must agree"):
        stamp.stamp(copy, "some/one")


# --- a fork ------------------------------------------------------------------------------------


class Fork:
    """A fork on a GitHub that is a folder, and a clone of it, as a workflow's runner has it."""

    def __init__(self, folder, clone):
        self.clone, self.server = clone, folder / "srv" / f"{COURSE}.git"
        self.environment = {
            "HOME": str(folder),
            "PATH": "/usr/bin:/bin:" + str(Path(sys.executable).parent),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GITHUB_OUTPUT": str(folder / "output"),
        }
        address = f'[url "{folder / "srv"}/"]\n\tinsteadOf = https://github.com/\n'
        me = "[user]\n\tname = a\n\temail = a@b.c\n[init]\n\tdefaultBranch = main\n"
        (folder / ".gitconfig").write_text(address + me)
        self.run("git", "init", "-q", "--bare", str(self.server), cwd=folder)
        for command in (
            "git init -q",
            "git add -A",
            "git commit -q -m all",
            "git branch -q -M main",
            f"git remote add origin https://github.com/{COURSE}.git",
            "git push -q -u origin main",
        ):
            self.run(*command.split())

    def run(self, *command, cwd=None):
        done = subprocess.run(
            list(command),
            cwd=cwd or self.clone,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    def workflow(self):
        """Run the steps of the workflow that are commands; return what they print."""
        text = (self.clone / ".github" / "workflows" / "stamp.yml").read_text("utf-8")
        steps = yaml.safe_load(text)["jobs"]["stamp"]["steps"]
        scripts = [step["run"] for step in steps if "run" in step]
        assert scripts
        return "".join(self.run("bash", "-c", script) for script in scripts)

    def pushed(self, *command):
        return self.run("git", f"--git-dir={self.server}", *command)


def test_a_fork_points_at_itself_after_the_workflows_own_script(copy, tmp_path):
    fork = Fork(tmp_path, copy)
    told = fork.workflow()
    assert COURSE in told and "warning" not in told
    assert_all_point_at(copy, COURSE)
    tag = f"v{gan_lesson.__version__}"
    assert fork.pushed("log", "-1", "--format=%s", "main").strip() == (
        "Badges and set-up cells point at this copy"
    )
    assert fork.pushed("rev-parse", tag) == fork.pushed("rev-parse", "main")
    assert (tmp_path / "output").read_text() == f"tag={tag}\n", "a release follows"

    (tmp_path / "output").unlink()
    before = fork.pushed("rev-parse", "main")
    assert "warning" not in fork.workflow()
    assert fork.pushed("rev-parse", "main") == before, "nothing is left to stamp"
    assert not (tmp_path / "output").exists()

    package = copy / "gan_lesson" / "__init__.py"
    package.write_text(package.read_text("utf-8") + "# mine\n")
    fork.run("git", "commit", "-q", "-a", "-m", "mine")
    fork.run("git", "push", "-q", "origin", "HEAD")
    assert f"::warning::The package differs from {tag}" in fork.workflow()


@pytest.mark.parametrize(
    "address",
    [
        f"https://github.com/{COURSE}",
        f"https://github.com/{COURSE}.git",
        f"git@github.com:{COURSE}.git",
        f"https://name:token@github.com/{COURSE}/",
    ],
)
def test_a_clone_is_known_by_its_remote(address, tmp_path, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    with pytest.raises(stamp.StampError, match="make colab REPO=owner/name"):
        stamp.own_copy(tmp_path)
    subprocess.run(["git", "remote", "add", "origin", address], cwd=tmp_path, check=True)
    assert stamp.own_copy(tmp_path) == COURSE
    monkeypatch.setenv("GITHUB_REPOSITORY", "another/name")
    assert stamp.own_copy(tmp_path) == "another/name"


def test_the_tool_needs_nothing_that_is_not_pythons_own(copy):
    command = [sys.executable, "-I", "-S", str(copy / "notebooks" / "stamp.py"), COURSE]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert f"github.com/{COURSE}, v{gan_lesson.__version__}" in done.stdout
    assert_all_point_at(copy, COURSE)
    wrong = subprocess.run([*command[:-1], "x"], capture_output=True, text=True, check=False)
    assert wrong.returncode == 1 and wrong.stderr.startswith("Not stamped: REPO is 'x'")


def test_badges_of_every_lesson_stand_in_its_text_and_in_the_readme():
    readme = (ROOT / "README.md").read_text("utf-8")
    for path in NOTEBOOKS.glob("[0-9]*.ipynb"):
        link = f"/blob/main/notebooks/{path.name}"
        cells = json.loads(path.read_text("utf-8"))["cells"]
        assert link in "".join(cells[0]["source"]) and link in readme
