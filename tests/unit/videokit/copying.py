"""Copy the packets of a video into another file."""

from pathlib import Path

import av
from av.bitstream import BitStreamFilterContext


def copied(source: Path, path: Path, *, bit_stream_filter: str = "null") -> Path:
    """Copy the picture without encoding it again, through one of FFmpeg's filters of bit streams."""
    with av.open(str(source)) as container, av.open(str(path), "w") as output:
        picture = container.streams.video[0]
        stream = output.add_stream_from_template(picture)
        change = BitStreamFilterContext(bit_stream_filter, picture, stream)
        for packet in container.demux(picture):
            for made in change.filter(packet if packet.size else None):
                made.stream = stream
                output.mux_one(made)
    return path
