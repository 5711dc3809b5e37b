"""A stand-in for Amazon Rekognition on this machine: its JSON protocol, answered by real models.

It supports DetectLabels (80 kinds of object, no scenes and no landmarks), DetectModerationLabels (nudity, and
nothing else: it never finds violence, weapons, drugs, gestures, gambling, hate symbols or swimwear, so that an
empty answer does not mean that an image is safe), DetectFaces (only where faces, eyes and noses are) and DetectText
(lines; the box of a word is estimated from its position in the line). Its confidences are not Rekognition's. It does
not check who calls: permissions for Rekognition, and for the object that Rekognition reads on a caller's behalf, are
not enforced here.
"""

ACCOUNT_HEADER = "x-safelight-account"
"""The header with the account of a call, whose objects the stand-in reads."""

READY = "ready"
"""The line that the process of the stand-in prints once requests are accepted."""
