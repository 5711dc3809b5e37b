"""Image workflows for AWS CDK: S3 uploads checked, moderated, resized and published by Step Functions."""

from safelight.caching import Caching
from safelight.checks import Check, CheckKind, OnError
from safelight.detectors import Detector
from safelight.development import Development, DevelopmentMethod, Highlights, WhiteBalance
from safelight.functions import Step
from safelight.limits import Limits
from safelight.monitoring import Monitoring
from safelight.on_delete import OnDelete
from safelight.on_reject import OnReject
from safelight.platform import Architecture, Platform
from safelight.release import Release, Shift
from safelight.renditions import DEFAULT_RENDITIONS, Fit, ImageType, Rendition, Ssim
from safelight.reprocess import Reprocess
from safelight.routes import DEFAULT_ROUTES, Route
from safelight.versions import WorkflowVersion
from safelight.watermarks import Watermark, WatermarkPosition
from safelight.workflow import ImageWorkflow

__all__ = [
    "DEFAULT_RENDITIONS",
    "DEFAULT_ROUTES",
    "Architecture",
    "Caching",
    "Check",
    "CheckKind",
    "Detector",
    "Development",
    "DevelopmentMethod",
    "Fit",
    "Highlights",
    "ImageType",
    "ImageWorkflow",
    "Limits",
    "Monitoring",
    "OnDelete",
    "OnError",
    "OnReject",
    "Platform",
    "Release",
    "Rendition",
    "Reprocess",
    "Route",
    "Shift",
    "Ssim",
    "Step",
    "Watermark",
    "WatermarkPosition",
    "WhiteBalance",
    "WorkflowVersion",
]
