import Diagnostics
import Storage

/// Reads a program that `torch.export.save` wrote (`.pt2`): a graph of ATen calls in JSON, and raw tensors beside it.
///
/// ATen's calls are translated into ONNX's operations, as PyTorch's own exporter does it, and the model is made of those: shapes,
/// constants, batches and layouts are worked out in one place.
func loadTorchModel(_ file: borrowing ModelFile) throws(Failure) -> ImportedModel {
  if let weights = file.weights {
    throw Failure(
      .usage, file: weights, "a PyTorch program carries its weights; --weights is for Keras models")
  }
  let archive = try TorchArchive(file.path, file.limits)
  let program = try TorchProgram.read(archive)
  let translator = TorchTranslator(program, archive)
  let graph = try translator.graph()
  var imported = try ONNXImporter.build(graph, file.limits)
  imported.model.framework = .torch
  imported.notes = translator.notes + imported.notes
  return imported
}
