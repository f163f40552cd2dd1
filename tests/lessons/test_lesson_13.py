"""Lesson 13's mathematics and what it says of the files that ship with it."""

import numpy as np
import pytest
import torch
from lesson_text import LessonText, lock_and_reveal

from gan_lesson.conditional import conditional_pair, images_of, join
from gan_lesson.data import load_digits
from gan_lesson.latent_search import search_latent
from gan_lesson.lessons.lesson_13 import questions
from gan_lesson.lessons.lesson_13.agreement import agreement, sure_and_right
from gan_lesson.lessons.lesson_13.asked import read_as_asked
from gan_lesson.lessons.lesson_13.exercises import CYCLE_LOSS, SEEN_MISFIT
from gan_lesson.lessons.lesson_13.inpainting import fill_in, mask_of
from gan_lesson.lessons.lesson_13.recorded import (
    EACH,
    SETS,
    load_asked_generator,
    load_scores,
    load_searches,
)
from gan_lesson.lessons.lesson_13.scarce import few_labelled, shifted, small_classifier
from gan_lesson.lessons.lesson_13.translation import (
    CycleTurn,
    Domains,
    ThereAndBack,
    kept_share,
    translation_trainer,
)
from gan_lesson.losses import discriminator_loss, generator_loss, r1_penalty
from gan_lesson.pretrained import load_digits_generator

LESSON = LessonText("13_what_it_is_good_for")


@pytest.fixture(scope="module")
def digits():
    return load_digits()


# --- section 1 -----------------------------------------------------------------------------------


def test_the_misfit_of_the_exercise_is_the_one_that_the_search_reports(digits):
    x, mask = digits.test.images[7:8], mask_of(14, 3)
    G = load_digits_generator()
    found = search_latent(G, lambda image: image[..., mask], x[..., mask], n_starts=3, n_steps=5)
    ours = SEEN_MISFIT.reference(found.images, x, mask.float())
    assert ours.numpy() == pytest.approx(found.misfit, rel=1e-4)


def test_a_mask_hides_the_last_rows_and_columns():
    mask = mask_of(5, 2)
    assert mask.sum() == 23 * 26 and mask[:23, :26].all()


def test_the_recorded_searches_are_those_of_fill_in(digits):
    searches = load_searches()
    assert digits.test.labels[searches.rows].bincount().tolist() == [20] * 10
    for i, j in ((0, 3), (2, 150)):
        row = int(searches.rows[j])
        found = fill_in(digits.test.images[row : row + 1], mask_of(int(searches.hidden[i]), 0))
        assert np.median(found.misfit) == pytest.approx(np.median(searches.misfit[i, j]), rel=0.2)
        assert (found.digits == searches.digits[i, j]).mean() > 0.5  # other processors, other ends


def test_agreement_counts_classes_among_the_answers_that_fit(digits):
    for hidden in (14, 18, 21):
        found = agreement(hidden)
        sure = found.classes == 1
        assert sure_and_right(hidden) == (sure.mean(), found.right[sure].mean())
        assert (found.share[sure] == 1).all() and (found.share[~sure] < 1).all()


def test_where_all_answers_agree_they_are_right_as_often_as_the_lesson_says():
    counted = {}
    for hidden in (14, 18, 21):
        found = agreement(hidden)
        sure = found.classes == 1
        counted[hidden] = int(found.right[sure].sum()), int(sure.sum())
        assert found.right[sure].mean() > found.right[~sure].mean() + 0.2
    assert counted == {14: (104, 104), 18: (34, 38), 21: (16, 21)}
    assert "right in all of 104 cases" in LESSON.text
    assert "34 of 38 cases, and wrong in 4. With 21 rows hidden it was wrong in 5" in LESSON.text
    classes = [agreement(hidden).classes.mean() for hidden in (14, 18, 21)]
    assert classes == sorted(classes)


def test_most_errors_of_those_that_all_agree_had_one_answer_alone():
    found = [agreement(hidden) for hidden in (14, 18, 21)]
    sure, right, alone = (
        np.concatenate(rows)
        for rows in zip(*((f.classes == 1, f.right, f.fitting == 1) for f in found), strict=True)
    )
    wrong = sure & ~right
    one, more = sure & alone, sure & ~alone
    counted = (sure.sum(), one.sum(), (wrong & one).sum(), more.sum(), (wrong & more).sum())
    assert counted == (163, 21, 7, 142, 2)
    assert "In 7 of these 9 cases a single answer fitted. But in 2 of them several" in LESSON.text


def test_shares_are_near_to_how_often_they_are_right_but_where_all_agree():
    found = [agreement(hidden) for hidden in (14, 18, 21)]
    share = np.concatenate([each.share for each in found])
    right = np.concatenate([each.right for each in found])
    for low, high in ((0, 0.5), (0.5, 0.75), (0.75, 1)):
        some = (low <= share) & (share < high)
        error = np.sqrt(right[some].mean() * (1 - right[some].mean()) / some.sum())
        assert abs(share[some].mean() - right[some].mean()) < 1.5 * error
    unsure = (found[2].share >= 0.5) & (found[2].share < 1)
    few = [np.mean(one[unsure]) for one in (found[2].share, found[2].right)]
    said = (
        "With 21 rows hidden alone, shares from a half on are too high. They are {:.2f} on average"
    )
    assert f"{said.format(few[0])}, and {few[1]:.2f} were right" in LESSON.text
    sure = right[share == 1]
    error = np.sqrt(sure.mean() * (1 - sure.mean()) / len(sure))
    assert sure.mean() == pytest.approx(0.945, abs=0.005)
    assert error == pytest.approx(0.018, abs=0.002)


# --- section 2 -----------------------------------------------------------------------------------


def test_shifts_move_each_image_by_its_own_step_and_bring_in_paper(digits):
    x = digits.train.images[:300]
    moved = shifted(x, torch.Generator().manual_seed(0))
    steps = set()
    for image, result in zip(x, moved, strict=True):
        found = [
            (down, right)
            for down in range(-2, 3)
            for right in range(-2, 3)
            if torch.equal(result[0, 4:-4, 4:-4], image.roll((down, right), (1, 2))[0, 4:-4, 4:-4])
        ]
        assert found
        steps.add(found[0])
    assert len(steps) > 20
    assert shifted(torch.ones(50, 1, 28, 28)).min() == -1


def test_few_labelled_digits_are_as_many_of_each_and_others_in_each_draw():
    few = few_labelled(3, draw=0)
    assert few.labels.bincount().tolist() == [3] * 10
    assert torch.equal(few.images, few_labelled(3, draw=0).images)
    assert not torch.equal(few.images, few_labelled(3, draw=1).images)
    with pytest.raises(ValueError, match="each"):
        few_labelled(0)
    assert sum(p.numel() for p in small_classifier().parameters()) == 24_506


def test_the_table_holds_what_the_lesson_says(digits):
    accuracy = load_scores().accuracy
    assert accuracy.shape == (len(SETS), len(EACH), 3)
    few, ten, thirty = 100 * accuracy.mean(axis=2).T
    assert ten[1] - ten[0] == pytest.approx(5, abs=0.5)
    assert ten[2] - ten[1] == pytest.approx(1, abs=0.3)  # "about one point on average"
    assert ten[3] - ten[1] == pytest.approx(1, abs=0.2)
    assert ten[4] - ten[1] > 8
    assert ten[5] - ten[1] == pytest.approx(-1, abs=0.3)
    assert ten[6] - ten[1] == pytest.approx(6.9, abs=0.1)
    assert thirty[1] - thirty[0] == pytest.approx(5, abs=0.5)
    assert thirty[2] - thirty[1] == pytest.approx(-1, abs=0.2)
    assert few[1:4].max() <= few[0] and few[4] - few[0] > 30
    assert ten[[4, 6]].min() - ten[1] > 6 and ten[[2, 5]].max() - ten[1] < 2  # the summary
    assert "With ten labels a class, generated images helped by more than two points" in LESSON.text


# --- section 3 -----------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def lesson():
    return LESSON.define("G_layers", "features", "heads", "draw", "logits")


def test_the_lessons_layers_are_the_packages(lesson, digits):
    G, D = conditional_pair(seed=2)
    lesson["G_layers"].load_state_dict(G.net.state_dict())
    lesson["features"].load_state_dict(
        {k: v for k, v in D.net.state_dict().items() if not k.startswith("4.")}
    )
    lesson["heads"].load_state_dict({"weight": D.net[4].weight, "bias": D.net[4].bias})
    y = torch.arange(10).repeat(2)
    z = G.asked(y, torch.Generator().manual_seed(0))
    with torch.no_grad():
        drawn = lesson["draw"](z[:, :64], y)
        assert torch.allclose(drawn, images_of(G(z)).flatten(1), atol=1e-5)
        x, labels = digits.train.images[:20], digits.train.labels[:20]
        ours = D.logits(join(x, labels))
        assert torch.allclose(lesson["logits"](x, labels), ours, atol=1e-5)


def test_the_generator_that_ships_draws_what_is_asked():
    shares = read_as_asked(load_asked_generator(), each=500)
    assert shares.mean() == pytest.approx(0.993, abs=0.004)
    assert shares.argmin() == 4 and shares.min() == pytest.approx(0.984, abs=0.006)


@torch.no_grad()
def slants(G, n=150):
    """The slope of the ink of each of n z in each of ten columns, shape (10, n)."""
    noise = torch.randn(n, 64, generator=torch.Generator().manual_seed(0))
    down, across = torch.meshgrid(torch.arange(28.0), torch.arange(28.0), indexing="ij")
    found = []
    for digit in range(10):
        label = torch.nn.functional.one_hot(torch.full((n,), digit), 10).float()
        ink = (images_of(G(torch.cat([noise, label], dim=1)))[:, 0] + 1) / 2
        ink = ink / ink.sum(dim=(1, 2), keepdim=True)
        y = down - (ink * down).sum(dim=(1, 2))[:, None, None]
        x = across - (ink * across).sum(dim=(1, 2))[:, None, None]
        found.append((ink * x * y).sum(dim=(1, 2)) / (ink * y * y).sum(dim=(1, 2)))
    return torch.stack(found)


def test_the_digits_of_one_z_lean_alike():
    correlation = torch.corrcoef(slants(load_asked_generator())).numpy()
    pairs = correlation[~np.eye(10, dtype=bool)]
    assert pairs.mean() == pytest.approx(0.884, abs=0.005)
    assert pairs.min() == pytest.approx(0.697, abs=0.005)


# --- section 4 -----------------------------------------------------------------------------------


def test_the_cycle_loss_of_the_exercise_is_half_of_what_the_turn_minimises():
    net = ThereAndBack()
    z = Domains(45).sample(50, torch.Generator().manual_seed(0))
    a, b = z.split(2, dim=1)
    with torch.no_grad():
        ours = float(CYCLE_LOSS.reference(a, b, net.T, net.S))
        assert float((net(net(z)) - z).abs().mean()) == pytest.approx(ours / 2, rel=1e-5)


def test_the_judges_move_down_the_gradient_of_both_games_and_their_penalty():
    run = translation_trainer(seed=3)
    run.r1_every = 1
    x, z = run.draw_real(30), run.draw_z(30)
    D = run.branch().D.net
    with torch.no_grad():
        fake = run.G(z)
    objective = 0.0
    for judge, part in ((D.of_a, slice(0, 2)), (D.of_b, slice(2, 4))):
        real = x[:, part].clone().requires_grad_()
        logits = judge(real)
        objective = objective + discriminator_loss(logits, judge(fake[:, part])) / 2
        objective = objective + run.r1_gamma * r1_penalty(logits, real) / 2
    objective.backward()
    before = [p.grad.clone() for p in D.parameters()]
    run.turn.move_d(run, x, z)
    for wanted, p in zip(before, run.D.net.parameters(), strict=True):
        assert torch.allclose(p.grad, wanted, atol=1e-6)


@pytest.mark.parametrize("help", ["nothing", "identity loss", "two pairs"])
def test_the_translators_move_down_the_loss_that_the_lesson_names(help):
    run = translation_trainer(help=help, seed=3)
    z, twin = run.draw_z(30), run.branch()
    a, b = z.split(2, dim=1)
    T, S, D = twin.G.net.T, twin.G.net.S, twin.D.net
    judged = torch.cat([D.of_a(S(b)), D.of_b(T(a))])
    loss = generator_loss(judged) + 10 * CYCLE_LOSS.reference(a, b, T, S) / 2
    if help == "identity loss":
        loss = loss + 5 * ((T(b) - b).abs().mean() + (S(a) - a).abs().mean()) / 2
    elif help == "two pairs":
        known_a, known_b = run.turn.pairs.split(2, dim=1)
        off = (T(known_a) - known_b).abs().mean() + (S(known_b) - known_a).abs().mean()
        loss = loss + 5 * off / 2
    loss.backward()
    run.turn.move_g(run, z)
    for mine, its in zip(run.G.parameters(), twin.G.parameters(), strict=True):
        assert torch.allclose(mine.grad, its.grad, atol=1e-5)
    with pytest.raises(ValueError, match="help"):
        CycleTurn(run.turn.pairs, "hope")


def test_b_turned_by_half_a_turn_is_the_same_set_without_names():
    domains, turned = Domains(45), Domains(225)
    assert torch.allclose(turned.centres_b, domains.centres_b.flip(0), atol=1e-6)
    own = torch.Generator().manual_seed(0)
    b = domains.sample(100_000, own)[:, 2:]
    for power in (1, 3):  # b and -b are distributed alike: odd moments vanish
        assert b.pow(power).mean(dim=0).abs().max() < 0.1


def test_mirrored_networks_have_the_same_losses_and_the_other_kinds():
    run = translation_trainer(seed=4)
    a, b = run.data.sample(200).split(2, dim=1)
    T, S, judge = run.G.net.T, run.G.net.S, run.D.net.of_b
    with torch.no_grad():
        one = CYCLE_LOSS.reference(a, b, T, S)
        other = CYCLE_LOSS.reference(a, -b, lambda a: -T(a), lambda b: S(-b))
        assert torch.equal(one, other)
        assert torch.equal(judge(T(a)), (lambda b: judge(-b))(-T(a)))
    kept = kept_share(T, run.data)
    assert kept_share(lambda a: -T(a), run.data) == pytest.approx(1 - kept)


# --- the predictions, and the published numbers --------------------------------------------------


@pytest.mark.parametrize(
    ("ask", "truth"),
    [
        (questions.ask_same_losses, questions.NOT_ALWAYS),
        (questions.ask_how_often_agreement_is_right, round(100 * sure_and_right(18)[1])),
    ],
)
def test_predictions_reveal_what_the_other_tests_found(ask, truth):
    question = lock_and_reveal(ask(), truth)
    assert question.row["right"]


def test_the_published_gain_is_thirteen_lesions():
    assert round(182 * (0.857 - 0.786)) == 13
