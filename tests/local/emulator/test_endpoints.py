"""The environment of a subprocess: the emulator's settings, and what it keeps of the user's."""

import os
from pathlib import Path

import pytest

from safelight_local.emulator.endpoints import Endpoints


@pytest.fixture
def endpoints(tmp_path: Path) -> Endpoints:
    certificate = tmp_path / "certificate.pem"
    certificate.write_text("the emulator's")
    return Endpoints(url="https://localhost:1", ca_bundle=certificate)


def test_a_subprocess_does_not_get_the_users_aws_and_cdk_settings(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_ENDPOINT_URL_S3", "CDK_DEFAULT_ACCOUNT"):
        monkeypatch.setenv(name, "the user's")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "the user's")
    environment = endpoints.environment()
    assert "the user's" not in environment.values()
    assert {name for name in environment if name.startswith(("AWS_", "CDK_"))} <= endpoints.variables().keys()


def test_a_subprocess_gets_the_users_other_settings(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy:3128")
    assert endpoints.environment()["HTTPS_PROXY"] == "http://proxy:3128"


def test_node_trusts_the_emulator(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("NODE_EXTRA_CA_CERTS", raising=False)
    assert Path(endpoints.environment()["NODE_EXTRA_CA_CERTS"]).read_text() == "the emulator's"


def test_node_trusts_the_emulator_and_the_users_certificates(
    endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    own = tmp_path / "company.pem"
    own.write_text("a company's")
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", str(own))
    trusted = Path(endpoints.environment()["NODE_EXTRA_CA_CERTS"]).read_text()
    assert trusted.splitlines() == ["the emulator's", "a company's"]


def test_a_missing_certificate_is_omitted(endpoints: Endpoints, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NODE_EXTRA_CA_CERTS", f"nowhere{os.sep}company.pem")
    assert Path(endpoints.environment()["NODE_EXTRA_CA_CERTS"]).read_text() == "the emulator's"


def test_a_distribution_has_an_address_on_this_machine(endpoints: Endpoints) -> None:
    assert endpoints.viewer_url("https://d1abc.cloudfront.net") == "https://d1abc.cloudfront.localhost:1"


def test_a_distribution_with_another_domain_has_none(endpoints: Endpoints) -> None:
    assert endpoints.viewer_url("https://images.example.com") is None
