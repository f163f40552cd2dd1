"""`python -m gan_lesson pool`: what a class predicted; nothing lost, nothing told unasked."""

import csv
import os
import random
import shutil
import subprocess
import sys

import pytest
from matplotlib.colors import to_hex

from gan_lesson import __main__ as command_line
from gan_lesson.lessons.kit.answers import COLUMNS, export_answers, forget
from gan_lesson.lessons.kit.question import ChoiceQuestion, CurveQuestion, NumberQuestion
from gan_lesson.pooled_picture import PANELS, TRUTH, draw_pooled
from gan_lesson.pooling import NEEDED, pool_predictions

NUMBER = NumberQuestion(
    "How many $ are 2 + 2?", truth=4, tolerance=0.1, low=0, high=9, step=0.5, why="-", name="sum"
)
CHOICE = ChoiceQuestion("Which?", ["this", "that", "none"], truth="none", why="-", name="which")
CURVE = CurveQuestion(
    "How high?", [0, 1, 2, 3, 4], truth=[0.1, 0.2, 0.3, 0.4, 0.5], tolerance=0.1, low=0.0,
    high=1.0, xlabel="x", ylabel="y", why="-", name="curve",
)  # fmt: skip


def answer(folder, name, number, option, sure=0.6, reveal=False):
    """One learner's file, made as a learner makes it."""
    forget()
    for question, said in ((NUMBER, number), (CHOICE, option), (CURVE, None)):
        control = question()
        if question is CURVE:
            for slider in control.sliders:
                slider.value = random.Random(name).random()
        else:
            control.inputs[0].value = said
        if question is CHOICE:
            control.sure.value = sure
        control.lock()
        if reveal:
            control.reveal()
    return export_answers(folder / f"{name}.csv")


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    """Three learners' files, made once."""
    folder = tmp_path_factory.mktemp("exported")
    answer(folder, "ann", 4.0, "none", reveal=True)
    answer(folder, "bob", 5.0, "that", sure=0.99)
    answer(folder, "cem", 5.0, "that")
    return folder


@pytest.fixture
def class_files(exported, tmp_path):
    return shutil.copytree(exported, tmp_path / "answers")


def test_what_a_learner_exports_has_what_is_pooled():
    assert set(NEEDED) | {"sure", "truth"} <= set(COLUMNS)


def test_every_answer_of_every_learner_counts_in_the_order_of_the_questions(class_files):
    questions, read, complaints = pool_predictions(sorted(class_files.glob("*.csv")))
    assert (read, complaints) == (3, [])
    number, choice, curve = questions
    assert (number.name, number.answers, number.truth) == ("sum", [4.0, 5.0, 5.0], 4.0)
    assert (choice.answers, choice.sure) == (["none", "that", "that"], [0.6, 0.99, 0.6])
    assert choice.truth == "none" and len(curve.answers) == 3
    assert number.describe() == "sum: 3 answers; median 5, from 4 to 5"
    assert choice.describe() == "which: 3 answers; 2 “that”; 1 “none”"
    assert choice.describe(truth=True).endswith("Truth: “none”")


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "its first line lacks"),
        (b"a,b\n1,2\n", "its first line lacks answer, kind, name, question"),
        (b"\xff\xfe\x00", "it is not written in UTF-8"),
        (",".join(COLUMNS).encode() + b"\n", "it holds no answer"),
    ],
)
def test_a_file_that_cannot_be_read_is_named_and_the_others_count(class_files, content, reason):
    bad = class_files / "zoe.csv"
    bad.write_bytes(content)
    questions, read, (complaint,) = pool_predictions(sorted(class_files.glob("*.csv")))
    assert read == 3 and len(questions[0].answers) == 3
    assert complaint.startswith(f"{bad}: left out, because {reason}")


def test_a_missing_file_and_a_folder_are_named(class_files):
    found = pool_predictions([class_files / "nobody.csv", class_files])
    assert found[:2] == ([], 0) and len(found[2]) == 2
    assert "No such file" in found[2][0]


BAD_ROWS = {
    "x,number,q,abc": "'abc' is no number",
    "x,number,q,nan": "'nan' is no finite number",
    "x,number,q,": "name, question or answer is empty",
    "x,guess,q,1": "kind is 'guess'",
    "x,curve,q,1 2 3": "a curve has five numbers, this one 3",
    "x,choice,q,yes,7": "sure is 7, no probability",
}


@pytest.mark.parametrize("row", BAD_ROWS)
def test_a_bad_line_is_named_and_the_rest_of_its_file_counts(class_files, row):
    path = class_files / "ann.csv"
    path.write_text(path.read_text("utf-8") + row + "\n", "utf-8")
    questions, read, (complaint,) = pool_predictions(sorted(class_files.glob("*.csv")))
    assert read == 3 and [len(q.answers) for q in questions] == [3, 3, 3]
    assert complaint.startswith(f"{path}, line 5: left out, because {BAD_ROWS[row]}")


def test_the_same_file_given_twice_counts_once(class_files):
    path = class_files / "ann.csv"
    assert pool_predictions([path, str(path)])[1] == 1


def test_what_a_spreadsheet_made_of_a_file_is_read(class_files):
    """A mark at the start, semicolons, and commas in numbers."""
    path = class_files / "ann.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.reader(file))
    rows[1][COLUMNS.index("answer")] = "4,5"
    with open(path, "w", newline="", encoding="utf-8-sig") as file:
        csv.writer(file, delimiter=";").writerows(rows)
    questions, _, complaints = pool_predictions([path])
    assert complaints == [] and questions[0].answers == [4.5]


def test_files_that_tell_two_truths_are_outvoted(class_files):
    path = class_files / "ann.csv"
    with open(path, newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    for name, truth in (("dan", 4.0), ("eve", 7.0)):
        rows[0]["truth"] = truth
        with open(class_files / f"{name}.csv", "w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, COLUMNS)
            writer.writeheader()
            writer.writerow(rows[0])
    questions, *_ = pool_predictions(sorted(class_files.glob("*.csv")))
    assert dict(questions[0].truths) == {4.0: 2, 7.0: 1} and questions[0].truth == 4.0


# --- the picture -------------------------------------------------------------------------------


def words_and_colours(figure):
    words, colours = [], set()
    for axes in figure.axes:
        words += [text.get_text() for text in axes.texts]
        words += [label.get_text() for label in axes.get_yticklabels()]
        legend = axes.get_legend()
        words += [text.get_text() for text in legend.get_texts()] if legend else []
        colours |= {to_hex(line.get_color()) for line in axes.lines}
        colours |= {to_hex(patch.get_facecolor()) for patch in axes.patches}
    return " ".join(words), colours


def test_nothing_of_the_truth_is_drawn_unless_asked(class_files):
    questions, read, _ = pool_predictions(sorted(class_files.glob("*.csv")))
    words, colours = words_and_colours(draw_pooled(questions, read))
    assert to_hex(TRUTH) not in colours
    assert not [word for word in ("truth", "right", "✓") if word in words]
    words, colours = words_and_colours(draw_pooled(questions, read, truth=True))
    assert to_hex(TRUTH) in colours and "truth 4" in words and "← right" in words


def test_an_option_nobody_chose_is_drawn_with_the_truth_only(tmp_path):
    path = answer(tmp_path, "ann", 1.0, "that", reveal=True)
    questions, read, _ = pool_predictions([path])
    assert "none" not in words_and_colours(draw_pooled(questions, read))[0]
    assert "none" in words_and_colours(draw_pooled(questions, read, truth=True))[0]


def test_a_question_with_a_dollar_is_drawn_as_it_is_written(class_files):
    questions, read, _ = pool_predictions(sorted(class_files.glob("*.csv")))
    figure = draw_pooled(questions, read)
    figure.canvas.draw()
    assert figure.axes[0].get_title(loc="left") == NUMBER.question


# --- the command -------------------------------------------------------------------------------


def pool(*arguments):
    return command_line.main(["pool", *map(str, arguments)])


def test_the_command_names_what_it_leaves_out_and_draws_the_rest(class_files, tmp_path, capsys):
    (class_files / "bad.csv").write_text("hello\n", "utf-8")
    out = tmp_path / "class.png"
    assert pool(class_files / "*.csv", "--out", out) == 0  # the pattern as it is: Windows
    told = capsys.readouterr()
    assert "bad.csv: left out" in told.err and told.out.endswith(f"3 learners; {out}\n")
    assert out.read_bytes().startswith(b"\x89PNG") and "Truth" not in told.out
    assert pool(class_files / "ann.csv", "--out", out, "--truth", "--only", "sum") == 0
    assert capsys.readouterr().out.splitlines()[0].endswith("Truth: 4")


def test_more_questions_than_a_picture_holds_are_on_the_next(tmp_path, capsys):
    path = tmp_path / "many.csv"
    rows = [f"q{k},number,How many?,{k},,,,," for k in range(PANELS + 1)]
    path.write_text("\n".join([",".join(COLUMNS), *rows]) + "\n", "utf-8")
    assert pool(path, "--out", tmp_path / "c.png") == 0
    assert {p.name for p in tmp_path.glob("*.png")} == {"c.png", "c_2.png"}
    assert "1 learner; " in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["nothing.csv"], "no answer in the 1 files given"),
        (["ann.csv", "--only", "sums"], "--only names sums; there are curve, sum, which"),
    ],
)
def test_what_cannot_be_drawn_is_refused_in_a_sentence(class_files, capsys, arguments, message):
    file, *rest = arguments
    with pytest.raises(SystemExit) as stop:
        pool(class_files / file, *rest)
    assert stop.value.code == 2 and message in capsys.readouterr().err


def test_pooling_loads_neither_torch_nor_a_lesson(class_files, tmp_path):
    code = (
        "import sys\nfrom gan_lesson import __main__\n"
        f"__main__.main(['pool', {str(class_files / 'ann.csv')!r}, '--out', 'c.png'])\n"
        "loaded = [m for m in sys.modules if m == 'torch' or m.startswith('gan_lesson.lessons')]\n"
        "assert not loaded, loaded"
    )
    path = {"PYTHONPATH": os.pathsep.join(p for p in sys.path if p)}
    subprocess.run([sys.executable, "-c", code], check=True, cwd=tmp_path, env=os.environ | path)
