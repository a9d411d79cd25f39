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
      throw Failure(.unavailable, "yosys refuses the emitted Verilog: \(output.suffix(2000))")
    }
    return output
  }
}
