import Backends
import Diagnostics
import FixedPoint
import Mustache
import Program
import Scheduling
import Templates

/// Puts the parts of a project into the templates.
struct ProjectWriter {
  let design: Design
  let ports: Ports
  private let layout: Layout
  private let emission: Emission
  private let functions: String
  private let top: String
  private let tokens: [(name: String, type: String, words: Int, bits: Int)]
  private let library: MustacheLibrary

  init(_ design: Design, name: String) throws(Failure) {
    self.design = design
    var emission = Emission(design, projectName: name)
    let body: String
    if let flow = design.dataflow {
      let streams = StreamEmitter(flow, &emission)
      ports = streams.channels.ports(emission.layout)
      body = streams.processFunctions(&emission)
      top = streams.topFunction(ports)
      tokens = streams.channels.tokens(emission.layout)
    } else {
      ports = Ports(&emission.layout)
      body = emission.layerFunctions()
      top = emission.topFunction(ports)
      tokens = []
    }
    functions = emission.innerFunctions + body
    self.emission = emission
    layout = emission.layout
    library = try Self.templates.get()
  }

  /// The templates, parsed once.
  private static let templates = Result<MustacheLibrary, Failure> { () throws(Failure) in
    var library = MustacheLibrary()
    let kernels = [Kernel.affineReuse, .affineColumns].map(\.rawValue)
    let texts =
      Templates.projectNames.map { ($0, Templates.project($0)) } + kernels.map { ($0, Templates.kernel($0)) }
    for (name, text) in texts {
      do {
        try library.register(text ?? "", named: name)
      } catch {
        throw Failure(.bug, "template \(name): \(error)")
      }
    }
    return library
  }

  private var program: Program { design.program }

  func files(_ events: TestEvents) throws(Failure) -> [String: String] {
    let name = ports.top
    let common = commonContext()
    var files: [String: String] = [:]
    files["firmware/\(name).cpp"] = try render("top.cpp", common.with("body", top))
    files["firmware/\(name).h"] = try render("top.h", common)
    let tokenContexts = tokens.map {
      ["name": $0.name, "type": $0.type, "words": $0.words, "bits": $0.bits] as [String: Any]
    }
    files["firmware/\(name)_types.h"] = try render(
      "types.h",
      common.with("groups", typeGroups()).with("tokens", tokenContexts)
        .with("isWide", tokens.contains { $0.bits > 1024 }))
    let weights = weightFiles()
    files["firmware/\(name)_layers.h"] = try render(
      "layers.h",
      common.with("body", functions).with("weights", weights.map { ["name": $0.name] as [String: Any] }))
    for file in weights {
      let context: [String: Any] = [
        "name": file.name, "title": file.title, "tables": file.tables.map { ["definition": $0.definition] },
      ]
      files["firmware/weights/\(file.name).h"] = try render("weights.h", common.merging(context) { $1 })
    }
    files["firmware/tf_kernels.h"] = try kernels()
    for file in ["README.md", "Makefile", "build_prj.tcl", "build_opt.tcl", "tf_host.h", "tf_trace.h"] {
      files[file] = try render(file, common)
    }
    files["\(name)_test.cpp"] = try render("test.cpp", common)
    files["tb_data/inputs.dat"] = Self.lines(events.inputs)
    if let outputs = events.outputs { files["tb_data/expected.dat"] = Self.lines(outputs) }
    files["project.json"] = ProjectFile(design, ports: ports).json
    return files
  }

  private func render(_ name: String, _ context: [String: Any]) throws(Failure) -> String {
    guard let text = library.render(context, withTemplate: name) else {
      throw Failure(.bug, "no template \(name)")
    }
    return text
  }

  private func kernels() throws(Failure) -> String {
    func text(_ part: String) -> String { Templates.kernel(part) ?? "" }
    var kernels = emission.kernels
    if kernels.contains(where: \.converts) { kernels.insert(.convert) }
    var parts = text("prelude") + refusal
    for kernel in kernels.sorted() {
      switch kernel {
      case .convert: parts += text(kernel.rawValue) + roundings()
      case .affineReuse, .affineColumns, .affineRewind, .affineColumnsRewind:
        parts += try render(
          (kernel.rewound ?? kernel).rawValue,
          [
            "name": kernel.rawValue, "rewind": kernel.rewound != nil,
            "pipeline": kernel.rewound == nil ? "TF_PIPELINE" : "TF_REWIND",
          ])
      default: parts += text(kernel.rawValue)
      }
    }
    return parts + text("end")
  }

  /// Stops Bambu where its headers would compute other words: they know neither AP_WRAP_SM nor saturated bits.
  private var refusal: String {
    guard program.conversions.contains(where: { $0.overflow == .wrapSM || $0.saturatedBits > 0 }) else {
      return ""
    }
    return "#ifdef __BAMBU__\n#error \"Bambu's headers have no AP_WRAP_SM and no saturated bits\"\n#endif\n\n"
  }

  /// The formats that words are rounded to before they are clamped (`FixedFormat.roundedFirst`).
  private func roundings() -> String {
    var seen: Set<FixedFormat> = []
    return program.conversions.filter { seen.insert($0).inserted }.compactMap { format in
      guard let first = format.roundedFirst else { return nil }
      return "template <>\nstruct rounded<\(format.cppType) > {\n  typedef \(first.cppType) type;\n};\n\n"
    }.joined()
  }

  /// One event a line, its words one after the other.
  static func lines(_ events: [[[Raw]]]) -> String {
    // Appended word by word: the strings of all words together take many times what they say.
    var text = ""
    for event in events {
      var separator = ""
      for word in event.joined() {
        text += separator
        text += word.description
        separator = " "
      }
      text += "\n"
    }
    return text
  }

  private func commonContext() -> [String: Any] {
    func context(_ port: Ports.Port, offset: Int) -> [String: Any] {
      [
        "name": port.name, "type": port.typeName, "count": port.type.count, "offset": offset,
        "signed": port.type.format.isSigned, "layers": layersShowing(port.value), "token": port.token ?? "",
        "tokens": port.tokenWords > 0 ? port.type.count / port.tokenWords : 0, "words": port.tokenWords,
        "width": port.type.format.width,
        "shape": port.type.shape.map(String.init).joined(separator: " x "),
      ]
    }
    func contexts(_ ports: [Ports.Port]) -> [[String: Any]] {
      var offset = 0
      return ports.map { port in
        defer { offset += port.type.count }
        return context(port, offset: offset)
      }
    }
    return [
      "top": ports.top, "guard": ports.top.uppercased(), "title": Identifiers.comment(program.name),
      "signature": ports.signature,
      // A scheduled design has a part number here; one made by hand may have anything.
      "part": design.target.part.filter { Part.isNumber("\($0)") },
      "clock": "\(design.target.clockPeriod)",
      "bindsMultipliers": design.target.multipliers != .automatic,
      "multipliers": design.target.multipliers.rawValue,
      "uncertainty": "\((design.target.clockUncertainty * 10000).rounded() / 100)",
      "io": design.ioType.rawValue, "isStream": design.ioType == .stream,
      "latency": design.latency == 1 ? "1 cycle" : "\(design.latency) cycles",
      "interval": design.interval <= 1 ? "cycle" : "\(design.interval) cycles",
      "inputs": contexts(ports.inputs), "outputs": contexts(ports.outputs),
      "ports": contexts(ports.inputs + ports.outputs),
      "inputWords": ports.inputs.map(\.type.count).reduce(0, +),
      "outputWords": ports.outputs.map(\.type.count).reduce(0, +),
      "arguments": (ports.inputs + ports.outputs).map(\.name).joined(separator: ", "),
      "layers": layers(),
    ]
  }

  private func layers() -> [[String: Any]] {
    program.layers.enumerated().map { number, layer in
      let names = layout.segments.filter { $0.layer == number }.map(\.function)
      return [
        "name": Identifiers.comment(layer.name), "class": Identifiers.comment(layer.className),
        "function": names.isEmpty ? "(no logic)" : names.joined(separator: ", "),
      ]
    }
  }

  /// The numbers of the layers whose result is the value itself: input layers.
  private func layersShowing(_ value: ValueID) -> [[String: Any]] {
    program.layers.indices.filter { program.layers[$0].result.map(layout.holder) == value }.map {
      ["number": $0]
    }
  }

  private func typeGroups() -> [[String: Any]] {
    var groups: [(layer: Int?, types: [[String: Any]])] = []
    for (index, instruction) in program.instructions.enumerated() where layout.root[index] == index {
      if groups.isEmpty || groups[groups.count - 1].layer != instruction.layer {
        groups.append((instruction.layer, []))
      }
      groups[groups.count - 1].types.append([
        "type": instruction.type.format.cppType, "name": layout.typeName(ValueID(index)),
      ])
    }
    for (index, step) in emission.steps.sorted(by: { $0.key < $1.key }) {
      let types = step.program.instructions.indices.filter { step.root[$0] == $0 }.map { place in
        [
          "type": step.program.instructions[place].type.format.cppType,
          "name": step.typeName(ValueID(place)),
        ] as [String: Any]
      }
      groups.append((program.instructions[index].layer, types))
    }
    return groups.map { group in
      let title = group.layer.map { "\(program.layers[$0].name) (\(program.layers[$0].className))" }
      return ["title": Identifiers.comment(title ?? "values of no layer"), "types": group.types]
    }
  }

  /// The constants, one file per layer.
  private func weightFiles() -> [(name: String, title: String, tables: [ConstantTable])] {
    var order: [Int?] = []
    var tables: [Int?: [ConstantTable]] = [:]
    for table in emission.tables {
      if tables[table.layer] == nil { order.append(table.layer) }
      tables[table.layer, default: []].append(table)
    }
    var identifiers = Identifiers.cpp
    return order.map { layer in
      let title = layer.map { program.layers[$0].name } ?? "constants"
      return (identifiers.unique(title), Identifiers.comment(title), tables[layer] ?? [])
    }
  }
}

extension [String: Any] {
  fileprivate func with(_ key: String, _ value: Any) -> [String: Any] {
    var copy = self
    copy[key] = value
    return copy
  }
}

extension Program {
  /// Every format that some operation converts words to, in the program's order.
  fileprivate var conversions: [FixedFormat] {
    instructions.flatMap(\.operation.conversions)
  }
}
