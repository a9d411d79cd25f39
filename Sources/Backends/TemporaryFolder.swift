import Diagnostics
import Foundation
import Storage

/// A folder only this process can read, removed at the end of its life.
public struct TemporaryFolder {
  private let temporary: Temporary
  /// Where it is.
  public var path: String { temporary.path }

  /// Makes an empty one.
  public init() throws(Failure) {
    let base = FileManager.default.temporaryDirectory.path
    do throws(SystemError) {
      temporary = try Temporary(beside: "\(base)/triggerfish-build", .privateFolder)
    } catch {
      throw Failure(
        .cannotCreate, file: base,
        "cannot create a temporary folder: \(String(cString: strerror(error.code)))")
    }
  }

  /// Writes a file, creating the folders on its way.
  public func write(_ text: String, to name: String) throws(Failure) {
    let file = "\(path)/\(name)"
    do {
      try FileManager.default.createDirectory(
        atPath: (file as NSString).deletingLastPathComponent, withIntermediateDirectories: true)
      try Data(text.utf8).write(to: URL(fileURLWithPath: file))
    } catch {
      throw Failure(.inputOutput, file: file, "cannot write: \(error.localizedDescription)")
    }
  }

  /// Reads a file.
  public func read(_ name: String) throws(Failure) -> Data {
    do {
      return try Data(contentsOf: URL(fileURLWithPath: "\(path)/\(name)"))
    } catch {
      throw Failure(.inputOutput, file: "\(path)/\(name)", "cannot read: \(error.localizedDescription)")
    }
  }
}

/// Runs a program to its end.
///
/// - Returns: its exit status and what it wrote to standard output and error.
/// - Throws: `Failure(.unavailable)` where it cannot be started.
public func runTool(_ program: String, _ arguments: [String], in folder: String) throws(Failure) -> (
  Int32, String
) {
  let process = Process()
  process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
  process.arguments = [program] + arguments
  process.currentDirectoryURL = URL(fileURLWithPath: folder)
  let output = Pipe()
  process.standardOutput = output
  process.standardError = output
  process.standardInput = FileHandle.nullDevice
  do {
    try process.run()
  } catch {
    throw Failure(.unavailable, "cannot run \(program): \(error.localizedDescription)")
  }
  let text = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
  process.waitUntilExit()
  return (process.terminationStatus, text)
}
