"""Videos whose faces nobody sees who has access to the second bucket only.

Put a video into the bucket ``Uploads``. Some minutes later, a video with the same key is in the bucket ``Public``, with
a flat colour over each face, and without the location, the subtitles and whatever else the video held beside picture
and sound. If a part of it cannot be redacted, nothing is written, and an alarm is raised.

On your machine, after ``safelight up --app "python examples/redaction_videos/app.py"``::

    safelight redact clip.mp4

writes ``clip.redacted.mp4``. To deploy the same app to AWS::

    npx cdk deploy --app "python examples/redaction_videos/app.py"
"""

from aws_cdk import App, Stack, aws_s3, aws_sns

from safelight import VideoRedaction

app = App()
stack = Stack(app, "RedactedVideos")
VideoRedaction(
    stack,
    "Videos",
    source=aws_s3.Bucket(stack, "Uploads"),
    destination=aws_s3.Bucket(stack, "Public"),
    alarm_topic=aws_sns.Topic(stack, "Alarms", enforce_ssl=True),
)
app.synth()
