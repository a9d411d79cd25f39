import Backends
import Circuit
import Diagnostics
import FixedPoint
import Foundation
import Mustache
import Program
import Scheduling
import Templates

/// A Verilog project as text: the same circuit always gives the same bytes.
struct VerilogProject {
  let modules: CircuitModules
  let target: Target

  var circuit: Circuit { modules.circuit }

  /// - Parameter name: the project's name, untrusted.
  init(_ circuit: Circuit, name: String, target: Target) {
    modules = CircuitModules(circuit, name: name)
    self.target = target
  }

  /// The files, by path inside the project.
  func files(_ events: TestEvents) throws(Failure) -> [String: String] {
    var files: [String: String] = [:]
    for (name, text) in modules.files() { files["rtl/\(name)"] = text }
    // No template: Verilog has doubled braces of its own.
    for row in modules.rows { files["rtl/\(row.file)"] = Templates.verilog(row.file) }
    files["circuit.txt"] = circuit.description
    for name in ["bench.v", "clock.v", "main.cpp"] { files["testbench/\(name)"] = try render(name) }
    for name in ["constraints.xdc", "constraints.sdc", "vivado.tcl", "quartus.tcl", "yosys.ys"] {
      files[name] = try render(name)
    }
    files["Makefile"] = try render("verilog.mk")
    files["README.md"] = try render("verilog.md")
    let stimulus = Stimulus(
      events: events.inputs.map { Array($0.joined()) }, ports: ports(circuit.inputs, modules.inputs),
      latency: circuit.latency, interval: circuit.interval)
    files["tb_data/stimulus.dat"] = stimulus.text
    if let outputs = events.outputs {
      files["tb_data/expected.dat"] = stimulus.expected(
        outputs.map { Array($0.joined()) }, ports: ports(circuit.outputs, modules.outputs))
    }
    files["project.json"] = projectFile.json
    return files
  }

  /// project.json.
  var projectFile: ProjectFile {
    ProjectFile(
      top: modules.top, part: target.part, clockPeriod: target.clockPeriod,
      clockUncertainty: target.clockUncertainty, latency: circuit.latency,
      interval: circuit.interval, family: family.parameter, inputs: ports(circuit.inputs, modules.inputs),
      outputs: ports(circuit.outputs, modules.outputs),
      layers: circuit.layers.indices.map { moduleName(ofLayer: $0) })
  }

  private func ports(_ tensors: [WordTensor], _ names: [String]) -> [ProjectFile.Port] {
    zip(tensors, names).map { tensor, name in
      ProjectFile.Port(
        name: name, words: tensor.words.count, width: tensor.format.width, isSigned: tensor.format.isSigned)
    }
  }

  /// The module of a layer; nil where it has none: it is wires.
  private func moduleName(ofLayer layer: Int) -> String? {
    let home = circuit.nodes.indices.first {
      circuit.nodes[$0].layer == layer && modules.nodes.home[$0] != nil
    }
    guard let module = home.flatMap({ modules.nodes.home[$0] }), !modules.exports[module].isEmpty else {
      return nil
    }
    return modules.nodes.modules[module].name
  }

  /// The family of the target's part.
  var family: DeviceFamily { DeviceFamily(part: target.part) }

  private static let templates = Result<MustacheLibrary, Failure> { () throws(Failure) in
    var library = MustacheLibrary()
    for name in Templates.verilogNames where !RowModule.allCases.contains(where: { $0.file == name }) {
      do {
        try library.register(Templates.verilog(name) ?? "", named: name)
      } catch {
        throw Failure(.bug, "template \(name): \(error)")
      }
    }
    return library
  }

  private func render(_ name: String) throws(Failure) -> String {
    guard let text = try Self.templates.get().render(context, withTemplate: name) else {
      throw Failure(.bug, "no template \(name)")
    }
    return text
  }

  private var context: [String: Any] {
    func buses(_ tensors: [WordTensor], _ names: [String], from first: Int) -> [[String: Any]] {
      var low = first
      return zip(tensors, names).map { tensor, name in
        defer { low += tensor.format.width * tensor.words.count }
        return ["name": name, "low": low, "high": low + tensor.format.width * tensor.words.count - 1]
      }
    }
    func rows(_ tensors: [WordTensor], _ names: [String], _ direction: String) -> [[String: Any]] {
      zip(tensors, names).map { tensor, name in
        [
          "name": name, "direction": direction,
          "shape": tensor.shape.isEmpty ? "1" : tensor.shape.map(String.init).joined(separator: " x "),
          "type": "\(tensor.format)",
        ]
      }
    }
    func bits(_ tensors: [WordTensor]) -> Int {
      tensors.reduce(0) { $0 + $1.format.width * $1.words.count }
    }
    let figures = modules.figures(family).resources
    let files = modules.files().keys.sorted() + modules.rows.map(\.file)
    return [
      "top": modules.top, "title": Identifiers.comment(circuit.name), "clock": "\(target.clockPeriod)",
      // A scheduled design has a part number here; one made by hand may have anything.
      "part": target.part.filter { Part.isNumber("\($0)") },
      "latency": circuit.latency == 1 ? "1 cycle" : "\(circuit.latency) cycles",
      "entering": CircuitModules.entering(circuit.interval),
      "inputBits": bits(circuit.inputs), "outputBits": bits(circuit.outputs),
      "inputs": buses(circuit.inputs, modules.inputs, from: 2),
      "outputs": buses(circuit.outputs, modules.outputs, from: 0),
      "ports": rows(circuit.inputs, modules.inputs, "in") + rows(circuit.outputs, modules.outputs, "out"),
      "files": files.map { ["name": $0] }, "hasRows": modules.hasRows, "family": family.parameter,
      "yosysFamily": family.yosysParameter, "yosys": family.yosys(top: modules.top, dsp: figures.dsp > 0),
      "dsp": figures.dsp,
      "layers": circuit.layers.enumerated().map { index, layer in
        [
          "name": Identifiers.comment(layer.name), "class": Identifiers.comment(layer.className),
          "module": moduleName(ofLayer: index) ?? "(wires)",
        ] as [String: Any]
      },
    ]
  }
}
