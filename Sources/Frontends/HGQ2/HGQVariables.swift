import Diagnostics
import Model
import Storage

/// Where the variables of a layer of HGQ2, or of one of the layers inside it, are kept.
///
/// - Numbered files: a group per object, called after the attribute that holds it (`iq/quantizer`), with variables
///   `vars/0`, `vars/1`, …: trainable ones first.
/// - Named files (whole-model .h5): one list of paths per layer, made of the objects' own names
///   (`dense/dense_iq/fixed_point_quantizer_kif_3/f`), which end in a number where Keras has counted them.
struct HGQVariables {
  /// A name in a path of a named file.
  private enum Component {
    case exactly(String)
    /// The object's owner is called something else from file to file; its own name ends so.
    case ending(String)
    /// A name that Keras makes of a class: the n-th of those in the same place.
    case counted(stem: String, Int)
  }

  private let weights: KerasWeights
  private let scope: WeightScope
  private let path: [Component]
  /// The layer's name, for messages.
  private let layer: String

  init(_ call: LayerCall) {
    weights = call.builder.weights
    scope = call.scope
    layer = call.layer.name
    path = [.exactly(layer)]
  }

  private init(_ parent: HGQVariables, _ attribute: String, _ components: [Component]) {
    weights = parent.weights
    scope = parent.weights.inner(attribute, of: parent.scope)
    layer = parent.layer
    path = parent.path + components
  }

  // MARK: Objects inside

  /// The quantizer of an attribute: `iq`, `kq`, `bq`, `oq`.
  func quantizer(_ slot: String) -> HGQVariables {
    HGQVariables(
      self, "\(slot)/quantizer", [.ending("_\(slot)"), .counted(stem: "fixed_point_quantizer", 0)])
  }

  /// The quantizer of a layer that is a quantizer.
  func ownQuantizer() -> HGQVariables {
    HGQVariables(self, "quantizer", [.counted(stem: "fixed_point_quantizer", 0)])
  }

  /// The quantizer of one of several inputs.
  func inputQuantizer(_ index: Int) -> HGQVariables {
    HGQVariables(
      self, "iq/quantizers/\(numbered("quantizer", index))/quantizer",
      [
        .counted(stem: "multiple_quantizers", 0), .counted(stem: "quantizer", index),
        .counted(stem: "fixed_point_quantizer", 0),
      ])
  }

  /// The quantizer of tables' results, which has no name of its own.
  func tableQuantizer() -> HGQVariables {
    HGQVariables(
      self, "toq/quantizer", [.counted(stem: "quantizer", 0), .counted(stem: "fixed_point_quantizer", 0)])
  }

  /// A layer of the small network inside a table layer.
  func hiddenLayer(_ index: Int) -> HGQVariables {
    HGQVariables(
      self, "module/layers/\(numbered("einsum_dense", index))",
      [.counted(stem: "sequential", 0), .counted(stem: "einsum_dense", index)])
  }

  /// One of a softmax's tables: `exp_table`, `inv_table`.
  func table(_ attribute: String) -> HGQVariables {
    HGQVariables(self, attribute, [.ending("_\(attribute)")])
  }

  /// A layer inside this one, held by an attribute and called `name`.
  func part(_ attribute: String, named name: String) -> HGQVariables {
    HGQVariables(self, attribute, [.exactly(name)])
  }

  /// A layer inside this one, held by an attribute, the n-th of its class inside this one, with the name Keras makes.
  func part(_ attribute: String, stem: String, _ index: Int = 0) -> HGQVariables {
    HGQVariables(self, attribute, [.counted(stem: stem, index)])
  }

  private func numbered(_ stem: String, _ index: Int) -> String { index == 0 ? stem : "\(stem)_\(index)" }

  // MARK: Reading

  /// Whether there are variables here. (Of an object that several others hold, only one of them has it.)
  var isPresent: Bool { has(nil, 0) }

  /// Whether there is a variable here, by its name in named files and its number in numbered ones.
  func has(_ name: String?, _ position: Int) -> Bool {
    weights.isNumbered
      ? (try? weights.dataset(position, called: "", in: scope, layer: layer)) != nil
      : !((try? matches(name)) ?? []).isEmpty
  }

  /// Reads one variable.
  ///
  /// - Parameters:
  ///   - name: what it is called in named files.
  ///   - position: its number in numbered ones.
  ///   - shape: the shape it must have; nil for any.
  func read(_ name: String, _ position: Int, shape: [Int]?) throws(Failure) -> Weights {
    if weights.isNumbered {
      let dataset = try weights.dataset(position, called: name, in: scope, layer: layer)
      return try weights.read(at: dataset, shape: shape, layer: layer)
    }
    let found = try matches(name)
    guard let first = found.first, found.count == 1 else {
      let owner = path.map(title).joined(separator: "/")
      throw weights.problem(
        scope.group,
        found.isEmpty
          ? "the weights file has no \(name) of \(owner)"
          : "the weights file has several variables that could be the \(name) of \(owner)")
    }
    return try weights.read(at: "\(scope.group)/\(first)", shape: shape, layer: layer)
  }

  /// The datasets of a named file that could be a variable of this object.
  private func matches(_ variable: String?) throws(Failure) -> [String] {
    var candidates: [(name: String, parts: [Substring])] = []
    for name in try weights.datasetNames(scope.group, layer) {
      let parts = name.split(separator: "/")
      guard parts.count > path.count else { continue }
      let last = parts[parts.count - 1].split(separator: ":").first ?? ""
      if variable == nil || last == variable ?? "" {
        candidates.append((name, Array(parts.dropLast().suffix(path.count))))
      }
    }
    for (place, component) in path.enumerated() {
      switch component {
      case .exactly(let name): candidates.removeAll { $0.parts[place] != name }
      case .ending(let suffix): candidates.removeAll { !$0.parts[place].hasSuffix(suffix) }
      case .counted(let stem, let index):
        let numbers = Set(candidates.compactMap { number($0.parts[place], stem) }).sorted()
        guard index < numbers.count else { return [] }
        candidates.removeAll { number($0.parts[place], stem) != numbers[index] }
      }
    }
    return candidates.map(\.name)
  }

  /// The number behind a name that Keras made of a class: 0 for none. Quantizers' classes end in `kif` or `kbi`.
  private func number(_ name: Substring, _ stem: String) -> Int? {
    guard name.hasPrefix(stem) else { return nil }
    let tail = name.dropFirst(stem.count)
    if tail.isEmpty || tail == "_kif" || tail == "_kbi" { return 0 }
    let digits = tail.hasPrefix("_kif_") || tail.hasPrefix("_kbi_") ? tail.dropFirst(5) : tail.dropFirst()
    return tail.hasPrefix("_") ? Int(digits) : nil
  }

  private func title(_ component: Component) -> String {
    switch component {
    case .exactly(let name): name
    case .ending(let suffix): "…\(suffix)"
    case .counted(let stem, _): stem
    }
  }
}
