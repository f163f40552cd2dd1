"""One Chromium and one server of each front end for all files of browser tests of a worker."""

import contextlib
import functools
from pathlib import Path

import pytest

for module in ("front_ends", "every_control", "matrix"):
    pytest.register_assert_rewrite(module)  # what its assertions compare is shown

from front_ends import ClassicNotebook, JupyterLab, Missing, absent, open_browser  # noqa: E402


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add to a failed browser test what its page says, of errors and to the reader; close it."""
    report = yield
    front = getattr(item, "funcargs", {}).get("front")
    if report.when == "call" and report.failed and front is not None and front.page is not None:
        with contextlib.suppress(Exception):  # the page may be gone
            told = f"{front.console_errors}\n{front.visible_text()[:3000]}"
            report.longrepr.addsection("errors and text of the page", told)
        front.close()  # the next test, or the next try, begins with a new one
    return report


kept = contextlib.ExitStack()


@functools.cache
def chromium():
    """The one Chromium of this worker: a second beside it could not be driven."""
    return kept.enter_context(open_browser())


@functools.cache
def start(kind):
    """A front end with its server, which is started once."""
    return kept.enter_context(kind(chromium()))


@pytest.hookimpl(wrapper=True)
def pytest_runtest_teardown(item, nextitem):
    """Close all after the last test of this folder.

    Playwright's loop of events runs as long as its browser: until then a player in another test
    would take this process for a kernel, and wait for an answer.
    """
    result = yield
    if nextitem is None or Path(__file__).parent not in nextitem.path.parents:
        kept.close()
        chromium.cache_clear()
        start.cache_clear()
    return result


@pytest.fixture(scope="module")
def browser():
    try:
        return chromium()
    except Missing as missing:
        absent(missing)


@pytest.fixture(scope="module")
def started(browser):
    """A function that starts a front end at its first call."""
    return start


@pytest.fixture(params=[JupyterLab, ClassicNotebook], ids=["lab", "classic"])
def front(request, started):
    try:
        front = started(request.param)
    except Missing as missing:
        absent(missing)
    yield front
    front.leave()
