"""Files made of samples, and samples of files. Wants requirements-speech.txt."""

import io

import av
import numpy as np

RATE = 16_000


def samples_of(content: bytes) -> np.ndarray:
    """Mono at RATE, from -1 to 1."""
    resampler = av.AudioResampler(format="s16", layout="mono", rate=RATE)
    with av.open(io.BytesIO(content)) as container:
        frames = [one for frame in container.decode(audio=0) for one in resampler.resample(frame)]
    frames += resampler.resample(None)
    return np.concatenate([frame.to_ndarray().reshape(-1) for frame in frames]).astype(np.float32) / 32_768


def encode(samples: np.ndarray, container: str) -> bytes:
    """As a browser would: Opus with 24 kbit/s."""
    out = io.BytesIO()
    with av.open(out, "w", format=container) as target:
        stream = target.add_stream("libopus", rate=RATE, layout="mono")
        stream.bit_rate = 24_000
        whole = (np.clip(samples, -1, 1) * 32_767).astype(np.int16).reshape(1, -1)
        for start in range(0, whole.shape[1], RATE):
            frame = av.AudioFrame.from_ndarray(whole[:, start : start + RATE], format="s16", layout="mono")
            frame.sample_rate, frame.pts = RATE, start
            target.mux(stream.encode(frame))
        target.mux(stream.encode(None))
    return out.getvalue()
