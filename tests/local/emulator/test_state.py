import dataclasses
import json
from pathlib import Path

from safelight_local.emulator import state
from safelight_local.emulator.endpoints import Endpoints, Environment
from safelight_local.emulator.process import Emulator
from safelight_local.emulator.services import Services
from safelight_local.servers import Server


def services(folder: Path) -> Services:
    server = Server(name="emulator", pid=1, command=("python", "-m", "it"), port=4000, log=folder / "it.log")
    return Services(
        emulator=Emulator(
            server=server,
            endpoints=Endpoints(
                url="https://localhost:4000",
                ca_bundle=folder / "certificate.pem",
                environments=(Environment(account="111122223333", region="eu-west-1"),),
            ),
        ),
        rekognition=dataclasses.replace(server, name="Rekognition stand-in", port=4001),
    )


def test_the_next_command_loads_the_saved_state(tmp_path: Path) -> None:
    state.save(services(tmp_path), project=tmp_path)
    assert state.load(project=tmp_path) == services(tmp_path)


def test_a_folder_without_state_loads_as_none(tmp_path: Path) -> None:
    assert state.load(project=tmp_path) is None


def test_forgotten_state_is_not_loaded_and_forgetting_is_idempotent(tmp_path: Path) -> None:
    state.save(services(tmp_path), project=tmp_path)
    state.forget(project=tmp_path)
    state.forget(project=tmp_path)
    assert state.load(project=tmp_path) is None


def test_a_broken_state_file_loads_as_none(tmp_path: Path) -> None:
    file = state.open_folder(tmp_path) / "state.json"
    for text in ("", "{", "[]", "{}", json.dumps({"version": 1})):
        file.write_text(text)
        assert state.load(project=tmp_path) is None


def test_git_ignores_the_folder_of_state(tmp_path: Path) -> None:
    assert (state.open_folder(tmp_path) / ".gitignore").read_text() == "*\n"
