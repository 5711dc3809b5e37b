"""Image systems for AWS CDK.

ImageWorkflow checks, moderates, resizes and publishes S3 uploads. ImageDelivery makes images when they are asked for.
VideoRedaction covers faces in videos, and RedactionService faces, text and number plates in images.
"""

# What every system takes.
from safelight.core.function import Step
from safelight.core.platform import Architecture, Platform
from safelight.core.release import DeploymentType, Release

# ImageDelivery.
from safelight.delivery.delivery import ImageDelivery
from safelight.delivery.website import ResizingWebsite

# ImageWorkflow.
from safelight.image_workflow.cache_control import CacheControl
from safelight.image_workflow.checks import Check, CheckKind, OnError
from safelight.image_workflow.monitoring import Monitoring
from safelight.image_workflow.on_delete import OnDelete
from safelight.image_workflow.on_reject import OnReject
from safelight.image_workflow.reprocess import Reprocess
from safelight.image_workflow.routes import DEFAULT_ROUTES, Route
from safelight.image_workflow.versions import WorkflowVersion
from safelight.image_workflow.workflow import ImageWorkflow

# Redaction.
from safelight.redaction.service import RedactionService
from safelight.redaction.video import VideoRedaction
from safelight_contracts.delivery.forms import Dialect
from safelight_contracts.delivery.presets import Preset
from safelight_contracts.delivery.settings import Signing
from safelight_contracts.delivery.shaping import FocalPoint, Focus, ResizeFit
from safelight_contracts.detectors import Detector
from safelight_contracts.development import Development, DevelopmentMethod, Highlights, WhiteBalance
from safelight_contracts.image_types import ImageType
from safelight_contracts.limits import Limits
from safelight_contracts.redaction.redact import Redact
from safelight_contracts.redaction.styles import Style
from safelight_contracts.redaction.videos import VideoLimits
from safelight_contracts.renditions import DEFAULT_RENDITIONS, ChromaSubsampling, Fit, Metadata, Rendition, Ssim
from safelight_contracts.watermarks import Watermark, WatermarkPosition

__all__ = [  # noqa: RUF022 - grouped by system
    # What every system takes.
    "Architecture",
    "Platform",
    "Release",
    "DeploymentType",
    "Step",
    # ImageDelivery.
    "Dialect",
    "FocalPoint",
    "Focus",
    "ImageDelivery",
    "Preset",
    "ResizeFit",
    "ResizingWebsite",
    "Signing",
    # ImageWorkflow.
    "DEFAULT_RENDITIONS",
    "DEFAULT_ROUTES",
    "CacheControl",
    "Check",
    "CheckKind",
    "ChromaSubsampling",
    "Detector",
    "Development",
    "DevelopmentMethod",
    "Fit",
    "Highlights",
    "ImageType",
    "ImageWorkflow",
    "Limits",
    "Metadata",
    "Monitoring",
    "OnDelete",
    "OnError",
    "OnReject",
    "Rendition",
    "Reprocess",
    "Route",
    "Ssim",
    "Watermark",
    "WatermarkPosition",
    "WhiteBalance",
    "WorkflowVersion",
    # Redaction.
    "Redact",
    "RedactionService",
    "Style",
    "VideoLimits",
    "VideoRedaction",
]
