import Foundation
import Testing

/// Part numbers as they are typed, and parts of the user's own.
@Suite struct PartsTests {
  private let scratch: Scratch
  private let model: String

  init() throws {
    scratch = try Scratch()
    model = try SmallModel.write(to: scratch)
  }

  private func configuration(part: String) throws -> String {
    let text = try String(
      contentsOf: CommandLine.root.appendingPathComponent(DemoTests.config), encoding: .utf8)
    return try scratch.write(text.replacing(/Part: .*\n/, with: "Part: \(part)\n"), to: "c.yml")
  }

  // MARK: Abbreviations

  @Test(arguments: [
    ("xcvu9p", "xcvu9p-flga2104-2L-e"), ("XCVU13P", "xcvu13p-flga2577-2-e"), ("xc7z020", "xc7z020clg400-1"),
    ("xck26", "xck26-sfvc784-2LV-c"), ("xczu49dr", "xczu49dr-ffvf1760-2-e"),
  ])
  func aDeviceAloneStandsForItsBestKnownPart(_ device: String, _ full: String) throws {
    let note = "'\(device)' is taken for \(full)"
    for source in [
      [model, "--part", device], [DemoTests.model, "-c", try configuration(part: device)],
    ] {
      let compiled = try CommandLine.run(["compile"] + source + ["-o", scratch["p"]])
      #expect(compiled.status == 0, "\(compiled.errors)")
      #expect(compiled.errors.contains(note), "\(compiled.errors)")
      for script in ["build_prj.tcl", "build_opt.tcl"] {
        let text = try String(contentsOfFile: scratch["p/\(script)"], encoding: .utf8)
        #expect(!text.contains("part \(device)\n") && !text.contains("\(device) "), "\(script)")
        #expect(script == "build_opt.tcl" || text.contains("\nset_part \(full)\n"))
      }
      #expect(try CommandLine.run("report", scratch["p"]).output.contains(note))
    }
    let explored = try CommandLine.run("explore", model, "--part", device, "--ii", "1")
    #expect(explored.errors.contains("note: \(note)"), "\(explored.errors)")
  }

  /// The beginning of a device's name is an abbreviation too; a name that begins like none may be a new device.
  @Test func theBeginningOfADeviceIsRefused() throws {
    let typed = try CommandLine.run("compile", model, "--part", "xczu", "-o", scratch["p"])
    #expect(typed.status == 64)
    #expect(
      typed.errors.contains("error: --part: 'xczu' is no part number, but the beginning of"),
      "\(typed.errors)")
    #expect(
      try CommandLine.run("compile", model, "--part", "xcnew1-abcd1234-2-e", "-o", scratch["p"]).status == 0)
  }

  @Test(arguments: [
    "xcvu5p", "xcvu13p-2-e", "xcvu13p-flga2577", "xcvu13p-flga2577-e", "xcvu13p-flga-2-e",
    "xcvu13pflga25772e",
    "xczu3eg-1",
  ])
  func otherAbbreviationsAreRefused(_ part: String) throws {
    let typed = try CommandLine.run("compile", model, "--part", part, "-o", scratch["p"])
    #expect(typed.status == 64)
    #expect(
      typed.errors.contains("error: --part: '\(part)' is no full part number: package and speed grade"),
      "\(typed.errors)")
    #expect(typed.errors.contains("\nhint: write it as Vivado does: xc"), "\(typed.errors)")
    let file = try configuration(part: part)
    let read = try CommandLine.run("compile", DemoTests.model, "-c", file, "-o", scratch["p"])
    #expect(read.status == 65)
    #expect(read.errors.contains("\(file):Part: error: '\(part)' is no full part number"), "\(read.errors)")
    #expect(!FileManager.default.fileExists(atPath: scratch["p"]))
  }

  // MARK: The list

  @Test func theManualsListIsCurrent() throws {
    let listed = try CommandLine.run("parts", "--markdown")
    #expect(listed.status == 0, "\(listed.errors)")
    let page = try String(
      contentsOf: CommandLine.root.appendingPathComponent("docs/parts.md"), encoding: .utf8)
    #expect(page.contains(listed.output), "make readme writes it anew")
    let table = try CommandLine.run("parts").output.split(separator: "\n")
    #expect(table.count > 90)
    #expect(table.contains { $0.hasPrefix("xcvu13p ") && $0.contains(" 12288 ") }, "\(table)")
    #expect(try CommandLine.run("parts", "--json", "--markdown").status == 64)
  }

  // MARK: A user's own

  @Test func partsOfOnesOwnAreKnownEverywhere() throws {
    let parts = try scratch.write(
      """
      # What the shell of our card leaves of a VU9P, and a part nobody has heard of.
      xcvu9p: {Name: VU9P behind the shell, DSP: 5000, LUT: 900_000, FF: 1800000, BRAM36: 1700, URAM: 800, Dies: 3}
      xcnew1:
        Number: xcnew1-abcd1234-2-e
        DSP: 100
        LUT: 40000
        FF: 80000
        BRAM36: 50
        Slowness: 2
      """, to: "parts.yml")
    let list = try CommandLine.run("parts", "--parts", parts).output
    #expect(list.contains(#/\nxcnew1 +XCNEW1 +xcnew1-abcd1234-2-e +100 +40000 /#), "\(list)")
    let base = ["compile", DemoTests.model, "-c", DemoTests.config, "--parts", parts, "-o", scratch["p"]]
    let shell = try CommandLine.run(base + ["--part", "xcvu9p-flga2104-2L-e"])
    #expect(shell.status == 0, "\(shell.errors)")
    let alone = try CommandLine.run(base + ["--part", "xcvu9p"])
    #expect(alone.errors.contains("'xcvu9p' is taken for xcvu9p-flga2104-2L-e"), "\(alone.errors)")
    // Read from the folder alone.
    let report = try CommandLine.run("report", scratch["p"]).output
    #expect(report.contains(#/\navailable +5000 +900000 +1800000 +3400 +800\n/#), "\(report)")
    let limits = ["check", scratch["p"], "--max-lut", "12%"]
    #expect(try CommandLine.run(limits).output.contains("108000 (12%)"))
    // More than there is.
    let none = try scratch.write(
      "xcvu9p:\n  DSP: 0\n  LUT: 9000\n  FF: 1800000\n  BRAM36: 1700\n", to: "n.yml")
    let short = try CommandLine.run(
      "compile", DemoTests.model, "-c", DemoTests.config, "--parts", none, "--part",
      "xcvu9p-flga2104-2L-e", "-o", scratch["short"])
    let note =
      #/xcvu9p has fewer resources than the design needs: about 42 DSP, there are 0; about \d+ LUT, there are 9000\n/#
    #expect(short.status == 0 && short.errors.contains(note), "\(short.errors)")
    #expect(try CommandLine.run("report", scratch["short"]).output.contains(note))
    #expect(!shell.errors.contains("fewer resources"))
    // Another fabric, other cycles; its name alone is enough, as the file says what it stands for.
    let new = try CommandLine.run(base + ["--part", "xcnew1", "--max-dsp", "50%", "--force"])
    #expect(new.status == 1 || new.errors.contains("'xcnew1' is taken for xcnew1-abcd1234-2-e"))
    let slow = try CommandLine.run(base + ["--part", "xcnew1"])
    #expect(slow.status == 0, "\(slow.errors)")
    #expect(slow.errors.contains("'xcnew1' is taken for xcnew1-abcd1234-2-e"), "\(slow.errors)")
    let used = try CommandLine.run("report", scratch["p"]).output
    #expect(used.contains(#/\navailable +100 +40000 /#), "\(used)")
    #expect(!used.contains("= 95 ns"), "the same cycles as on UltraScale+: \(used)")
    let explored = try CommandLine.run(
      "explore", DemoTests.model, "--parts", parts, "--part", "xcnew1", "--max-lut", "100%", "--csv")
    #expect(explored.status == 0, "\(explored.errors)")
    // Without the file the part is one whose size is not known.
    let unknown = try CommandLine.run("compile", model, "--part", "xcnew1-abcd1234-2-e", "-o", scratch["q"])
    #expect(unknown.errors.contains("the size of part xcnew1-abcd1234-2-e is not known"), "\(unknown.errors)")
  }

  @Test(arguments: [
    ("", "parts.yml: error: the file is empty"),
    (
      "xcnew1: [1, 2]",
      "parts.yml:line 1, xcnew1: error: expected a mapping, not a list\nhint: docs/parts.md shows the form"
    ),
    (
      "xcnew1: {DSP: 1, LUT: 2}",
      "parts.yml:line 1, xcnew1: error: xcnew1 has no FF, BRAM36\nhint: write 0 for none"
    ),
    (
      "XC New: {DSP: 1}",
      """
      parts.yml:line 1, XC New: error: 'XC New' is no device
      hint: it is the start of its part numbers, in lower-case letters and digits: xcvu13p
      """
    ),
    (
      "a1: {DSP: -1, LUT: many, FF: 1.5, BRAM36: 0, Slowness: 0, Lut: 3}",
      """
      parts.yml:line 1, a1.DSP: error: expected a whole number from 0 to 1000000000, not -1
      parts.yml:line 1, a1.LUT: error: expected a whole number from 0 to 1000000000, not 'many'
      parts.yml:line 1, a1.FF: error: expected a whole number from 0 to 1000000000, not 1.5
      parts.yml:line 1, a1.Slowness: error: the value must be a number from 0.1 to 10
      parts.yml:line 1, a1.Lut: error: unknown key 'Lut'
      hint: did you mean 'LUT'?
      """
    ),
    (
      "a1: {Number: xcvu9p, DSP: 1, LUT: 1, FF: 1, BRAM36: 1}",
      """
      parts.yml:line 1, a1: error: 'xcvu9p' is no full part number of a1
      hint: package and speed grade follow the device, as in xcvu13p-flga2577-2-e
      """
    ),
    ("a1: {", "parts.yml:line 2: error: not YAML"),
  ])
  func aBadFileIsRefused(_ text: String, _ message: String) throws {
    _ = try scratch.write(text, to: "parts.yml")
    for command in [["parts"], ["compile", model, "-o", "p"], ["explore", model]] {
      let result = try CommandLine.run(command + ["--parts", "parts.yml"], in: scratch.url)
      #expect(result.status == 65, "\(command)")
      #expect(result.errors.contains(message), "\(result.errors)")
    }
    #expect(!FileManager.default.fileExists(atPath: scratch["p"]))
  }

  @Test func aMissingFileIsNamed() throws {
    let result = try CommandLine.run("parts", "--parts", "nowhere.yml")
    #expect(result.status == 66 && result.errors.contains("nowhere.yml"), "\(result.errors)")
  }
}
