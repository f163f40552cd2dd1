"""The table of run numbers: each row's statement stands in its lesson, and its test exists."""

import re

from run_numbers import HERE, TABLE, TEXTS, table, words_of

ROWS = re.findall(r"^\| (\d\d) \| (.+?) \| `(\S+?)::(\w+)` \|", TABLE.read_text("utf-8"), re.M)


def test_every_row_has_its_statement_in_the_text_and_its_test():
    assert len(ROWS) >= 69
    for lesson, statement, file, test in ROWS:
        (text,) = TEXTS.glob(f"{lesson}_*.md")
        assert statement.replace("\\|", "|") in words_of(text.read_text("utf-8")), statement
        (source,) = HERE.rglob(file)
        assert f"\ndef {test}(" in source.read_text("utf-8"), test


def test_a_cell_takes_the_seeds_of_all_runs_together():
    def row(processor, numbers):
        return {
            "lesson": "07",
            "statement": "a | b",
            "test": "test_x.py::test_y",
            "processor": processor,
            "measured": {"JSD": numbers},
        }

    told = table([row("own", [0.1, 0.2]), row("own", [0.3]), row("avx2", [0.5])])
    assert "| 07 | a \\| b | `test_x.py::test_y` | JSD 0.1 to 0.3 (3) | JSD 0.5 | not run |" in told
    kept = table([row("avx2", [0.7]), row("default", [0.9])], told)
    assert "| JSD 0.1 to 0.3 (3) | JSD 0.7 | JSD 0.9 |" in kept  # what is measured anew is new


def test_a_table_that_is_kept_whole_is_the_same():
    stored = TABLE.read_text("utf-8")
    assert table([], stored) == stored
