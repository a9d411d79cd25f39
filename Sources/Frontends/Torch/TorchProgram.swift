import Diagnostics
import Storage

/// A length, or another whole number of a call: known, or a name for one (`sym_size_int`).
enum TorchLength: Hashable {
  case known(Int)
  case symbol(String)
}

/// An argument of a call, by its kind in torch/_export/serde/schema.py.
enum TorchArgument: Hashable {
  case none
  case tensor(String)
  /// nil for one left out.
  case tensors([String?])
  case length(TorchLength)
  case lengths([TorchLength])
  case real(Double)
  case reals([Double])
  case flag(Bool)
  case text(String)
  case type(ONNXType)
  /// What has no meaning for a network (device, layout, memory format), or is not supported: its kind.
  case other(String)
}

/// One call.
struct TorchNode {
  /// `aten.conv2d.default`, without `torch.ops.`.
  var target: String
  var arguments: [String: TorchArgument]
  /// The names of the results, in order; nil for none.
  var results: [String?]
  /// For messages and for layers: the module's name where the call is a module of PyTorch's own, else the node's.
  var label: String
  var place: ONNXPlace
}

/// A program as torch.export serializes it.
struct TorchProgram {
  /// What an input of the graph is.
  enum Source {
    case user
    /// A tensor of the archive: its name there, in the folder of weights or that of constants.
    case weight(String)
    case constant(String)
  }

  var name: String
  var inputs: [(name: String, source: Source, place: ONNXPlace)] = []
  var outputs: [(name: String, place: ONNXPlace)] = []
  var nodes: [TorchNode] = []
  /// What the file says of the shapes of tensors: nil for a length that is not fixed.
  var shapes: [String: [Int?]] = [:]
  var types: [String: ONNXType] = [:]
  var notes: [Diagnostic] = []

  /// The versions of the schema that are read: the first number changes with what is incompatible.
  private static let schemas = 5...8

  static func read(_ archive: TorchArchive) throws(Failure) -> TorchProgram {
    let json = try archive.program()
    var problems = Problems()
    if let version = json["schema_version"]?["major"]?.integer, !schemas.contains(version) {
      problems.add(
        json.diagnostic(
          "the program is of schema version \(version); read are \(schemas.lowerBound) to \(schemas.upperBound)"
        ))
    }
    guard let module = json["graph_module"], let graph = module["graph"],
      let nodes = graph["nodes"]?.elements,
      let signature = module["signature"]
    else {
      throw Failure(
        json.diagnostic("this is no program of torch.export: there is no graph_module with a graph"))
    }
    guard nodes.count <= ONNXImporter.nodeLimit else {
      throw Failure(
        graph.diagnostic(
          "the program has \(nodes.count) calls; at most \(ONNXImporter.nodeLimit) are accepted"))
    }
    var program = TorchProgram(name: archive.model)
    for (name, meta) in graph["tensor_values"]?.members ?? [] {
      program.shapes[name] = (meta["sizes"]?.elements ?? []).map { $0["as_int"]?.integer }
      program.types[name] = TorchType.of(meta["dtype"])
    }
    program.readInputs(signature, &problems)
    program.readOutputs(signature, &problems)
    for node in nodes {
      do throws(Failure) { program.nodes.append(try TorchNode(node)) } catch { problems.add(error) }
    }
    try problems.check()
    return program
  }

  private mutating func readInputs(_ signature: JSONNode, _ problems: inout Problems) {
    for spec in signature["input_specs"]?.elements ?? [] {
      let place = ONNXPlace(spec)
      guard let (kind, content) = spec.members?.first else { continue }
      let name = content["arg"]?["name"]?.string ?? ""
      switch kind {
      case "parameter":
        inputs.append((name, .weight(content["parameter_name"]?.string ?? ""), place))
      case "buffer":
        // A buffer that is not saved with the weights is a constant of the program.
        let buffer = content["buffer_name"]?.string ?? ""
        inputs.append(
          (name, content["persistent"]?.bool == false ? .constant(buffer) : .weight(buffer), place))
      case "tensor_constant":
        inputs.append((name, .constant(content["tensor_constant_name"]?.string ?? ""), place))
      case "user_input":
        guard let tensor = content["arg"]?["as_tensor"]?["name"]?.string else {
          // A number or None given when the program was exported is fixed in it.
          if content["arg"]?["as_sym_int"] != nil {
            problems.add(spec.diagnostic("an input is a number of no fixed value; tensors are supported"))
          }
          continue
        }
        inputs.append((tensor, .user, place))
      case "constant_input": continue
      default: problems.add(spec.diagnostic("an input of the kind \(kind) is not supported"))
      }
    }
  }

  private mutating func readOutputs(_ signature: JSONNode, _ problems: inout Problems) {
    for spec in signature["output_specs"]?.elements ?? [] {
      guard let (kind, content) = spec.members?.first else { continue }
      switch kind {
      case "user_output":
        if let tensor = content["arg"]?["as_tensor"]?["name"]?.string {
          outputs.append((tensor, ONNXPlace(spec)))
        } else if content["arg"]?["as_none"] == nil {
          problems.add(spec.diagnostic("an output is no tensor"))
        }
      case "user_input_mutation":
        notes.append(
          spec.diagnostic("the program also changes its input in place; the firmware gives the outputs alone")
        )
      case "buffer_mutation", "parameter_mutation":
        problems.add(
          spec.diagnostic(
            "the program changes \(content["buffer_name"]?.string ?? "a parameter"), which the next event would see",
            hint: "export the model in eval mode: model.eval()"))
      default: problems.add(spec.diagnostic("an output of the kind \(kind) is not supported"))
      }
    }
  }
}

extension ONNXPlace {
  init(_ node: JSONNode) { self.init(file: node.file, path: node.path) }
}

extension TorchNode {
  fileprivate init(_ node: JSONNode) throws(Failure) {
    guard let target = node["target"]?.string, let inputs = node["inputs"]?.elements else {
      throw Failure(node.diagnostic("a call without target and inputs"))
    }
    self.target = target.hasPrefix("torch.ops.") ? String(target.dropFirst(10)) : target
    place = ONNXPlace(node)
    arguments = [:]
    for input in inputs {
      guard let name = input["name"]?.string, let argument = input["arg"] else {
        throw Failure(input.diagnostic("an argument without a name and a value"))
      }
      arguments[name] = try TorchArgument(argument)
    }
    results = []
    for output in node["outputs"]?.elements ?? [] {
      switch try TorchArgument(output) {
      case .tensor(let name): results.append(name)
      case .tensors(let names): results += names
      case .length(.symbol(let name)): results.append(name)
      default: results.append(nil)
      }
    }
    let name = node["name"]?.string ?? results.compactMap { $0 }.first ?? ""
    label = Self.module(node["metadata"]?["nn_module_stack"]?.string) ?? name
  }

  /// The name of the innermost module, where that is one of PyTorch's own. The stack is "key,name,class;…".
  private static func module(_ stack: String?) -> String? {
    let parts =
      stack?.split(separator: ";").last?.split(separator: ",", omittingEmptySubsequences: false) ?? []
    guard parts.count == 3, parts[2].hasPrefix("torch.nn.modules."), !parts[1].isEmpty else { return nil }
    return String(parts[1])
  }
}

extension TorchArgument {
  fileprivate init(_ node: JSONNode) throws(Failure) {
    guard let (kind, value) = node.members?.first, node.members?.count == 1 else {
      throw Failure(node.diagnostic("an argument is not one of its kinds"))
    }
    func all<T>(_ read: (JSONNode) -> T?) throws(Failure) -> [T] {
      guard let elements = value.elements else { throw Failure(value.diagnostic("\(kind) is no list")) }
      var values: [T] = []
      for element in elements {
        guard let one = read(element) else { throw Failure(element.diagnostic("not what \(kind) holds")) }
        values.append(one)
      }
      return values
    }
    func one<T>(_ value: T?) throws(Failure) -> T {
      guard let value else { throw Failure(node.diagnostic("not what \(kind) holds")) }
      return value
    }
    switch kind {
    case "as_none": self = .none
    case "as_tensor": self = .tensor(try one(value["name"]?.string))
    case "as_tensors":
      let names: [String] = try all { $0["name"]?.string }
      self = .tensors(names)
    case "as_optional_tensor":
      self = value["as_tensor"]?["name"]?.string.map { .tensor($0) } ?? .none
    case "as_optional_tensors":
      self = .tensors(try all { .some($0["as_tensor"]?["name"]?.string) })
    case "as_int": self = .length(.known(try one(value.integer)))
    case "as_ints": self = .lengths(try all { $0.integer.map { .known($0) } })
    case "as_sym_int": self = .length(try one(Self.length(value)))
    case "as_sym_ints": self = .lengths(try all(Self.length))
    case "as_float": self = .real(try one(Self.real(value)))
    case "as_floats": self = .reals(try all(Self.real))
    case "as_bool": self = .flag(try one(value.bool))
    case "as_string": self = .text(try one(value.string))
    case "as_scalar_type":
      self = TorchType.of(value).map { .type($0) } ?? .other("the type \(TorchType.name(value))")
    default: self = .other(kind)
    }
  }

  /// A number; infinities are written as text.
  private static func real(_ node: JSONNode) -> Double? { node.number ?? node.string.flatMap { Double($0) } }

  private static func length(_ node: JSONNode) -> TorchLength? {
    node["as_int"]?.integer.map { .known($0) } ?? node["as_name"]?.string.map { .symbol($0) }
  }
}
