"""What happens in a class room: each fault has an outcome, and nothing is lost or hangs.

CONTRIBUTING.md lists fault, outcome and test; the last test here holds the list to the tests. What
needs a page is asked in browser/test_faults_in_a_page.py.
"""

import contextlib
import hashlib
import importlib
import inspect
import os
import pkgutil
import re
import resource
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat
import numpy as np
import pytest
import torch
from kernel import REPO, Kernel
from lesson_text import lessons_in, number_of
from stored import shorter

from gan_lesson import __main__ as command_line
from gan_lesson import assets, data
from gan_lesson.history import History
from gan_lesson.lessons.kit.answers import COLUMNS, export_answers, locked
from gan_lesson.lessons.kit.explorer import DOUBLE_CLICK
from gan_lesson.lessons.lesson_00.game import ForgeryGame
from gan_lesson.lessons.lesson_03 import explorers as best_discriminator
from gan_lesson.lessons.lesson_07.playground import Playground
from gan_lesson.lessons.lesson_10.faults import PATIENTS
from gan_lesson.lessons.lesson_10.tables import stored_table
from gan_lesson.lessons.lesson_10.ward import Ward
from gan_lesson.metrics import class_shares, features
from gan_lesson.networks import small_pair
from gan_lesson.player import CurvesScene, flip_book
from gan_lesson.recipes import fully_connected_trainer
from gan_lesson.saving import whole, write_whole
from gan_lesson.trainer import Trainer

LESSONS = lessons_in(REPO / "notebooks")
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))


# --- cells: alone, twice, interrupted ---------------------------------------------------------


def code_of(lesson):
    cells = nbformat.read(lesson, as_version=4).cells
    return [cell for cell in cells if cell.cell_type == "code"]


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """One kernel for all lessons: what a lesson leaves in its names is taken away again."""
    with Kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        kernel.run("import torch, torch._dynamo; _at_first = dict(globals())")
        yield kernel


def back_to(kernel, names):
    """Give the kernel the names that it had when `names = dict(globals())` was run."""
    ran = kernel.run(f"(lambda g, k: (g.clear(), g.update(k, {names}=k)))(globals(), {names})")
    assert not ran.error, ran.message


@pytest.fixture(scope="module")
def pace(kernel):
    """How many times as slow this machine is, at this hour, as one that counts well: 1 or more.

    An impatient second is scaled by it, or cells that only import something would be interrupted.
    """
    seconds = [kernel.run("sum(i * i for i in range(10**6))").seconds for _ in range(3)]
    return max(1.0, min(seconds) / 0.1)


def is_missing(ran):
    """Whether the cell says which name it lacks."""
    return ran.error == "NameError" and re.search(r"name '\w+' is not defined", ran.message)


# On each change the cells of three lessons: of NumPy alone, of loops and of a trainer.
OUT_OF_ORDER = [path for path in LESSONS if EVERYTHING or number_of(path) in ("01", "05", "07")]


@pytest.mark.parametrize("lesson", OUT_OF_ORDER, ids=number_of)
def test_each_cell_alone_and_twice_works_or_names_what_is_missing(kernel, pace, lesson):
    """After the set-up cell, any cell may be run, whatever was left out before it.

    What fails does so at once, so long loops are cut to a tenth, and then stopped. On each change
    the cells of 05 are run twice, those of all lessons in `make test-all`.
    """
    turns = ("alone", "twice") if EVERYTHING or "05_" in lesson.name else ("alone",)
    first, *cells = code_of(lesson)
    back_to(kernel, "_at_first")
    assert not kernel.run(first.source).error
    kernel.run("_set_up = dict(globals())")
    wrong, worked = [], 0
    for cell in cells:
        back_to(kernel, "_set_up")
        for turn in turns:
            ran = kernel.run(
                shorter(cell.source), interrupt_after=(5.0 if EVERYTHING else 2.0) * pace
            )
            if is_missing(ran):
                break
            fine = not ran.error or ran.error == "KeyboardInterrupt"
            if not (fine or "raises-exception" in cell.metadata.get("tags", [])):
                wrong.append(f"{turn}: {ran.error}: {ran.message} in:\n{cell.source}")
            worked += 1
    assert wrong == []
    assert worked >= 4, "hardly anything was tried"


# Lesson 05 trains in loops of its own and by a Trainer; the others that train, in `make test-all`.
WITH_LONG_CELLS = [
    path for path in LESSONS if path.name >= "04" and (EVERYTHING or "05_" in path.name)
]


@pytest.mark.parametrize("lesson", WITH_LONG_CELLS, ids=number_of)
def test_an_interrupt_ends_each_long_cell_and_it_can_be_run_again(kernel, pace, lesson):
    """An impatient learner stops every cell after a second, tries once more, and goes on."""
    back_to(kernel, "_at_first")
    wrong, stopped = [], 0
    for cell in code_of(lesson):
        for turn in ("first", "again"):
            # imports and what a check hands back are used from there on
            is_needed = "check_" in cell.source or cell.source.startswith("try:\n    import")
            ran = kernel.run(cell.source, interrupt_after=None if is_needed else pace)
            stopped += ran.error == "KeyboardInterrupt"
            if ran.error not in ("", "KeyboardInterrupt") and not is_missing(ran):
                wrong.append(f"{turn}: {ran.error}: {ran.message} in:\n{cell.source}")
            if ran.error != "KeyboardInterrupt":
                break
    assert wrong == []
    assert stopped, "no cell was long enough to be interrupted"
    assert kernel.run("print(1 + 1)").text.strip() == "2"


TRAIN = """\
from gan_lesson.data import ring
from gan_lesson.networks import small_pair
from gan_lesson import Trainer

trainer = Trainer(*small_pair(2), ring(), batch_size=32)
for record in trainer.run(60, every=60):
    print(record.loss_d)
trainer.history.to_csv("history.csv")
"""


def test_two_notebooks_at_once_do_not_disturb_each_other(kernel, tmp_path):
    back_to(kernel, "_at_first")
    kernel.run(f"import os; os.chdir({str(tmp_path)!r})")
    with Kernel(tmp_path) as other, ThreadPoolExecutor() as pool:
        one, two = pool.map(lambda notebook: notebook.run(TRAIN), (kernel, other))
    assert (one.error, two.error) == ("", "") and one.text == two.text != ""
    assert len((tmp_path / "history.csv").read_text().splitlines()) == 61
    assert [path.name for path in tmp_path.glob("*.csv")] == ["history.csv"]


# --- saving -----------------------------------------------------------------------------------


@contextlib.contextmanager
def disk_with_room_for(n_bytes):
    """Let the operating system refuse to make any file longer than that, for root as well."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (n_bytes, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


@pytest.fixture
def run():
    trainer = Trainer(*small_pair(2), data.ring(), batch_size=8)
    for _ in trainer.run(40, every=40):
        trainer.snapshot()
    return trainer


def answered_game():
    game = ForgeryGame()
    game.lock()
    return game


SAVED = {
    "answers": lambda path, run: export_answers(path),
    "game": lambda path, run: answered_game().export_answers(path),
    "history": lambda path, run: run.history.to_csv(path),
    "flip book": lambda path, run: flip_book(run, CurvesScene(), path),
}


@pytest.fixture(params=SAVED)
def save(request, run, monkeypatch):
    row = dict.fromkeys(COLUMNS, "x" * 200)
    monkeypatch.setitem(locked, ("a", "b", "c"), row)
    return lambda path: SAVED[request.param](path, run)


def test_a_full_disk_leaves_the_old_file_and_says_what_to_do(save, tmp_path):
    place = tmp_path / "mine.csv"
    save(place)
    before = place.read_bytes()
    with disk_with_room_for(50), pytest.raises(OSError, match="mine.csv could not be writ") as told:
        save(place)
    assert "Make room" in str(told.value)
    assert place.read_bytes() == before
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def test_two_that_write_one_file_at_once_leave_one_of_them_whole(tmp_path):
    place = tmp_path / "mine.csv"
    with whole(place) as first, whole(place) as second:
        for partial, letter in ((first, b"a"), (second, b"b")):
            partial.write_bytes(1000 * letter)
    assert place.read_bytes() == 1000 * b"a"  # the outer block ends last
    assert [path.name for path in tmp_path.iterdir()] == ["mine.csv"]


def nowhere_to_write(folder):
    """A folder where nobody may make a file, not even root."""
    if os.geteuid() != 0:
        folder.chmod(0o500)
        return folder
    return Path("/proc")


def test_a_read_only_folder_is_named(save, tmp_path):
    folder = nowhere_to_write(tmp_path)
    with pytest.raises(OSError, match="mine.csv could not be written") as told:
        save(folder / "mine.csv")
    assert told.value.filename == str(folder / "mine.csv") and "another folder" in str(told.value)
    with pytest.raises(OSError, match="No such file"):
        save(tmp_path / "no" / "such" / "folder.csv")


def test_an_interrupt_while_saving_leaves_the_old_file(tmp_path):
    place = write_whole(tmp_path / "a.csv", "old")
    with pytest.raises(KeyboardInterrupt), whole(place) as partial:
        partial.write_text("half of the n")
        raise KeyboardInterrupt
    assert place.read_text() == "old" and list(tmp_path.iterdir()) == [place]


def test_the_command_line_writes_what_fits_on_a_full_disk(tmp_path, capsys):
    trainer = fully_connected_trainer(data.load_digits().train.images[:200])
    for _ in trainer.run(2):
        pass
    with disk_with_room_for(3_000_000), pytest.raises(OSError, match=r"^samples.npy could not"):
        command_line.write_results(trainer, tmp_path, {"ended": "complete"})
    assert {"run.json", "generator.safetensors", "history.csv"} <= set(os.listdir(tmp_path))
    assert not [name for name in os.listdir(tmp_path) if "partial" in name or "npy" in name]
    with pytest.raises(SystemExit) as stop:
        command_line.main(["train", "--steps", "1", "--out", "/proc/out"])
    assert stop.value.code == 2 and "--out is '/proc/out'" in capsys.readouterr().err


# --- what ships -------------------------------------------------------------------------------

SHIPPED = {path.name: path for path in (REPO / "gan_lesson").rglob("assets/*.*")}
ARRAYS = sorted(name for name in SHIPPED if name.endswith((".npz", ".safetensors")))


def room_of(name):
    """The package whose folder `assets` holds a file: a lesson's room, or core."""
    return ".".join(SHIPPED[name].parent.parent.relative_to(REPO).parts)


def functions_of(room):
    """All functions of a room's modules; of core, what lies outside the lessons.

    Callbacks ship no file, and need a framework to be imported.
    """
    left_out = (f"{room}.lessons", f"{room}.callbacks")
    package = importlib.import_module(room)
    for found in pkgutil.walk_packages(package.__path__, f"{room}."):
        if found.name.startswith(left_out) or found.name.endswith("__main__"):
            continue
        for value in vars(importlib.import_module(found.name)).values():
            if callable(value) and getattr(value, "__module__", "") == found.name:
                yield value


def read_all(room):
    """Read what ships with a room, by its functions `load_…` that need no argument."""
    functions = list(functions_of(room))
    for function in functions:
        if hasattr(function, "cache_clear"):
            function.cache_clear()
    for function in functions:
        name = getattr(function, "__name__", "")
        if name.startswith("load_") and not inspect.signature(function).parameters:
            function()


def test_no_checksum_is_of_another_file():
    for sums in (REPO / "gan_lesson").rglob("SHA256SUMS"):
        for digest, name in map(str.split, sums.read_text("utf-8").splitlines()):
            assert hashlib.sha256((sums.parent / name).read_bytes()).hexdigest() == digest


def flip_a_bit(content):
    middle = len(content) // 2
    return content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]


@pytest.mark.parametrize("name", ARRAYS)
def test_a_damaged_or_missing_asset_is_named_with_its_remedy(name, tmp_path, monkeypatch):
    room, content = room_of(name), SHIPPED[name].read_bytes()
    shutil.copytree(SHIPPED[name].parent, tmp_path / "assets")
    monkeypatch.setattr(assets, "files", lambda package: tmp_path)
    again = "install the package again"
    for damaged in (content[:-1], content[: len(content) // 3], flip_a_bit(content), b""):
        (tmp_path / "assets" / name).write_bytes(damaged)
        with pytest.raises(ValueError, match=f"^{name} is damaged.*{again}"):
            read_all(room)
    (tmp_path / "assets" / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"^{name} is missing.*{again}"):
        read_all(room)
    (tmp_path / "assets" / name).write_bytes(content)
    read_all(room)


@pytest.mark.parametrize("name", ["clinic_remedies.csv", "bank_confusion.csv", "bank_figures.csv"])
def test_a_table_that_is_cut_or_missing_is_named_with_its_remedy(name, tmp_path, monkeypatch):
    """A table is text that a reviewer reads, without a checksum."""
    (tmp_path / "assets").mkdir()
    monkeypatch.setattr("gan_lesson.lessons.lesson_10.tables.files", lambda package: tmp_path)
    content = SHIPPED[name].read_text("utf-8")
    again = "install the package again"
    for damaged in (content[:-1], content[:-10], content.partition("\n")[0], ""):
        (tmp_path / "assets" / name).write_text(damaged, "utf-8")
        with pytest.raises(ValueError, match=f"^{name} is damaged.*{again}"):
            stored_table(name)
    (tmp_path / "assets" / name).unlink()
    with pytest.raises(FileNotFoundError, match=f"^{name} is missing.*{again}"):
        stored_table(name)
    (tmp_path / "assets" / name).write_text(content, "utf-8")
    assert len(stored_table(name)) == len(content.splitlines()) - 1


# --- haste ------------------------------------------------------------------------------------


def test_a_double_click_on_lock_in_shows_the_truth_and_waits():
    game = ForgeryGame(rounds=3)
    game.button.click()
    game.button.click()
    assert len(game.answers) == 1 and game.button.description == "Next image"
    assert "it is REAL" in game.panel.description or "it is FORGED" in game.panel.description
    game._locked_at -= DOUBLE_CLICK  # a learner has read it
    game.button.click()
    assert "real or forged?" in game.panel.description and len(game.answers) == 1


def test_a_double_click_keeps_one_round_of_the_duel():
    duel = best_discriminator.DuelExplorer()
    duel.keep.click()
    duel.keep.click()
    assert [kept["moved"] for kept in duel.rounds] == ["D"] and duel.turn.value == "G"
    duel._kept_at -= best_discriminator.DOUBLE_CLICK
    duel.keep.click()
    assert [kept["moved"] for kept in duel.rounds] == ["D", "G"]


def test_a_round_of_the_duel_is_what_its_sliders_showed():
    """ipywidgets may hold a slider's last move back until after the click; see `_moved`."""
    duel = best_discriminator.DuelExplorer(a=0.0, b=0.0)
    duel.a.value = 1.0
    duel.keep.click()
    before = duel.rounds[0]["V"]
    duel.a.value = 2.5  # late: D's sliders are hidden
    assert duel.rounds[0]["a"] == 2.5 and duel.rounds[0]["V"] != before
    assert "2.50" in duel.table.value
    duel.mean.value = -1.0  # G moves now, and D's round stays
    assert duel.rounds[0]["mean"] == 3.0 and len(duel.rounds) == 1
    duel.turn.value = "D"  # D takes its turn back: a new move is no part of the old round
    duel.a.value = 0.0
    assert duel.rounds[0]["a"] == 2.5


def test_a_point_is_placed_where_its_sliders_showed():
    playground = Playground("wide ring")
    playground.group.value = "draw"
    playground.x.value, playground.y.value = 0.5, -0.5
    playground.place.click()
    n = len(playground._points)
    playground.y.value = -0.8  # held back by the browser until after the click
    assert len(playground._points) == n
    assert playground._points[-1] == [0.5, -0.8]
    assert playground.trainer.data.centres[-1].tolist() == pytest.approx([0.5, -0.8])
    playground._placed_at -= DOUBLE_CLICK  # from here on the sliders aim at the next point
    playground.x.value = 1.0
    assert playground._points[-1] == [0.5, -0.8]


def test_a_diagnosis_counts_with_the_certainty_its_slider_showed():
    case = Ward(1, turns=2)
    case.named.value = PATIENTS[0]
    case.sure.value = 0.6
    case.decide.click()
    case.sure.value = 0.9  # held back by the browser until after the click
    assert Ward.results[-1]["certainty"] == 0.9


# --- other types and devices ------------------------------------------------------------------

TYPES = [torch.float64, torch.float16, torch.bfloat16]


@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_scores_take_images_and_points_of_any_precision(dtype):
    images = data.load_digits().test.images[:40]
    plain, other = features(images), features(images.to(dtype))
    assert np.abs(plain - other).max() < 0.05 * plain.max()
    assert np.abs(class_shares(images.to(dtype)).sum() - 1) < 1e-9
    places = torch.tensor([[1.0, 0.0], [0.5, 0.5]])
    density = data.ring(sd=0.5).log_density(places.to(dtype))
    assert torch.allclose(density.float(), data.ring(sd=0.5).log_density(places), atol=1e-5)


@pytest.mark.trains
@pytest.mark.parametrize("dtype", TYPES, ids=str)
def test_a_trainer_of_another_precision_works_or_says_what_does_not_fit(dtype):
    points = data.ring().sample(64)
    G, D = (net.to(dtype) for net in small_pair(2))
    with pytest.raises(ValueError, match=f"data is of type torch.float32, but G makes {dtype}"):
        Trainer(G, D, points)
    trainer = Trainer(G, D, points.to(dtype), batch_size=8)
    record = list(trainer.run(5))[-1]
    assert record.step == 5 and np.isfinite(record.loss_d) and np.isfinite(record.loss_g)


def test_networks_and_losses_stay_on_the_device_of_their_weights():
    """There may be no other device here: "meta" has shapes and no numbers."""
    from gan_lesson.losses import discriminator_loss, generator_loss

    G, D = (net.to("meta") for net in small_pair(2))
    x = G(G.sample_z(5))
    logits = D.logits(x)
    assert {t.device.type for t in (x, logits)} == {"meta"}
    assert discriminator_loss(logits, logits).device.type == "meta"
    assert generator_loss(logits).device.type == "meta"
    assert data.ring().log_density(x).device.type == "meta"
    history = History()
    with pytest.raises((NotImplementedError, RuntimeError), match="meta"):
        history.append(d_real=logits, d_fake=0.5, loss_d=1.0, loss_g=1.0)
    assert len(history) == 0


# --- the table --------------------------------------------------------------------------------


def names_in(path):
    return set(re.findall(r"(?m)^def (test_\w+)\(", path.read_text("utf-8")))


def test_the_table_of_faults_names_tests_that_exist_and_all_of_these():
    text = (REPO / "CONTRIBUTING.md").read_text("utf-8")
    table = text.partition("## What may go wrong")[2].partition("\n## ")[0]
    named = set(re.findall(r"`(test_\w+)`", table))
    there = set().union(*map(names_in, (REPO / "tests").rglob("test_*.py")))
    assert named - there == set()
    this = {test_the_table_of_faults_names_tests_that_exist_and_all_of_these.__name__}
    in_a_page = REPO / "tests" / "browser" / "test_faults_in_a_page.py"
    assert (names_in(Path(__file__)) | names_in(in_a_page)) - named == this
    rows = [row for row in table.splitlines() if row.startswith("| ")][1:]
    assert len(rows) > 12 and all(row.count(" | ") == 2 for row in rows)
