"""Attributes of PS3.6 that table E.1-1 of PS3.15 does not name, and that go too.

They were chosen from all that the table leaves: identifiers and dates of persons, orders, visits and devices, free text
that somebody types, and groups of objects that are no images. Each is under the name of PS3.6.
"""

from pydicom.datadict import dictionary_VR, tag_for_keyword

_PATIENT_GROUP = 0x0010
# Of the patient's group: what says which kind of body is in the picture, and how it lies.
_PATIENT_STAYS = frozenset(
    {
        *("SubjectRelativePositionInImage", "QualityControlSubject", "QualityControlSubjectTypeCodeSequence"),
        *("PatientSpeciesDescription", "PatientSpeciesCodeSequence", "AnatomicalOrientationType"),
        *("PatientBreedDescription", "PatientBreedCodeSequence", "MeasuredAPDimension", "MeasuredLateralDimension"),
        "ExaminedBodyThickness",
    }
)
# Objects that are no images of patients, by the headings of PS3.6: components of machines, visits, documents,
# administered substances, hanging protocols, worklists, templates of implants, authorizations, signatures, films,
# radiotherapy, dictated reports, baggage.
_FOREIGN_GROUPS = frozenset(
    {
        *(0x0014, 0x0038, 0x0042, 0x0044, 0x0072, 0x0074, 0x0076, 0x0078, 0x0088, 0x0100, 0x0400),
        *(0x2000, 0x2010, 0x2020, 0x2030, 0x2040, 0x2050, 0x2100, 0x2110, 0x2120, 0x2130, 0x2200),
        *(0x3002, 0x3004, 0x3006, 0x3008, 0x300A, 0x300C, 0x300E, 0x3010, 0x4000, 0x4008, 0x4010, 0x4FFE),
    }
)
_REMOVED = (
    # Identifiers of orders, documents, devices, and of who assigned identifiers. Many are retired.
    *("PlacerOrderNumberProcedure", "FillerOrderNumberProcedure", "PlacerOrderNumberImagingServiceRequestRetired"),
    *("FillerOrderNumberImagingServiceRequestRetired", "HL7InstanceIdentifier", "HL7DocumentTypeCodeSequence"),
    *("LocalNamespaceEntityID", "UniversalEntityID", "UniversalEntityIDType", "RecordKey", "PriorRecordKey"),
    *("CodingSchemeExternalID", "CodingSchemeResponsibleOrganization", "RecognitionCode", "Reference"),
    *("OriginalImageIdentificationNomenclature", "CompressionOriginator", "ConfidentialityCode", "ImageID"),
    *("ObjectBinaryIdentifierTrial", "ObjectDirectoryBinaryIdentifierTrial", "UniformResourceLocatorTrial"),
    *("DeviceID", "GridID", "RespiratorySignalSourceID", "TimeSource", "NTPSourceAddress", "AssessmentSetID"),
    # What private attributes mean. None of them stays.
    *("PrivateDataElementCharacteristicsSequence", "PrivateDataElementDefinitionSequence", "PrivateCreatorReference"),
    *("PrivateDataElementName", "PrivateDataElementKeyword", "PrivateDataElementDescription"),
    "PrivateDataElementEncoding",
    # Comments.
    *("CommentsOnTheScheduledProcedureStep", "CommentsOnPatientPerformanceOfVisualField", "CalculationComment"),
    *("ReportStatusCommentTrial", "TransactionStatusComment", "SurfaceComments", "SystemStatusComment"),
    *("TestResultComment", "InstructionPerformanceComment"),
    # Free text on the patient, the examination and its reasons.
    *("InventoryPurpose", "InventoryInstanceDescription", "InterventionDescription", "PartialViewDescription"),
    *("FrameOfInterestDescription", "MaskOperationExplanation", "PerformedProcedureTypeDescription"),
    *("AnatomicPerspectiveDescriptionTrial", "AnatomicLocationOfExaminingInstrumentDescriptionTrial"),
    *("SpecimenDescriptionTrial", "RequestedProcedureDescriptionTrial", "IdentificationDescriptionTrial"),
    *("BibliographicCitationTrial", "CompletionFlagDescription", "AcquisitionProtocolName"),
    *("ReferenceLocationDescription", "PotentialReasonsForProcedure", "PotentialDiagnosticTasks"),
    *("ProtocolPlanningInformation", "ProtocolDesignRationale", "InstructionText", "InstructionDescription"),
    *("ProtocolElementName", "ProtocolElementCharacteristicsSummary", "ProtocolElementPurpose"),
    *("SegmentDescription", "TrackSetDescription", "GraphicGroupDescription", "FiducialDescription"),
    *("InformationSummary", "HPGLDocument", "AssessmentSummaryDescription", "ObservationDescription"),
    *("SpecificationSelectionGuidance", "ConstraintViolationCondition"),
)
# Free text that a file may need (types 1 and 2 of PS3.3).
_REPLACED = ("TextValue", "TrackingID")
_EMPTIED = ("ContentDescription",)

COLOUR_PROFILE = 0x00282000
"""The ICC profile."""


def _tags(keywords: tuple[str, ...] | frozenset[str]) -> frozenset[int]:
    tags = {keyword: tag_for_keyword(keyword) for keyword in keywords}
    missing = [keyword for keyword, tag in tags.items() if tag is None]
    if missing:
        raise LookupError(f"No attributes of PS3.6: {missing}")
    return frozenset(tag for tag in tags.values() if tag is not None)


_PATIENT_STAYING_TAGS = _tags(_PATIENT_STAYS)

REMOVED, REPLACED, EMPTIED = _tags(_REMOVED), _tags(_REPLACED), _tags(_EMPTIED)
"""The numbers of single attributes, by the action that they get."""


def is_foreign(tag: int) -> bool:
    """Say whether an attribute that the table does not name is of no use to a picture.

    It is of the patient, of an object that is no image, or holds bytes that nobody can read (OB) but a profile of
    colours.
    """
    group = tag >> 16
    if dictionary_VR(tag) == "OB" and tag != COLOUR_PROFILE:
        return True
    return group in _FOREIGN_GROUPS or (group == _PATIENT_GROUP and tag not in _PATIENT_STAYING_TAGS)
