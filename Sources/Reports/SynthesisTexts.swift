import Foundation
import Scheduling

extension SynthesisReport {
  /// Reads what Yosys's `stat` prints, or Vivado's `report_utilization` and `report_timing_summary`; nil where it is none of
  /// these.
  ///
  /// Of Yosys's cells LUT1 to LUT6, LUT6_2, INV and shift registers count as one lookup table each.
  public init?(text: String) {
    if let found = Self.yosys(text) ?? Self.vivado(text) { self = found } else { return nil }
  }

  // MARK: Yosys

  private static func yosys(_ text: String) -> SynthesisReport? {
    // A flat design has one section, another the sum of all at its end.
    guard let section = ("\n" + text).components(separatedBy: "\n=== ").dropFirst().last,
      section.contains("Number of cells") || section.contains(" cells\n")
    else { return nil }
    var report = SynthesisReport()
    report.stage = "Yosys"
    for name in ["LUT", "FF", "DSP", "BRAM18", "URAM"] { report.amounts[name] = 0 }
    // In blocks of two bits.
    var carry = 0
    for line in section.split(separator: "\n") {
      let words = line.split(whereSeparator: \.isWhitespace)
      // Newer versions put the count first, and areas beside it.
      guard words.count >= 2, let cell = words.first(where: { Int($0) == nil && Double($0) == nil }),
        let count = words.lazy.compactMap({ Int($0) }).first, (0...1_000_000_000).contains(count),
        let (name, share) = cells(String(cell))
      else { continue }
      if name == carryName {
        carry += share * count
      } else {
        report.amounts[name, default: 0] += share * count
      }
    }
    report.carry = (carry + 3) / 4
    return report
  }

  /// What a cell is counted as.
  private static func cells(_ cell: String) -> (name: String, count: Int)? {
    switch cell {
    case "LUT1", "LUT2", "LUT3", "LUT5", "LUT6", "LUT6_2", "INV": ("LUT", 1)
    case "SRL16E", "SRLC16E", "SRLC32E": ("LUT", 1)
    case "FDRE", "FDSE", "FDCE", "FDPE": ("FF", 1)
    case "DSP48E1", "DSP48E2": ("DSP", 1)
    case "RAMB18E1", "RAMB18E2": ("BRAM18", 1)
    case "RAMB36E1", "RAMB36E2": ("BRAM18", 2)
    case "URAM288": ("URAM", 1)
    case "CARRY8": (carryName, 4)
    case "CARRY4": (carryName, 2)
    // Lattice ECP5.
    case "LUT4": ("LUT", 1)
    case "TRELLIS_FF": ("FF", 1)
    case "MULT18X18D": ("DSP", 1)
    case "DP16KD": ("BRAM18", 1)
    case "CCU2C": (carryName, 1)
    default: nil
    }
  }

  /// The name that carry chains go by here.
  private static let carryName = "CARRY"

  // MARK: Vivado

  private static func vivado(_ text: String) -> SynthesisReport? {
    guard text.contains("Utilization Design Information") || text.contains("Timing Summary") else {
      return nil
    }
    var report = SynthesisReport()
    report.stage = "synthesis"
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false).map {
      $0.trimmingCharacters(in: .whitespaces)
    }
    for (index, line) in lines.enumerated() {
      let cells = line.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) }
      if line.hasPrefix("| Device"), let part = line.split(separator: ":").last {
        report.part = part.trimmingCharacters(in: .whitespaces)
      }
      if line.hasPrefix("| Design State"), line.contains("Routed") || line.contains("Placed") {
        report.isImplementation = true
        report.stage = nil
      }
      if line.hasPrefix("|"), cells.count >= 2, let (name, share) = rows[cells[0].filter { $0 != "*" }],
        name == carryName ? report.carry == nil : report.amounts[name] == nil, let count = Double(cells[1]),
        (0...1e12).contains(count)
      {
        let amount = Int((count * share).rounded())
        if name == carryName { report.carry = amount } else { report.amounts[name] = amount }
      }
      // Headings, a line of dashes, then the numbers.
      let numbers =
        index + 2 < lines.count ? lines[index + 2].split(whereSeparator: \.isWhitespace).map(String.init) : []
      if line.hasPrefix("WNS(ns)"), report.slack == nil {
        report.slack = numbers.first.flatMap { Double($0) }
      }
      if line.hasPrefix("Clock"), line.contains("Period(ns)"), report.targetPeriod == nil {
        // clk {0.000 2.500} 5.000 200.000
        report.targetPeriod = numbers.suffix(2).first.flatMap { Double($0) }
      }
    }
    if let slack = report.slack, let period = report.targetPeriod { report.clockPeriod = period - slack }
    return report.amounts.isEmpty && report.clockPeriod == nil ? nil : report
  }

  /// The rows of Vivado's tables; a tile of block RAM is two of 18 kbit.
  private static let rows: [String: (name: String, share: Double)] = [
    "CLB LUTs": ("LUT", 1), "Slice LUTs": ("LUT", 1), "CLB Registers": ("FF", 1),
    "Slice Registers": ("FF", 1),
    "Block RAM Tile": ("BRAM18", 2), "DSPs": ("DSP", 1), "URAM": ("URAM", 1),
    "CARRY8": (carryName, 1), "CARRY4": (carryName, 0.5),
  ]
}
