import Storage

/// Whose a class of a Keras file is: classes of one name in two packages are two classes.
enum KerasPackage: Hashable, Sendable {
  /// Keras's own.
  case keras
  /// The operations of `keras.ops`, which functional models keep as nodes: what `2 * x` leaves behind.
  case operations
  case qkeras
  /// HGQ of version 1: of it are read the proxy models that it makes for hls4ml.
  case hgqProxy
  /// HGQ2.
  case hgq
  /// PQuant-ML.
  case pquant
  /// BinaryNet and TernaryNet, whose dense layers hls4ml's examples use.
  case binaryNet
  /// TensorFlow's model optimization, of which pruning wrappers are read.
  case pruning
  /// Any other, by its name.
  case other(String)
}

/// A class of a Keras file: the package that registered it, and its name there.
struct KerasClass: Hashable, Sendable {
  let package: KerasPackage
  let name: String

  init(_ package: KerasPackage, _ name: String) {
    self.package = package
    self.name = name
  }

  /// Reads the entry of a layer, an activation or a quantizer.
  ///
  /// A registered class is written "package>name"; Keras 3 and late Keras 2 name the Python module too. Where a file says
  /// neither, as older Keras 2 does, the class is that of the packages read here which has the name.
  init(_ node: JSONNode) {
    let className = node["class_name"]?.string ?? ""
    let parts = (node["registered_name"]?.string ?? className).split(separator: ">", maxSplits: 1)
    let plain = className.split(separator: ">").last.map(String.init) ?? className
    if parts.count == 2 || className.contains(">") {
      let package = parts.count == 2 ? parts[0] : className.prefix { $0 != ">" }
      self.init(KerasPackage.registered[String(package)] ?? .other(String(package)), plain)
    } else if let module = node["module"]?.string {
      self.init(KerasPackage(module: module, name: plain), plain)
    } else {
      self.init(KerasPackage.unnamed(plain), plain)
    }
  }

  /// The class as messages show it.
  var title: String {
    switch package {
    case .keras, .qkeras, .binaryNet, .pruning: name
    case .hgqProxy: "HGQ>\(name)"
    case .hgq: "hgq>\(name)"
    case .pquant: "PQuantML>\(name)"
    case .operations: "keras.ops \(name)"
    case .other(let package): "\(package)>\(name)"
    }
  }
}

extension KerasPackage {
  /// Packages by the names they register their classes under.
  fileprivate static let registered: [String: KerasPackage] = [
    "keras": .keras, "qkeras": .qkeras, "QKeras": .qkeras, "hgq": .hgq, "hgq2": .hgq,
    "PQuantML": .pquant, "PQuant": .pquant, hgqName: .hgqProxy,
  ]

  /// HGQ of version 1 registers its classes in capitals, HGQ2 does not.
  private static let hgqName = "HGQ"

  /// Packages by the first part of their module's name.
  private static let modules: [String: KerasPackage] = [
    "keras": .keras, "tf_keras": .keras, "tensorflow": .keras, "builtins": .keras, "qkeras": .qkeras,
    "hgq": .hgq, "pquant": .pquant,
    // GarNet's, which hls4ml has among its contributions.
    "hls4ml": .keras, "contrib": .keras, "garnet": .keras,
    "node_edge_projection": .keras,
    "tensorflow_model_optimization": .pruning, "binary_layers": .binaryNet, "ternary_layers": .binaryNet,
  ]

  fileprivate init(module: String, name: String) {
    let parts = module.split(separator: ".").map(String.init)
    if parts.first == Self.hgqName {
      self = .hgqProxy
      return
    }
    self = Self.modules[parts.first ?? ""] ?? .other(parts.first ?? module)
    guard self == .keras else { return }
    if parts.contains("ops") {
      self = .operations
    } else if Self.unnamed(name) == .binaryNet {
      // hls4ml's own layers take the module of the layers they stand beside.
      self = .binaryNet
    }
  }

  /// The package of a class in a file that names none.
  fileprivate static func unnamed(_ name: String) -> KerasPackage {
    if qkerasLayers[name] != nil || quantizerSignatures[name] != nil { return .qkeras }
    if binaryNetLayers[name] != nil { return .binaryNet }
    if hgqProxyLayers[name] != nil { return .hgqProxy }
    return pruningLayers[name] != nil ? .pruning : .keras
  }
}
