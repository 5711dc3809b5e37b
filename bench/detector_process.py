"""Measures a process that only looks for people. `bench/detectors.py` runs it.

It prints the processor seconds for the first image, including the import of OpenCV and loading the models, those of
each further image, and the peak memory in MB. It has one thread, because Lambda has one processor. Arguments: an
image's path, and the folder that has the folder of models.
"""

import re
import statistics
import sys
import time
from itertools import pairwise
from pathlib import Path

sys.path[:0] = [str(Path(__file__).parents[1] / "lambdas"), sys.argv[2]]

image = Path(sys.argv[1]).read_bytes()
times = [time.process_time()]
for _ in range(9):
    import cv2

    from visionkit.people import see_people

    cv2.setNumThreads(1)
    see_people(image, min_confidence=0.5)
    times.append(time.process_time())
first, *further = [after - before for before, after in pairwise(times)]
# The peak of this program from Linux, because getrusage includes the process that started it.
peak = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
print(first, statistics.median(further), int(peak[1]) * 1024 / 1e6 if peak else float("nan"))
