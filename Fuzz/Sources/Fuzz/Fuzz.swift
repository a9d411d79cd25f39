import Configuration
import DataFiles
import Diagnostics
import Foundation
import Frontends
import Model
import Program
import Storage

/// What is fuzzed: one reader each. The environment variable FUZZ_READER names the one this process fuzzes.
enum Reader: String, CaseIterable {
  /// A Keras architecture in JSON, beside sound weights (FUZZ_WEIGHTS).
  case json
  /// An HDF5 file: the child process, and the reader of what the child survived.
  case hdf5
  /// A .keras archive.
  case keras
  /// An ONNX model.
  case onnx
  /// A PyTorch program.
  case pt2
  /// A model of trees in any form: XGBoost's JSON or UBJSON, LightGBM's text or JSON, conifer's JSON.
  case trees
  case npy
  case csv
  /// An hls4ml configuration.
  case yaml
  /// The program.tf of a project.
  case program

  /// The name of the file that holds an input; some readers look at it.
  private var fileName: String {
    switch self {
    case .json: "input.json"
    case .hdf5: "input.h5"
    case .keras: "input.keras"
    case .onnx: "input.onnx"
    case .pt2: "input.pt2"
    case .trees: "input.model"
    case .npy: "input.npy"
    case .csv: "input.csv"
    case .yaml: "input.yml"
    case .program: "program.tf"
    }
  }

  /// Reads one input as the commands do. Sound or refused, never a crash: only `Failure` gets out.
  func read(_ bytes: UnsafeRawBufferPointer) throws(Failure) {
    if self == .program {
      let program = try Program(parsing: String(decoding: bytes, as: UTF8.self), file: fileName)
      // What is read is what is printed; ranges are the first thing every command works out.
      let again = try Program(parsing: program.description)
      if again != program { fail("the textual form does not read back") }
      _ = program.knownWords()
      return
    }
    let path = "\(Self.folder)/\(fileName)"
    try write(bytes, to: path)
    switch self {
    case .json:
      do throws(Failure) {
        try loadModel(path: path, weights: Self.weights).model.checkWork(WorkLimits())
      } catch let error where error.kind == .usage {
        // A model of another kind, which brings its weights along, takes none beside it: misuse, said as such.
        try loadModel(path: path).model.checkWork(WorkLimits())
      }
    case .keras, .onnx, .pt2, .trees: try loadModel(path: path).model.checkWork(WorkLimits())
    case .hdf5: try Self.readAll(HDF5File(path: path))
    case .npy, .csv:
      let reader = try EventReader(path)
      _ = try reader.read(0..<min(reader.events, 64))
    case .yaml: _ = try Configuration.load(path)
    case .program: break
    }
  }

  private static func readAll(_ file: borrowing HDF5File) throws(Failure) {
    var groups = ["/"]
    var left = 200
    while let group = groups.popLast(), left > 0 {
      left -= 1
      for name in ["layer_names", "weight_names", "model_config"] { _ = try file.strings(name, of: group) }
      for child in try file.children(of: group) {
        let path = group == "/" ? child : "\(group)/\(child)"
        if file.isGroup(path), path.utf8.count < 1000 {
          groups.append(path)
        } else if file.isDataset(path) {
          _ = try file.info(path)
          _ = try file.read(path, limit: 1 << 20)
        }
      }
    }
  }

  private func write(_ bytes: UnsafeRawBufferPointer, to path: String) throws(Failure) {
    let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
    defer { close(descriptor) }
    guard descriptor >= 0, Glibc.write(descriptor, bytes.baseAddress, bytes.count) == bytes.count else {
      fatalError("\(path) cannot be written")
    }
  }

  /// The reader that FUZZ_READER names.
  static let chosen: Reader = {
    guard let reader = ProcessInfo.processInfo.environment["FUZZ_READER"].flatMap(Reader.init) else {
      fatalError("FUZZ_READER is none of \(allCases.map(\.rawValue))")
    }
    return reader
  }()

  /// In memory, as every input is written to it: scripts/fuzz.sh makes and removes it.
  private static let folder = ProcessInfo.processInfo.environment["FUZZ_FOLDER"] ?? "/dev/shm"
  private static let weights = ProcessInfo.processInfo.environment["FUZZ_WEIGHTS"]
}

/// A finding that is no trap of its own.
private func fail(_ message: String) -> Never {
  FileHandle.standardError.write(Data("\(Reader.chosen.rawValue): \(message)\n".utf8))
  abort()
}

/// libFuzzer's own main, called by ours: SwiftPM gives executables one.
@_silgen_name("LLVMFuzzerRunDriver")
private func runDriver(
  _ count: UnsafeMutablePointer<CInt>,
  _ arguments: UnsafeMutablePointer<UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>>,
  _ test: @convention(c) (UnsafePointer<UInt8>?, Int) -> CInt
) -> CInt

@main enum Main {
  static func main() {
    var count = CommandLine.argc
    var arguments = CommandLine.unsafeArgv
    exit(runDriver(&count, &arguments, testOneInput))
  }
}

/// One input.
@_cdecl("LLVMFuzzerTestOneInput")
public func testOneInput(_ bytes: UnsafePointer<UInt8>?, _ count: Int) -> CInt {
  do throws(Failure) {
    try Reader.chosen.read(UnsafeRawBufferPointer(start: bytes, count: count))
  } catch {
    // What is refused is refused with words, as bad input and not as a bug.
    if error.kind != .badInput || error.diagnostics.isEmpty || error.description.isEmpty {
      fail("ends with \(error.kind) and \(error)")
    }
  }
  return 0
}
