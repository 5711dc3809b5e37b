"""Medical images for people who must not know whose they are.

Put a DICOM file into the bucket ``Scans``. Its copy in the bucket ``Research`` has no name, no number and no dates of
the patient, and no text in the picture. Its key is made of its new UIDs. A file that is not sure to be free of them is
copied to the bucket ``Aside``, with the reason. This is no certified process: review what you release.

To deploy it on your machine, use ``safelight up --app "python examples/dicom/app.py"``. To deploy the same app to AWS::

    npx cdk deploy --app "python examples/dicom/app.py"
"""

from aws_cdk import App, Stack, aws_s3

from safelight import DicomDeidentification

app = App()
stack = Stack(app, "Deidentified")
DicomDeidentification(
    stack,
    "Dicom",
    source=aws_s3.Bucket(stack, "Scans", versioned=True),
    destination=aws_s3.Bucket(stack, "Research"),
    quarantine=aws_s3.Bucket(stack, "Aside"),
)
app.synth()
