"""Serve the demonstrations: `python -m gan_lesson.lessons.wall`, with any option of Voila.

Kernels wait with everything imported, so that a page opens quickly; one that is closed takes
its kernel with it. Nothing is asked of any other machine.
"""

import os
import sys
import tempfile
from pathlib import Path

import nbformat
from traitlets.config import Config
from voila.app import Voila

from gan_lesson.lessons.wall import BY_LESSON
from gan_lesson.send_at_once import connection_class

CONTENTS = [
    {"name": each.name, "lesson": lesson, "title": each.title}
    for lesson, pages in BY_LESSON.items()
    for each in pages
]
WIDGETS = ["@jupyter-widgets/jupyterlab-manager", "@voila-dashboards/widgets-manager8"]
TEMPLATE = Path(__file__).parent / "template"

# Voila runs this notebook ahead of time up to the request, which names the demonstration.
WARM_UP = """\
import os

import torch
from voila.utils import wait_for_request

import gan_lesson.lessons.wall
from sklearn.linear_model import LogisticRegression

torch.set_num_threads(1)
wait_for_request()"""
SHOW = 'gan_lesson.lessons.wall.Wall(os.environ["QUERY_STRING"])'


class Wall(Voila):
    """Voila with our two templates, which know what there is to show."""

    def setup_template_dirs(self) -> None:
        """Look into our folder first."""
        super().setup_template_dirs()
        self.template_paths.insert(0, str(TEMPLATE))

    def init_settings(self) -> dict:
        """Tell the index what there is."""
        settings = super().init_settings()
        settings["voila_jinja2_env"].globals["demonstrations"] = CONTENTS
        return settings


def notebook() -> nbformat.NotebookNode:
    """Return what every kernel runs."""
    return nbformat.v4.new_notebook(
        cells=[nbformat.v4.new_code_cell(source) for source in (WARM_UP, SHOW)],
        metadata={"kernelspec": {"name": "python3", "display_name": "", "language": "python"}},
    )


def main(arguments: list[str]) -> None:
    """Serve until interrupted."""
    os.environ.setdefault("GAN_LESSON_PROJECTOR", "1")
    with tempfile.TemporaryDirectory(prefix="gan_lesson_") as folder:
        nbformat.write(notebook(), Path(folder) / "demo.ipynb")
        settings = Config()
        settings.Voila.root_dir = folder
        settings.Voila.ip = "127.0.0.1"
        settings.Voila.kernel_websocket_connection_class = connection_class()
        settings.VoilaConfiguration.resources = {"demonstrations": CONTENTS}
        settings.VoilaConfiguration.classic_tree = True
        settings.VoilaConfiguration.preheat_kernel = True
        settings.VoilaConfiguration.show_tracebacks = True
        settings.VoilaConfiguration.extension_allowlist = WIDGETS
        # a kernel whose page was lost; one with a page lives on
        settings.MappingKernelManager.cull_interval = 60
        settings.MappingKernelManager.cull_idle_timeout = 300
        Wall.launch_instance(arguments, config=settings)


if __name__ == "__main__":
    main(sys.argv[1:])
