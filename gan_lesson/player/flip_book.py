"""flip_book: a run as one page that plays without a kernel."""

import base64
from html import escape
from pathlib import Path

from gan_lesson.live import LivePanel
from gan_lesson.player.scenes import Scene, up_to_date
from gan_lesson.saving import write_whole
from gan_lesson.trainer import Trainer

_FLIP_BOOK = """<!DOCTYPE html>
<html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>{title}</title>
<style>
body {{font: 16px sans-serif; max-width: {width}px; margin: 1em auto; padding: 0 1em}}
figure {{margin: 0}} img {{max-width: 100%; height: auto}} input {{width: 100%}}
.flip figure {{display: none}} .flip figure.on {{display: block}}
</style>
<h1>{title}</h1>
<label>step <output id="step"></output>
<input id="moment" type="range" min="0" max="{last}" value="{last}" hidden></label>
<div id="book">
{pages}
</div>
<script>
const moment = document.getElementById("moment"), book = document.getElementById("book");
function turn() {{
  [...book.children].forEach((page, i) => page.classList.toggle("on", i == moment.value));
  document.getElementById("step").textContent = book.children[moment.value].dataset.step;
  moment.setAttribute("aria-valuetext", "step " + book.children[moment.value].dataset.step);
}}
book.classList.add("flip"); moment.hidden = false; moment.oninput = turn; turn();
</script>
</html>
"""
_PAGE = """<figure data-step="{step}">
<img alt="{alt}" width="{width}" src="data:image/png;base64,{png}">
<figcaption>{caption}</figcaption></figure>"""


def flip_book(
    trainer: Trainer, scene: Scene, path: str | Path, title: str = "A run, step by step"
) -> Path:
    """Write every kept moment of a run as one HTML page: a slider turns its pictures.

    The page needs no kernel, no network and no other file. The trainer is left as it is.

    Args:
        trainer: the run; its kept states are drawn, and its present one.
        scene: what to draw; a new one, not that of a player.
        path: the page to write.
        title: the page's heading.

    Returns:
        The path.

    Raises:
        OSError: the page cannot be written; one that was there before is as it was.
    """
    with trainer.lock:
        moments = [trainer.branch(s.step) for s in trainer.snapshots if s.step != trainer.step]
        moments = sorted([*moments, trainer.branch()], key=lambda moment: moment.step)
    panel = LivePanel(*scene.size)
    panel.moving(scene.setup(panel.figure, moments[-1]))
    up_to_date(scene, moments[-1])  # so that all pictures share the last one's axes, if they grow
    pages = []
    for moment in moments:
        description, changed = up_to_date(scene, moment)
        if changed:
            panel.invalidate()
        panel.redraw(description)
        pages.append(
            _PAGE.format(
                step=moment.step,
                alt=escape(description, quote=True),
                width=round(panel.figure.bbox.width),
                png=base64.b64encode(panel.png).decode(),
                caption=escape(description),
            )
        )
    text = _FLIP_BOOK.format(
        title=escape(title),
        width=round(panel.figure.bbox.width),
        last=len(pages) - 1,
        pages="\n".join(pages),
    )
    return write_whole(path, text)
