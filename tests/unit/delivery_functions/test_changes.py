"""No old pixels: a source is replaced or deleted while its images are made."""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from typing import Any
from uuid import uuid4

import pytest
from botocore.exceptions import ReadTimeoutError
from tests.unit.delivery_functions.delivering import Answered, Delivering, photograph, signed_target

from awskit import clients
from awskit.clients import sqs
from awskit.delivery.budget import Budget
from awskit.delivery.pictures import make_picture
from imagekit.operations.delivered import DeliveredImage, EncodedImage
from safelight_contracts.delivery.refusals import Refusal
from safelight_contracts.delivery.result_keys import source_prefix
from safelight_contracts.delivery.settings import DeliverySettings

OLD, NEW = photograph("coffee.png"), photograph("chelsea.png")
REQUESTS = ("preset=card", "preset=auto", "width=100", "width=50", "width=50&format=png")
_ROUNDS = 20
_HERD = 20


def test_a_source_replaced_before_the_result_is_stored_gives_the_new_picture(
    delivering: Delivering, before_storing: Callable[[Callable[[], object]], None]
) -> None:
    expected = _picture_of(NEW, delivering=delivering)
    delivering.put(OLD)

    def replace_source() -> None:
        delivering.put(NEW)
        assert delivering.forget("a.jpg") == []

    before_storing(replace_source)
    assert delivering.get(preset="card").body == expected
    assert delivering.get(preset="card").body == expected
    assert len(delivering.stored()) == 2


def test_a_function_that_dies_after_storing_leaves_no_picture_of_a_source_whose_event_was_handled_before(
    delivering: Delivering, monkeypatch: pytest.MonkeyPatch
) -> None:
    expected = _picture_of(NEW, delivering=delivering)
    delivering.put(OLD)
    changes = [NEW]

    def make_long(*args: Any, **options: Any) -> DeliveredImage:
        made = make_picture(*args, **options)
        if changes:
            delivering.put(changes.pop())
            assert delivering.forget("a.jpg") == []
        return made

    def die(context: dict[str, Any], **_: object) -> None:
        if context["key"].startswith("r1/"):
            raise SystemExit

    monkeypatch.setattr("awskit.delivery.making.make_picture", make_long)
    monkeypatch.setattr("delivery.make.handler.new_budget", lambda: Budget(deadline=time.monotonic() + 20))
    _after_storing(die)
    with pytest.raises(SystemExit):
        delivering.get(preset="card")
    s3 = delivering.emulator.endpoints.s3
    (key,) = delivering.stored(source_prefix(bucket=delivering.source, key="a.jpg"))
    assert s3.get_object(Bucket=delivering.results, Key=key)["Body"].read() == expected


def test_a_source_deleted_before_the_result_is_stored_is_not_found(
    delivering: Delivering, before_storing: Callable[[Callable[[], object]], None]
) -> None:
    delivering.put(OLD)

    def delete() -> None:
        delivering.delete()
        assert delivering.forget("a.jpg") == []

    before_storing(delete)
    assert delivering.get(preset="card").is_refusal(Refusal.NOT_FOUND)
    assert delivering.stored("") == []


def test_a_source_that_changes_all_the_time_is_no_picture_of_the_past(delivering: Delivering) -> None:
    delivering.put(OLD)
    pictures = [NEW, OLD] * 5

    def change(params: dict[str, str], **_: object) -> None:
        if params["Bucket"] == delivering.results and params["Key"].startswith("r1/"):
            delivering.put(pictures.pop())

    pictures.append(NEW)
    clients.s3().meta.events.register("provide-client-params.s3.PutObject", change)
    answer = delivering.get(preset="card")
    assert answer.is_refusal(Refusal.BUSY)
    assert answer.headers["Retry-After"] == "1"
    assert delivering.stored("") == []


def test_a_result_that_could_not_be_checked_does_not_stay(delivering: Delivering) -> None:
    delivering.put(OLD)

    def lose(params: dict[str, str], **_: object) -> None:
        # The source's check after the result is stored is the only head request.
        params["Bucket"] = "there-is-no-such-bucket"

    clients.s3().meta.events.register("provide-client-params.s3.HeadObject", lose)
    assert delivering.get(preset="card").status != 200
    assert delivering.stored("") == []


def test_a_result_that_was_stale_for_a_moment_is_forgotten_again_because_cloudfront_may_have_it(
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    queue = sqs().create_queue(QueueName=uuid4().hex)["QueueUrl"]
    delivering = configure(replace(settings, forget_queue=queue))
    delivering.put(OLD)
    before_storing(lambda: delivering.put(NEW))
    assert delivering.get(preset="card").status == 200
    (message,) = sqs().receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]
    assert delivering.forget_messages(json.loads(message["Body"])) == []
    assert delivering.stored() == []


def test_a_stale_result_whose_answer_was_lost_is_taken_back_and_reported(
    configure: Callable[[DeliverySettings], Delivering],
    settings: DeliverySettings,
    before_storing: Callable[[Callable[[], object]], None],
) -> None:
    queue = sqs().create_queue(QueueName=uuid4().hex)["QueueUrl"]
    delays: list[int] = []
    sqs().meta.events.register(
        "provide-client-params.sqs.SendMessage", lambda params, **_: delays.append(params["DelaySeconds"])
    )
    delivering = configure(replace(settings, forget_queue=queue))
    delivering.put(OLD)
    before_storing(lambda: delivering.put(NEW))
    _lose_first_answer()
    assert delivering.get(preset="card").is_refusal(Refusal.SOURCE_UNAVAILABLE)
    assert delivering.stored("") == []
    # S3 can still store it.
    assert delays == [60]
    assert delivering.get(preset="card").status == 200


def test_a_stale_result_of_a_lost_attempt_is_reported(
    configure: Callable[[DeliverySettings], Delivering], settings: DeliverySettings
) -> None:
    queue = sqs().create_queue(QueueName=uuid4().hex)["QueueUrl"]
    delivering = configure(replace(settings, forget_queue=queue))
    delivering.put(OLD)
    delivering.get(preset="card")
    (key,) = delivering.stored()
    s3 = delivering.emulator.endpoints.s3
    first = s3.get_object(Bucket=delivering.results, Key=key)
    s3.delete_object(Bucket=delivering.results, Key=key)
    rest = [first["Body"].read()]

    def store_first(params: dict[str, str], **_: object) -> None:
        # As an attempt of this request, whose answer did not come, so that the next attempt is refused.
        if params["Key"] == key and rest:
            s3.put_object(
                ContentType=first["ContentType"],
                CacheControl=first["CacheControl"],
                Metadata=first["Metadata"],
                Bucket=delivering.results,
                Key=key,
                Body=rest.pop(),
            )
            delivering.put(NEW)

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", store_first)
    assert delivering.get(preset="card").status == 200
    assert rest == []
    assert len(sqs().receive_message(QueueUrl=queue, WaitTimeSeconds=20)["Messages"]) == 1


def test_a_stored_result_of_a_replaced_source_is_not_answered_even_before_the_event(delivering: Delivering) -> None:
    expected = _picture_of(NEW, delivering=delivering)
    delivering.put(OLD)
    delivering.get(preset="card")
    delivering.put(NEW)
    assert delivering.get(preset="card").body == expected


def test_a_stored_result_of_a_deleted_source_is_not_answered_even_before_the_event(delivering: Delivering) -> None:
    delivering.put(OLD)
    delivering.get(preset="card")
    delivering.delete()
    assert delivering.get(preset="card").is_refusal(Refusal.NOT_FOUND)
    assert delivering.stored("") == []


def test_a_source_replaced_while_it_is_downloaded_gives_the_new_picture(delivering: Delivering) -> None:
    old, new = (photograph(name, width=600, image_type="PNG") for name in ("coffee.png", "chelsea.png"))
    expected = _picture_of(new, delivering=delivering)
    delivering.put(old)
    rest = [new]

    def change(params: dict[str, str], **_: object) -> None:
        if params.get("IfMatch") and rest:
            delivering.put(rest.pop())

    clients.s3().meta.events.register("provide-client-params.s3.GetObject", change)
    assert delivering.get(preset="card").body == expected
    assert rest == []


def test_nobody_gets_old_pixels_after_a_source_was_replaced_under_a_hundred_requests(delivering: Delivering) -> None:
    expected = {query: _picture_of(NEW, delivering=delivering, query=query) for query in REQUESTS}
    delivering.put(OLD)
    answers, later = _under_requests(delivering, change=lambda: delivering.put(NEW))
    assert all(answer.status == 200 for answer in answers)
    assert [answer.body for answer in later] == [expected[query] for query in REQUESTS]
    assert len(delivering.stored()) == 2 * len(REQUESTS)


def test_nobody_gets_pixels_after_a_source_was_deleted_under_a_hundred_requests(delivering: Delivering) -> None:
    delivering.put(OLD)
    answers, later = _under_requests(delivering, change=delivering.delete)
    assert {answer.status for answer in answers} <= {200, 404}
    assert all(answer.is_refusal(Refusal.NOT_FOUND) for answer in later)
    assert delivering.stored() == []


def _lose_first_answer() -> None:
    """Lose the answer to the first request that stores a result, after S3 has stored it."""
    lost: list[str] = []

    def lose(context: dict[str, Any], **_: object) -> None:
        if context["key"].startswith("r1/") and not lost:
            lost.append(context["key"])
            raise ReadTimeoutError(endpoint_url="https://s3.test")

    _after_storing(lose)


def _after_storing(do: Callable[..., None]) -> None:
    """Do something after S3 has stored an object, whose key is in the context."""

    def remember(params: dict[str, str], context: dict[str, Any], **_: object) -> None:
        context["key"] = params["Key"]

    clients.s3().meta.events.register("provide-client-params.s3.PutObject", remember)
    clients.s3().meta.events.register("after-call.s3.PutObject", do)


def _under_requests(
    delivering: Delivering, *, change: Callable[[], object]
) -> tuple[Sequence[Answered], Sequence[Answered]]:
    """Change the source and handle its event while a hundred requests are under way, and ask once more for each."""
    under_way = Barrier(len(REQUESTS) + 1)

    def ask(query: str) -> list[Answered]:
        under_way.wait()
        return [delivering.send("/a.jpg", query) for _ in range(_ROUNDS)]

    with ThreadPoolExecutor(len(REQUESTS) + 1) as threads:
        asked = [threads.submit(ask, query) for query in REQUESTS]
        under_way.wait()
        change()
        assert delivering.forget("a.jpg") == []
        later = list(threads.map(lambda query: delivering.send("/a.jpg", query), REQUESTS))
        answers = [answer for one in asked for answer in one.result()]
    return answers, later


def _picture_of(data: bytes, *, delivering: Delivering, query: str = "preset=card") -> bytes:
    delivering.put(data, key="expected.jpg")
    answer = delivering.send("/expected.jpg", query)
    assert answer.status == 200
    return answer.body


def _ask_as_a_herd(delivering: Delivering) -> list[Answered]:
    start = Barrier(_HERD)

    def ask(_: int) -> Answered:
        start.wait()
        return delivering.get(preset="card")

    with ThreadPoolExecutor(_HERD) as herd:
        return list(herd.map(ask, range(_HERD)))


def test_a_herd_makes_one_result(delivering: Delivering, writes: list[str]) -> None:
    delivering.put(OLD)
    answers = _ask_as_a_herd(delivering)
    assert {(answer.status, answer.body) for answer in answers} == {(200, answers[0].body)}
    assert [key for key in writes if key.startswith("r1/")] == delivering.stored()
    assert delivering.stored("l1/") == []


def test_a_herd_decodes_a_damaged_picture_once(delivering: Delivering, monkeypatch: pytest.MonkeyPatch) -> None:
    decoded: list[EncodedImage] = []

    def count(source: EncodedImage, **arguments: Any) -> DeliveredImage:
        decoded.append(source)
        return make_picture(source, **arguments)

    monkeypatch.setattr("awskit.delivery.making.make_picture", count)
    # Longer than the herd takes on any machine.
    monkeypatch.setattr("awskit.delivery.leases._REFUSAL_SECONDS", 600)
    delivering.put(OLD[: len(OLD) // 2])
    answers = _ask_as_a_herd(delivering)
    assert {answer.status for answer in answers} == {Refusal.DAMAGED.status}
    assert len(decoded) == 1


def test_a_repaired_source_is_delivered_at_once(delivering: Delivering) -> None:
    delivering.put(OLD[: len(OLD) // 2])
    assert delivering.get(preset="card").is_refusal(Refusal.DAMAGED)
    delivering.put(OLD)
    assert delivering.get(preset="card").status == 200


def test_a_repaired_overlay_is_delivered_at_once(
    configure: Callable[[DeliverySettings], Delivering], signing: DeliverySettings
) -> None:
    delivering = configure(signing)
    delivering.put(OLD)
    target = signed_target(f"/filters:watermark({delivering.source},mark.jpg,0,0,0)/a.jpg")
    delivering.put(NEW[: len(NEW) // 2], key="mark.jpg")
    assert delivering.send(*target).is_refusal(Refusal.DAMAGED)
    delivering.put(NEW, key="mark.jpg")
    assert delivering.send(*target).status == 200
