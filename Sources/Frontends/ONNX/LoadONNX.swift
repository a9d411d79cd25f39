import Diagnostics

/// Reads an ONNX model: float, QONNX, QCDQ or QDQ, with external data beside it if it has any.
func loadONNXModel(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  if let weights = file.weights {
    throw Failure(.usage, file: weights, "an ONNX model carries its weights; --weights is for Keras models")
  }
  if file.json != nil {
    throw Failure(
      .badInput, file: file.path, "this is an ONNX model in JSON; the binary form is read",
      hint: "onnx.save(onnx.load(path, format='json'), 'model.onnx')")
  }
  let graph = try ONNXDecoder.read(file.path, file.limits)
  var imported = try ONNXImporter.build(graph, file.limits)
  imported.model.framework = .onnx
  return imported
}
