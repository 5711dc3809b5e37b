"""Films in fragments: whether an edit list hides their end."""

from pathlib import Path

import av

from videokit.edits import edit_of, is_fragmented
from videokit.faults import VideoFault, VideoRejected
from videokit.opening import opened, pass_over_others, picture_of
from videokit.sound import is_end_of_sound_hidden


def validate_fragments(path: Path) -> None:
    """Validate that a film in fragments is shown to its end.

    A duration of 0 means to the end (ISO/IEC 14496-12, 8.6.6). If there is another one, FFmpeg and some players ignore
    it, and others stop there. So nobody knows what viewers of the source see.

    Raises
    ------
    VideoRejected
        EDITED. DAMAGED, if a packet cannot be read.
    """
    if is_fragmented(path) and (_is_end_of_picture_hidden(path) or is_end_of_sound_hidden(path)):
        raise VideoRejected(VideoFault.EDITED, detail={"hidden": "end"})


def _is_end_of_picture_hidden(path: Path) -> bool:
    with opened(path, options={"ignore_editlist": "1"}) as container:
        picture = picture_of(container)
        edit = edit_of(path, track=picture.id)
        if edit is None or edit.seconds is None or not picture.time_base:
            return False
        end = edit.start + edit.seconds / picture.time_base
        pass_over_others(container, kept=picture)
        try:
            return any(it.pts is not None and it.pts >= end for it in container.demux(picture) if it.size)
        except av.FFmpegError as error:
            raise VideoRejected(VideoFault.DAMAGED) from error
