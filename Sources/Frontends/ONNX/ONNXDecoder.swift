import Diagnostics
import Foundation
import Storage
import SwiftProtobuf

/// Decodes an ONNX file into an `ONNXGraph`, reporting everything that is wrong with it at once.
struct ONNXDecoder {
  /// The first opset read and the last one whose changes are known here.
  static let opsets = 7...23

  private let file: String
  private var problems = Problems()
  private var tensors: ONNXTensorReader

  /// Reads a file.
  ///
  /// - Parameter limits: how many constants are read at most.
  /// - Throws: `missingInput` if the file does not exist, `badInput` with every problem found.
  static func read(_ path: String, _ limits: WorkLimits) throws(Failure) -> ONNXGraph {
    // float32 constants, and as much again for what describes them.
    let sizeLimit = max(1 << 26, 8 * limits[.constants])
    let bytes = try readFile(path, limit: sizeLimit)
    try ONNXBudget(bytes).check(file: path)
    let proto: Onnx_ModelProto
    do {
      var options = BinaryDecodingOptions()
      options.messageDepthLimit = ONNXBudget.depthLimit + 8
      options.discardUnknownFields = true
      proto = try Onnx_ModelProto(serializedBytes: bytes, partial: true, options: options)
    } catch {
      throw Failure(
        .badInput, file: path,
        "this is not an ONNX model, or it is damaged: the protocol buffer cannot be decoded",
        hint: "onnx.checker.check_model(path) says more")
    }
    var decoder = ONNXDecoder(
      file: path, tensors: ONNXTensorReader(file: path, limits: limits, sizeLimit: sizeLimit))
    let graph = decoder.graph(of: proto)
    try decoder.problems.check()
    return graph
  }

  private init(file: String, tensors: ONNXTensorReader) {
    self.file = file
    self.tensors = tensors
  }

  private func place(_ path: String) -> ONNXPlace { ONNXPlace(file: file, path: path) }

  private mutating func graph(of model: Onnx_ModelProto) -> ONNXGraph {
    let graph = model.graph
    var domains: [String: Int] = [:]
    for set in model.opsetImport { domains[set.domain] = Int(clamping: set.version) }
    let opset = domains[""] ?? domains["ai.onnx"] ?? 0
    if opset != 0, !Self.opsets.contains(opset) {
      problems.add(
        place("opset_import").diagnostic(
          "the model is of opset \(opset); read are \(Self.opsets.lowerBound) to \(Self.opsets.upperBound)",
          hint: "onnx.version_converter.convert_version(model, 17), or the exporter's opset_version"))
    }
    if !model.hasGraph || graph.node.isEmpty {
      problems.add(place("graph").diagnostic("the model has no nodes"))
    }
    guard graph.node.count <= ONNXImporter.nodeLimit else {
      problems.add(
        place("graph").diagnostic(
          "the model has \(graph.node.count) nodes; at most \(ONNXImporter.nodeLimit) are accepted"))
      return ONNXGraph(
        name: "", producer: "", opset: opset, domains: domains, inputs: [], outputs: [], nodes: [],
        initializers: [:],
        file: file)
    }
    if !graph.sparseInitializer.isEmpty {
      problems.add(place("graph.sparse_initializer").diagnostic("sparse initializers are not supported"))
    }
    if !model.functions.isEmpty {
      problems.add(
        place("functions").diagnostic(
          "functions defined in the model are not supported",
          hint: "onnx.inliner.inline_local_functions(model) puts their nodes in place"))
    }
    var initializers: [String: ONNXTensor] = [:]
    for (index, tensor) in graph.initializer.enumerated() {
      let place = place("graph.initializer[\(index)]")
      guard initializers[tensor.name] == nil else {
        problems.add(place.diagnostic("the name \"\(tensor.name)\" is taken by another initializer"))
        continue
      }
      initializers[tensor.name] = read(tensor, place)
    }
    let inputs = graph.input.enumerated().filter { initializers[$1.name] == nil }.compactMap {
      value($1, place("graph.input[\($0)]"))
    }
    let nodes = graph.node.enumerated().map { node($1, place("graph.node[\($0)]")) }
    let outputs = graph.output.enumerated().map { ($1.name, place("graph.output[\($0)]")) }
    let producer = [model.producerName, model.producerVersion].filter { !$0.isEmpty }.joined(separator: " ")
    return ONNXGraph(
      name: graph.name, producer: producer, opset: opset, domains: domains, inputs: inputs, outputs: outputs,
      nodes: nodes, initializers: initializers, file: file)
  }

  private mutating func read(_ tensor: Onnx_TensorProto, _ place: ONNXPlace) -> ONNXTensor? {
    do throws(Failure) {
      return try tensors.read(tensor, place)
    } catch {
      problems.add(error)
      return nil
    }
  }

  private mutating func value(_ value: Onnx_ValueInfoProto, _ place: ONNXPlace) -> ONNXValue? {
    guard case .tensorType(let type)? = value.type.value else {
      problems.add(place.diagnostic("input \"\(value.name)\" is no tensor"))
      return nil
    }
    guard let element = ONNXType(rawValue: Int(type.elemType)), element != .text else {
      problems.add(
        place.diagnostic(
          "input \"\(value.name)\" has elements of type \(type.elemType), which are not supported"))
      return nil
    }
    guard type.hasShape else {
      problems.add(
        place.diagnostic(
          "input \"\(value.name)\" has no shape: hardware has a fixed size",
          hint: "export the model again with a fixed input shape"))
      return nil
    }
    guard type.shape.dim.count <= ONNXImporter.rankLimit else {
      problems.add(place.diagnostic("input \"\(value.name)\" has \(type.shape.dim.count) axes"))
      return nil
    }
    let shape = type.shape.dim.map { axis -> Int? in
      if case .dimValue(let length)? = axis.value, length > 0 { return Int(clamping: length) }
      return nil
    }
    return ONNXValue(name: value.name, type: element, shape: shape, place: place)
  }

  private mutating func node(_ node: Onnx_NodeProto, _ place: ONNXPlace) -> ONNXNode {
    var attributes: [String: ONNXAttribute] = [:]
    for (index, attribute) in node.attribute.enumerated() {
      attributes[attribute.name] = self.attribute(
        attribute, ONNXPlace(file: file, path: "\(place.path).attribute[\(index)]"))
    }
    return ONNXNode(
      name: node.name, operation: node.opType, domain: node.domain, inputs: node.input, outputs: node.output,
      attributes: attributes, place: place)
  }

  private mutating func attribute(_ attribute: Onnx_AttributeProto, _ place: ONNXPlace) -> ONNXAttribute? {
    if !attribute.refAttrName.isEmpty { return .other("a reference to an attribute of a function") }
    func text(_ data: Data) -> String { String(decoding: data, as: UTF8.self) }
    // Files of IR version 1 leave the type out.
    switch attribute.hasType ? attribute.type : guessedType(attribute) {
    case .int: return .integer(Int(attribute.i))
    case .float: return .real(Double(attribute.f))
    case .string: return .text(text(attribute.s))
    case .ints: return .integers(attribute.ints.map { Int($0) })
    case .floats: return .reals(attribute.floats.map { Double($0) })
    case .strings: return .texts(attribute.strings.map(text))
    case .tensor: return read(attribute.t, place).map { .tensor($0) }
    case .graph, .graphs: return .other("a graph")
    case .sparseTensor, .sparseTensors: return .other("a sparse tensor")
    case .undefined, .tensors, .typeProto, .typeProtos: return .other("an attribute of no use here")
    }
  }

  private func guessedType(_ attribute: Onnx_AttributeProto) -> Onnx_AttributeProto.AttributeType {
    if attribute.hasF { return .float }
    if attribute.hasI { return .int }
    if attribute.hasS { return .string }
    if attribute.hasT { return .tensor }
    if attribute.hasG { return .graph }
    if !attribute.ints.isEmpty { return .ints }
    if !attribute.floats.isEmpty { return .floats }
    if !attribute.strings.isEmpty { return .strings }
    return .ints
  }
}
