import ArgumentParser
import Triggerfish

/// The model and how it is lowered: what `compile`, `emulate` and `inspect` share.
struct ModelOptions: ParsableArguments {
  @Argument(
    help: "The model: Keras .json (with X_weights.h5 beside it), whole-model .h5, or .keras.",
    completion: .file(extensions: ["json", "h5", "keras"]))
  var model: String

  @Option(help: "The weights file, if it is not found beside the model.", completion: .file())
  var weights: String?

  @Option(
    name: [.customShort("c"), .long],
    help: "An hls4ml configuration, YAML or JSON. Implies --numerics hls4ml.",
    completion: .file(extensions: ["yml", "yaml", "json"]))
  var config: String?

  @Option(help: "hls4ml: the same bits as hls4ml 1.3.0. exact: nothing overflows.")
  var numerics: Numerics?

  @Option(help: "exact, float models: bits per word (default: 16).")
  var wordLength: Int?

  @Option(
    help: """
      Events, once per model input. exact, float models: their ranges choose the formats. Both: how the answers to them \
      compare with the float model's.
      """,
    completion: .file(extensions: ["npy", "npz", "csv", "h5"]))
  var calibrate: [String] = []

  @Option(help: "Trees, exact: what is computed behind the margins: logistic or softmax (default: nothing).")
  var transform: MarginTransform?

  @Flag(
    help:
      "Trees, exact: NaN in events is a missing number; the input's lowest word stands for it, and no number becomes that."
  )
  var missing = false

  func validate() throws {
    let isHLS4ML = numerics == .hls4ml || (numerics == nil && config != nil)
    if wordLength != nil && isHLS4ML {
      throw ValidationError(
        "--word-length has no effect under the hls4ml numerics, where the configuration names the types: leave it "
          + "out, or add --numerics exact.")
    }
  }

  /// The source these options describe.
  var source: Source {
    var source = Source(model: model)
    source.weights = weights
    source.configuration = config
    source.numerics = numerics
    source.wordLength = wordLength
    source.calibration = calibrate
    source.transform = transform
    source.takesMissing = missing
    return source
  }
}

extension Numerics: ExpressibleByArgument {}
extension MarginTransform: ExpressibleByArgument {}
