import Diagnostics
import Foundation
import Storage

/// The files of a project, found by what hls4ml calls them, all in its folder.
struct ProjectFiles {
  /// The folder with `parameters.h`: hls4ml's `firmware`.
  let firmware: String
  /// The folder that was named, or the one `firmware` is in.
  let root: String
  /// What the files declare.
  private(set) var text: ProjectText
  /// The function that calls the kernels.
  let top: ProjectText.Function
  /// The functions of nnet_utils/nnet_code_gen.h that are dense layers, by name.
  private(set) var generated: [String: GeneratedFunction] = [:]

  /// The largest file read.
  private static let largest = 1 << 28

  /// The folder with `parameters.h` and `defines.h`: the one named, its `firmware`, or (as CMS publishes its networks) its
  /// `NN`; or that of a C++ file which is named.
  private static func firmware(of path: String) -> String? {
    let folder = isFolder(path) ? path : (path as NSString).deletingLastPathComponent
    let candidates = isFolder(path) ? [folder, "\(folder)/firmware", "\(folder)/NN"] : [folder]
    return candidates.map { $0.isEmpty ? "." : $0 }.first {
      fileExists("\($0)/parameters.h") && fileExists("\($0)/defines.h")
    }
  }

  /// Reads the files of a project.
  ///
  /// - Throws: every problem found: files that are not there, text that is not understood.
  init(_ path: String, limit: Int) throws(Failure) {
    guard let firmware = Self.firmware(of: path) else {
      throw Failure(.badInput, file: path, "this is not a project that hls4ml wrote")
    }
    self.firmware = firmware
    root = firmware.hasSuffix("/firmware") ? (firmware as NSString).deletingLastPathComponent : firmware
    text = ProjectText(limit: limit)
    let sources = try Self.sources(path, firmware)
    for source in sources {
      let bytes = try readFile(source, limit: Self.largest)
      if isFolder(path) {
        // Experiments keep what wraps a network for their software beside it: classes, which are none of a project's text.
        var own = ProjectText(limit: limit)
        own.read(bytes, file: source)
        if !own.problems.found.isEmpty, !own.functions.contains(where: \.callsKernels) { continue }
      }
      text.read(bytes, file: source)
    }
    let tops = text.functions.filter(\.callsKernels)
    guard tops.count == 1, let top = tops.first else {
      let names = tops.map { "\($0.name) in \($0.place.file)" }.joined(separator: ", ")
      throw Failure(
        .badInput, file: firmware,
        tops.isEmpty
          ? "no C++ file here has a function that calls hls4ml's kernels"
          : "several functions call hls4ml's kernels: \(names)",
        hint: tops.isEmpty
          ? "the top function's file belongs beside parameters.h" : "name the .cpp file of one of them")
    }
    self.top = top
    try readHeaders()
    if let header = try kernelHeader("nnet_code_gen.h") {
      let names = Set(top.statements.compactMap { KernelCall($0)?.kernel }).subtracting(Kernel.named.keys)
      generated = GeneratedFunction.read(header.bytes, file: header.path, named: names)
    }
  }

  /// The C++ files that may have the top function: the one named, or those beside parameters.h.
  private static func sources(_ path: String, _ firmware: String) throws(Failure) -> [String] {
    if !isFolder(path) { return [path] }
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: firmware)) ?? []).sorted()
    return names.filter { $0.hasSuffix(".cpp") && $0 != "weights.cpp" }.prefix(64).map { "\(firmware)/\($0)" }
  }

  /// defines.h and parameters.h, and the headers they include from this folder: the weights.
  private mutating func readHeaders() throws(Failure) {
    var read: Set<String> = []
    var waiting = ["defines.h", "parameters.h"]
    while let name = waiting.popLast() {
      guard read.insert(name).inserted, read.count <= 10_000 else { continue }
      let path = "\(firmware)/\(name)"
      let place = text.includes.last { $0.name == name }?.place
      guard fileExists(path) else {
        text.refuse(place ?? .init(file: firmware, line: 1), "the file '\(name)' is not there")
        continue
      }
      let known = text.includes.count
      text.read(try readFile(path, limit: Self.largest), file: path)
      // Weights are in headers of their own; kernels, types of the vendor and the project's own headers are not read.
      for include in text.includes[known...] {
        let isWeights =
          include.name.hasPrefix("weights/") || include.name == "weights.h" || include.name == "defines.h"
        guard isWeights else { continue }
        guard !include.name.split(separator: "/").contains(".."), include.name.utf8.first != UInt8(ascii: "/")
        else {
          text.refuse(include.place, "'\(include.name)' is outside the project")
          continue
        }
        waiting.append(include.name)
      }
    }
    let definitions = "\(firmware)/weights.cpp"
    if fileExists(definitions) {
      text.read(try readFile(definitions, limit: Self.largest), file: definitions)
    }
  }

  /// The numbers of a text file of weights; nil where there is no such file.
  ///
  /// - Parameter name: as the project names it: a file in its folder `weights`.
  func weights(_ name: String) throws(Failure) -> [Double]? {
    guard !name.contains("/"), name != "..", !name.isEmpty else {
      throw Failure(.badInput, file: name, "weights are in files of the folder weights")
    }
    let path = "\(firmware)/weights/\(name)"
    guard fileExists(path) else { return nil }
    var lexer = CppLexer(try readFile(path, limit: Self.largest))
    let (values, isWhole) = lexer.numbers(limit: text.limit)
    guard isWhole, lexer.next() == .end else {
      throw Failure(.badInput, file: path, "number \(values.count + 1) is not one")
    }
    return values
  }

  /// A header of hls4ml's kernels in the project's folder; nil where there is none.
  func kernelHeader(_ name: String) throws(Failure) -> (path: String, bytes: [UInt8])? {
    let path = "\(firmware)/nnet_utils/\(name)"
    return fileExists(path) ? (path, try readFile(path, limit: Self.largest)) : nil
  }
}

extension ProjectText.Function {
  fileprivate var callsKernels: Bool {
    statements.contains { statement in
      guard let call = KernelCall(statement), statement.tokens.contains(.mark("<")) else { return false }
      return !call.isGenerated || call.kernel.hasPrefix(GeneratedFunction.adders)
    }
  }
}
