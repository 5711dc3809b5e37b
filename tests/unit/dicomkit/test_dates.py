"""Dates are emptied, or moved by the same days for all files of a patient."""

from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.unit.dicomkit.dicom_files import ct, deidentified, read

from dicomkit.dates import Dates, kept_time, shifted


def test_dates_and_times_are_emptied() -> None:
    clean = read(deidentified(ct(AcquisitionDate="20200301", InstanceCreationTime="101010")).data)
    assert clean["StudyDate"].is_empty
    assert clean["StudyTime"].is_empty
    assert "2020" not in str(clean.get("AcquisitionDate"))


def test_shifted_dates_keep_their_distance() -> None:
    clean = read(deidentified(ct(SeriesDate="20200310"), dates=Dates.SHIFT).data)
    study, series = (
        date.fromisoformat(f"{text[:4]}-{text[4:6]}-{text[6:]}") for text in (clean.StudyDate, clean.SeriesDate)
    )
    assert series - study == timedelta(days=10)
    assert clean.StudyDate < "20200229"
    assert clean.StudyTime == "142355"


def test_all_files_of_a_patient_are_shifted_by_the_same_days() -> None:
    first = read(deidentified(ct(), dates=Dates.SHIFT).data)
    second = read(deidentified(ct(StudyInstanceUID="1.2.3", SOPInstanceUID="1.2.4"), dates=Dates.SHIFT).data)
    other = read(deidentified(ct(PatientID="ZK-1"), dates=Dates.SHIFT).data)
    assert first.StudyDate == second.StudyDate != other.StudyDate


def test_dates_of_the_life_of_the_patient_are_emptied_when_others_are_shifted() -> None:
    clean = read(deidentified(ct(LastMenstrualDate="20200101", PatientBirthTime="0300"), dates=Dates.SHIFT).data)
    assert clean["PatientBirthDate"].is_empty
    assert not clean.get("LastMenstrualDate")
    assert not clean.get("PatientBirthTime")


@pytest.mark.parametrize(
    ("value", "vr"),
    [("2020", "DA"), ("20201301", "DA"), ("Smith", "DA"), ("20200101Smith", "DA"), ("00010101", "DA"), ("", "DT")],
)
def test_what_is_no_full_date_becomes_empty(value: str, vr: str) -> None:
    assert shifted(value, vr=vr, days=400) == ""


def test_a_date_with_time_loses_its_offset_from_utc_and_what_is_no_time() -> None:
    assert shifted("20200310101010.5+0200", vr="DT", days=10) == "20200229101010.5"
    assert shifted("20200310Smith", vr="DT", days=10) == "20200229"


@pytest.mark.parametrize(("value", "kept"), [("142355.12", "142355.12"), ("14", "14"), ("Smith", ""), ("14:23", "")])
def test_only_a_time_of_day_is_kept(value: str, kept: str) -> None:
    assert kept_time(value) == kept


@given(st.dates(min_value=date(1900, 1, 1)), st.integers(min_value=1, max_value=3652))
def test_a_shifted_date_is_as_many_days_earlier(day: date, days: int) -> None:
    assert shifted(f"{day:%Y%m%d}", vr="DA", days=days) == f"{day - timedelta(days=days):%Y%m%d}"
