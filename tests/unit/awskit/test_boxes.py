from hypothesis import given
from hypothesis import strategies as st

from awskit.boxes import box_entry
from imagekit.geometry import Box

EDGES = st.floats(-2, 3)


@given(across=st.tuples(EDGES, EDGES), down=st.tuples(EDGES, EDGES))
def test_a_box_is_cut_at_the_edges_of_the_image(across: tuple[float, float], down: tuple[float, float]) -> None:
    (left, right), (top, bottom) = sorted(across), sorted(down)
    box = box_entry(name="Cup", confidence=90, box=Box(left=left, top=top, right=right, bottom=bottom))["box"]
    assert all(0 <= part <= 1 for part in box.values())
    assert max(box["left"] + box["width"], box["top"] + box["height"]) <= 1.0001


def test_an_entry_has_a_name_a_confidence_and_the_sides_of_its_box() -> None:
    entry = box_entry(name="Cup", confidence=90.06, box=Box(left=0.25, top=0.5, right=0.5, bottom=0.62346))
    box = {"left": 0.25, "top": 0.5, "width": 0.25, "height": 0.1235}
    assert entry == {"name": "Cup", "confidence": 90.1, "box": box}
