"""What redaction costs on AWS, with the arithmetic: photographs, medical images and minutes of video.

Run it from the root as `python -m bench.redaction.cost`. Prices are those of `bench.cost`. Calls of Rekognition follow
from the size of a photograph, memory from the functions' definitions, and transitions from the state machine. Seconds
of functions and requests of S3 are assumed, and printed. Free tiers, storage, transfer, KMS and the secret are not
counted.
"""

import json
from dataclasses import dataclass
from math import ceil

from bench.cost import (
    CUSTOM_EVENT,
    LAMBDA_ARM,
    LAMBDA_REQUEST,
    LOG_GB,
    LOGGED_BY_FUNCTION,
    MILLION,
    OPT_IN_EVENT,
    REKOGNITION,
    ROOT,
    S3_GET,
    S3_PUT,
    TRANSITION,
    WAIT,
)
from bench.redaction.bare_frames import MOST_USD_A_MINUTE
from imagekit.geometry import Size
from imagekit.redaction.search_places import first_places
from safelight.redaction.steps import dicom, photo

# USD per million requests of a standard queue: a message is sent, received and deleted.
SQS_REQUEST, SQS_REQUESTS = 0.40, 3
# Assumed: two instances of the function share 5 calls of Rekognition a second.
CALLS_A_SECOND = 2.5
# Of a film of 10 minutes in chunks of 10 seconds.
MINUTES, CHUNKS_A_MINUTE = 10, 6
# A child execution has one state, and its start counts too.
TRANSITIONS_OF_A_CHUNK = 2 * 2


@dataclass(frozen=True, kw_only=True)
class Work:
    """What is assumed of one file: seconds of the function beside the detector's, and requests of S3."""

    seconds: float
    gets: int
    puts: int


PHOTOGRAPH = Work(seconds=1.2, gets=8, puts=3)
BY_OPENCV = Work(seconds=2.5, gets=8, puts=3)
MEDICAL = Work(seconds=2.0, gets=6, puts=5)
# Of one chunk, with its part of the work on the whole film.
CHUNK = Work(seconds=0, gets=16, puts=4)


def searched(width: int, height: int, *, kinds: int) -> int:
    """Return the calls of Rekognition for a photograph without a crowd."""
    return kinds * len(first_places(Size(width=width, height=height)))


def upload(work: Work, *, memory: int, calls: int = 0) -> dict[str, float]:
    """Return USD per million files by what is charged."""
    seconds = work.seconds + max(calls * WAIT["rekognition"] / 1000, ceil(calls - 1) / CALLS_A_SECOND)
    return {
        "Rekognition": calls * REKOGNITION,
        "Lambda": LAMBDA_REQUEST + seconds * memory / 1024 * LAMBDA_ARM * MILLION,
        "S3": work.gets * S3_GET + work.puts * S3_PUT,
        "Step Functions": 0.0,
        "events, queue and log": OPT_IN_EVENT + CUSTOM_EVENT + SQS_REQUESTS * SQS_REQUEST + _log(1),
    }


def minute_of_video() -> dict[str, float]:
    """Return USD per million minutes of film by what is charged. Lambda's is the most that the benchmark allows."""
    path = ROOT / "statemachines" / "video_redaction" / "v1.asl.json"
    whole = sum(it["Type"] != "Fail" for it in json.loads(path.read_text())["States"].values())
    return {
        "Rekognition": 0.0,
        "Lambda": MOST_USD_A_MINUTE * MILLION,
        "S3": CHUNKS_A_MINUTE * (CHUNK.gets * S3_GET + CHUNK.puts * S3_PUT),
        "Step Functions": (CHUNKS_A_MINUTE * TRANSITIONS_OF_A_CHUNK + whole / MINUTES) * TRANSITION,
        "events, queue and log": (OPT_IN_EVENT + CUSTOM_EVENT) / MINUTES + _log(2 * CHUNKS_A_MINUTE),
    }


def _log(invocations: int) -> float:
    return invocations * LOGGED_BY_FUNCTION * MILLION / 1e9 * LOG_GB


def main() -> None:
    """Print the arithmetic."""
    memory = photo.STEP.memory
    large = searched(6000, 4000, kinds=3)
    columns = {
        "photograph, 12 MP, faces": upload(PHOTOGRAPH, memory=memory, calls=searched(4032, 3024, kinds=1)),
        f"24 MP, faces, text and plates ({large} calls)": upload(PHOTOGRAPH, memory=memory, calls=large),
        "photograph, `Detector.OPENCV`": upload(BY_OPENCV, memory=memory),
        "medical image, 512 x 512": upload(MEDICAL, memory=dicom.STEP.memory),
        "minute of video": minute_of_video(),
    }
    print(f"assumed: {PHOTOGRAPH=} {BY_OPENCV=} {MEDICAL=} {CHUNK=}\n")
    names = list(minute_of_video())
    print("| USD a million | " + " | ".join(names) + " | **all** |\n| --- " + "| ---: " * (len(names) + 1) + "|")
    for title, parts in columns.items():
        print(f"| {title} | {' | '.join(f'{parts[name]:.2f}' for name in names)} | **{sum(parts.values()):.0f}** |")


if __name__ == "__main__":
    main()
