"""Programs in the layers of Python functions.

Lambda unpacks layers into ``/opt``. ministack unpacks them into a temporary folder, and without the permission to run a
file. The handler of ``BucketDeployment`` runs ``/opt/awscli/aws``.
"""

from collections.abc import Callable

# Scripts in a layer name the interpreter of Lambda's runtime, which is not here.
_PREAMBLE = """\
def _run_programs_of_layers():
    import os, subprocess, sys
    start = subprocess.Popen.__init__

    def start_from_layer(process, args, *rest, **options):
        if isinstance(args, (list, tuple)) and str(args[0]).startswith("/opt/"):
            for folder in os.environ.get("_LAMBDA_LAYERS_DIRS", "").split(os.pathsep):
                program = os.path.join(folder, str(args[0])[len("/opt/"):])
                if os.path.isfile(program):
                    os.chmod(program, 0o755)
                    with open(program, "rb") as file:
                        first = file.readline()
                    python = [sys.executable] if first.startswith(b"#!") and b"python" in first else []
                    args = [*python, program, *args[1:]]
                    break
        start(process, args, *rest, **options)

    subprocess.Popen.__init__ = start_from_layer


_run_programs_of_layers()
"""


def apply() -> None:
    """Patch the script that runs Python functions."""
    from ministack.core import lambda_runtime

    lambda_runtime._detect_runtime_binary = run_programs_of_layers(lambda_runtime._detect_runtime_binary)


def run_programs_of_layers(detect_runtime: Callable[[str], tuple[str, str]]) -> Callable[[str], tuple[str, str]]:
    """Wrap ministack's choice of a function's interpreter so that programs below ``/opt`` come from layers.

    `detect_runtime`: ``ministack.core.lambda_runtime._detect_runtime_binary``.
    """

    def detect_with_programs(name: str) -> tuple[str, str]:
        binary, script = detect_runtime(name)
        return binary, _PREAMBLE + script if name.startswith("python") else script

    return detect_with_programs
