"""Services act for a workflow only for sources of its own account."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from tests.synth.image_workflow.synthesised import Synthesised
from tests.synth.image_workflow.templates import WorkflowTemplate, listed, referenced

from safelight import Monitoring, OnDelete, OnReject, Reprocess, WorkflowVersion

ACCOUNT = "111122223333"
PATTERNS = {"states.amazonaws.com": ":states:eu-west-1:111122223333:stateMachine:*", "events.amazonaws.com": ":rule/*"}

# Lambda's documentation does not say that Lambda sends the source when it assumes the role of a function. A condition
# on what is not sent would refuse every invocation. A role can be passed to a function of its own account only.
NO_SOURCE_IN_TRUST = {"lambda.amazonaws.com"}


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Callable[[WorkflowVersion], WorkflowTemplate]:
    made: dict[WorkflowVersion, WorkflowTemplate] = {}

    def of(version: WorkflowVersion) -> WorkflowTemplate:
        if version not in made:
            newest = {"on_reject": OnReject.QUARANTINE} if version is WorkflowVersion.V5 else {}
            built = Synthesised(
                outdir=tmp_path_factory.mktemp(version.value),
                arguments={"version": version, "on_delete": OnDelete.WITHDRAW} | newest,
            )
            Reprocess(built.stack, "Again", workflow=built.workflow)
            Monitoring(built.stack, "Ops", workflow=built.workflow)
            made[version] = WorkflowTemplate(built.template.to_json())
        return made[version]

    return of


def services(statement: dict[str, Any]) -> list[str]:
    principal = statement["Principal"]
    return listed(principal.get("Service", [])) if isinstance(principal, dict) else []


def of_resource_policies(template: WorkflowTemplate) -> Iterator[dict[str, Any]]:
    for resource in template.document["Resources"].values():
        for name in ("PolicyDocument", "KeyPolicy"):
            policy = resource.get("Properties", {}).get(name)
            if resource["Type"] != "AWS::IAM::Policy" and isinstance(policy, dict) and "Statement" in policy:
                yield from policy["Statement"]


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_role_is_assumed_for_sources_of_this_account_only(
    template: Callable[[WorkflowVersion], WorkflowTemplate], version: WorkflowVersion
) -> None:
    trusted = set()
    for role in template(version).resources("AWS::IAM::Role").values():
        (statement,) = role["AssumeRolePolicyDocument"]["Statement"]
        (service,) = services(statement)
        trusted.add(service)
        if service in NO_SOURCE_IN_TRUST:
            assert "Condition" not in statement
            continue
        assert statement["Condition"]["StringEquals"] == {"aws:SourceAccount": ACCOUNT}
        assert PATTERNS[service] in json.dumps(statement["Condition"]["ArnLike"]["aws:SourceArn"])
    assert trusted == {*PATTERNS, *NO_SOURCE_IN_TRUST}


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_no_trust_policy_refers_to_a_resource_that_depends_on_the_role(
    template: Callable[[WorkflowVersion], WorkflowTemplate], version: WorkflowVersion
) -> None:
    for role in template(version).resources("AWS::IAM::Role").values():
        assert all(name.startswith("AWS::") for name in referenced(role["AssumeRolePolicyDocument"]))


@pytest.mark.parametrize("version", list(WorkflowVersion))
def test_every_resource_policy_allows_services_for_sources_of_this_account_only(
    template: Callable[[WorkflowVersion], WorkflowTemplate], version: WorkflowVersion
) -> None:
    allowed = [it for it in of_resource_policies(template(version)) if services(it)]
    assert allowed
    for statement in allowed:
        conditions = {key: value for kind in statement["Condition"].values() for key, value in kind.items()}
        source = conditions["aws:SourceArn"]
        assert ACCOUNT in json.dumps(source) or referenced(source), statement


def test_only_rules_of_this_account_write_to_the_log_of_outcomes(
    template: Callable[[WorkflowVersion], WorkflowTemplate],
) -> None:
    (policy,) = template(WorkflowVersion.V5).resources("AWS::Logs::ResourcePolicy").values()
    text = json.dumps(policy["PolicyDocument"])
    assert text.count("aws:SourceArn") == text.count("logs:PutLogEvents") == 1
    assert f":events:eu-west-1:{ACCOUNT}:rule/*" in text
