import Diagnostics
import Foundation

/// The vendor's ap_types headers, which the emitted C++ is checked against.
public enum APTypes {
  /// Finds the folder that holds ap_fixed.h and ap_int.h: the option if given, else $TRIGGERFISH_AP_TYPES,
  /// $XILINX_HLS/include, `.build/ap_types` in the working folder or beside the binary's package, or where the
  /// installed fetch-ap-types.sh puts them: `triggerfish/ap_types` in $XDG_CACHE_HOME or ~/.cache.
  ///
  /// - Throws: `Failure(.unavailable)` where there is none, or the one named lacks the headers.
  public static func find(
    option: String? = nil, environment: [String: String] = ProcessInfo.processInfo.environment,
    workingFolder: String = FileManager.default.currentDirectoryPath
  ) throws(Failure) -> String {
    if let option {
      guard holdsHeaders(option) else {
        throw Failure(
          .unavailable, file: option, "no ap_fixed.h and ap_int.h in this folder",
          hint: "--ap-types names the folder that holds the vendor's ap_fixed.h and ap_int.h")
      }
      return option
    }
    var candidates = [environment["TRIGGERFISH_AP_TYPES"], environment["XILINX_HLS"].map { "\($0)/include" }]
    candidates.append("\(workingFolder)/.build/ap_types")
    var fetch = "make ap-types"
    // A binary built in the package is at <package>/.build/<triple>/<configuration>/triggerfish.
    if let binary = Bundle.main.executableURL?.resolvingSymlinksInPath() {
      var folder = binary.deletingLastPathComponent()
      for _ in 0..<3 {
        candidates.append(folder.appendingPathComponent("ap_types").path)
        folder = folder.deletingLastPathComponent()
      }
      let script = binary.deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("share/triggerfish/fetch-ap-types.sh").path
      if FileManager.default.fileExists(atPath: script) { fetch = script }
    }
    if let cache = environment["XDG_CACHE_HOME"].flatMap({ $0.isEmpty ? nil : $0 })
      ?? environment["HOME"].map({ "\($0)/.cache" })
    {
      candidates.append("\(cache)/triggerfish/ap_types")
    }
    if let found = candidates.compactMap({ $0 }).first(where: holdsHeaders) { return found }
    throw Failure(
      .unavailable, "the vendor's ap_types headers are needed to compile the emitted C++",
      hint: "run '\(fetch)', or pass --ap-types FOLDER, or set XILINX_HLS")
  }

  private static func holdsHeaders(_ folder: String) -> Bool {
    ["ap_fixed.h", "ap_int.h"].allSatisfy { FileManager.default.fileExists(atPath: "\(folder)/\($0)") }
  }
}
