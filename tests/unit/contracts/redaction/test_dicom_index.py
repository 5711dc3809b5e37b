"""What leads from an upload to its de-identified file."""

import hmac

from safelight_contracts.redaction.dicom_index import Entry, Place, Room, index_key, is_from, source_name

SECRET = b"s" * 32


def test_an_entry_is_read_as_it_was_written() -> None:
    entry = Entry(
        made_from="a/b", places=[Place(room=Room.QUARANTINE, key="files/a/b")], reason="TEXT_LEFT", uploaded=1.0
    )
    assert Entry.from_json(entry.as_json()) == entry


def test_the_name_of_an_upload_is_what_the_guide_computes() -> None:
    told = hmac.new(SECRET, b"name\0source\0scans\0research/clean/\0in/a.dcm", "sha256").hexdigest()[:32]
    name = source_name(
        "in/a.dcm", source_bucket="scans", destination_bucket="research", destination_prefix="clean/", secret=SECRET
    )
    assert name == told


def test_an_entry_is_under_the_prefix_of_the_quarantine() -> None:
    assert index_key("0a", quarantine_prefix="aside/") == "aside/index/0a.json"


def test_a_file_is_known_by_the_name_of_its_upload() -> None:
    assert is_from("0a/1", source="0a")
    assert not is_from("0a1/1", source="0a")
    assert not is_from(None, source="0a")
