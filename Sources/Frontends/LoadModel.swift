import Diagnostics
import Model
import Storage

/// Reads a trained model, choosing the format by the file's content.
///
/// - Parameters:
///   - path: a Keras `.keras` archive, a whole-model HDF5 file, or an architecture in JSON.
///   - weights: the weights of a JSON architecture; when nil, `X.json` finds `X_weights.h5`,
///     `X.weights.h5` or `X.h5` beside it; a model without weights needs none. For the other formats it replaces the weights they carry.
///   - limits: how many weights are read at most.
/// - Returns: the model, checked: every shape is known and positive, every weight finite and of the shape
///   its layer needs, names unique, inputs before the layers that read them.
/// - Throws: `missingInput` if a file does not exist, `badInput` with every problem found, sorted.
public func loadModel(
  path: String, weights: String? = nil, limits: WorkLimits = WorkLimits()
) throws(Failure) -> Model {
  try loadKerasModel(path: path, weights: weights, limits)
}
