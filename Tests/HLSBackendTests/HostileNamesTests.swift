import Backends
import FixedPoint
import Program
import Testing

@testable import HLSBackend

/// Names come from model files. Whatever they hold, none of it may become code, a path or a command.
@Suite struct HostileNamesTests {
  static let names = [
    "../../x", "int", "a*/b", "quote\"quote", "line\nbreak", "ünïcødé", "", "__x__y__", "1st", "x#define y",
    "a\\\nb", "//", "${PATH}", "`id`", "[exec rm]", "int8", "size", "main", "tf", "EOF", "linux", "x_t",
    "%s%n", "p0", "i", "🦈", String(repeating: "long", count: 100), "{{top}}", "a\u{0}b", "\u{202e}evil",
  ]

  @Test func identifiersAreUniqueWords() {
    var identifiers = Identifiers.cpp
    var seen: Set<String> = []
    for name in Self.names + Self.names {
      let identifier = identifiers.unique(name)
      #expect(seen.insert(identifier).inserted, "\(name) became \(identifier) twice")
      #expect(identifier.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
      #expect(identifier.first?.isLetter == true)
      #expect(!identifier.contains("__") && !identifier.hasSuffix("_"))
      #expect(identifier.count <= Identifiers.maximumLength + 8)
    }
    #expect(Identifiers.sanitized("dense_1/kernel:0") == "dense_1_kernel_0")
    #expect(Identifiers.sanitized("FC1") == "fc1")
    var fresh = Identifiers.cpp
    #expect(fresh.unique("int") == "int_2")
    #expect(fresh.unique("int8") == "int8_2")  // int8_t exists
  }

  private func project() throws -> HLSProject {
    var builder = ProgramBuilder(name: "a*/b\n#include \"/etc/passwd\"")
    let format = FixedFormat(8, 4)
    var value = builder.input("../../x", ValueType([2], format))
    for name in Self.names {
      builder.beginLayer(name, className: name)
      let c = builder.constant("\(name).c", ValueType([2], format), [1, 2])
      value = try builder.add(name, .elementwise(.add), value, c)
      value = try builder.add("\(name)/q", .requantize(format), value)
      builder.endLayer(value)
    }
    builder.output(value)
    var hostile = design(builder.program)
    hostile.target.choice.number = "xcvu13p; exec rm -rf $HOME\n[exit]"
    return try HLSProject(hostile, name: "../../../tmp/evil")
  }

  @Test func pathsStayInside() throws {
    let project = try project()
    #expect(project.topName == "tmp_evil")
    for path in project.files.keys {
      #expect(path.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "_./".contains($0)) }, "\(path)")
      #expect(!path.contains("..") && !path.hasPrefix("/"))
    }
  }

  @Test func nothingGetsOutOfComments() throws {
    for (path, text) in try project().files where path != "program.tf" && path != "project.json" {
      #expect(
        text.unicodeScalars.allSatisfy {
          $0.isASCII && ($0.value >= 32 || "\n\t".unicodeScalars.contains($0))
        }, "\(path)")
      #expect(!text.contains("passwd\"") && !text.contains("*/b"), "\(path)")
      for line in text.split(separator: "\n") {
        #expect(!line.hasSuffix("\\"), "\(path): \(line)")
        let code = path == "README.md" ? "" : line.prefix { $0 != "/" }
        #expect(!code.contains("exec rm"), "\(path): \(line)")
      }
    }
    let tcl = try #require(try project().files["build_prj.tcl"])
    #expect(tcl.contains("set_part xcvu13pexecrm-rfHOMEexit\n"))
  }

  /// Whatever the names, the C++ compiles and computes the same.
  @Test(.enabled(if: apTypes != nil, "the vendor's ap_types headers are absent: run 'make ap-types'"))
  func hostileProjectCompiles() throws {
    let project = try project()
    let folder = try TemporaryFolder()
    for (path, text) in project.files { try folder.write(text, to: path) }
    let compiled = try CompiledProject(
      folder: folder.path, topName: project.topName, apTypes: try #require(apTypes))
    let results = try compiled.run([[0, 0], [3, -5]])
    let count = Raw(Self.names.count)
    // Wrapping adds of 1 and 2 in a word of 8 bits.
    let format = FixedFormat(8, 4)
    #expect(
      results.outputs == [
        [format.quantize(count, from: format), format.quantize(2 * count, from: format)],
        [format.quantize(count + 3, from: format), format.quantize(2 * count - 5, from: format)],
      ])
  }
}
