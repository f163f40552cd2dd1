"""Rows of buttons, sliders of given steps, a sentence: the controls of larger widgets."""

from html import escape

import ipywidgets as widgets


def sentence_html(text: str) -> str:
    """Return plain text as HTML, in the size of a read-out."""
    return f'<span style="font-size:15px">{escape(text)}</span>'


ROW = {"flex_flow": "row wrap", "max_width": "100%", "align_items": "center"}


def slider(
    description: str,
    value: float,
    low: float,
    high: float,
    step: float,
    places: int = 2,
    layout: dict | None = None,
) -> widgets.FloatSlider:
    """Return a slider that shows so many places; step and ends in units of `description`."""
    return widgets.FloatSlider(
        value=value,
        min=low,
        max=high,
        step=step,
        description=description,
        readout_format=f".{places}f",
        layout=layout or {},
    )


def toggle_buttons(
    options: list, value=None, width: float | None = None, layout: dict | None = None
) -> widgets.ToggleButtons:
    """Return buttons `width` pixels wide each, or as wide as the longest of their labels needs.

    They have no description: JupyterLab would put it on a line above.
    """
    longest = max(len(o if isinstance(o, str) else o[0]) for o in options)
    return widgets.ToggleButtons(
        options=options,
        value=options[0] if value is None else value,
        style={"button_width": f"{width or 34 + 6.5 * longest:.0f}px"},
        layout=layout or {},
    )


def labelled(label: str, buttons: widgets.ToggleButtons) -> widgets.HBox:
    """Put a word of fixed width before buttons (their own description would stand above)."""
    word = widgets.HTML(sentence_html(label), layout={"width": "86px"})
    return widgets.HBox([word, buttons], layout=ROW)


def button(description: str) -> widgets.Button:
    """Return a button as wide as its label needs."""
    return widgets.Button(
        description=description, layout={"width": f"{36 + 8 * len(description)}px"}
    )


def option_slider(description: str, options: list, value) -> widgets.SelectionSlider:
    """Return a slider over given numbers, `value` among them."""
    return widgets.SelectionSlider(
        options=options_with(options, value),
        value=value,
        description=description,
        continuous_update=True,
        layout={"width": "330px"},
        style={"description_width": "90px"},
    )


def options_with(options: list, value) -> list[tuple[str, float]]:
    """Return a slider's options by name, `value` among them."""
    return [(f"{option:.3g}", option) for option in sorted({*options, value})]
