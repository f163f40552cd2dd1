"""What a lesson's notebook stores: which outputs are compared, and how; and shorter runs of it."""

import json
import re

# What nbval does not compare either: pictures, and the view of a widget.
NOT_COMPARED = ("image/png", "application/vnd.jupyter.widget-view+json")


def cells_of(notebook):
    """The cells of a stored notebook, as its JSON has them."""
    return json.loads(notebook.read_text("utf-8"))["cells"]


def tags_of(cell):
    return cell["metadata"].get("tags", [])


def is_compared(cell):
    """Whether a cell's output is to be what is stored."""
    return "nbval-check-output" in tags_of(cell)


def said(outputs):
    """What outputs say, as comparable as nbval makes it: streams joined, text of all other data."""
    streams, shown = {}, []
    for output in outputs:
        if output["output_type"] == "stream":
            streams.setdefault(output["name"], []).append("".join(output["text"]))
        else:
            data = output.get("data", {})
            data = {k: "".join(v) for k, v in data.items() if k not in NOT_COMPARED}
            shown.append((output.get("ename"), output.get("evalue"), data))
    return {name: "".join(parts) for name, parts in streams.items()}, shown


def shorter(source):
    """A cell's source with a tenth of the steps of each long loop of training."""
    long_loop = (
        r"((?:\b(?:range|run)\(|\bn_(?:turns|steps)=|_trainer, )(?=\d{3})|\bburst\()(\d+)0\b"
    )
    source = re.sub(long_loop, r"\1\2", source)
    source = re.sub(r"(\(0\.\d+, )(\d\d+)0\)", r"\1\2)", source)  # (rate, steps)
    moments = r"(for (?:step|n_turns) in \()(\d[\d, ]*)(\))"
    return re.sub(moments, lambda found: found[1] + tenth_of_each(found[2]) + found[3], source)


def tenth_of_each(numbers):
    """The numbers "10, 600" as "1, 60"."""
    return re.sub(r"\d+", lambda n: str(min(int(n[0]), max(1, int(n[0]) // 10))), numbers)


def in_short(cell):
    """The source of a code cell, with a tenth of its steps where its output is not compared.

    Whether the cells run is in question, not what the trained networks are like: tests marked
    `trains` and `make test-all`, which runs the lessons as they are, ask that.
    """
    source = "".join(cell["source"])
    return source if is_compared(cell) else shorter(source)
