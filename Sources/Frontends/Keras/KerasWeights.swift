import Diagnostics
import Model
import Storage

/// Where the weights of a layer, or of the layers of a nested model, are kept.
struct WeightScope: Hashable {
  /// The HDF5 group. In named files that of the outermost layer or nested model, in numbered ones the
  /// layer's own.
  var group: String
  /// Named files only: the names of the models below `group`, down to the layer; empty at the top.
  var owners: [String] = []
}

/// The weights of a Keras model, in either layout.
///
/// - Named (Keras 1 and 2 .h5, Keras 3 whole-model .h5): one group per layer, whose attribute weight_names
///   lists datasets called after layer and variable (`dense/kernel:0`). A nested model is one group.
/// - Numbered (.weights.h5, .keras): `layers/<class>_<n>/vars/<i>`, where n counts the layers of a class in
///   the model's order and i the variables of a layer. A nested model has `layers` of its own.
final class KerasWeights {
  private enum Layout {
    case named(root: String)
    /// `container`: the name of the group of a model's layers.
    case numbered(container: String)
  }

  /// A file that several functions look into: `HDF5File` itself has one owner.
  private final class Opened {
    let file: HDF5File
    init(_ file: consuming HDF5File) { self.file = file }
  }

  private let source: Result<Opened, Failure>
  private let layout: Layout
  private let limits: WorkLimits
  private var elementsRead = 0
  /// The failure of a model that needs weights but has no file of them.
  private(set) var missing: Failure?
  private var namesOfGroup: [String: [String]] = [:]
  /// What was said of weights that are not there: a layer whose name is damaged has none, and that is no fault of theirs.
  private(set) var absent: Set<Diagnostic> = []
  /// What was said of weights of another shape than their layer needs, with the lengths that differ: needed and found. None
  /// where the shapes have different numbers of axes.
  private(set) var misfits: [Diagnostic: Set<[Int]>] = [:]

  /// The weights of a model that has no file of them: fine as long as no layer asks. (Few layers do; what they say of a
  /// missing file is `failure`.)
  init(missing failure: Failure) {
    source = .failure(failure)
    layout = .named(root: "")
    limits = WorkLimits()
  }

  init(_ file: consuming HDF5File, limits: WorkLimits) throws(Failure) {
    self.limits = limits
    let root = file.isGroup("model_weights") ? "model_weights" : ""
    let attributes = root.isEmpty ? "/" : root
    let names = try file.strings("layer_names", of: attributes)
    let chunk = try file.strings("layer_names0", of: attributes)
    if names != nil || chunk != nil {
      layout = .named(root: root)
    } else if file.isGroup("layers") {
      layout = .numbered(container: "layers")
    } else if file.isGroup("_layer_checkpoint_dependencies") {
      // What Keras 2.12 and 2.13 called it.
      layout = .numbered(container: "_layer_checkpoint_dependencies")
    } else {
      throw Failure(
        .badInput, file: file.path, "this HDF5 file has no Keras weights (neither layer_names nor layers)")
    }
    source = .success(Opened(file))
  }

  private func opened() throws(Failure) -> Opened {
    do { return try source.get() } catch {
      missing = error
      throw error
    }
  }

  // MARK: Scopes

  /// The scope of the model itself.
  var top: WeightScope {
    switch layout {
    case .named(let root): WeightScope(group: root)
    case .numbered: WeightScope(group: "")
    }
  }

  /// The scopes of a model's layers, given in the order of its configuration.
  func scopes(of layers: [(name: String, className: String)], in model: WeightScope) throws(Failure)
    -> [WeightScope]
  {
    guard case .numbered(let container) = layout else {
      return layers.map { layer in
        model == top
          ? WeightScope(group: joined(model.group, layer.name))
          : WeightScope(group: model.group, owners: model.owners + [layer.name])
      }
    }
    let group = joined(model.group, container)
    let opened = try opened()
    let groups = opened.file.isGroup(group) ? try opened.file.children(of: group) : []
    // Keras 2.12 skips numbers, so the layers of a class are matched with its groups by order.
    var numbers: [String: [Int]] = [:]
    for name in groups {
      let tail = name.split(separator: "_").last.flatMap { Int($0) }
      let stem = tail.map { String(name.dropLast("_\($0)".count)) }
      if let tail, let stem, !stem.isEmpty { numbers[stem, default: []].append(tail) }
      numbers[name, default: []].append(0)
    }
    for stem in numbers.keys { numbers[stem]?.sort() }
    func path(_ stem: String, _ number: Int) -> String {
      joined(group, number == 0 ? stem : "\(stem)_\(number)")
    }
    let classes = Dictionary(grouping: layers, by: { groupStem($0.className) })
    var named: [String: [String: String]] = [:]
    for (stem, members) in classes {
      let found = try names(of: (numbers[stem] ?? []).map { path(stem, $0) }, opened)
      // Weights of another instance of the model have other names: then the order of the layers tells, as it does Keras.
      if members.allSatisfy({ found[$0.name] != nil }) { named[stem] = found }
    }
    var used: [String: Int] = [:]
    return layers.map { layer in
      let stem = groupStem(layer.className)
      let count = used[stem, default: 0]
      used[stem] = count + 1
      let present = numbers[stem] ?? []
      let number = count < present.count ? present[count] : count
      return WeightScope(group: named[stem]?[layer.name] ?? path(stem, number))
    }
  }

  /// Groups by the names of the layers they belong to, where the file says them (Keras 3 does).
  private func names(of groups: [String], _ opened: Opened) throws(Failure) -> [String: String] {
    var found: [String: String] = [:]
    for group in groups where opened.file.isGroup("\(group)/vars") {
      if let name = try opened.file.string("name", of: "\(group)/vars") { found[name] = group }
    }
    return found
  }

  /// The scope of a layer inside another one, which is its attribute of this name.
  func inner(_ attribute: String, of scope: WeightScope) -> WeightScope {
    guard case .numbered = layout else { return scope }
    return WeightScope(group: joined(scope.group, attribute))
  }

  // MARK: Reading

  /// Reads one variable of a layer.
  ///
  /// - Parameters:
  ///   - names: what the variable is called; versions of Keras differ.
  ///   - position: its number among the layer's variables.
  ///   - shape: the shape it must have.
  ///   - scope: the layer's.
  ///   - layer: the layer's name, for messages.
  /// - Throws: `badInput` if it is missing, of another shape, not of numbers, or holds NaN or infinity.
  func read(
    _ names: [String], position: Int, shape: [Int], scope: WeightScope, layer: String
  ) throws(Failure) -> Weights {
    try read(at: try locate(names, position, scope, layer), shape: shape, layer: layer)
  }

  /// Reads the variable of a dataset. `shape`: the shape it must have; nil for any.
  func read(at dataset: String, shape: [Int]?, layer: String) throws(Failure) -> Weights {
    let opened = try opened()
    let info = try opened.file.info(dataset)
    guard shape == nil || info.shape == shape else {
      let failure = problem(dataset, "the shape is \(info.shape), but layer \(layer) needs \(shape ?? [])")
      let lengths = zip(shape ?? [], info.shape).filter { $0 != $1 }.map { [$0, $1] }
      for problem in failure.diagnostics {
        misfits[problem] = info.shape.count == shape?.count ? Set(lengths) : []
      }
      throw failure
    }
    elementsRead = Saturating.sum([elementsRead, Saturating.product(info.shape)])
    if let excess = limits.excess(.constants, elementsRead) {
      throw problem(
        dataset, "up to layer \(layer) the model needs \(excess)", hint: WorkLimits.hint(.constants))
    }
    let values = try opened.file.read(dataset, limit: ModelBuilder.elementLimit).values
    if let first = values.firstIndex(where: { !$0.isFinite }) {
      let count = values.count { !$0.isFinite }
      throw problem(
        dataset,
        "\(count) of \(values.count) weights of layer \(layer) are NaN or infinite (first: number \(first))")
    }
    return Weights(shape: info.shape, values: values)
  }

  /// Whether variables have numbers, and not names.
  var isNumbered: Bool {
    if case .numbered = layout { return true }
    return false
  }

  /// The dataset of a variable of a numbered file.
  ///
  /// - Throws: `badInput` if there is none.
  func dataset(_ position: Int, called name: String, in scope: WeightScope, layer: String) throws(Failure)
    -> String
  {
    let dataset = "\(scope.group)/vars/\(position)"
    guard try opened().file.isDataset(dataset) else {
      throw absence(dataset, "the weights file has no \(name) of layer \(layer) here")
    }
    return dataset
  }

  private func locate(
    _ names: [String], _ position: Int, _ scope: WeightScope, _ layer: String
  ) throws(Failure) -> String {
    if isNumbered { return try dataset(position, called: names[0], in: scope, layer: layer) }
    let present = try datasetNames(scope.group, layer)
    var matches = present.filter { names.contains(variable($0)) }
    if !scope.owners.isEmpty {
      matches.removeAll { !parts($0).dropLast().contains(Substring(scope.owners[scope.owners.count - 1])) }
    }
    if matches.count > 1 {
      // Equal names in different nested models: the path whose end agrees best with this layer's, then the
      // shortest.
      let best = matches.map { agreement($0, scope.owners) }.max() ?? 0
      matches.removeAll { agreement($0, scope.owners) != best }
      let least = matches.map { parts($0).count }.min()
      matches.removeAll { parts($0).count != least }
    }
    guard let match = matches.first, matches.count == 1 else {
      let list = Set(present.map(variable)).sorted().joined(separator: ", ")
      throw absence(
        scope.group,
        matches.isEmpty
          ? "the weights file has no \(names[0]) of layer \(layer)"
          : "the weights file has several weights that could be the \(names[0]) of layer \(layer)",
        hint: list.isEmpty ? "it has no weights of this layer at all" : "it has: \(list)")
    }
    return "\(scope.group)/\(match)"
  }

  /// The names in a group's attribute weight_names, which Keras splits if it is long.
  func datasetNames(_ group: String, _ layer: String) throws(Failure) -> [String] {
    if let names = namesOfGroup[group] { return names }
    let opened = try opened()
    guard opened.file.isGroup(group) else {
      throw absence(group, "the weights file has nothing for layer \(layer)")
    }
    var names = try opened.file.strings("weight_names", of: group) ?? []
    var chunk = 0
    while let more = try opened.file.strings("weight_names\(chunk)", of: group) {
      names += more
      chunk += 1
    }
    namesOfGroup[group] = names
    return names
  }

  /// A problem that is remembered as one of weights that are not there.
  func absence(_ place: String, _ message: String, hint: String? = nil) -> Failure {
    let failure = problem(place, message, hint: hint)
    absent.formUnion(failure.diagnostics)
    return failure
  }

  func problem(_ place: String, _ message: String, hint: String? = nil) -> Failure {
    let path = (try? source.get())?.file.path
    return Failure(.badInput, file: path, place: place, message, hint: hint)
  }
}

/// The last part of a dataset's name without its number: "kernel" of "dense/kernel:0".
private func variable(_ name: String) -> String {
  let last = name.split(separator: "/").last ?? ""
  return String(last.split(separator: ":").first ?? "")
}

private func parts(_ name: String) -> [Substring] { name.split(separator: "/") }

/// How many parts at the end of a dataset's path, before the variable, are the innermost owners.
private func agreement(_ name: String, _ owners: [String]) -> Int {
  zip(parts(name).dropLast().reversed(), owners.reversed()).prefix { $0 == Substring($1) }.count
}

private func joined(_ group: String, _ name: String) -> String { group.isEmpty ? name : "\(group)/\(name)" }

/// The name of the groups of a class. Keras saves this one under another name than its own.
private func groupStem(_ className: String) -> String {
  snakeCase(className == "GroupQueryAttention" ? "GroupedQueryAttention" : className)
}

/// Keras's name of the groups of a class: `PReLU` is `p_re_lu`, `Conv2D` is `conv2d`.
func snakeCase(_ className: String) -> String {
  func isUpper(_ c: Character) -> Bool { c.isASCII && c.isUppercase }
  func isLower(_ c: Character) -> Bool { c.isASCII && c.isLowercase }
  let letters = Array(className.filter { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
  var result = ""
  for (index, letter) in letters.enumerated() {
    let startsWord = index + 1 < letters.count && isLower(letters[index + 1])
    if index > 0, isUpper(letter), startsWord || isLower(letters[index - 1]) { result.append("_") }
    result += letter.lowercased()
  }
  return result
}
