"""`python -m gan_lesson diagnose`, `plot` and `watch`: runs are looked at without any code."""

import re
import threading
import time
from pathlib import Path

import pytest
from small_runs import pixels

from gan_lesson import run_commands
from gan_lesson.__main__ import main
from gan_lesson.history import History
from gan_lesson.run_commands import short_names

LINE = "step {i}: d_loss 0 D loss: {d} G loss: 0.75 D(x): 0.5 D(G(z)): 0.5\n"


@pytest.fixture
def log(tmp_path):
    path = tmp_path / "train.log"
    path.write_text("".join(LINE.format(i=i, d=1.375) for i in range(1, 60)))
    return path


def shape_of(picture):
    return pixels(picture.read_bytes()).shape


def test_a_log_is_diagnosed_and_what_was_not_given_is_said(log, capsys):
    assert main(["diagnose", str(log)]) == 0
    said = capsys.readouterr().out
    assert "looks healthy" in said and "Not examined: the samples" in said
    nan = log.with_name("nan.log")
    nan.write_text(log.read_text() + 60 * LINE.format(i=1, d="nan"))
    assert main(["diagnose", str(nan)]) == 0
    assert re.match(r" *\d+%  diverged \(proved\)", capsys.readouterr().out)


def test_the_family_is_told_by_an_option(log, capsys):
    critic = log.with_name("critic.log")
    critic.write_text(log.read_text().replace("1.375", "-31.5"))
    assert main(["diagnose", str(critic)]) == 0
    assert "loss convention unclear" in capsys.readouterr().out
    assert main(["diagnose", str(critic), "--loss", "wasserstein"]) == 0
    assert "looks healthy" in capsys.readouterr().out


def test_a_pattern_reads_lines_that_no_rule_knows(log, capsys):
    odd = log.with_name("odd.txt")
    odd.write_text("".join(f"{i} > 1.375 ! 0.75\n" for i in range(30)))
    arguments = ["diagnose", str(odd), "--pattern", r"> (?P<loss_d>\S+) ! (?P<loss_g>\S+)"]
    assert main(arguments) == 0
    assert "D's loss 1.375, G's 0.75" in capsys.readouterr().out


def test_one_run_is_drawn_and_several_are_compared(log, tmp_path, capsys):
    history = History(losses="mean")
    for i in range(30):
        history.append(d_real=0.5, d_fake=0.5, loss_d=0.7, loss_g=0.7, fid=100 / (1 + i))
    history.to_csv(tmp_path / "run.csv")
    out, pictures = tmp_path / "curves.png", []
    (tmp_path / "b").mkdir()
    history.to_csv(tmp_path / "b" / "run.csv")
    for files in (["train.log"], ["run.csv"], ["run.csv", "train.log", "b/run.csv"]):
        paths = [str(tmp_path / file) for file in files]
        assert main(["plot", *paths, "--out", str(out)]) == 0
        pictures.append(out.read_bytes())
        assert str(out) in capsys.readouterr().out
    assert [pixels(picture).shape[0] for picture in pictures] == [320, 500, 520]


def test_a_files_name_is_as_short_as_tells_it_from_the_others():
    paths = [Path("/runs/1/a.csv"), Path("/runs/2/a.csv"), Path("/runs/2/b.csv")]
    assert short_names(paths) == ["1/a.csv", "2/a.csv", "2/b.csv"]
    assert short_names(paths[1:]) == ["a.csv", "b.csv"]
    assert short_names(paths[:1] * 2) == ["a.csv", "a.csv"]


@pytest.mark.parametrize(
    ("arguments", "names"),
    [
        (["diagnose", "{folder}/none.csv"], "none.csv is no file"),
        (["diagnose", "{folder}/short.csv"], "history has 2 rows; it needs 20"),
        (["diagnose", "{folder}/words.txt"], "no line holds a number of a known name"),
        (["diagnose", "{log}", "--loss", "gan"], "invalid choice: 'gan'"),
        (["plot", "{log}"], "--out"),
        (["plot", *["{log}", "{folder}/x"] * 2, "--out", "{folder}/o.png"], "x is no file"),
        (["plot", "{log}", "--out", "{folder}/none/o.png"], "o.png could not be written"),
        (["watch", "{log}", "--out", "{folder}/o.png", "--every", "0"], "--every: is '0'"),
    ],
)
def test_mistakes_are_named(arguments, names, log, tmp_path, capsys):
    (tmp_path / "short.csv").write_text("loss_d\n1\n2\n")
    (tmp_path / "words.txt").write_text("all is well\n")
    filled = [a.format(folder=tmp_path, log=log) for a in arguments]
    with pytest.raises(SystemExit) as stop:
        main(filled)
    assert stop.value.code == 2
    assert re.search(names, capsys.readouterr().err)


def test_a_file_that_grows_is_followed_until_it_rests(log, tmp_path, capsys):
    out, shapes = tmp_path / "curves.png", []
    csv = tmp_path / "grows.csv"
    csv.write_text("step,loss_d,loss_g\n")  # a header only: no run yet

    def write():
        for i in range(1, 4):
            wait = time.monotonic() + 120
            while i > 1 and len(shapes) < i - 1 and time.monotonic() < wait:
                if out.exists():
                    shapes.append(shape_of(out))
                    out.unlink()
                time.sleep(0.02)
            with csv.open("a") as file:
                file.write("".join(f"{10 * i + j},1.5,0.75\n" for j in range(5)))

    writer = threading.Thread(target=write)
    writer.start()
    assert main(["watch", str(csv), "--out", str(out), "--every", "0.02", "--idle", "3"]) == 0
    writer.join()
    told = capsys.readouterr()
    said = "Curves after step 34: discriminator loss 1.50, generator loss 0.75, in this step alone."
    assert said in told.err
    assert f"The curves are in {out}" in told.out
    assert len(shapes) == 2 and shape_of(out) == (320, 900, 3)


def test_drawing_does_not_count_as_a_rest_of_the_file(tmp_path, capsys, monkeypatch):
    csv = tmp_path / "grows.csv"
    csv.write_text("step,loss_d,loss_g\n1,1.5,0.75\n")
    save, drawn = run_commands._save, []

    def slowly(figure, path):
        save(figure, path)
        if (
            not drawn
        ):  # a row comes while the first picture is drawn, which takes longer than --idle
            with csv.open("a") as file:
                file.write("2,1.25,0.5\n")
            time.sleep(0.7)
        drawn.append(path)

    monkeypatch.setattr(run_commands, "_save", slowly)
    out = tmp_path / "curves.png"
    assert main(["watch", str(csv), "--out", str(out), "--every", "0.02", "--idle", "0.5"]) == 0
    assert "Curves after step 2: discriminator loss 1.25" in capsys.readouterr().err


def test_a_file_that_never_comes_ends_in_a_word_though_an_old_picture_is_there(tmp_path, capsys):
    (tmp_path / "old.png").write_bytes(b"of another run")
    arguments = ["watch", str(tmp_path / "none.log"), "--out", str(tmp_path / "old.png")]
    assert main([*arguments, "--every", "0.02", "--idle", "0.1"]) == 1
    assert "No run in" in capsys.readouterr().out
    assert (tmp_path / "old.png").read_bytes() == b"of another run"
