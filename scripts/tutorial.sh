#!/bin/sh
# Runs hls4ml's tutorial, parts 1 to 4, with hls4ml 1.3.0 and with triggerfish.hls4ml on live objects of Keras 2 and QKeras,
# compares every number and configuration, and then the same models as objects of Keras 3. TRIGGERFISH_PEERS names a Python
# that has Benchmarks/requirements.txt already.
set -eu
cd "$(dirname "$0")/.."
python=${TRIGGERFISH_PEERS:-.build/peers/bin/python}
if [ ! -x "$python" ]; then
  python3 -m venv .build/peers
  # Some of qkeras's requirements come as sources only.
  .build/peers/bin/python -m pip install --quiet --prefer-binary -r Benchmarks/requirements.txt
fi
keras3=.build/keras3/bin/python
if [ ! -x "$keras3" ]; then
  python3 -m venv .build/keras3
  # Keras 3 computes with jax: no TensorFlow is needed.
  "$keras3" -m pip install --quiet -r python/tests/tutorial/requirements-keras3.txt
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT INT TERM
"$python" python/tests/tutorial/steps.py hls4ml "$folder/hls4ml.npz"
PYTHONPATH=python "$python" python/tests/tutorial/steps.py triggerfish.hls4ml "$folder/triggerfish.npz"
PYTHONPATH=python "$python" python/tests/tutorial/compare.py "$folder/hls4ml" "$folder/triggerfish"
PYTHONPATH=python "$python" python/tests/tutorial/compare.py "$folder/hls4ml" python/tests/tutorial/expected
PYTHONPATH=python "$python" python/tests/tutorial/configurations.py
PYTHONPATH=python "$python" python/tests/tutorial/live.py
PYTHONPATH=python KERAS_BACKEND=jax "$keras3" python/tests/tutorial/live.py
