"""Which Python and which processor the functions are built for."""

import platform
import re
import sys
from dataclasses import dataclass
from enum import Enum

from aws_cdk import aws_lambda
from constructs import Node

CONTEXT_KEY = "safelight:platform"


class Architecture(Enum):
    """A processor that Lambda offers."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


@dataclass(frozen=True, kw_only=True)
class Platform:
    """Runtime and processor of every function and layer of a workflow.

    Parameters
    ----------
    python
        Python's version, ``"3.11"`` or newer. Left out: 3.13.
    architecture
        Left out: arm64, a fifth cheaper a millisecond than x86_64.
    interpreter
        Path of the Python that layers are built with and for, when they need not run anywhere but on this
        machine. Left out: layers are built for Lambda's own Amazon Linux.

    Raises
    ------
    ValueError
        When the version of Python is older than 3.11, or is none.
    """

    python: str = "3.13"
    architecture: Architecture = Architecture.ARM64
    interpreter: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"3\.(1[1-9]|[2-9]\d)", self.python):
            raise ValueError(f"python={self.python!r} must be 3.11 or newer, such as '3.13'.")

    @classmethod
    def local(cls) -> "Platform":
        """Return this interpreter on this machine's processor, as the emulator runs functions."""
        machine = platform.machine().lower()
        return cls(
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            architecture=Architecture.ARM64 if machine in ("arm64", "aarch64") else Architecture.X86_64,
            interpreter=sys.executable,
        )

    @classmethod
    def of(cls, node: Node) -> "Platform":
        """Return what the app's context says under ``safelight:platform``, else the default.

        Parameters
        ----------
        node
            Of the construct that asks. The context value is ``local``, or a processor, with or without a Python
            version before it: ``arm64``, ``x86_64``, ``3.12-x86_64``.

        Raises
        ------
        ValueError
            When the context value is none of those.
        """
        value = node.try_get_context(CONTEXT_KEY)
        if value is None:
            return cls()
        if value == "local":
            return cls.local()
        match = re.fullmatch(r"(?:(3\.\d+)-)?(arm64|x86_64)", str(value))
        if match is None:
            raise ValueError(
                f"Context {CONTEXT_KEY}={value!r} must be 'local', 'arm64', 'x86_64' or such as '3.12-x86_64'."
            )
        return cls(python=match[1] or cls.python, architecture=Architecture(match[2]))

    @property
    def runtime(self) -> aws_lambda.Runtime:
        """The Lambda runtime."""
        return aws_lambda.Runtime(
            f"python{self.python}",
            aws_lambda.RuntimeFamily.PYTHON,
            # The CDK knows it of its own constants alone. Below 3.12 `snap_start=` is refused by Safelight.
            supports_snap_start=True,
        )

    @property
    def lambda_architecture(self) -> aws_lambda.Architecture:
        """The processor as the CDK names it."""
        if self.architecture is Architecture.ARM64:
            return aws_lambda.Architecture.ARM_64
        return aws_lambda.Architecture.X86_64
