"""Photographs and videos whose faces nobody sees who has access to the second bucket only.

Put a photograph under ``photos/`` of the bucket ``Uploads``. A few seconds later, a copy with the same key is in the
bucket ``Public``, with a flat colour over each face and each number plate, and without the metadata of the photograph.
If you delete the photograph, the copy is deleted. If Rekognition cannot be asked, nothing is written.

Put a video under ``videos/``. Its copy has a flat colour over each face in every frame, and the sound of the video.

On your machine, after ``safelight up --app "python examples/redaction/app.py"``::

    safelight redact photo.jpg clip.mp4

writes ``photo.redacted.jpg`` and ``clip.redacted.mp4``. To deploy the same app to AWS::

    npx cdk deploy --app "python examples/redaction/app.py"
"""

from aws_cdk import App, Stack, aws_s3

from safelight import Redact, RedactionService, VideoRedaction

app = App()
stack = Stack(app, "Redacted")
uploads = aws_s3.Bucket(stack, "Uploads")
public = aws_s3.Bucket(stack, "Public")
RedactionService(
    stack,
    "Photos",
    source=uploads,
    source_prefix="photos/",
    destination=public,
    redact=Redact(faces=True, plates=True),
)
VideoRedaction(stack, "Videos", source=uploads, source_prefix="videos/", destination=public)
app.synth()
