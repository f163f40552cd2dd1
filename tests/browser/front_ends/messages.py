"""What kernels send, and which of their errors count."""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Sequence

# Keeps what a kernel sends unasked: a widget's callback that fails writes in no cell.
NOTE_KERNEL_ERROR = """window.ganLessonKernelErrors ??= [];
const note = message => {
    const {header, content} = message;
    if (header.msg_type === 'error') {
        window.ganLessonKernelErrors.push(content.traceback.join('\\n'));
    } else if (header.msg_type === 'stream' && content.name === 'stderr') {
        window.ganLessonKernelErrors.push(content.text);
    }
};
"""


def those_that_count(errors: Sequence[str]) -> list[str]:
    """Return errors without their colours, and without "No such comm".

    JupyterLab and Voila ask every new kernel for its widgets, for an empty notebook too, and one
    that has not imported ipywidgets yet says so on stderr.
    """
    plain = [re.sub(r"\x1b\[[0-9;]*m", "", error) for error in errors]
    asked = r"No such comm( target registered: jupyter\.widget\.control|: [\w-]+)\s*"
    return [error for error in plain if not re.fullmatch(asked, error)]


def read_message(frame: bytes | str) -> tuple[dict, dict, dict]:
    """Return header, parent header and content of a message on a Jupyter websocket.

    Text is JSON. Bytes are how many offsets follow, these, then the parts: the channel, the four
    of the message, its buffers (protocol v1.kernel.websocket.jupyter.org).
    """
    if isinstance(frame, str):
        message = json.loads(frame)
        return message["header"], message["parent_header"], message["content"]
    n = int.from_bytes(frame[:8], "little")
    offsets = [int.from_bytes(frame[8 * i : 8 * i + 8], "little") for i in range(1, n + 1)]
    parts = [frame[start:end] for start, end in itertools.pairwise(offsets)]
    header, parent, _, content = (json.loads(part) for part in parts[1:5])
    return header, parent, content
