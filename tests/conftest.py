"""Every test, and every kernel and command that a test starts, computes on one thread.

Two cores shared by several processes with two threads each are ten times slower than with
one: the threads wait for each other.
"""

import os

import pytest
from front_ends import Missing, absent, open_browser

os.environ.setdefault("OMP_NUM_THREADS", "1")


@pytest.fixture(scope="module")
def browser():
    """One Chromium for a file of tests; a second beside it could not be driven."""
    try:
        with open_browser() as browser:
            yield browser
    except Missing as missing:
        absent(missing)
