import Backends
import Diagnostics
import Foundation

extension Verilog {
  /// Maps the project in a folder with Yosys, by its yosys.ys; nothing is written.
  ///
  /// - Returns: what Yosys printed, statistics of the mapped design at its end.
  /// - Throws: `unavailable` where there is no Yosys, or it fails.
  public static func synthesize(projectIn folder: String) throws(Failure) -> String {
    // A folder that is no project of ours is named before Yosys misses its script.
    _ = try StoredProject(folder: folder)
    let (status, output) = try runTool("yosys", ["-s", "yosys.ys"], in: URL(fileURLWithPath: folder).path)
    if status == 127 {
      throw Failure(.unavailable, "yosys not found", hint: "apt-get install yosys, or scripts/setup.sh --rtl")
    }
    if status != 0 {
      try checkForRoom("yosys", output)
      throw Failure(.unavailable, "yosys refuses the emitted Verilog: \(output.suffix(2000))")
    }
    return output
  }

  /// A tool that failed because a disk is full does not refuse anything.
  static func checkForRoom(_ tool: String, _ output: String) throws(Failure) {
    // Yosys's mapper says only that its file is not there.
    let signs = ["No space left on device", "Disk quota exceeded", "Can't open ABC output file"]
    if signs.contains(where: output.contains) {
      throw Failure(
        .inputOutput, "\(tool) could not write its files: no space left on device",
        hint: "make room in the folder for temporary files, or name another (TMPDIR)")
    }
  }
}
