/// An FPGA: its resources and how it is divided.
public struct Part: Hashable, Sendable {
  /// The device, the start of its part numbers ("xcvu13p").
  public var device: String
  /// What people call it.
  public var name: String
  /// What it has. Block RAMs are counted as 18 kbit halves.
  public var available: Resources
  /// Dies (super logic regions); crossing between them costs cycles.
  public var dies: Int
  /// Delay of its fabric relative to UltraScale+ speed grade 2. Of the 7 series from an adder of 16 bits: 1.798 ns for
  /// 0.763 ns in the reports of docs/cost-model.md.
  public var slowness: Double
  /// Where the figures come from.
  public var source: String

  /// The parts Triggerfish knows.
  public static let catalogue: [Part] = [
    Part("xcvu9p", "Virtex UltraScale+ VU9P", 6840, 1_182_240, 2_364_480, 4320, 960, 3, 1, ultrascalePlus),
    Part(
      "xcvu13p", "Virtex UltraScale+ VU13P", 12288, 1_728_000, 3_456_000, 5376, 1280, 4, 1, ultrascalePlus),
    Part("xcku115", "Kintex UltraScale KU115", 5520, 663_360, 1_326_720, 4320, 0, 2, 1.35, ultrascale),
    Part("xcku040", "Kintex UltraScale KU040", 1920, 242_400, 484_800, 1200, 0, 1, 1.35, ultrascale),
    Part("xczu9eg", "Zynq UltraScale+ ZU9EG", 2520, 274_080, 548_160, 1824, 0, 1, 1, zynqPlus),
    Part("xcu50", "Alveo U50", 5952, 871_680, 1_743_360, 2688, 640, 2, 1, alveo50),
    Part("xcu200", "Alveo U200", 6840, 1_182_240, 2_364_480, 4320, 960, 3, 1, alveo200),
    Part("xcu250", "Alveo U250", 12288, 1_728_000, 3_456_000, 5376, 1280, 4, 1, alveo200),
    Part("xc7z007s", "Zynq-7000 7Z007S", 66, 14_400, 28_800, 100, 0, 1, 2.36, zynq7),
    Part("xc7z020", "Pynq-Z2 (Zynq-7000 7Z020)", 220, 53_200, 106_400, 280, 0, 1, 2.36, zynq7),
    Part("xc7a100t", "Artix-7 100T", 240, 63_400, 126_800, 270, 0, 1, 2.36, series7),
  ]

  /// Whether a text has the characters part numbers have: ASCII letters, digits, `-` and `_`; at most 64.
  public static func isNumber(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  /// The part a part number ("xcvu13p-flga2577-2-e") belongs to; dashes and case do not matter. Nil for a part that is
  /// not in the catalogue, and for a text that is no part number.
  public static func named(_ number: String) -> Part? {
    guard isNumber(number) else { return nil }
    let plain = number.lowercased().filter { $0.isLetter || $0.isNumber }
    return catalogue.filter { plain.hasPrefix($0.device) }.max { $0.device.count < $1.device.count }
  }

  private static let ultrascalePlus =
    "AMD DS890, UltraScale Architecture and Product Data Sheet, Virtex UltraScale+"
  private static let ultrascale =
    "AMD DS890, UltraScale Architecture and Product Data Sheet, Kintex UltraScale"
  private static let zynqPlus = "AMD DS891, Zynq UltraScale+ MPSoC Data Sheet: Overview"
  private static let alveo50 = "AMD DS965, Alveo U50 Data Center Accelerator Card Data Sheet"
  private static let alveo200 = "AMD DS962, Alveo U200 and U250 Data Sheet"
  private static let zynq7 = "AMD DS190, Zynq-7000 SoC Data Sheet: Overview"
  private static let series7 = "AMD DS180, 7 Series FPGAs Data Sheet: Overview"

  private init(
    _ device: String, _ name: String, _ dsp: Int, _ lut: Int, _ ff: Int, _ bram: Int, _ uram: Int,
    _ dies: Int, _ slowness: Double, _ source: String
  ) {
    self.device = device
    self.name = name
    self.available = Resources(dsp: dsp, lut: lut, ff: ff, bram: bram, uram: uram)
    self.dies = dies
    self.slowness = slowness
    self.source = source
  }
}
