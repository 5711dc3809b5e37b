"""Names of uploads that reveal nothing of them: keyed hashes. The key of an upload can hold a patient's name."""

import json
from dataclasses import dataclass

from awskit.redaction.objects import StoredUpload
from dicomkit.pseudonyms import Pseudonyms
from safelight_contracts.redaction.dicom import FILES, DicomSettings
from safelight_contracts.redaction.dicom_index import index_key, source_name

# Changes when the same upload and the same settings give another file.
_ENGINE = 1


@dataclass(frozen=True, kw_only=True)
class Names:
    """Names uploads, and the places of their files."""

    settings: DicomSettings
    pseudonyms: Pseudonyms

    def source(self, key: str) -> str:
        """Return the name of an upload's key: 32 hexadecimal digits."""
        return source_name(
            key,
            source_bucket=self.settings.source_bucket,
            destination_bucket=self.settings.destination_bucket,
            destination_prefix=self.settings.destination_prefix,
            secret=self.pseudonyms.key,
        )

    def made_from(self, upload: StoredUpload) -> str:
        """Return a name of what a file is made from and how. It begins with that of the upload's key."""
        how = [_ENGINE, self.settings.dates, self.settings.find_text]
        # The same bytes under the same key can be uploaded again, and then it is the latest upload of its instance.
        version = json.dumps([upload.key, upload.version_id, upload.etag, upload.uploaded, *how])
        return f"{self.source(upload.key)}/{self.pseudonyms.name('version', version)}"

    def index_key(self, source: str) -> str:
        """Return the key of the object with the outcome of an upload."""
        return index_key(source, quarantine_prefix=self.settings.quarantine_prefix)

    def quarantine_key(self, made_from: str) -> str:
        """Return the key of an upload that is put aside."""
        return f"{self.settings.quarantine_prefix}{FILES}{made_from}"

    def destination_key(self, key: str) -> str:
        """Return the key of a released file, given that of its new UIDs."""
        return f"{self.settings.destination_prefix}{key}"
