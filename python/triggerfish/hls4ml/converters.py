"""hls4ml.converters: from Keras models to what can be compiled, run and built."""

from __future__ import annotations

import copy
import os
import shutil
import subprocess
import warnings

from typing import Any, Dict, List, Optional, Tuple, Union

import numpy as np

from .._library import Error
from .._model import Model, load
from .._report import Note, Report
from .report import design_report
from .utils import check_backend


def convert_from_keras_model(
    model: Any, output_dir: str = "my-hls-test", project_name: str = "myproject", input_data_tb: Optional[str] = None,
    output_data_tb: Optional[str] = None, backend: str = "Vivado", hls_config: Optional[Dict[str, Any]] = None,
    bit_exact: Optional[bool] = None, part: Optional[str] = None, board: Optional[str] = None,
    clock_period: Optional[float] = None, clock_uncertainty: Optional[Union[str, float]] = None,
    io_type: Optional[str] = None, **writer: Any,
) -> HLSModel:
    """Converts a Keras model as hls4ml 1.3.0 does, with the same bits.

    Parameters
    ----------
    model : keras.Model or path
        Of Keras 2 or 3, or QKeras.
    output_dir : path
        Where `compile` writes the project.
    project_name : str
        The top function's name.
    input_data_tb : path, optional
        Events for the test bench (.npy), which compares with the emulator's words.
    output_data_tb : path, optional
        Not supported: `triggerfish.Model.check` compares with known outputs.
    backend : {"Vivado", "Vitis", "VivadoAccelerator"}
        All three compute the same bits; what is written is always a Vitis HLS project.
    hls_config : dict, optional
        As `config_from_keras_model` makes it.
    bit_exact : bool, optional
        As hls4ml's.
    part, board, clock_period, clock_uncertainty, io_type
        As hls4ml's: an FPGA, ns, ns or "27%", "io_parallel" or "io_stream".
    **writer
        Settings of hls4ml's own writer, which have no effect; each is named in a warning.

    Returns
    -------
    HLSModel
    """
    check_backend(backend)
    if output_data_tb is not None:
        raise Error("output_data_tb is not supported: the test bench compares with the emulator's words\n"
                    "hint: triggerfish check --input events.npy --expect outputs.npy", 64)
    known = {"namespace", "write_weights_txt", "write_tar", "write_emulation_constants", "tb_output_stream", "version",
             "allow_da_fallback", "allow_v2_fallback"}
    for name in writer:
        if name not in known:
            raise TypeError(f"convert_from_keras_model() has no argument '{name}'")
        warnings.warn(f"{name} is a setting of hls4ml's own writer and has no effect", Note, stacklevel=2)
    hls_config = copy.deepcopy(hls_config) if hls_config else {"Model": {"Precision": {"default": "fixed<16,6>"}, "ReuseFactor": 1}}
    if bit_exact is not None:
        hls_config.setdefault("Model", {})["BitExact"] = bit_exact
    config = {"Backend": backend, "ProjectName": project_name, "OutputDir": os.fspath(output_dir), "HLSConfig": hls_config}
    for key, value in (("Part", part), ("Board", board), ("ClockPeriod", clock_period), ("ClockUncertainty", clock_uncertainty),
                       ("IOType", io_type)):
        if value is not None:
            config[key] = value
    traced = [name for name, layer in hls_config.get("LayerName", {}).items() if layer.get("Trace")]
    return HLSModel(load(model, config=config), os.fspath(output_dir), traced, hls_config, input_data_tb)


class HLSModel:
    """hls4ml's view of a loaded model: `compile`, `predict`, `trace`, `build`.

    Attributes
    ----------
    model : triggerfish.Model
        The model itself, with everything Triggerfish can do.
    config : dict
        The configuration it was converted with.
    """

    def __init__(self, model: Model, output_dir: str, traced: List[str], config: Dict[str, Any],
                 test_events: Optional[str] = None):
        self.model = model
        self.config = config
        self._folder = output_dir
        self._traced = traced
        self._test_events = test_events
        self._report: Optional[Report] = None

    def write(self) -> None:
        """Writes the Vitis HLS project into `output_dir`."""
        # As hls4ml does: `build` writes into the project.
        self._report = self.model.compile(self._folder, force=True, test_events=self._test_events)

    def compile(self) -> None:
        """Writes the project. Nothing has to be compiled: `predict` computes the bits of the C simulation without it."""
        self.write()

    def report(self) -> Report:
        """The design's estimates; in a notebook, the page that shows them."""
        return self.model.report()

    def predict(self, x: Any) -> Union[np.ndarray, List[np.ndarray]]:
        """Computes the outputs of the C simulation, in hls4ml's shapes: one row per event, in the input's float type."""
        return self._shaped(self.model.predict(self._arranged(x)), x)

    def trace(self, x: Any) -> Tuple[Union[np.ndarray, List[np.ndarray]], Dict[str, np.ndarray]]:
        """Computes the outputs, and the results of all layers whose configuration has `Trace: True`, by name."""
        if not self._traced:
            raise Error("no layer is to be traced\nhint: config['LayerName'][layer]['Trace'] = True", 64)
        outputs, layers = self.model.trace(self._arranged(x))
        kind = self._kind(x)
        return self._shaped(outputs, x), {name: layers[name].astype(kind) for name in layers if name in self._traced}

    def build(self, reset: bool = False, csim: bool = True, synth: bool = True, cosim: bool = False, validation: bool = False,
              export: bool = False, vsynth: bool = False, fifo_opt: bool = False, log_to_stdout: bool = True) -> Dict[str, Any]:
        """Runs Vitis HLS on the project, where it is installed.

        Returns
        -------
        dict
            hls4ml's report. Without Vitis a warning says so, and the figures are Triggerfish's estimates.
        """
        if self._report is None:
            self.write()
        for name, given in (("fifo_opt", fifo_opt), ("vsynth", vsynth)):
            if given:
                raise Error(f"{name} is no step of the project's build_prj.tcl\n"
                            "hint: depths are computed when the project is written; export=True, then Vivado, synthesizes it", 64)
        if validation and not cosim:
            raise Error("validation compares what co-simulation gives, which is not asked for\nhint: cosim=True", 64)
        # Every run starts anew, and C simulation and co-simulation compare every word: `reset` and `validation` are always on.
        steps = {"csim": csim, "csynth": synth, "cosim": cosim, "export": export}
        command = next((c for c in (["vitis-run", "--mode", "hls", "--tcl", "build_prj.tcl"],
                                    ["vitis_hls", "-f", "build_prj.tcl"]) if shutil.which(c[0])), None)
        if command is None:
            warnings.warn("neither vitis-run nor vitis_hls is on the PATH: nothing was built, and the report has Triggerfish's "
                          "estimates", Note, stacklevel=2)
        else:
            with open(os.path.join(self._folder, "build_opt.tcl"), "w") as file:
                file.write("array set run {\n" + "".join(f"  {name} {int(value)}\n" for name, value in steps.items()) + "}\n")
            log = None if log_to_stdout else open(os.path.join(self._folder, "build_stdout.log"), "w")
            try:
                code = subprocess.run(command, cwd=self._folder, stdout=log, stderr=log).returncode
            finally:
                if log:
                    log.close()
            if code:
                raise Error(f"{self._folder}: {command[0]} failed with exit code {code}", 69)
        return design_report(self._folder)

    def _kind(self, x):
        first = x[0] if isinstance(x, (list, tuple)) else x
        return np.float32 if np.asarray(first).dtype == np.float32 else np.float64

    def _arranged(self, x):
        """Events in the model's shapes: hls4ml takes any shape of the right size."""
        arrays = list(x) if len(self.model.inputs) > 1 else [x]
        shaped = []
        for array, tensor in zip(arrays, self.model.inputs):
            array = np.asarray(array)
            if array.size % int(np.prod(tensor.shape)):
                raise Error(f"{tensor.name}: {array.size} numbers are no whole number of events of shape {list(tensor.shape)}", 65)
            shaped.append(array.reshape((-1,) + tensor.shape))
        return shaped if len(self.model.inputs) > 1 else shaped[0]

    def _shaped(self, outputs, x):
        kind = self._kind(x)
        arrays = [array.reshape(len(array), -1).astype(kind) for array in (outputs if isinstance(outputs, list) else [outputs])]
        if len(arrays[0]) == 1:
            arrays = [array[0] for array in arrays]
        return arrays if len(arrays) > 1 else arrays[0]
