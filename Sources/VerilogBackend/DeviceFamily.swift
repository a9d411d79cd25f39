import Circuit
import Scheduling

/// What the fabric of a part is made of.
enum DeviceFamily {
  /// None of those below: as UltraScale+, with adders and products as the tool builds them.
  case other
  /// UltraScale and UltraScale+: LUT6_2 and CARRY8.
  case ultraScale
  /// The 7 series: LUT6_2 and CARRY4.
  case series7
  /// Lattice ECP5: tables of four inputs, chains of two bits.
  case ecp5

  /// That of a part, by its number.
  init(part: String) {
    let part = part.lowercased()
    let ultraScale = ["xcvu", "xcku", "xczu", "xcau", "xqvu", "xqku", "xqzu", "xck26", "xcu"]
    func begins(_ prefixes: [String]) -> Bool { prefixes.contains { part.hasPrefix($0) } }
    self =
      begins(ultraScale)
      ? .ultraScale : begins(["xc7", "xq7", "xa7"]) ? .series7 : begins(["lfe5", "lae5"]) ? .ecp5 : .other
  }

  /// The value of the emitted modules' parameter FAMILY: what adders of three operands are built of.
  var parameter: Int {
    switch self {
    case .other, .ecp5: 0
    case .ultraScale: 1
    case .series7: 2
    }
  }

  /// How long logic takes.
  var delays: DelayModel {
    switch self {
    case .other, .ultraScale: .ultraScalePlus
    case .series7: .series7
    case .ecp5: .ecp5
    }
  }

  /// Whether a row of the fabric adds three operands as well as two.
  var addsThree: Bool { self != .ecp5 }

  /// Whether a table of six inputs stands before each place of a carry chain.
  var multipliesByDigits: Bool { self == .ultraScale || self == .series7 }

  /// The widest signed factors of a DSP block.
  var factors: [Int] {
    switch self {
    case .ultraScale: [27, 18]
    case .series7: [25, 18]
    case .other, .ecp5: [18, 18]
    }
  }

  /// How far what a tool builds is from what is counted: two designs in three are within. For AMD's families from Yosys's counts
  /// (docs/verilog.md); tables of four inputs are not what is counted.
  var uncertainty: Uncertainty {
    switch self {
    // Flip-flops differ where a tool makes shift registers of them.
    case .ultraScale, .series7: Uncertainty(lut: 1.03, ff: 1.01)
    case .other, .ecp5: Uncertainty(lut: Uncertainty.uncalibrated.lut, ff: 1.01)
    }
  }

  /// The parameter FAMILY of what Yosys maps: that of UltraScale+ for parts that it knows no cells of.
  var yosysParameter: Int { self == .other ? 1 : parameter }

  /// Yosys's command that maps a module.
  ///
  /// - Parameter dsp: whether it has DSP blocks; else nothing is made of them.
  func yosys(top: String, dsp: Bool) -> String {
    let dsp = dsp ? "" : " -nodsp"
    switch self {
    case .ecp5: return "synth_ecp5 -top \(top)\(dsp)"
    case .series7: return "synth_xilinx -family xc7 -top \(top)\(dsp) -flatten -noiopad -noclkbuf"
    case .other, .ultraScale:
      return "synth_xilinx -family xcup -top \(top)\(dsp) -flatten -noiopad -noclkbuf"
    }
  }
}
