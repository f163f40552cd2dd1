"""Drive JupyterLab, Notebook 7, classic Notebook and Voila in a real Chromium, through one API.

`JupyterLab`, `Notebook7` and `ClassicNotebook` each start a Jupyter server of their own in a
temporary folder and open notebooks from a copy there, so nothing in the repository is written and
no setting of the person who runs the tests counts. All have the same methods:

    with open_browser() as browser, JupyterLab(browser) as front:
        front.open("notebooks/01_coin_flips_to_binary_cross_entropy.ipynb")
        front.run_all()
        before = front.picture()
        front.press(0, "ArrowRight")
        after = front.wait_for_picture(differs_from=before)

From a shell, in tests/browser, a picture of a whole notebook:

    python -m front_ends --lab notebooks/06_digits.ipynb --screenshot out.png
"""

from .classic import ClassicNotebook
from .hands import CONTROLS, HANDLES, Control, Picture
from .installed import REPO, Missing, absent, find_chromium, open_browser
from .lab import JupyterLab, Notebook7
from .notebook import FrontEnd, write_notebook
from .page import WidgetPage
from .voila import VoilaPage
from .waiting import wait_until

__all__ = [
    "CONTROLS",
    "HANDLES",
    "REPO",
    "ClassicNotebook",
    "Control",
    "FrontEnd",
    "JupyterLab",
    "Missing",
    "Notebook7",
    "Picture",
    "VoilaPage",
    "WidgetPage",
    "absent",
    "find_chromium",
    "open_browser",
    "wait_until",
    "write_notebook",
]
