"""Starts ministack, the AWS emulator, after putting back what it lacks.

Run as ``python -m safelight_local.emulator.launcher --port PORT``; everything else it takes from its
environment, as ministack itself does. Some things are not as wanted in the version named below, and are mended
here:

- An exception in a Python function arrives as ``Runtime.HandlerError``. AWS Lambda gives its class's name,
  which is what ``Retry`` and ``Catch`` in a state machine match.
- CloudFormation does not know ``AWS::StepFunctions::StateMachineVersion`` and ``...Alias``, although the Step
  Functions API has both.
- A Succeed state's ``Output`` is ignored in JSONata.
- S3's events on EventBridge lack the version and are not sent for every deletion. Archived objects can be copied.
- A state machine does not see that an object is archived, and gets its time in another form.
- Lifecycle rules of S3 expire nothing.
- Whoever may read objects is told which ones there are, without the permission to list them.
- It starts a process for every invocation under way, as AWS does: fifty uploads at once are a hundred
  interpreters. Here a function has as many as the machine has processors, and further invocations wait.
- With TLS it listens on port 443 too.
- A Python function can import whatever is installed beside the emulator. Lambda's runtime has the standard library
  and boto3 alone: what else a function needs is in its layers.
- It has no Rekognition. With ``AWS_ENDPOINT_URL_REKOGNITION`` in its environment, calls of Rekognition go there,
  once IAM has allowed them.
- A Distributed Map is evaluated in JSONPath alone, and ``startExecution.sync`` finds no alias.
- A function's process ends when its handler raises an exception.
- Code and layers are unpacked, and compiled, anew for each process of a function.
- Retries wait without jitter, and for a minute at most.
- Two state machines that write one item of DynamoDB at once may both find their condition met.

Each mend reaches into ministack's private names, so another version is refused.
"""

import argparse
import importlib.metadata
import json
import os
import re
import shlex
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from safelight_local.emulator.forwarding import forward_to
from safelight_local.emulator.patches.archived_objects import refuse_copies
from safelight_local.emulator.patches.distributed_map import evaluate_jsonata, find_by_alias
from safelight_local.emulator.patches.head_object import tell_all_of_heads
from safelight_local.emulator.patches.hidden_absence import hide_absence
from safelight_local.emulator.patches.kept_environments import KeptEnvironments
from safelight_local.emulator.patches.lifecycle import expire_by_rules
from safelight_local.emulator.patches.retry_waits import wait_as_told
from safelight_local.emulator.patches.s3_events import send_as_documented
from safelight_local.emulator.patches.shared_packages import unpack_once
from safelight_local.emulator.patches.whole_writes import write_one_at_a_time

FITS = "1.5.33"

# A CloudFormation resource's properties, or a service's request or answer.
Properties = dict[str, Any]


def require_fitting_version() -> None:
    """Refuse a version of ministack that this module was not written for.

    Raises
    ------
    SystemExit
        With a line that names both versions and the command that installs the right one.
    """
    try:
        found = importlib.metadata.version("ministack")
    except importlib.metadata.PackageNotFoundError:
        found = "not installed"
    if found != FITS:
        sys.exit(f"the emulator must be ministack {FITS}, and it is {found}: pip install ministack=={FITS}")


def class_name_of(*, log: str, message: str) -> str | None:
    """Find the exception's class name in a log that ends with its traceback.

    Parameters
    ----------
    log : str
        What a function wrote, ending with the text of ``traceback.format_exc()``.
    message : str
        The exception's message, which is how the traceback ends.

    Returns
    -------
    str or None
        The name without its module, as Lambda's ``errorType`` has it; None when the log has no traceback.
    """
    head = log.rstrip("\n").removesuffix(message.rstrip("\n")).removesuffix(": ")
    name = head.rpartition("\n")[2].rpartition(".")[2]
    return name if name.isidentifier() else None


def restore_error_types(execute: Callable[..., Properties]) -> Callable[..., Properties]:
    """Wrap ministack's executor of Python functions so that an error's type is the exception's class name.

    Parameters
    ----------
    execute : Callable
        ``ministack.services.lambda_svc._execute_function_warm``.

    Returns
    -------
    Callable
        A function with the same arguments and answer.
    """

    def execute_with_error_types(func: Properties, event: object, request_id: str) -> Properties:
        result = execute(func, event, request_id)
        body = result.get("body")
        if result.get("error") and isinstance(body, dict) and body.get("errorType") == "Runtime.HandlerError":
            name = class_name_of(log=result.get("log", ""), message=body["errorMessage"])
            if name is not None:
                body["errorType"] = name
        return result

    return execute_with_error_types


def share_environments(execute: Callable[..., Properties], *, limit: int) -> Callable[..., Properties]:
    """Wrap ministack's executor of Python functions so that a function has few execution environments.

    Parameters
    ----------
    execute : Callable
        ``ministack.services.lambda_svc._execute_function_warm``.
    limit : int
        How many invocations of one function run at once; others wait, outside of their timeout. Those made by the
        Invoke API never wait: a function may have made them, and would wait for itself.

    Returns
    -------
    Callable
        A function with the same arguments and answer.
    """
    from ministack.services import lambda_svc

    free: dict[str, threading.BoundedSemaphore] = {}

    def execute_in_turn(func: Properties, event: object, request_id: str) -> Properties:
        if lambda_svc._invoke_depth.get():
            return execute(func, event, request_id)
        name = (func.get("config") or func).get("FunctionArn", "")
        with free.setdefault(name, threading.BoundedSemaphore(limit)):
            return execute(func, event, request_id)

    return execute_in_turn


def isolate_functions(
    detect_runtime: Callable[[str], tuple[str, str]], *, folder: Path
) -> Callable[[str], tuple[str, str]]:
    """Wrap ministack's choice of a function's interpreter so that it finds what Lambda's runtime has.

    That is the standard library and boto3 with all it needs, beside the function's own code and layers.

    Parameters
    ----------
    detect_runtime : Callable
        ``ministack.core.lambda_runtime._detect_runtime_binary``.
    folder : Path
        An existing folder for the interpreter and for what the runtime has.

    Returns
    -------
    Callable
        A function with the same argument and answer.
    """
    runtime = folder / "runtime"
    runtime.mkdir()
    for path in sorted(set(_top_level_paths("boto3"))):
        (runtime / path.name).symlink_to(path)
    interpreter = folder / "python"
    # Neither the environment nor a site folder has a say in what such an interpreter finds; it starts faster, too.
    interpreter.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -I -S "$@"\n')
    interpreter.chmod(0o700)

    def detect_isolated(name: str) -> tuple[str, str]:
        binary, script = detect_runtime(name)
        if binary != sys.executable:
            return binary, script
        return str(interpreter), f"import sys\nsys.path.append({str(runtime)!r})\n{script}"

    return detect_isolated


def _top_level_paths(package: str) -> Iterator[Path]:
    """Yield the modules of an installed package and of all that it requires."""
    distribution = importlib.metadata.distribution(package)
    for name in {file.parts[0] for file in distribution.files or []} - {"..", "__pycache__"}:
        yield Path(str(distribution.locate_file(name)))
    for requirement in distribution.requires or []:
        if ";" not in requirement:
            yield from _top_level_paths(re.split(r"[^\w.-]", requirement, maxsplit=1)[0])


def restore_succeed_output(apply_output_path: Callable[..., object]) -> Callable[..., object]:
    """Wrap the last thing ministack does to a Succeed state's output, so that JSONata's ``Output`` counts.

    Parameters
    ----------
    apply_output_path : Callable
        ``ministack.services.stepfunctions._apply_output_path``.

    Returns
    -------
    Callable
        A function with the same arguments and answer.
    """
    from ministack.services import stepfunctions

    def apply_succeed_output(state: Properties, output: object, context: object = None) -> object:
        if state.get("Type") == "Succeed" and stepfunctions._state_query_language(state, context) == "JSONata":
            result: object = stepfunctions._apply_jsonata_output(state, output, context, default=output)
            return result
        return apply_output_path(state, output, context)

    return apply_succeed_output


def _answer(response: tuple[int, object, bytes | str]) -> Properties:
    """Take the body of a Step Functions API answer; raise its error as the CloudFormation engine wants it."""
    status, _, body = response
    if status >= 400:
        raise ValueError(body if isinstance(body, str) else body.decode())
    answer: Properties = json.loads(body)
    return answer


def release_handlers() -> dict[str, dict[str, Callable[..., object]]]:
    """Make CloudFormation's handlers of state machine versions and aliases from the Step Functions API.

    Returns
    -------
    dict
        Resource type -> ``create``, ``update`` and ``delete``, in the shape of ministack's own table.
    """
    from ministack.services import stepfunctions

    def create_version(_logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        arn = _answer(
            stepfunctions._publish_state_machine_version(
                {
                    "stateMachineArn": props["StateMachineArn"],
                    "revisionId": props.get("StateMachineRevisionId"),
                    "description": props.get("Description", ""),
                }
            )
        )["stateMachineVersionArn"]
        return arn, {"Arn": arn}

    def delete_version(arn: str, _props: Properties) -> None:
        _answer(stepfunctions._delete_state_machine_version({"stateMachineVersionArn": arn}))

    def routing(props: Properties) -> list[Properties]:
        # A gradual shift has nobody to shift here: all goes to the new version at once.
        preference = props.get("DeploymentPreference")
        if preference:
            return [{"stateMachineVersionArn": preference["StateMachineVersionArn"], "weight": 100}]
        return [
            {"stateMachineVersionArn": route["StateMachineVersionArn"], "weight": int(route["Weight"])}
            for route in props["RoutingConfiguration"]
        ]

    def create_alias(logical_id: str, props: Properties, _stack: str) -> tuple[str, Properties]:
        arn = _answer(
            stepfunctions._create_state_machine_alias(
                {
                    "name": props.get("Name", logical_id),
                    "description": props.get("Description", ""),
                    "routingConfiguration": routing(props),
                }
            )
        )["stateMachineAliasArn"]
        return arn, {"Arn": arn}

    def update_alias(arn: str, _old: Properties, props: Properties, _stack: str) -> tuple[str, Properties]:
        _answer(
            stepfunctions._update_state_machine_alias(
                {
                    "stateMachineAliasArn": arn,
                    "description": props.get("Description", ""),
                    "routingConfiguration": routing(props),
                }
            )
        )
        return arn, {"Arn": arn}

    def delete_alias(arn: str, _props: Properties) -> None:
        _answer(stepfunctions._delete_state_machine_alias({"stateMachineAliasArn": arn}))

    return {
        "AWS::StepFunctions::StateMachineVersion": {"create": create_version, "delete": delete_version},
        "AWS::StepFunctions::StateMachineAlias": {
            "create": create_alias,
            "update": update_alias,
            "delete": delete_alias,
        },
    }


def main(*, change_further: Callable[[], None] | None = None) -> None:
    """Mend ministack, then run it in this process until it is told to stop.

    Parameters
    ----------
    change_further : Callable[[], None], optional
        Called last before it runs. Left out: nothing more is changed.
    """
    parser = argparse.ArgumentParser(description=f"Run ministack {FITS}, mended, on a loopback port.")
    parser.add_argument("--port", type=int, required=True, help="the loopback port to listen on")
    parser.add_argument(
        "--environments",
        type=int,
        default=max(2, os.cpu_count() or 0),
        help="how many invocations of a function run at once (default: as many as there are processors, 2 at least)",
    )
    options = parser.parse_args()
    require_fitting_version()
    # ministack reads its settings as it is imported.
    os.environ["GATEWAY_PORT"] = str(options.port)
    from ministack import app
    from ministack.core import iam_actions, lambda_runtime, router
    from ministack.services import dynamodb, eventbridge, lambda_svc, s3, stepfunctions
    from ministack.services.cloudformation import provisioners

    lambda_svc._execute_function_warm = share_environments(
        restore_error_types(lambda_svc._execute_function_warm), limit=options.environments
    )
    lambda_runtime._detect_runtime_binary = isolate_functions(
        lambda_runtime._detect_runtime_binary, folder=Path(tempfile.mkdtemp(prefix="lambda-runtime-"))
    )
    lambda_runtime.zipfile = unpack_once(Path(tempfile.mkdtemp(prefix="packages-")))
    environments = KeptEnvironments(lambda_runtime._signal, lambda_runtime._collect)
    lambda_runtime._signal, lambda_runtime._collect = environments.signal, environments.collect
    lambda_runtime.Worker.invoke = environments.keeping(lambda_runtime.Worker.invoke)
    stepfunctions._apply_output_path = restore_succeed_output(stepfunctions._apply_output_path)
    stepfunctions._find_matching_retrier = wait_as_told(stepfunctions._find_matching_retrier)
    stepfunctions._run_distributed_map = evaluate_jsonata(stepfunctions._run_distributed_map)
    stepfunctions._nested_start_execution_request = find_by_alias(stepfunctions._nested_start_execution_request)
    write_one_at_a_time(dynamodb)
    send_as_documented(s3, eventbridge)
    refuse_copies(s3)
    tell_all_of_heads(stepfunctions)
    hide_absence(s3)
    expire_by_rules(s3)
    provisioners._RESOURCE_HANDLERS.update(release_handlers())
    # Saved queries have nothing to run on here; without this a stack that has one is refused.
    provisioners._RESOURCE_HANDLERS["AWS::Logs::QueryDefinition"] = {
        "create": lambda logical_id, _props, stack: (f"{stack}-{logical_id}", {}),
        "update": lambda physical_id, _old, _new, _stack: (physical_id, {}),
        "delete": lambda _physical_id, _props: None,
    }
    # Functions have ministack's environment: with this in it they would ask past IAM.
    if rekognition := os.environ.pop("AWS_ENDPOINT_URL_REKOGNITION", None):
        router.SERVICE_PATTERNS["rekognition"] = {"target_prefixes": ["RekognitionService."]}
        iam_actions.SERVICE_TO_IAM_NAMESPACE["rekognition"] = "rekognition"
        app.SERVICE_HANDLERS["rekognition"] = forward_to(rekognition)
    app._port_is_bindable = lambda _host, _port: False
    sys.argv = sys.argv[:1]
    if change_further is not None:
        change_further()
    app.main()


if __name__ == "__main__":
    main()
