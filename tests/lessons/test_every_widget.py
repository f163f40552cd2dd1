"""Every widget is moved over its whole range: under ipywidgets 8, and under Colab's 7.7.1."""

import functools
import inspect
import os
import re
import subprocess
from pathlib import Path

import ipywidgets as widgets
import pytest
from lesson_text import defined_in_the_rooms, made_in_the_rooms

from gan_lesson.lessons.kit.explorer import Explorer
from gan_lesson.lessons.kit.question import Question
from gan_lesson.lessons.wall import DEMONSTRATIONS
from gan_lesson.player import TrainingPlayer

# A warning in a callback would come out on the learner's page.
pytestmark = pytest.mark.filterwarnings(
    "error::UserWarning", "error::RuntimeWarning", "ignore::DeprecationWarning"
)

ROOT = Path(__file__).parents[2]
PYTHON = ROOT / ".venv-classic" / "bin" / "python"
EVERYTHING = bool(os.environ.get("GAN_LESSON_EVERY_CONTROL"))
PARTS = int(os.environ.get("GAN_LESSON_PARTS_OF_A_RANGE", "8" if EVERYTHING else "3"))
ONE_OF_A_KIND = PARTS == 1  # of each kind of control, but for buttons: where a stack is asked
SHOWS_NOTHING = {
    "speed": "a player's speed counts from the next tick on",
    "letters": "they are drawn at a click",
    "how sure": "how sure a diagnosis is counts when it is decided",
    **dict.fromkeys(["moves", "D steps", "rate of D", "rate of G"], "counts from the next step on"),
}


def in_the_rooms(wanted):
    """What the lessons' modules define and `wanted` accepts, as {name: object}."""
    return {
        name: value
        for name, value in defined_in_the_rooms()
        if wanted(name.rpartition(".")[2], value)
    }


def is_public_widget(name, value):
    kinds = (Explorer, TrainingPlayer)
    return inspect.isclass(value) and issubclass(value, kinds) and not name.startswith("_")


QUESTIONS = {f"{room}.{asked.name}": asked for room, asked in made_in_the_rooms(Question)}


def below(widget):
    """The visible widgets inside one, itself included, in the order of the page."""
    if widget.layout.display == "none":
        return []
    found = [widget]
    for child in getattr(widget, "children", ()):
        found += below(child)
    return found


def usable(root):
    return [w for w in below(root) if moves_of(w) and not getattr(w, "disabled", False)]


def shown(root):
    """All texts and pictures, and which controls can be used."""
    texts = [widget.value for widget in below(root) if isinstance(widget, widgets.HTML)]
    return str(texts), tuple(widget.model_id for widget in usable(root))


def set_value(control, value):
    return lambda: setattr(control, "value", value)


def press(button):
    # `click` would write a callback's exception into a log
    return lambda: [callback(button) for callback in button._click_handlers.callbacks]


def moves_of(control):
    """Return functions that move a control over its range; [] for what cannot be moved."""
    if isinstance(control, widgets.Button):
        return [press(control)] * (1 if ONE_OF_A_KIND else 2)
    if isinstance(control, widgets.Checkbox):
        return [set_value(control, not control.value), set_value(control, control.value)]
    if isinstance(control, widgets.Text):
        return [set_value(control, text) for text in ("", "GAN", "<b>é</b> 🂡" * 50)]
    if isinstance(control, widgets.Play):
        return [set_value(control, tick) for tick in (1, 2, 3, 0, 4)]
    if hasattr(control, "options"):  # the last ones first: what is chosen now comes last
        last = len(control.options) - 1
        every = range(last + 1)
        if isinstance(control, widgets.SelectionSlider) and last > PARTS:
            every = [round(last * i / PARTS) for i in range(PARTS + 1)]
        return [lambda i=i: setattr(control, "index", i) for i in reversed(every)]
    if isinstance(control, (widgets.FloatSlider, widgets.IntSlider)):
        whole = isinstance(control, widgets.IntSlider)
        places = [control.min + (control.max - control.min) * i / PARTS for i in range(PARTS + 1)]
        return [set_value(control, round(place) if whole else place) for place in places]
    return []


def move_everything(root):
    """Move all controls, those too that come or wake up by others; return what shows nothing."""
    done, without_effect = [], []

    def move_all_but(others, buttons):
        def is_next(control):
            is_button = isinstance(control, widgets.Button)
            enough = ONE_OF_A_KIND and not is_button and type(control) in map(type, done)
            return control not in others + done and (buttons or not is_button) and not enough

        while todo := list(filter(is_next, usable(root))):
            control = todo[0]
            done.append(control)
            seen = {shown(root)}
            for move in moves_of(control):
                before = usable(root)
                move()
                seen.add(shown(root))
                move_all_but(before, buttons)
            if len(seen) == 1 and control.description not in SHOWS_NOTHING:
                without_effect.append(control.description)

    move_all_but([], buttons=False)  # buttons last: they lock what the others set
    move_all_but([], buttons=True)
    assert done
    return without_effect


@pytest.fixture(autouse=True)
def learner(monkeypatch):
    """Somebody whose clicks are far enough apart."""
    monkeypatch.setattr("gan_lesson.lessons.lesson_00.game.DOUBLE_CLICK", 0)


@functools.cache
def made(demonstration):
    return demonstration.make()


EACH_DEMONSTRATION = pytest.mark.parametrize(
    "demonstration", DEMONSTRATIONS, ids=lambda shown: shown.name
)


@EACH_DEMONSTRATION
def test_its_figure_is_read_by_those_who_mix_up_colours(demonstration):
    from seen_by_all import assert_is_read_by_all  # Colab's environment has no colorspacious

    assert_is_read_by_all(made(demonstration).panel)


@EACH_DEMONSTRATION
def test_moves_over_its_whole_range(demonstration):
    explorer = made(demonstration)
    assert move_everything(explorer.widget) == []
    assert explorer.panel.description and "<img alt=" in explorer.panel.html.value


@pytest.mark.parametrize("demonstration", DEMONSTRATIONS, ids=lambda shown: shown.name)
def test_a_step_of_a_slider_draws_one_picture_at_most(demonstration):
    explorer = made(demonstration)
    if not isinstance(explorer, Explorer):
        pytest.skip("a player's sliders are settings")
    sliders = (widgets.FloatSlider, widgets.IntSlider, widgets.SelectionSlider)
    for slider in [w for w in usable(explorer.widget) if isinstance(w, sliders)]:
        for move in moves_of(slider)[:4]:
            frames = explorer.panel.frames
            move()
            assert explorer.panel.frames <= frames + 1, slider.description


@pytest.mark.parametrize("question", QUESTIONS.values(), ids=QUESTIONS)
def test_moves_locks_and_reveals(question):
    prediction = question()
    move_everything(prediction.widget)
    assert prediction.revealed and prediction.verdict.value


def test_no_explorer_and_no_player_is_left_out():
    kinds = {type(made(demonstration)) for demonstration in DEMONSTRATIONS}
    assert set(in_the_rooms(is_public_widget).values()) <= kinds


@pytest.mark.skipif(not PYTHON.exists(), reason="no .venv-classic: `make test` makes it")
def test_all_this_holds_under_colabs_ipywidgets():
    shown = "import ipywidgets; print(ipywidgets.__version__)"
    version = subprocess.run([PYTHON, "-c", shown], capture_output=True, text=True).stdout.strip()
    assert version == "7.7.1"
    command = [PYTHON, "-m", "pytest", "-q", "-o", "addopts=", "-p", "no:cacheprovider"]
    asked = "not colab and not colours"
    if EVERYTHING:
        core = ("live", "player", "side_by_side")
        command += [f"tests/core/test_{name}.py" for name in core]
        command += ["tests/lessons/test_predict.py"]
    else:
        asked += " and not draws_one_picture"
    command += [__file__, "-k", asked]
    environment = {k: v for k, v in os.environ.items() if not k.startswith("PYTEST")}
    environment.setdefault("GAN_LESSON_PARTS_OF_A_RANGE", "8" if EVERYTHING else "1")
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout[-3000:] + done.stderr[-2000:]
    assert int(re.search(r"(\d+) passed", done.stdout)[1]) >= len(DEMONSTRATIONS) + len(QUESTIONS)
