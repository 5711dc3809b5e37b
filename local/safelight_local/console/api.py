"""The requests of the page, answered by AWS's APIs."""

import threading
from functools import lru_cache
from typing import IO, Any

from safelight_local.aws.clients import Account, Clients
from safelight_local.aws.deployment import DeployedWorkflow, by_id, deployed_workflows
from safelight_local.console.links import console_links
from safelight_local.console.listing import ExecutionList
from safelight_local.console.missing import NotFoundError
from safelight_local.console.pictures import OpenPicture, Picture, open_picture
from safelight_local.console.playground.playground import Playground
from safelight_local.console.redactions.redactions import Redactions
from safelight_local.console.traced import without_style_sheet
from safelight_local.console.uploads import upload_to_place
from safelight_local.console.view import diagram_name, read_view, view_as_json
from safelight_local.console.workflow import definition_of_execution, place_types, read_definition
from safelight_local.diagram import draw
from safelight_local.emulator.endpoints import Endpoints
from safelight_local.errors import UserError

# Calls of the emulator are free. ListExecutions of an account has a rate limit that others share.
_SECONDS_BETWEEN = {Endpoints: 0.5, Account: 5.0}
_NO_HISTORY = (
    "This is an Express workflow: Step Functions keeps no history of its executions, so there are none to list here. "
    "The records table and the events have each upload's outcome. The state machine's log group has the details."
)


class Api:
    """Answers the page's requests for one emulator or account.

    `stack`: Only the workflows of this stack. Default: of all stacks.
    `may_upload`: whether files are taken.
    `playground`: answers the page of deliveries.
    `redactions`: answers the page of redactions.
    """

    def __init__(self, clients: Endpoints | Account, *, stack: str | None, may_upload: bool) -> None:
        self._clients: Clients = clients
        self._account = clients if isinstance(clients, Account) else None
        self._seconds_between = _SECONDS_BETWEEN[type(clients)]
        self._stack = stack
        self.may_upload = may_upload
        self.playground = Playground(clients, stack=stack)
        self.redactions = Redactions(clients, stack=stack)
        self._workflows: dict[str, DeployedWorkflow] = {}
        self._lists: dict[str, ExecutionList] = {}
        self._pictures: dict[str, dict[str, Picture]] = {}
        self._lock = threading.Lock()
        # The definition of an execution never changes.
        self._definition_of = lru_cache(maxsize=1024)(
            lambda arn: definition_of_execution(self._clients.of(arn), arn=arn)
        )
        self._diagrams: dict[str, dict[str, Any]] = {}

    def start(self) -> dict[str, Any]:
        """Return what the page shows first: the account, the workflows, and whether it may upload."""
        account = self._account and {"number": self._account.number, "region": self._account.region}
        self._find_workflows()
        return {"account": account, "mayUpload": self.may_upload, "workflows": list(self._workflows)}

    def workflow(self, name: str) -> dict[str, Any]:
        """Describe one workflow: its place types, the name of its diagram, and why it lists no executions."""
        workflow = self._workflow(name)
        definition = read_definition(self._clients.of(workflow.state_machine_arn), workflow=workflow)
        return {
            "placeTypes": place_types(definition.asl),
            "diagram": self._keep_diagram(definition.asl),
            "note": None if definition.keeps_history else _NO_HISTORY,
        }

    def executions(self, name: str, *, since: int) -> dict[str, Any]:
        """List the changed executions of a workflow: `ExecutionList.changes`."""
        return self._list(name).changes(since=since)

    def older(self, name: str) -> dict[str, Any]:
        """List more executions of a workflow from now on."""
        self._list(name).list_older()
        return {}

    def execution(self, name: str, *, arn: str) -> dict[str, Any]:
        """Show one execution."""
        workflow = self._workflow(name)
        view = read_view(self._clients.of(arn), workflow=workflow, arn=arn)
        if view is None:
            raise NotFoundError("there is no such execution")
        self._pictures[arn] = {picture.name: picture for picture in view.pictures}
        links = console_links(view.execution, workflow=workflow) if self._account else []
        shown = view_as_json(view, diagram=self._keep_diagram(self._definition_of(arn)))
        return shown | {"links": [link._asdict() for link in links]}

    def diagram(self, name: str) -> str:
        """Draw a definition that an answer named, without a style sheet: the page has it and allows no other."""
        definition = self._diagrams.get(name)
        if definition is None:
            raise NotFoundError("there is no such diagram")
        return without_style_sheet(draw(definition))

    def picture(self, *, arn: str, name: str) -> OpenPicture:
        """Open a picture of an execution that was shown, or the thumbnail of one that was listed.

        Raises NoPictureError as `open_picture` does. Raises NotFoundError if no such picture was shown. No other object
        of a bucket can be read.
        """
        picture = self._pictures.get(arn, {}).get(name) or self._thumbnail(arn=arn, name=name)
        if picture is None:
            raise NotFoundError("there is no such picture")
        return open_picture(self._clients.of(arn), picture=picture)

    def upload(self, name: str, *, file_name: str, place_type: str, body: IO[bytes]) -> dict[str, str]:
        """Upload a file: `upload_to_place`."""
        if not self.may_upload:
            raise UserError("this console is read-only: start it with --allow-upload")
        workflow = self._workflow(name)
        clients = self._clients.of(workflow.state_machine_arn)
        upload = upload_to_place(clients, workflow=workflow, name=file_name, place_type=place_type, body=body)
        return {"key": upload.key, "etag": upload.etag}

    def _workflow(self, name: str) -> DeployedWorkflow:
        if name not in self._workflows:
            self._find_workflows()
        if name not in self._workflows:
            raise NotFoundError("there is no such workflow")
        return self._workflows[name]

    def _find_workflows(self) -> None:
        found = deployed_workflows(self._clients)
        self._workflows = by_id([it for it in found if self._stack in (None, it.stack)])

    def _list(self, name: str) -> ExecutionList:
        with self._lock:
            if name not in self._lists:
                workflow = self._workflow(name)
                clients = self._clients.of(workflow.state_machine_arn)
                self._lists[name] = ExecutionList(clients, workflow=workflow, seconds_between=self._seconds_between)
            return self._lists[name]

    def _thumbnail(self, *, arn: str, name: str) -> Picture | None:
        with self._lock:
            lists = list(self._lists.values())
        listed = (it.thumbnail(arn=arn) for it in lists)
        return next((it for it in listed if it is not None and it.name == name), None)

    def _keep_diagram(self, definition: dict[str, Any]) -> str:
        name = diagram_name(definition)
        self._diagrams[name] = definition
        return name
