import json

import pytest
from tests.local.workflows import workflow

from safelight_local.aws.deployment import choose_workflow, deployed_workflows
from safelight_local.emulator.process import Emulator
from safelight_local.errors import UserError


def deploy(emulator: Emulator, *, stack: str, outputs: dict[str, str]) -> None:
    client = emulator.endpoints.cloudformation
    client.create_stack(
        StackName=stack,
        TemplateBody=json.dumps(
            {
                "Resources": {"Topic": {"Type": "AWS::SNS::Topic"}},
                "Outputs": {name: {"Value": value} for name, value in outputs.items()},
            }
        ),
    )
    client.get_waiter("stack_create_complete").wait(StackName=stack, WaiterConfig={"Delay": 1})


def test_workflows_are_found_in_every_stack_by_the_outputs_of_the_library(emulator: Emulator) -> None:
    complete = {
        "PhotosUploadBucketNameA1B2C3D4": "uploads",
        "PhotosPublishedBucketName00000000": "published",
        "PhotosRecordsTableNameFFFFFFFF": "records",
        "PhotosWorkflowIdABCDEF01": "First.Photos",
        "PhotosWorkflowVersionABCDEF01": "v5",
        "PhotosStateMachineArn12345678": "arn",
        "PhotosStateMachineConsoleUrl12345678": "https://console",
    }
    deploy(
        emulator,
        stack="First",
        outputs=complete
        | {"PhotosUploadKeyPrefixABCDEF01": "incoming/", "PhotosUploadKeySuffixesABCDEF01": ".jpg .JPG"},
    )
    deploy(emulator, stack="Second", outputs=complete | {"Unrelated": "value"})
    deploy(emulator, stack="Other", outputs={"SiteUploadBucketNameA1B2C3D4": "not one of ours"})
    found = deployed_workflows(emulator.endpoints)
    assert [(it.stack, it.name, it.key_prefix, it.key_suffixes) for it in found] == [
        ("First", "Photos", "incoming/", (".jpg", ".JPG")),
        ("Second", "Photos", "", ()),
    ]
    assert (found[0].upload_bucket, found[0].published_bucket) == ("uploads", "published")
    assert (found[0].records_table, found[0].state_machine_arn) == ("records", "arn")
    assert (found[0].workflow_id, found[0].version) == ("First.Photos", "v5")


def test_the_only_workflow_needs_no_name() -> None:
    only = workflow(name="Photos")
    assert choose_workflow([only]) == only


def test_a_workflow_is_chosen_by_id_by_name_or_by_stack_and_name() -> None:
    both = [workflow(stack="A", name="Photos"), workflow(stack="B", name="Scans")]
    assert choose_workflow(both, name="B.Scans") == both[1]
    assert choose_workflow(both, name="Scans") == both[1]
    assert choose_workflow(both, name="A/Photos") == both[0]


def test_an_ambiguous_workflow_name_is_rejected_with_the_matches() -> None:
    both = [workflow(stack="A", name="Photos"), workflow(stack="B", name="Photos")]
    with pytest.raises(UserError, match=r"--workflow one of A\.Photos, B\.Photos"):
        choose_workflow(both, name="Photos")
    with pytest.raises(UserError, match="more than one"):
        choose_workflow(both)


def test_workflows_of_one_id_in_two_regions_are_chosen_by_account_and_region() -> None:
    both = [
        workflow(name="Photos"),
        workflow(name="Photos", state_machine_arn="arn:aws:states:eu-west-1:000000000000:stateMachine:photos"),
    ]
    known = "000000000000/us-east-1/Photos.Photos, 000000000000/eu-west-1/Photos.Photos"
    with pytest.raises(UserError, match=f"one of {known}"):
        choose_workflow(both, name="Photos.Photos")
    assert choose_workflow(both, name="000000000000/eu-west-1/Photos.Photos") == both[1]


def test_an_unknown_workflow_name_is_rejected_with_the_known_ones() -> None:
    with pytest.raises(UserError, match=r"no workflow 'Scans'.*Photos\.Photos"):
        choose_workflow([workflow(name="Photos")], name="Scans")


def test_a_missing_deployment_is_reported_with_the_command_to_run() -> None:
    with pytest.raises(UserError, match="run `safelight up`"):
        choose_workflow([])
