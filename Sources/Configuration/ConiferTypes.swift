import Diagnostics
import FixedPoint
import Storage

/// The types of conifer's arithmetic.
public struct ConiferTypes: Hashable, Sendable {
  /// Of inputs and thresholds, which conifer's C++ wants to be of one type.
  public var threshold: FixedFormat
  /// Of the weights of oblique splits.
  public var weight: FixedFormat
  /// Of leaves and sums.
  public var score: FixedFormat

  /// Makes types.
  public init(threshold: FixedFormat, weight: FixedFormat, score: FixedFormat) {
    self.threshold = threshold
    self.weight = weight
    self.score = score
  }
}

/// conifer's keys for precisions, as its users write them and as its own files have them.
private enum ConiferKey: String, CaseIterable {
  case precision = "Precision"
  case input = "InputPrecision"
  case threshold = "ThresholdPrecision"
  case weight = "WeightPrecision"
  case score = "ScorePrecision"

  init?(_ text: String) {
    guard let key = Self.allCases.first(where: { $0.rawValue == text || snakeCase($0.rawValue) == text })
    else {
      return nil
    }
    self = key
  }
}

extension Configuration {
  /// The types for a model of trees: conifer's, or the default type of hls4ml's `Model` for everything.
  public func coniferTypes() throws(Failure) -> ConiferTypes {
    if let conifer { return conifer }
    guard case .format(let format)? = model.precision["default"] else {
      throw Failure(.badInput, file: file, "no precision for trees", hint: "Precision: ap_fixed<18,8>")
    }
    return ConiferTypes(threshold: format, weight: format, score: format)
  }

  /// Whether the keys of a file are those of conifer's configuration.
  static func isConifer(_ keys: [String]) -> Bool {
    keys.contains { key in ConiferKey(key).map { $0 != .precision } ?? false }
      || (keys.contains("Precision") && !keys.contains("Model") && !keys.contains("HLSConfig")
        && !keys.contains("LayerName"))
  }

  /// The configuration inside a model file of conifer's; nil where its types are not fixed-point ones.
  public static func conifer(_ node: JSONNode) throws(Failure) -> Configuration? {
    let texts = (node.members ?? []).filter { ConiferKey($0.key) != nil }.compactMap(\.node.string)
    guard !texts.isEmpty, !texts.contains("float"), !texts.contains("double") else { return nil }
    var reader = ConfigurationReader(file: node.file)
    reader.conifer(SettingNode(node))
    guard reader.values.problems.isEmpty else { throw Failure(.badInput, reader.values.problems) }
    return reader.result
  }
}

extension ConfigurationReader {
  /// Reads conifer's configuration (its `Precision` and those of single tensors, `ClockPeriod`, `XilinxPart`, `ProjectName`).
  mutating func conifer(_ root: SettingNode) {
    var types: [ConiferKey: FixedFormat] = [:]
    for (key, node) in values.entries(root) {
      if let known = ConiferKey(key) {
        guard case .format(let format)? = values.precision(node) else { continue }
        types[known] = format
        continue
      }
      switch key {
      case "ProjectName", "project_name": result.projectName = values.text(node)
      case "ClockPeriod", "clock_period":
        result.clockPeriod = values.number(node, unit: "ns") ?? result.clockPeriod
      case "XilinxPart", "xilinx_part": result.part = values.text(node)
      // What is made of the trees is decided here, and files are named on the command line.
      case "Backend", "backend", "OutputDir", "output_dir", "Unroll", "unroll": break
      default:
        values.unknown(
          key, node,
          known: ConiferKey.allCases.map(\.rawValue) + [
            "ProjectName", "ClockPeriod", "XilinxPart", "Backend", "OutputDir", "Unroll",
          ])
      }
    }
    func type(_ key: ConiferKey) -> FixedFormat? { types[key] ?? types[.precision] }
    guard let score = type(.score), let threshold = type(.threshold) ?? type(.input) else {
      values.report(root, "no precision of thresholds or scores", hint: "Precision: ap_fixed<18,8> sets all")
      return
    }
    if let input = type(.input), input != threshold {
      values.report(
        root,
        "InputPrecision \(input) and ThresholdPrecision \(threshold): conifer's C++ wants them to be the same"
      )
      return
    }
    // As in conifer, weights have the type of thresholds unless they are given one.
    result.conifer = ConiferTypes(threshold: threshold, weight: type(.weight) ?? threshold, score: score)
  }
}
