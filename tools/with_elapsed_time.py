"""Run a command, and print its title with the elapsed time every five seconds until it ends."""

import subprocess
import sys
import time

SECONDS = 5

title, *command = sys.argv[1:]
since = time.monotonic()
with subprocess.Popen(command) as process:
    while True:
        try:
            sys.exit(process.wait(timeout=SECONDS))
        except subprocess.TimeoutExpired:
            print(f"{title}: {time.monotonic() - since:.0f} s", flush=True)
