"""Exit with 0 when Node.js, as new as the CDK CLI needs it, and npm are there. Runs before Safelight is installed."""

import shutil
import sys
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1] / "local"))

from safelight_local.errors import UserError
from safelight_local.nodejs import find_node, search_path

try:
    find_node(needed_by="the AWS CDK CLI")
except UserError:
    sys.exit(1)
sys.exit(shutil.which("npm", path=search_path()) is None)
