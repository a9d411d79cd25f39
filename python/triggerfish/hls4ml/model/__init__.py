"""hls4ml.model: what looks into models."""

from . import profiling

__all__ = ["profiling"]
