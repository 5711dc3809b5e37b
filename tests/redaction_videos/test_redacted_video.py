"""A scene goes the whole way: looked at, linked, covered, joined, and decoded again."""

from pathlib import Path

import av
import numpy as np
from tests.redaction_videos.bareness import MOST_BARE, covers_for
from tests.redaction_videos.looking import seen_in
from tests.redaction_videos.scenes import HEIGHT, WIDTH, faces_in
from tests.redaction_videos.the_set import labelled_set
from tests.redaction_videos.writing import write_scene
from tests.unit.videokit.redacting import planned, redacted

# Of 255: what encoding adds to a flat colour.
_ENCODING = 16


def test_the_face_is_flat_in_every_frame_of_the_redacted_video(tmp_path: Path) -> None:
    scene = labelled_set()[0]
    source = write_scene(scene, tmp_path / "scene.mp4")
    frames = planned(source, seconds=1)[1].frames
    covers = {frames[index].pts: boxes for index, boxes in covers_for(seen_in(scene, source)).items()}

    result = redacted(source, tmp_path / "work", seconds=1, covers=covers)

    with av.open(str(result)) as video:
        shown = [frame.to_ndarray(format="gray") for frame in video.decode(video=0)]
    assert len(shown) == len(scene.times)
    for pixels, (face,) in zip(shown, faces_in(scene), strict=True):
        part = pixels[
            int(face.top * HEIGHT) : int(np.ceil(face.bottom * HEIGHT)),
            int(face.left * WIDTH) : int(np.ceil(face.right * WIDTH)),
        ].astype(np.int16)
        assert (np.abs(part - np.median(part)) > _ENCODING).mean() <= MOST_BARE
