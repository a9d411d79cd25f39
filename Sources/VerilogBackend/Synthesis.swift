import Backends
import Diagnostics
import Foundation

extension Verilog {
  /// Maps the project in a folder with Yosys, as its yosys.ys does; nothing is written.
  ///
  /// - Returns: what Yosys printed, statistics of the mapped design at its end.
  /// - Throws: `unavailable` where there is no Yosys, or it fails.
  public static func synthesize(projectIn folder: String) throws(Failure) -> String {
    let project = try StoredProject(folder: folder)
    let rtl = try project.sources()
    // Names of files are ours: words of letters, digits and underscores.
    let family = AdderFamily(part: project.target.part)
    let parameter =
      rtl.contains("rtl/\(VerilogProject.rows)") ? " -chparam FAMILY \(family.yosysParameter)" : ""
    let script =
      "read_verilog -defer \(rtl.joined(separator: " ")); read_verilog -lib +/xilinx/cells_sim.v; hierarchy -check -top \(project.top)\(parameter); "
      + "synth_xilinx -family \(family.yosysTarget) -top \(project.top) -nodsp -flatten -noiopad -noclkbuf; stat"
    let (status, output) = try runTool("yosys", ["-p", script], in: URL(fileURLWithPath: folder).path)
    if status == 127 {
      throw Failure(.unavailable, "yosys not found", hint: "apt-get install yosys, or scripts/setup.sh --rtl")
    }
    if status != 0 {
      throw Failure(.unavailable, "yosys refuses the emitted Verilog: \(output.suffix(2000))")
    }
    return output
  }
}

extension AdderFamily {
  /// What Yosys is told to map to: cells of another maker are none it counts alike.
  var yosysTarget: String { self == .series7 ? "xc7" : "xcup" }
  /// The parameter FAMILY of that.
  var yosysParameter: Int { self == .series7 ? 2 : 1 }
}
