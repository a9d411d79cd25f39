"""hls4ml.report: the figures of projects."""

from __future__ import annotations

import glob
import json
import os
import xml.etree.ElementTree

from typing import Any, Dict

from .._library import Error


def read_vivado_report(hls_dir: str, full_report: bool = False) -> None:
    """Prints the report of a project: Vitis HLS's where it was run, else Triggerfish's estimates."""
    for section, figures in design_report(hls_dir).items():
        print(f"{section}:")
        for name, value in figures.items():
            print(f"  {name}: {value}")


def parse_vivado_report(hls_dir: str) -> Dict[str, Any]:
    """The report of a project, as `HLSModel.build` returns it."""
    return design_report(hls_dir)


def design_report(folder: str) -> Dict[str, Any]:
    """The figures of a project under hls4ml's names; `EstimateReport` says that they are Triggerfish's estimates."""
    found = sorted(glob.glob(os.path.join(glob.escape(folder), "*", "*", "syn", "report", "csynth.xml")))
    if found:
        return {"CSynthesisReport": _synthesis(found[0])}
    path = os.path.join(folder, "report.json")
    if not os.path.exists(path):
        raise Error(f"{folder}: is not a project: it has no report.json\nhint: compile() or write() first", 66)
    with open(path, encoding="utf-8") as file:
        report = json.load(file)
    used, available = report["resources"], report["available"]
    names = {"BRAM_18K": "bram", "DSP": "dsp", "FF": "ff", "LUT": "lut", "URAM": "uram"}
    figures = {"TargetClockPeriod": f"{report['clockPeriod']:.2f}"}
    figures.update({key: str(report["latencyCycles"]) for key in ("BestLatency", "WorstLatency")})
    figures.update({key: str(report["interval"]) for key in ("IntervalMin", "IntervalMax")})
    figures.update({key: str(used[name]) for key, name in names.items()})
    figures.update({"Available" + key: str(available[name]) for key, name in names.items()})
    # Not under hls4ml's key alone, where an estimate would pass for the tool's figures.
    return {"EstimateReport": {"Source": "Triggerfish's estimate; Vitis HLS was not run"}, "CSynthesisReport": figures}


def _synthesis(path):
    root = xml.etree.ElementTree.parse(path).getroot()
    figures = {}
    for key, place in (
            ("TargetClockPeriod", "UserAssignments/TargetClockPeriod"),
            ("EstimatedClockPeriod", "PerformanceEstimates/SummaryOfTimingAnalysis/EstimatedClockPeriod"),
            ("BestLatency", "PerformanceEstimates/SummaryOfOverallLatency/Best-caseLatency"),
            ("WorstLatency", "PerformanceEstimates/SummaryOfOverallLatency/Worst-caseLatency"),
            ("IntervalMin", "PerformanceEstimates/SummaryOfOverallLatency/Interval-min"),
            ("IntervalMax", "PerformanceEstimates/SummaryOfOverallLatency/Interval-max")):
        node = root.find(place)
        if node is not None:
            figures[key] = node.text
    for place, prefix in (("AreaEstimates/Resources", ""), ("AreaEstimates/AvailableResources", "Available")):
        for node in root.find(place) if root.find(place) is not None else []:
            figures[prefix + node.tag] = node.text
    return figures
