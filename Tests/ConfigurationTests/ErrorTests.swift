import Configuration
import Diagnostics
import Foundation
import Testing

@Suite struct ErrorTests {
  /// Bad files, each pinned to exit code and message.
  @Test(arguments: [
    ("", "c.yml: error: the file is empty"),
    ("- 1\n", "c.yml:line 1: error: expected a mapping, not a list"),
    ("Model: [", "c.yml:line 2: error: not YAML: did not find expected node content"),
    ("Model: 1\nModel: 2\n", "c.yml:line 1: error: key given twice: 'Model'"),
    (
      "Model:\n\tReuseFactor: 1\n",
      "c.yml:line 2: error: not YAML: found character that cannot start any token\nhint: YAML is indented with spaces; this line begins with a tab"
    ),
    ("\u{feff}ClockPeriod: 0\n", "c.yml:line 1, ClockPeriod: error: the value must be above 0"),
    ("a: *nowhere\n", "c.yml:line 1: error: not YAML: found undefined alias"),
    (
      "Backend: Quartus\n",
      """
      c.yml:line 1, Backend: error: the backend 'Quartus' computes other bits than the Vitis backend, and Triggerfish \
      computes Vitis's
      hint: write Backend: Vitis to compile the model for Vitis HLS
      """
    ),
    (
      "Backend: Vitus\n",
      "c.yml:line 1, Backend: error: 'Vitus' is not one of Vivado, Vitis, VivadoAccelerator\nhint: did you mean 'Vitis'?"
    ),
    ("ClockPeriod: 0\n", "c.yml:line 1, ClockPeriod: error: the value must be above 0"),
    ("ClockPeriod: fast\n", "c.yml:line 1, ClockPeriod: error: expected a number (in ns), not 'fast'"),
    (
      "ClockUncertainty: 100%\n",
      "c.yml:line 1, ClockUncertainty: error: the value must be at least 0 and less than the clock period"
    ),
    ("IOType: io_serial\n", "c.yml:line 1, IOType: error: 'io_serial' is not one of io_parallel, io_stream"),
    (
      "HLSConfig: {}\nModel: {}\n",
      "c.yml:line 2, Model: error: 'Model' stands beside HLSConfig\nhint: move it into HLSConfig"
    ),
    (
      "Model: {Precision: auto}\n",
      "c.yml:line 1, Model: error: the model's default precision cannot be 'auto'\nhint: the usual one is fixed<16,6>"
    ),
    (
      "Model: {Precision: 'ap_fixed<16>'}\n",
      """
      c.yml:line 1, Model.Precision: error: 'ap_fixed<16>' has 1 argument
      hint: a fixed-point type is written ap_fixed<width, integer bits[, rounding[, overflow[, N]]]>
      """
    ),
    (
      "Model: {ReuseFactor: 0}\n",
      "c.yml:line 1, Model.ReuseFactor: error: expected a whole number from 1 to 1000000000, not 0"
    ),
    (
      "Model: {ReuseFactor: 1.5}\n",
      "c.yml:line 1, Model.ReuseFactor: error: expected a whole number from 1 to 1000000000, not 1.5"
    ),
    (
      "Model: {ReuseFactor: '4'}\n",
      "c.yml:line 1, Model.ReuseFactor: error: expected a whole number from 1 to 1000000000, not '4'"
    ),
    (
      "Model: {Strategy: RESOURCE}\n",
      "c.yml:line 1, Model.Strategy: error: hls4ml 1.3.0 would read the strategy 'RESOURCE' as latency\nhint: write 'Resource'"
    ),
    (
      "Model: {Strategy: Lattency}\n",
      """
      c.yml:line 1, Model.Strategy: error: 'Lattency' is not one of Latency, Resource, ResourceUnrolled, \
      DistributedArithmetic
      hint: did you mean 'Latency'?
      """
    ),
    (
      "LayerType: {Dens: {ReuseFactor: 1}}\n",
      "c.yml:line 1, LayerType.Dens: error: unknown layer type 'Dens'\nhint: did you mean 'Dense'?"
    ),
    (
      "LayerName: {a: {weight_t: 'ap_fixed<8,3>'}}\n",
      "c.yml:line 1, LayerName.a.weight_t: error: hls4ml 1.3.0 overwrites 'weight_t'\nhint: write 'weight' under Precision"
    ),
    (
      "LayerName: {a: {reuse_factor: 2}}\n",
      "c.yml:line 1, LayerName.a.reuse_factor: error: unknown key 'reuse_factor'\nhint: did you mean 'ReuseFactor'?"
    ),
    (
      "LayerName: {a: {Precision: {wieght: auto}}}\n",
      "c.yml:line 1, LayerName.a.Precision.wieght: error: unknown tensor 'wieght'\nhint: did you mean 'weight'?"
    ),
    (
      "LayerName: {a: {Implementation: fast}}\n",
      "c.yml:line 1, LayerName.a.Implementation: error: 'fast' is not one of latency, stable, argmax, legacy"
    ),
    (
      "LayerName: {a: {Zebra: 2}}\n",
      "c.yml:line 1, LayerName.a.Zebra: error: unknown key 'Zebra'\nhint: the nearest known key is 'Trace'"
    ),
    (
      "FPGAPartNumber: xc7z020clg400-1\n",
      "c.yml:line 1, FPGAPartNumber: error: unknown key 'FPGAPartNumber'\nhint: the nearest known key is 'Part'"
    ),
    (
      "ClockPeriod: 5\nModel: {ClockPeriod: 4}\n",
      "c.yml:line 2, Model.ClockPeriod: error: ClockPeriod is given twice\nhint: it is given first at line 1, ClockPeriod"
    ),
    (
      "Board: pynq-z1\n",
      """
      c.yml:line 1, Board: error: 'pynq-z1' is not one of alveo-u200, alveo-u250, alveo-u280, alveo-u50, pynq-z2, zcu102
      hint: did you mean 'pynq-z2'?
      """
    ),
    (
      "HLSConfig: {Modle: {}}\n",
      "c.yml:line 1, HLSConfig.Modle: error: unknown key 'Modle'\nhint: did you mean 'Model'?"
    ),
  ])
  func refuses(_ yaml: String, _ message: String) {
    let failure = #expect(throws: Failure.self) { try Configuration.parse(yaml: yaml, file: "c.yml") }
    #expect(failure?.kind == .badInput)
    #expect(failure?.description == message)
  }

  @Test func reportsEveryProblemAtOnce() {
    let failure = #expect(throws: Failure.self) {
      try Configuration.parse(
        yaml: """
          Backnd: Vitis
          HLSConfig:
            Model:
              Precison: fixed<16,6>
              ReuseFactor: lots
            LayerName:
              fc1:
                Precision:
                  weight: floaty
                  accum: float
                Stratgy: Latency
          """, file: "c.yml")
    }
    #expect(
      failure?.description == """
        c.yml:line 1, Backnd: error: unknown key 'Backnd'
        hint: did you mean 'Backend'?
        c.yml:line 4, HLSConfig.Model.Precison: error: unknown key 'Precison'
        hint: did you mean 'Precision'?
        c.yml:line 5, HLSConfig.Model.ReuseFactor: error: expected a whole number from 1 to 1000000000, not 'lots'
        c.yml:line 9, HLSConfig.LayerName.fc1.Precision.weight: error: 'floaty' is not a type
        hint: write it like ap_fixed<16,6> or ap_uint<8>
        c.yml:line 10, HLSConfig.LayerName.fc1.Precision.accum: error: 'float' is a floating-point type
        hint: only fixed-point and integer types are computed exactly
        c.yml:line 11, HLSConfig.LayerName.fc1.Stratgy: error: unknown key 'Stratgy'
        hint: did you mean 'Strategy'?
        """)
  }

  @Test func placesProblemsInJSON() throws {
    let path = try temporaryFile(#"{"HLSConfig": {"Model": {"Precison": "fixed<16,6>"}}}"#, "json")
    defer { try? FileManager.default.removeItem(atPath: path) }
    let failure = #expect(throws: Failure.self) { try Configuration.load(path) }
    #expect(
      failure?.description
        == "\(path):HLSConfig.Model.Precison: error: unknown key 'Precison'\nhint: did you mean 'Precision'?")
  }

  @Test func refusesAMissingFile() {
    let failure = #expect(throws: Failure.self) { try Configuration.load("/nowhere/hls.yml") }
    #expect(failure?.kind == .missingInput)
    #expect(failure?.description == "/nowhere/hls.yml: error: there is no such file")
  }

  @Test func refusesBytesThatAreNotText() throws {
    let path = try temporaryFile("", "yml")
    defer { try? FileManager.default.removeItem(atPath: path) }
    try Data([0x4d, 0xff, 0xfe]).write(to: URL(filePath: path))
    let failure = #expect(throws: Failure.self) { try Configuration.load(path) }
    #expect(failure?.description == "\(path): error: the file is not text in UTF-8")
  }

  enum Hostile: CaseIterable {
    case flowNesting, blockNesting, mixedNesting, aliases, longName

    var yaml: String {
      switch self {
      case .flowNesting: String(repeating: "[", count: 100_000)
      case .blockNesting: String(repeating: "- ", count: 100_000)
      case .mixedNesting: String(repeating: "a: {", count: 5000)
      case .aliases:
        // Ten aliases of ten aliases of …: 10^9 values in half a kilobyte.
        (0..<9).reduce("Version: {a0: &a0 [1,1,1,1,1,1,1,1,1,1]") { text, level in
          let aliases = Array(repeating: "*a\(level)", count: 10).joined(separator: ",")
          return "\(text), a\(level + 1): &a\(level + 1) [\(aliases)]"
        } + "}\n"
      case .longName: "? \(String(repeating: "k", count: 1_000_000))\n: 1\n"
      }
    }
  }

  @Test(arguments: Hostile.allCases)
  func survives(_ file: Hostile) {
    let failure = #expect(throws: Failure.self) { try Configuration.parse(yaml: file.yaml, file: "c.yml") }
    #expect(failure?.kind == .badInput)
    #expect((failure?.description.count ?? 0) < 1000)
  }

  /// What hls4ml accepts without effect is said.
  @Test func warns() throws {
    let warnings = try Configuration.parse(
      yaml: """
        HLSConfig:
          SkipOptimizers: [fuse_relu]
          LayerType:
            QDense: {ReuseFactor: 2}
            Conv2D: {TargetCycles: 10}
          LayerName:
            act: {Precision: {table: 'ap_fixed<12,2>', result: auto}}
            soft: {Strategy: Stable, Precision: {exp_table: 'fixed<18,8,RND,SAT,0>'}}
            gru: {RecurrentReuseFactor: 4}
        """, file: "c.yml"
    ).warnings
    #expect(
      warnings.map { "\($0.place ?? ""): \($0.message)" } == [
        "line 2, HLSConfig.SkipOptimizers: 'SkipOptimizers' has no effect: Triggerfish has its own passes",
        "line 4, HLSConfig.LayerType.QDense: the layer type 'QDense' has no effect: hls4ml looks its layers up as 'Dense'",
        "line 5, HLSConfig.LayerType.Conv2D: hls4ml 1.3.0 ignores TargetCycles under LayerType",
        "line 7, HLSConfig.LayerName.act.Precision.table: hls4ml 1.3.0 ignores 'table' under Precision",
        "line 8, HLSConfig.LayerName.soft.Strategy: the strategy 'Stable' has no effect: hls4ml 1.3.0 reads it as latency",
        "line 9, HLSConfig.LayerName.gru.RecurrentReuseFactor: hls4ml 1.3.0 ignores RecurrentReuseFactor",
      ])
  }

  private func temporaryFile(_ text: String, _ suffix: String) throws -> String {
    let path = FileManager.default.temporaryDirectory.appending(path: "triggerfish-\(UUID()).\(suffix)")
    try Data(text.utf8).write(to: path)
    return path.path(percentEncoded: false)
  }
}
