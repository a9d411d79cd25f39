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
  /// What the user should know of the choice of files.
  private(set) var notes: [Diagnostic] = []
  /// Where headers of kernels are: `nnet_utils`, and what the project's includes name.
  private var kernelFolders = ["nnet_utils"]

  /// The largest file read.
  private static let largest = 1 << 28

  /// The folder of a project: one under the folder named (`HLS4MLFolders`), or that of a file which is named.
  private static func firmware(of path: String) throws(Failure) -> String {
    var folder = isFolder(path) ? path : (path as NSString).deletingLastPathComponent
    if folder.isEmpty { folder = "." }
    let found = isFolder(path) ? HLS4MLFolders.under(folder) : [folder]
    guard let first = found.first, fileExists("\(first)/parameters.h") else {
      throw Failure(.badInput, file: path, "this is not a project that hls4ml wrote")
    }
    guard found.count == 1 else {
      throw Failure(
        .badInput, file: path,
        "there are \(found.count) projects in this folder: \(found.joined(separator: ", "))",
        hint: "name one of them")
    }
    return first
  }

  /// Reads the files of a project.
  ///
  /// - Throws: every problem found: files that are not there, text that is not understood.
  init(_ path: String, limit: Int) throws(Failure) {
    firmware = try Self.firmware(of: path)
    let isSource = !isFolder(path) && !path.hasSuffix(".h")
    root = firmware.hasSuffix("/firmware") ? (firmware as NSString).deletingLastPathComponent : firmware
    let empty = ProjectText(limit: limit)
    text = empty
    var sources: [Source] = []
    for file in isSource ? [path] : Self.sources(firmware) {
      var source = Source(file: file, bytes: try readFile(file, limit: Self.largest), text: empty)
      source.text.read(source.bytes, file: file)
      // Experiments keep what wraps a network for their software beside it: classes, which are none of a project's text.
      if source.isTop || source.text.problems.found.isEmpty || isSource { sources.append(source) }
    }
    let tops = sources.filter(\.isTop)
    let chosen = try Self.choose(among: tops, firmware, limit: limit)
    for source in sources where !source.isTop || source.file == chosen.file {
      text.read(source.bytes, file: source.file)
    }
    for other in tops where other.file != chosen.file {
      notes.append(
        Diagnostic(
          file: other.file,
          "this is not read: it does not belong to the headers beside it, as \(chosen.file) does"))
    }
    guard let top = text.functions.first(where: \.callsKernels) else {
      throw Failure(.badInput, file: firmware, "no C++ file here has a function that calls hls4ml's kernels")
    }
    self.top = top
    try readHeaders()
    if let header = try kernelHeader("nnet_code_gen.h") {
      let names = Set(top.statements.compactMap { KernelCall($0)?.kernel }).subtracting(Kernel.named.keys)
      generated = GeneratedFunction.read(header.bytes, file: header.path, named: names)
    }
  }

  /// One C++ file and what it says by itself.
  private struct Source {
    let file: String
    let bytes: [UInt8]
    var text: ProjectText

    /// Whether it has a function that calls kernels.
    var isTop: Bool { text.functions.contains(where: \.callsKernels) }
  }

  /// The file with the top function. Where several have one, those that the folder's headers cannot be compiled with are left
  /// over from another version: they include a header that is not there, or are in another namespace than the layers'
  /// configurations.
  private static func choose(among tops: [Source], _ firmware: String, limit: Int) throws(Failure) -> Source {
    var candidates = tops
    if tops.count > 1 {
      candidates.removeAll { source in
        source.text.includes.contains {
          !isOfKernels($0.name) && !fileExists("\(firmware)/\($0.name)")
        }
      }
      var parameters = ProjectText(limit: limit)
      parameters.read(try readFile("\(firmware)/parameters.h", limit: largest), file: "parameters.h")
      let namespaces = Set(parameters.structs.values.map(\.namespace))
      candidates.removeAll { source in
        !namespaces.contains(nil) && !source.text.usesNamespace
          && !source.text.functions.contains { $0.callsKernels && namespaces.contains($0.namespace) }
      }
    }
    guard candidates.count == 1, let chosen = candidates.first else {
      let several = candidates.isEmpty ? tops : candidates
      let names = several.flatMap { source in
        source.text.functions.filter(\.callsKernels).map { "\($0.name) in \(source.file)" }
      }
      throw Failure(
        .badInput, file: firmware,
        several.isEmpty
          ? "no C++ file here has a function that calls hls4ml's kernels"
          : "several functions call hls4ml's kernels: \(names.joined(separator: ", "))",
        hint: several.isEmpty
          ? "the top function's file belongs beside parameters.h" : "name the .cpp file of one of them")
    }
    let functions = chosen.text.functions.filter(\.callsKernels)
    guard functions.count == 1 else {
      throw Failure(
        .badInput, file: chosen.file,
        "several functions call hls4ml's kernels: \(functions.map(\.name).joined(separator: ", "))")
    }
    return chosen
  }

  /// The C++ files that may have the top function: those beside parameters.h.
  private static func sources(_ firmware: String) -> [String] {
    let names = ((try? FileManager.default.contentsOfDirectory(atPath: firmware)) ?? []).sorted()
    return names.filter { $0.hasSuffix(".cpp") && $0 != "weights.cpp" }.prefix(64).map { "\(firmware)/\($0)" }
  }

  /// Whether an include is of hls4ml's kernels or of the vendor's types: nothing of the project.
  private static func isOfKernels(_ name: String) -> Bool {
    let last = (name as NSString).lastPathComponent
    return ["nnet_", "ap_", "hls_"].contains { last.hasPrefix($0) }
  }

  private static func isOfWeights(_ name: String) -> Bool {
    name.hasPrefix("weights/") || name == "weights.h"
  }

  /// defines.h and parameters.h, and the headers that they and the top function's file include from this folder.
  private mutating func readHeaders() throws(Failure) {
    var read: Set<String> = []
    var waiting = ["parameters.h", "defines.h"]
    var followed = 0
    while true {
      // Kernels and types of the vendor are not read.
      for include in text.includes[followed...] {
        let name = include.name
        if Self.isOfKernels(name) {
          let folder = (name as NSString).deletingLastPathComponent
          if !folder.isEmpty, !folder.contains(".."), !kernelFolders.contains(folder) {
            kernelFolders.append(folder)
          }
          continue
        }
        guard !name.split(separator: "/").contains(".."), name.utf8.first != UInt8(ascii: "/") else {
          text.refuse(include.place, "'\(name)' is outside the project")
          continue
        }
        if Self.isOfWeights(name) || fileExists("\(firmware)/\(name)") { waiting.append(name) }
      }
      followed = text.includes.count
      guard let name = waiting.popLast() else { break }
      guard read.insert(name).inserted, read.count <= 10_000 else { continue }
      let path = "\(firmware)/\(name)"
      let place = text.includes.last { $0.name == name }?.place
      guard fileExists(path) else {
        text.refuse(place ?? .init(file: firmware, line: 1), "the file '\(name)' is not there")
        continue
      }
      let known = text.problems
      text.read(try readFile(path, limit: Self.largest), file: path)
      // Headers of other names are read for the types in them: what else they say may be software's.
      if name != "parameters.h", name != "defines.h", !Self.isOfWeights(name) {
        for problem in text.problems.found.dropFirst(known.found.count) { text.doubts.add(problem) }
        text.problems = known
      }
    }
    // Arrays that headers only declare.
    let definitions = "\(firmware)/weights.cpp"
    if text.arrays.values.contains(where: { $0.values == nil }), fileExists(definitions) {
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
    for folder in kernelFolders {
      let path = "\(firmware)/\(folder)/\(name)"
      if fileExists(path) { return (path, try readFile(path, limit: Self.largest)) }
    }
    return nil
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
