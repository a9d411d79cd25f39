/// An FPGA: its resources and how it is divided.
public struct Part: Hashable, Sendable {
  /// The device, the start of its part numbers ("xcvu13p").
  public var device: String
  /// Its family and device, as people write them.
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

  /// The parts whose sizes Triggerfish knows.
  public static let catalogue: [Part] = PartFamily.all.flatMap { family in
    family.devices.split(separator: "\n").compactMap { Part($0, family) }
  }

  /// Whether a text has the characters part numbers have: ASCII letters, digits, `-` and `_`; at most 64.
  public static func isNumber(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  /// The part a part number ("xcvu13p-flga2577-2-e") belongs to; dashes and case do not matter. Nil where its size is not
  /// known.
  public static func named(_ number: String) -> Part? {
    guard isNumber(number) else { return nil }
    let plain = plain(number)
    return catalogue.filter { part in
      // xczu3eg is not the start of xczu39dr, nor xc7z01 of xc7z010.
      plain.hasPrefix(part.device) && plain.dropFirst(part.device.count).first?.isNumber != true
    }.max { $0.device.count < $1.device.count }
  }

  /// How slow the fabric of a part is whose size is not known: by its family, where the number tells it, else that of the
  /// reference.
  static func slowness(of number: String) -> Double {
    if let part = named(number) { return part.slowness }
    let plain = plain(number)
    if plain.hasPrefix("xc7") || plain.hasPrefix("xa7") || plain.hasPrefix("xq7") { return 2.36 }
    let device =
      plain.prefix(while: { $0.isLetter }) + plain.drop(while: { $0.isLetter }).prefix(while: { $0.isNumber })
    let isPlus = plain.dropFirst(device.count).first == "p"
    return (device.hasPrefix("xcku") || device.hasPrefix("xcvu")) && !isPlus ? 1.35 : 1
  }

  /// What to say of a part number whose size is not known.
  public static func note(of number: String) -> String? {
    if named(number) != nil { return nil }
    return "the size of part \(number) is not known: no shares of it are given; the clock is modelled as "
      + "\(slowness(of: number) == 1 ? "UltraScale+" : slowness(of: number) > 1.5 ? "7 series" : "UltraScale")"
  }

  private static func plain(_ number: String) -> String {
    number.lowercased().filter { $0.isLetter || $0.isNumber }
  }

  /// A line of a family's table.
  private init?(_ line: Substring, _ family: PartFamily) {
    let cells = line.split(separator: " ")
    let figures = cells.dropFirst().compactMap { Int($0) }
    guard cells.count == 7, figures.count == 6 else { return nil }
    device = String(cells[0])
    name = "\(family.name) \(cells[0].uppercased())"
    available = Resources(
      dsp: figures[0], lut: figures[1], ff: figures[2], bram: 2 * figures[3], uram: figures[4])
    dies = figures[5]
    slowness = family.slowness
    source = family.source
  }
}
