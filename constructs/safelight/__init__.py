"""Image workflows for AWS CDK: S3 uploads checked, moderated, resized and published by Step Functions."""

from safelight.monitoring import Monitoring
from safelight.platform import Architecture, Platform
from safelight.release import Release, Shift
from safelight.renditions import DEFAULT_RENDITIONS, Fit, ImageType, Rendition
from safelight.steps import Step, Steps
from safelight.versions import WorkflowVersion
from safelight.workflow import ImageWorkflow

__all__ = [
    "DEFAULT_RENDITIONS",
    "Architecture",
    "Fit",
    "ImageType",
    "ImageWorkflow",
    "Monitoring",
    "Platform",
    "Release",
    "Rendition",
    "Shift",
    "Step",
    "Steps",
    "WorkflowVersion",
]
