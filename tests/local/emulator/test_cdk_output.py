import threading

from safelight_local.emulator.cdk_output import Watch, message_of

STARTED = "Mine |   1 | 1:54:59 AM | CREATE_IN_PROGRESS | Custom::AWS | Photos/Call/Resource/Default (CallC7B3859B) "
COMPLETE = "Mine |   2 | 1:54:59 AM | CREATE_COMPLETE | AWS::SQS::Queue | Photos/Queue (QueueC63C6E3) "
STARTED_LATE = "Mine |   2 | 1:54:59 AM | CREATE_IN_PROGRESS | AWS::SQS::Queue | Photos/Queue (QueueC63C6E3) "
STACK = "Mine |   0 | 1:54:59 AM | CREATE_IN_PROGRESS | AWS::CloudFormation::Stack | Photos User Initiated"

CHATTER = "   CloudTrail delivery can lag up to 15 minutes behind the failure; re-run `cdk diagnose` in a few minutes."
FAILED_DEPLOYMENT = f"""\
Mine |   1 | 8:42:30 AM | ROLLBACK_IN_PROGRESS    | AWS::CloudFormation::Stack          | Mine Rollback requested
Mine |   1 | 8:42:30 AM | CREATE_FAILED           | AWS::CloudFormation::CustomResource | Call/Default (Call) no key

Failed resources:
Mine | 8:42:30 AM | CREATE_FAILED           | AWS::CloudFormation::CustomResource | Call/Default (Call) no key
❌  Mine failed to deploy
‣ DeploymentError: Resource updates failed:
Mine/Call/Default  (AWS::CloudFormation::CustomResource Call)
  no key
Source Location: ...aws-cdk-lib, jsii runtime, node internals...

{CHATTER}
"""
NO_CHANGE_SET = f"""\
❌  Mine failed to deploy
‣ DeploymentError: Failed to create change set cdk-deploy: no such parameter

{CHATTER}
"""


def test_a_failed_deployment_is_reported_as_the_resources_that_failed_and_their_reasons() -> None:
    assert message_of(FAILED_DEPLOYMENT) == (
        "AWS::CloudFormation::CustomResource Call/Default (Call) no key (CREATE_FAILED)"
    )


def test_a_deployment_that_fails_before_any_resource_is_reported_with_the_error_of_the_cli() -> None:
    assert message_of(NO_CHANGE_SET) == "DeploymentError: Failed to create change set cdk-deploy: no such parameter"


def test_the_resource_that_has_not_completed_is_named_by_type_path_and_id() -> None:
    watch = Watch(seconds=60)
    for line in (STACK, STARTED, COMPLETE, STARTED_LATE):
        watch.hear(line)
    assert watch.in_progress == "these are in progress: Custom::AWS Photos/Call/Resource/Default (CallC7B3859B)"


def test_no_resource_in_progress_is_said() -> None:
    watch = Watch(seconds=60)
    watch.hear(STACK)
    assert watch.in_progress == "no resource is in progress"


def test_a_block_in_which_nothing_is_heard_is_ended() -> None:
    watch, ended = Watch(seconds=0.01), threading.Event()
    with watch.ending(ended.set):
        assert ended.wait(60)
    assert watch.has_ended


def test_a_block_that_is_left_in_time_is_not_ended() -> None:
    watch, ended = Watch(seconds=60), threading.Event()
    with watch.ending(ended.set):
        pass
    assert (watch.has_ended, ended.is_set()) == (False, False)


def test_what_the_cli_repeats_while_it_waits_is_no_event() -> None:
    watch, ended = Watch(seconds=0.01), threading.Event()
    with watch.ending(ended.set):
        while not ended.is_set():
            watch.hear("Mine | 1/9 | 1:54:59 AM | CREATE_IN_PROGRESS | Currently in progress: CallC7B3859B")
    assert watch.has_ended
