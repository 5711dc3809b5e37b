import sys
from typing import Any

import pytest
from tests.unit.child_python import run_python
from tests.unit.imagekit.operations.making import file_of, make, read, smooth
from tests.unit.pictures import photograph
from tests.unit.robustness import hostile
from tests.unit.robustness.samples import SAMPLES

from imagekit.geometry import Box
from imagekit.rejection import ImageFault, ImageRejected
from imagekit.sandbox.delivery import make_in_sandbox
from safelight_contracts.delivery.accept import AcceptedType
from safelight_contracts.delivery.effects import BlurUnsafe
from safelight_contracts.delivery.operations import ImagePlan
from safelight_contracts.delivery.overlays import Overlay
from safelight_contracts.delivery.refusals import Refusal, RequestRefusedError
from safelight_contracts.delivery.shaping import CropToFaces, Resize
from safelight_contracts.limits import Limits

MARK = Overlay(bucket=None, key="a")


@pytest.mark.parametrize("name", ["JPEG", "PNG", "lossy WEBP", "animated GIF", "TIFF", "AVIF", "HEIC", "RAW"])
def test_the_worker_makes_the_same_file_as_this_process(name: str) -> None:
    operations = (Resize(width=50), BlurUnsafe(sigma=2), CropToFaces(), MARK)
    given: dict[str, Any] = {"faces": [Box(left=0.1, top=0.1, right=0.9, bottom=0.9)], "is_unsafe": True}
    overlays = {MARK: read(file_of(smooth(10, 10)))}
    made = make_in_sandbox(
        read(SAMPLES[name]),
        plan=ImagePlan(operations=operations),
        accepted=AcceptedType.WEBP,
        limits=Limits(),
        overlays=overlays,
        **given,
    )
    assert made == make(SAMPLES[name], *operations, accepted=AcceptedType.WEBP, overlays=overlays, **given)


def test_what_a_request_is_refused_for_is_told() -> None:
    source = read(photograph(width=60, height=40))
    with pytest.raises(RequestRefusedError) as refused:
        make_in_sandbox(
            source,
            plan=ImagePlan(operations=(Resize(width=9000),)),
            accepted=AcceptedType.PLAIN,
            limits=Limits(),
        )
    assert refused.value.refusal is Refusal.BAD_PARAMETER
    assert "9000 x 6000" in refused.value.message


def test_a_damaged_source_is_rejected() -> None:
    source = read(SAMPLES["JPEG"][:-300])
    with pytest.raises(ImageRejected) as rejected:
        make_in_sandbox(source, plan=ImagePlan(), accepted=AcceptedType.PLAIN, limits=Limits())
    assert rejected.value.reason is ImageFault.UNREADABLE_IMAGE


def test_a_hostile_overlay_breaks_nothing() -> None:
    overlays = {MARK: read(hostile.avif_coded_larger_than_it_says())}
    source, plan = read(photograph(width=60, height=40)), ImagePlan(operations=(MARK,))
    with pytest.raises((RequestRefusedError, ImageRejected)):
        make_in_sandbox(source, plan=plan, accepted=AcceptedType.PLAIN, limits=Limits(), overlays=overlays)
    assert make_in_sandbox(source, plan=ImagePlan(), accepted=AcceptedType.PLAIN, limits=Limits()).width == 60


def test_a_function_imports_no_decoder() -> None:
    check = "import sys, imagekit.sandbox.delivery; print(sorted({'pyvips', 'PIL', 'numpy'} & set(sys.modules)))"
    assert run_python(check) == "[]"


def test_the_workers_of_a_workflow_import_nothing_of_delivery() -> None:
    check = "import sys, imagekit.sandbox.image_tasks; print([one for one in sys.modules if 'operations' in one])"
    assert run_python(check) == "[]"


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux lists the threads of a process")
def test_the_worker_has_no_threads_when_it_forks() -> None:
    check = "import os, imagekit.sandbox.delivery_tasks; print(len(os.listdir('/proc/self/task')))"
    assert run_python(check) == "1"


def test_the_worker_imports_nothing_that_only_a_workflow_needs() -> None:
    check = "import sys, imagekit.sandbox.delivery_tasks as t; print('imagekit.rendering.render' in sys.modules)"
    assert run_python(check) == "False"
