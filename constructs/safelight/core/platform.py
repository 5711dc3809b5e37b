"""The Python version and the processor that functions are built for."""

import platform
import re
import sys
from dataclasses import dataclass
from enum import Enum

from aws_cdk import aws_lambda
from constructs import Node

from safelight_contracts.arguments import validated_fields

CONTEXT_KEY = "safelight:platform"


class Architecture(Enum):
    """A processor that Lambda offers."""

    ARM64 = "arm64"
    X86_64 = "x86_64"


@validated_fields
@dataclass(frozen=True, kw_only=True)
class Platform:
    """Runtime and processor of a system's functions and layers.

    Parameters
    ----------
    python
        Python version, ``"3.11"`` or newer. Default: 3.13.
    architecture
        Default: arm64, which costs a fifth less per millisecond than x86_64.
    interpreter
        Path of a Python. Layers are then built with it, and run on this machine only. Default: layers are built for
        Lambda's Amazon Linux.

    Raises
    ------
    ValueError
        If the Python version is invalid or older than 3.11.
    """

    python: str = "3.13"
    architecture: Architecture = Architecture.ARM64
    interpreter: str | None = None

    def __post_init__(self) -> None:
        if not re.fullmatch(r"3\.(1[1-9]|[2-9]\d)", self.python):
            raise ValueError(f"python={self.python!r} must be 3.11 or newer, such as '3.13'.")

    @classmethod
    def local(cls) -> "Platform":
        """Return this interpreter and this machine's processor, which the emulator runs functions with."""
        machine = platform.machine().lower()
        return cls(
            python=f"{sys.version_info.major}.{sys.version_info.minor}",
            architecture=Architecture.ARM64 if machine in ("arm64", "aarch64") else Architecture.X86_64,
            interpreter=sys.executable,
        )

    @classmethod
    def of(cls, node: Node) -> "Platform":
        """Return the platform in the app's context key ``safelight:platform``, else the default.

        Parameters
        ----------
        node
            A node of the app. The context value is ``local``, or a processor, with or without a Python version:
            ``arm64``, ``x86_64``, ``3.12-x86_64``.

        Raises
        ------
        ValueError
            If the context value is none of those.
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
            # The CDK knows this only for its own constants. make_steps raises for snap_start below Python 3.12.
            supports_snap_start=True,
        )

    @property
    def lambda_architecture(self) -> aws_lambda.Architecture:
        """The processor in the CDK's terms."""
        if self.architecture is Architecture.ARM64:
            return aws_lambda.Architecture.ARM_64
        return aws_lambda.Architecture.X86_64
