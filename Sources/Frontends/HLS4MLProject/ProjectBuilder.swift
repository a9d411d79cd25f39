import Configuration
import Diagnostics
import FixedPoint
import Model

/// Makes the model and the configuration of a project: one layer per call, in the order of the calls, with the types, the
/// order of additions and the tables that the project's own code has.
struct ProjectBuilder {
  let files: ProjectFiles
  private(set) var layers: [Layer] = []
  private(set) var configuration = Configuration()
  private(set) var problems: Problems
  /// What each variable of the top function holds.
  private var tensors: [String: Tensor] = [:]
  private var names: Set<String> = []
  private var parameters: [String: Parameter] = [:]
  private var inputs: [Int] = []
  /// The weights that a text file holds, by array.
  private(set) var weightFiles: [String: String] = [:]

  /// What a variable holds: a layer's result, in the shape it was written in.
  struct Tensor {
    var layer: Int
    var shape: [Int]
    var format: FixedFormat
  }

  /// A parameter of the top function: an input until something is written to it.
  private struct Parameter {
    var name: String
    var type: ProjectText.TypeName
    /// Its shape; nil for a stream, whose length no declaration tells.
    var shape: [Int]?
    var isStream: Bool
    var isOutput = false
    var layer: Int?
  }

  /// Variables that a kernel has changed while it read them.
  var overwritten: Set<String> = []
  /// The step of a loop that is being read.
  var step: TimeStep?

  var text: ProjectText { files.text }
  var isStream: Bool { configuration.ioType == .stream }

  init(_ files: ProjectFiles) {
    self.files = files
    problems = files.text.problems
    configuration.model = LayerSettings(reuseFactor: 1)
    configuration.isWritten = true
    configuration.projectName = files.top.name
  }

  /// The model and the configuration of a project.
  ///
  /// - Throws: everything that is not understood, each with its file and line.
  static func build(_ files: ProjectFiles) throws(Failure) -> (model: Model, configuration: Configuration) {
    var builder = ProjectBuilder(files)
    builder.readParameters()
    builder.read(files.top.statements)
    if !builder.problems.found.isEmpty {
      for doubt in files.text.doubts.found { builder.problems.add(doubt) }
    }
    // What follows says something only of functions all of which is understood.
    try builder.problems.check()
    var outputs: [LayerResult] = []
    for name in builder.parameterOrder {
      guard let parameter = builder.parameters[name] else { continue }
      if parameter.isOutput, let tensor = builder.tensors[name] {
        outputs.append(LayerResult(tensor.layer))
      } else if parameter.layer == nil {
        builder.refuse(files.top.place, Refusal("the parameter '\(name)' of '\(files.top.name)' is not used"))
      } else if let layer = parameter.layer {
        builder.inputs.append(layer)
      }
    }
    if outputs.isEmpty {
      builder.refuse(files.top.place, Refusal("'\(files.top.name)' has no output"))
    }
    try builder.problems.check()
    builder.configuration.readProject(files.root)
    let model = Model(
      name: files.top.name, layers: builder.layers, inputs: builder.inputs, outputs: outputs)
    return (model, builder.configuration)
  }

  private var parameterOrder: [String] = []

  mutating func refuse(_ place: ProjectText.Place, _ refusal: Refusal) {
    if refusal.isConsequence { return }
    problems.add(
      Diagnostic(file: place.file, place: "\(place.line)", refusal.message, hint: refusal.hint))
  }

  // MARK: Statements

  private mutating func readParameters() {
    for tokens in files.top.parameters {
      var cursor = TokenCursor(tokens)
      _ = cursor.take("const")
      guard let type = cursor.type() else {
        refuse(files.top.place, Refusal("the parameter '\(tokens.text)' is not understood"))
        continue
      }
      _ = cursor.take(mark: "&")
      guard let name = cursor.identifier() else {
        refuse(files.top.place, Refusal("the parameter '\(tokens.text)' is not understood"))
        continue
      }
      // hls4ml before 0.7 has the sizes of inputs and outputs as parameters.
      if type.name == "int" || type.name == "unsigned" { continue }
      var parameter = Parameter(name: name, type: type, isStream: type.lastName == "stream")
      if parameter.isStream { configuration.ioType = .stream }
      if let brackets = cursor.brackets() {
        do throws(Refusal) { parameter.shape = try shape(brackets) } catch {
          refuse(files.top.place, error)
        }
      }
      parameters[name] = parameter
      parameterOrder.append(name)
    }
  }

  /// The shape of `[a*b*c]`, in which the factors are the lengths of the axes.
  private func shape(_ expression: CppExpression) throws(Refusal) -> [Int] {
    var shape: [Int] = []
    for factor in expression.factors { shape.append(try text.integer(factor)) }
    try check(shape)
    return shape
  }

  private mutating func read(_ statements: [ProjectText.Statement]) {
    var rest = statements[...]
    while let statement = rest.first {
      do throws(Refusal) {
        if OutputStatement.skip(&rest) { continue }
        if let loop = try TimeStepLoop(taking: &rest, text) { try read(loop) } else { try read(statement) }
      } catch { refuse(statement.place, error) }
    }
  }

  mutating func read(_ statement: ProjectText.Statement) throws(Refusal) {
    let tokens = statement.tokens
    if let call = KernelCall(statement) { return try read(call) }
    var cursor = TokenCursor(tokens)
    if cursor.take("auto") {
      // auto& layer9_out = layer8_out: the same array by another name, the same elements in another shape.
      guard cursor.take(mark: "&"), let name = cursor.identifier(), cursor.take(mark: "="),
        let source = cursor.identifier(), cursor.isAtEnd
      else { throw Refusal("'\(tokens.text)' is not understood") }
      // Since 1.1 all variables stand before the calls.
      guard parameters[source] != nil || locals[source] != nil || aliases[source] != nil else {
        throw Refusal("'\(source)' is not declared")
      }
      aliases[name] = aliases[source] ?? source
      return
    }
    // Text weights are loaded once, and sizes handed back: nothing is computed.
    if tokens.contains(.identifier("loaded_weights")) { return }
    if tokens.count > 2, tokens[1] == .mark("="), case .identifier(let name) = tokens[0],
      name.hasPrefix("const_size")
    {
      return
    }
    var declaration = TokenCursor(tokens)
    if let type = declaration.type(), let name = declaration.identifier() {
      if type.lastName == "stream" || declaration.brackets() != nil {
        locals[name] = type
        return
      }
    }
    throw Refusal("'\(tokens.text)' is not understood")
  }

  private var aliases: [String: String] = [:]

  /// Whether a variable is an input that nothing has read or written.
  func isUnread(_ name: String) -> Bool {
    guard let parameter = parameters[aliases[name] ?? name] else { return false }
    return parameter.layer == nil && !parameter.isOutput
  }

  /// Gives a variable another name.
  mutating func alias(_ name: String, to source: String) throws(Refusal) {
    guard parameters[name] == nil else { throw Refusal("the parameter '\(name)' is a copy of '\(source)'") }
    aliases[name] = aliases[source] ?? source
  }

  private var locals: [String: ProjectText.TypeName] = [:]

  private mutating func read(_ call: KernelCall) throws(Refusal) {
    switch call.kernel {
    case "load_weights_from_txt", "load_exponent_weights_from_txt":
      guard call.arguments.count == 2, case .string(let file)? = call.arguments[1].first else {
        throw Refusal("nnet::\(call.kernel) is not understood")
      }
      // An array that has numbers keeps them where no macro asks for the text.
      let name = try call.name(0)
      if !call.isOptional || text.arrays[name]?.values == nil { weightFiles[name] = file }
    case "save_layer_output", "save_output_array": break
    default:
      if let function = files.generated[call.kernel] {
        do throws(Refusal) { try convert(call, function) } catch {
          standIn(call)
          throw error
        }
        return
      }
      if call.kernel.hasPrefix(GeneratedFunction.adders) {
        standIn(call)
        throw Refusal("'\(call.kernel)' is not in nnet_utils/nnet_code_gen.h")
      }
      guard let kernel = Kernel.named[call.kernel] else {
        let hint = nearest(to: call.kernel, in: Kernel.named.keys).map { "read is, for example, nnet::\($0)" }
        standIn(call)
        throw Refusal("the kernel nnet::\(call.kernel) is not read", hint: hint)
      }
      do throws(Refusal) {
        if call.isOptional { throw Refusal("nnet::\(call.kernel) is called where a macro is defined only") }
        try convert(call, kernel)
      } catch {
        standIn(call)
        throw error
      }
    }
  }

  /// Gives the destinations of a call that was refused some value, so that what follows is looked at too.
  private mutating func standIn(_ call: KernelCall) {
    for argument in call.arguments {
      guard argument.count == 1, case .identifier(let name) = argument[0], tensors[name] == nil,
        locals[name] != nil || parameters[name]?.layer == nil && parameters[name] != nil
      else { continue }
      if parameters[name] != nil, call.arguments.first?.first == argument.first { continue }
      parameters[name]?.isOutput = true
      tensors[name] = Tensor(layer: -1, shape: [], format: FixedFormat(16, 6))
    }
  }

  // MARK: What converters use

  /// The configuration struct that a template argument names: the last one.
  func configuration(of call: KernelCall) throws(Refusal) -> KernelConfiguration {
    guard case .identifier(let name)? = call.templateArguments.last?.last, let made = text.structs[name]
    else {
      throw Refusal("nnet::\(call.kernel) has no configuration in parameters.h")
    }
    return KernelConfiguration(text: text, made: made)
  }

  /// The type a template argument names.
  func format(of call: KernelCall, _ position: Int) throws(Refusal) -> FixedFormat {
    try text.format(try type(of: call, position))
  }

  func type(of call: KernelCall, _ position: Int) throws(Refusal) -> ProjectText.TypeName {
    guard call.templateArguments.indices.contains(position) else {
      throw Refusal("nnet::\(call.kernel) has \(call.templateArguments.count) template arguments")
    }
    var cursor = TokenCursor(call.templateArguments[position])
    guard let type = cursor.type(), cursor.isAtEnd else {
      throw Refusal("'\(call.templateArguments[position].text)' is not a type")
    }
    return type
  }

  /// The tensor an argument names, in the shape its reader sees it in: nil takes it as it is.
  ///
  /// - Parameter otherwise: the shape of an input of which nothing else is known.
  mutating func operand(
    _ call: KernelCall, _ position: Int = 0, shape wanted: [Int]? = nil, otherwise: [Int]? = nil
  ) throws(Refusal) -> Tensor {
    let name = try call.name(position)
    if overwritten.contains(name) { throw Refusal("'\(name)' is read after a kernel has changed it") }
    if let shape = wanted ?? otherwise { try check(shape) }
    var tensor = try value(name, shape: wanted ?? otherwise, call)
    guard tensor.layer >= 0 else {
      var refusal = Refusal("'\(name)' is not known")
      refusal.isConsequence = true
      throw refusal
    }
    guard let wanted, wanted != tensor.shape else { return tensor }
    guard wanted.reduce(1, *) == tensor.shape.reduce(1, *) else {
      throw Refusal("nnet::\(call.kernel) reads \(wanted) of '\(name)', which is \(tensor.shape)")
    }
    let from = layers[tensor.layer]
    tensor.layer = try append(
      name: free("\(from.name)_as_\(wanted.map(String.init).joined(separator: "x"))"), "Reshape", .reshape,
      inputs: [tensor.layer],
      shape: wanted, ["result": tensor.format], call.place)
    tensor.shape = wanted
    return tensor
  }

  /// The value of a variable; an input becomes a layer when it is first read.
  private mutating func value(_ name: String, shape wanted: [Int]?, _ call: KernelCall) throws(Refusal)
    -> Tensor
  {
    if let tensor = tensors[name] { return tensor }
    let source = aliases[name] ?? name
    if let tensor = tensors[source] { return tensor }
    guard let parameter = parameters[source] else { throw Refusal("'\(name)' has no value here") }
    let format = try text.format(parameter.type)
    var shape = parameter.shape
    if parameter.isStream {
      var cursor = TokenCursor(parameter.type.arguments.first ?? [])
      let pack = try cursor.type().flatMap { type throws(Refusal) in try text.packSize(type) } ?? 1
      if let wanted, wanted.reduce(1, *) % pack == 0 {
        let count = wanted.reduce(1, *)
        shape = wanted.last == pack ? wanted : count == pack ? [pack] : [count / pack, pack]
      }
    }
    // An array of a single length holds what its reader sees in it.
    if let wanted, let flat = shape, flat.count == 1, flat[0] == wanted.reduce(1, *) { shape = wanted }
    guard let shape else {
      throw Refusal("the shape of the input '\(source)' is not told by nnet::\(call.kernel)")
    }
    let layer = try append(
      name: free(source), "InputLayer", .input(integerType: nil), inputs: [], shape: shape,
      ["result": format],
      files.top.place)
    parameters[source]?.layer = layer
    let tensor = Tensor(layer: layer, shape: shape, format: format)
    tensors[source] = tensor
    return tensor
  }

  /// Names what a call writes to an argument.
  mutating func define(_ call: KernelCall, _ position: Int, _ tensor: Tensor) throws(Refusal) {
    define(try call.name(position), tensor)
  }

  mutating func define(_ name: String, _ tensor: Tensor) {
    if parameters[name] != nil { parameters[name]?.isOutput = true }
    tensors[name] = tensor
  }

  /// Adds the layer of a call and names its result.
  ///
  /// - Parameters:
  ///   - position: the argument the result is written to.
  ///   - formats: by hls4ml's names of a layer's tensors.
  mutating func add(
    _ call: KernelCall, to position: Int, _ className: String, _ kind: LayerKind, inputs: [Tensor],
    shape: [Int],
    _ formats: [String: FixedFormat], isFunctionClass: Bool = false,
    _ adjust: (inout LayerSettings) -> Void = { _ in }
  ) throws(Refusal) {
    guard let result = formats["result"] else {
      throw Refusal("nnet::\(call.kernel) has no type of its result")
    }
    let layer = try append(
      name: name(call, position), className, kind, inputs: inputs.map(\.layer), shape: shape, formats,
      call.place,
      isFunctionClass: isFunctionClass, adjust)
    try define(call, position, Tensor(layer: layer, shape: shape, format: result))
  }

  /// The layer's name: the comment behind its call, else the variable it writes.
  func name(_ call: KernelCall, _ position: Int) -> String {
    var variable = (try? call.name(position)) ?? call.kernel
    if variable.hasSuffix("_out") { variable.removeLast(4) }
    let suffix = step.map { "_step\($0.index)" } ?? ""
    variable += suffix
    guard let comment = call.comment.map({ $0 + suffix }), comment != suffix, comment.utf8.count <= 200,
      !comment.contains(where: \.isWhitespace), !names.contains(comment.lowercased())
    else { return free(variable) }
    return comment
  }

  /// A name that no layer has, letter case aside.
  func free(_ name: String) -> String {
    if !names.contains(name.lowercased()) { return name }
    var count = 2
    while names.contains("\(name)_\(count)".lowercased()) { count += 1 }
    return "\(name)_\(count)"
  }

  /// Refuses a shape that is empty or absurdly large.
  func check(_ shape: [Int]) throws(Refusal) {
    if let problem = ModelBuilder.problem(with: shape) { throw Refusal(problem) }
  }

  @discardableResult
  mutating func append(
    name: String, _ className: String, _ kind: LayerKind, inputs: [Int], shape: [Int],
    _ formats: [String: FixedFormat], _ place: ProjectText.Place, isFunctionClass: Bool = false,
    _ adjust: (inout LayerSettings) -> Void = { _ in }
  ) throws(Refusal) -> Int {
    try check(shape)
    names.insert(name.lowercased())
    layers.append(
      Layer(
        name: name, kind: kind, source: SourceNames(className, isFunctionClass: isFunctionClass),
        inputs: inputs.map { LayerResult($0) }, outputShape: shape,
        origin: Origin(file: place.file, path: "\(place.line)")))
    var settings = LayerSettings(precision: formats.mapValues { .format($0) })
    settings.types = formats
    adjust(&settings)
    configuration.setLayer(name, settings)
    return layers.count - 1
  }

  /// Changes the settings of a layer that is there.
  mutating func adjust(_ layer: Int, _ change: (inout LayerSettings) -> Void) {
    var settings = configuration.layerNames[layers[layer].name] ?? LayerSettings()
    change(&settings)
    configuration.setLayer(layers[layer].name, settings)
  }
}
