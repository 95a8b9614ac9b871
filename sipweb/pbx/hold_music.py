"""The music on hold of PBX=local: a quiet melody, made here, so that it belongs to nobody."""

import math
import wave
from array import array
from pathlib import Path

RATE = 8000  # samples a second, as on the telephone
NOTE = 0.6  # seconds from one note to the next
VOLUME = 2600  # of 32767: about 20 dB below the loudest sound
C, D, E, F, G, A, B = (261.63, 293.66, 329.63, 349.23, 392.0, 440.0, 493.88)  # Hz, from middle C
# Eight bars of broken chords: C, A minor, F, G, E minor, A minor, D minor, G.
BARS = (
    (C, E, G, 2 * C), (A, 2 * C, 2 * E, 2 * C), (F, A, 2 * C, A), (G, B, 2 * D, B),
    (E, G, B, G), (A, 2 * C, 2 * E, A), (D, F, A, F), (G, B, 2 * D, G),
)  # fmt: skip


def write_melody(path: Path) -> None:
    """Write the melody as a WAV file of 20 seconds, unless there is one."""
    if path.is_file():
        return
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o750)
    draft = path.with_name(f".{path.name}")
    with wave.open(str(draft), "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(RATE)
        file.writeframes(_sound())
    draft.replace(path)


def _sound() -> bytes:
    """Return the samples; a note fades while three others follow, the last ones into the beginning."""
    notes = [frequency for bar in BARS for frequency in bar]
    step = int(RATE * NOTE)
    mix = [0.0] * (step * len(notes))
    shape = [math.exp(-3 * place / (4 * step)) * min(1.0, place / 80) for place in range(4 * step)]
    for index, frequency in enumerate(notes):
        turn = 2 * math.pi * frequency / RATE
        for place, loudness in enumerate(shape):
            mix[(index * step + place) % len(mix)] += loudness * math.sin(turn * place)
    return array("h", (int(VOLUME * value) for value in mix)).tobytes()
