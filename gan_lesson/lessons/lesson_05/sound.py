"""A run as two tones, one for each player."""

import base64
import io
import wave

import numpy as np
from IPython.display import HTML

from gan_lesson import checks, plots

# --- the game as sound -------------------------------------------------------------------------

RATE = 6000  # numbers a second: more than twice the highest overtone, 3 * 880 Hz


def pitch(p: np.ndarray) -> np.ndarray:
    """Return the tone that stands for a probability, Hz: 220 at 0, 440 at 1/2, 880 at 1."""
    return 220.0 * 4.0 ** np.asarray(p, dtype=float)


def two_tones(d_real: np.ndarray, d_fake: np.ndarray, seconds: float = 3.0) -> np.ndarray:
    """Return a sound in which D(x) and D(G(z)) are the pitches of two voices.

    D(x) is a pure tone, D(G(z)) a reedy one with overtones. In unison both say the same, and a
    small difference is heard as a slow beat.

    Args:
        d_real: D(x) over the run, a probability, shape (n,), n >= 1.
        d_fake: D(G(z)) over the run, a probability, shape (n,).
        seconds: length of the sound.

    Returns:
        Numbers between -1 and 1, shape (6000 * seconds,): 6,000 a second.

    Raises:
        ValueError: shapes differ or are empty, a value is no probability, or `seconds` <= 0.
    """
    voices = [checks.probabilities("d_real", d_real), checks.probabilities("d_fake", d_fake)]
    checks.shape("d_real", voices[0], "n", least=1)
    checks.same_shape("d_real", voices[0], "d_fake", voices[1])
    checks.positive("seconds", seconds)
    places = np.linspace(0, len(voices[0]) - 1, round(RATE * seconds))
    phases = [
        2 * np.pi * np.cumsum(pitch(np.interp(places, np.arange(len(v)), v))) / RATE for v in voices
    ]
    reed = sum(np.sin(k * phases[1]) / k for k in (1, 3))
    fade = np.minimum(1.0, np.minimum(np.arange(len(places)), np.arange(len(places))[::-1]) / 200)
    return fade * (0.45 * np.sin(phases[0]) + 0.35 * reed)


def hear(history, seconds: float = 3.0) -> HTML:
    """Return an audio control that plays a run as two tones; press its play button.

    Args:
        history: a `History` with at least one row.
        seconds: length of the sound.

    Raises:
        ValueError: nothing is recorded yet, or as `two_tones`.
    """
    if not len(history):
        raise ValueError("history is empty; train some steps first")
    window = max(1, len(history) // 50)
    d_real, d_fake = (plots.running_mean(history[name], window) for name in ("d_real", "d_fake"))
    sound = np.round(32000 * two_tones(d_real, d_fake, seconds)).astype("<i2")
    file = io.BytesIO()
    with wave.open(file, "wb") as written:
        written.setnchannels(1)
        written.setsampwidth(2)
        written.setframerate(RATE)
        written.writeframes(sound.tobytes())
    start, end = (f"{pitch(d_real[i]):.0f} and {pitch(d_fake[i]):.0f} Hz" for i in (0, -1))
    told = f"D(x) and D(G(z)) as two tones: {start} at the start, {end} at the end."
    source = base64.b64encode(file.getvalue()).decode()
    return HTML(
        f'<audio controls aria-label="{told}" src="data:audio/wav;base64,{source}"></audio>'
        f'<div style="font-size:15px">{told}</div>'
    )
