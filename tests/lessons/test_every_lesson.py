"""Every lesson runs as it is stored, one after the other in one kernel, and says what is stored.

A lesson costs the seconds of its cells: no page is opened, and Python, torch and matplotlib start
once. Trainings are a tenth as long where no output is compared. `make test-all` runs the lessons as
they are, each in a kernel of its own (nbval) and in every front end.
"""

import pytest
from kernel import REPO, Kernel
from lesson_text import lessons_in
from stored import cells_of, in_short, is_compared, said, tags_of

LESSONS = lessons_in(REPO / "notebooks")
MEAN_OF_NOTHING = "RuntimeWarning: Mean of empty slice"
AFRESH = """\
%reset -f
import sys
if "gan_lesson.lessons.kit.answers" in sys.modules:
    sys.modules["gan_lesson.lessons.kit.answers"].forget()
del sys
"""


@pytest.fixture(scope="module")
def kernel(tmp_path_factory):
    """A kernel that has imported what takes long."""
    with Kernel(tmp_path_factory.mktemp("kernel")) as kernel:
        assert not kernel.run("import torch, matplotlib").error
        yield kernel


def what_is_wrong(kernel, lesson):
    """Run a lesson; return where a cell fails, or does not say what it said."""
    assert not kernel.run(AFRESH).error
    wrong, is_cut = [], False
    for cell in cells_of(lesson):
        if cell["cell_type"] != "code":
            continue
        source, short = "".join(cell["source"]), in_short(cell)
        ran = kernel.run(short)
        if ran.error and "raises-exception" not in tags_of(cell):
            wrong.append(f"{ran.error}: {ran.message} in:\n{source}")
        elif is_compared(cell) and said(ran.outputs) != said(cell["outputs"]):
            wrong.append(f"{said(ran.outputs)}, stored {said(cell['outputs'])}, of:\n{source}")
        is_cut |= short != source
        for output in (output for output in ran.outputs if output.get("name") == "stderr"):
            if not (is_cut and MEAN_OF_NOTHING in output["text"]):  # a tenth may leave none
                wrong.append(f"{output['text']} on stderr, of:\n{source}")
    return wrong


@pytest.mark.parametrize("lesson", LESSONS, ids=lambda path: path.stem)
def test_every_cell_of_a_lesson_works_and_says_what_is_stored(kernel, lesson):
    assert what_is_wrong(kernel, lesson) == []


def stream(text, name="stdout"):
    return {"output_type": "stream", "name": name, "text": text}


def test_a_cell_that_fails_or_says_otherwise_is_found(kernel, tmp_path):
    import nbformat.v4 as nb

    compared = {"tags": ["nbval-check-output"]}
    cells = [
        nb.new_code_cell("print(1)", metadata=compared, outputs=[nb.new_output(**stream("2\n"))]),
        nb.new_code_cell("what_no_cell_made"),
        nb.new_code_cell("1 / 0", metadata={"tags": ["raises-exception"]}),
        nb.new_code_cell("import sys; print('careful', file=sys.stderr)"),
        nb.new_code_cell("print(3)", metadata=compared, outputs=[nb.new_output(**stream("3\n"))]),
    ]
    lesson = tmp_path / "11_toy.ipynb"
    lesson.write_text(nb.writes(nb.new_notebook(cells=cells)), "utf-8")
    other, missing, careful = what_is_wrong(kernel, lesson)
    assert "'1\\n'" in other and "'2\\n'" in other
    assert missing.startswith("NameError") and careful.startswith("careful")


def result(**data):
    return {"output_type": "execute_result", "data": data, "execution_count": 3}


def test_outputs_are_compared_by_what_they_say():
    """As nbval does: however a stream was cut, and whatever a picture shows."""
    assert said([stream("a\n"), stream("b")]) == said([stream(["a\n", "b"])])
    assert said([stream("a"), result(text="1")]) != said([stream("a"), result(text="2")])
    assert said([stream("a")]) != said([stream("a", "stderr")]) != said([])
    assert said([result(**{"image/png": "x"})]) == said([result(**{"image/png": "y"})])
