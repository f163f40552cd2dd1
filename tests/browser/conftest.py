"""One Chromium and one server of each front end for all files of browser tests of a worker."""

import contextlib
import functools

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


@pytest.fixture(scope="package")
def browser():
    """One Chromium for the tests of this folder; a second beside it could not be driven."""
    try:
        with open_browser() as browser:
            yield browser
    except Missing as missing:
        absent(missing)


@pytest.fixture(scope="package")
def started(browser):
    """A function that starts a front end at its first call; each runs until the last test."""
    with contextlib.ExitStack() as stack:
        yield functools.cache(lambda kind: stack.enter_context(kind(browser)))


@pytest.fixture(params=[JupyterLab, ClassicNotebook], ids=["lab", "classic"])
def front(request, started):
    try:
        front = started(request.param)
    except Missing as missing:
        absent(missing)
    yield front
    front.leave()
