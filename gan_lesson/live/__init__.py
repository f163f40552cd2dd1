"""Pictures that move in any notebook: a panel, a projector view, and the curves of a run."""

from gan_lesson.live.curves import LiveCurves
from gan_lesson.live.panel import (
    WIDGET_VIEW,
    LivePanel,
    Picture,
    bundle,
    is_headless,
    show,
    show_figure,
)
from gan_lesson.live.png import encode_png
from gan_lesson.live.projector_view import enlarge, is_projector, projector, projector_switch

__all__ = [
    "WIDGET_VIEW",
    "LiveCurves",
    "LivePanel",
    "Picture",
    "bundle",
    "encode_png",
    "enlarge",
    "is_headless",
    "is_projector",
    "projector",
    "projector_switch",
    "show",
    "show_figure",
]
