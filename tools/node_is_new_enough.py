"""Exit with 0 when Node.js 22 or newer and npm are on PATH, as the CDK CLI needs."""

import re
import shutil
import subprocess
import sys

OLDEST = 22

node = shutil.which("node")
if node is None or shutil.which("npm") is None:
    sys.exit(1)
version = re.match(r"v(\d+)", subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout)
sys.exit(version is None or int(version[1]) < OLDEST)
