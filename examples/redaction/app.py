"""Photographs whose faces and number plates nobody sees who has access to the second bucket only.

Put a photograph into the bucket ``Uploads``. A few seconds later, a copy with the same key is in the bucket ``Public``,
with a flat colour over each face and each number plate, and without the metadata of the photograph. If you delete the
photograph, the copy is deleted. If Rekognition cannot be asked, nothing is written.

On your machine, after ``safelight up --app "python examples/redaction/app.py"``::

    safelight redact photo.jpg

writes ``photo.redacted.jpg``. To deploy the same app to AWS::

    npx cdk deploy --app "python examples/redaction/app.py"
"""

from aws_cdk import App, Stack, aws_s3

from safelight import Redact, RedactionService

app = App()
stack = Stack(app, "Redacted")
RedactionService(
    stack,
    "Photos",
    source=aws_s3.Bucket(stack, "Uploads"),
    destination=aws_s3.Bucket(stack, "Public"),
    redact=Redact(faces=True, plates=True),
)
app.synth()
