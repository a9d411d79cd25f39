import Program
import Scheduling

/// The arguments of the top function.
struct Ports {
  struct Port {
    /// The argument's name.
    var name: String
    /// The value that comes in or goes out.
    var value: ValueID
    /// Its type.
    var type: ValueType
    /// The name of the type of its words.
    var typeName: String
    /// The type of the tokens of a stream; nil for an array.
    var token: String?
    /// Words per token.
    var tokenWords = 0

    /// How the argument is declared.
    func declaration(isInput: Bool) -> String {
      if let token { return "hls::stream<\(token)> &\(name)" }
      return "\(isInput ? "const " : "")\(typeName) \(name)[\(type.count)]"
    }
  }

  /// The top function's name.
  var top: String
  /// Inputs, in the model's order.
  var inputs: [Port]
  /// Outputs, in the model's order.
  var outputs: [Port]

  /// Ports of given names.
  init(top: String, inputs: [Port], outputs: [Port]) {
    self.top = top
    self.inputs = inputs
    self.outputs = outputs
  }

  /// Array ports, named in `layout`.
  init(_ layout: inout Layout) {
    top = layout.projectName
    let program = layout.program
    inputs = []
    outputs = []
    for id in program.inputs {
      inputs.append(
        Port(
          name: layout.identifier("\(layout.name(id))_in"), value: id, type: program[id].type,
          typeName: layout.typeName(id)))
    }
    for id in program.outputs {
      let holder = layout.holder(id)
      outputs.append(
        Port(
          name: layout.identifier("\(layout.name(holder))_out"), value: id, type: program[id].type,
          typeName: layout.typeName(holder)))
    }
  }

  /// `void top(const x_t x[16], y_t y[5])`.
  var signature: String {
    let arguments =
      inputs.map { $0.declaration(isInput: true) } + outputs.map { $0.declaration(isInput: false) }
    return "void \(top)(\(arguments.joined(separator: ", ")))"
  }
}
