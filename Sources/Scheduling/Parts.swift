import Diagnostics

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

  /// The part number that the device alone stands for; nil: its package and speed grade must be given.
  public var fullNumber: String?

  /// Makes a part of the user's own.
  public init(
    device: String, name: String, available: Resources, dies: Int, slowness: Double, source: String,
    fullNumber: String? = nil
  ) {
    (self.device, self.name, self.available) = (device, name, available)
    (self.dies, self.slowness, self.source, self.fullNumber) = (dies, slowness, source, fullNumber)
  }

  /// Whether a text has the characters part numbers have: ASCII letters, digits, `-` and `_`; at most 64.
  public static func isNumber(_ text: String) -> Bool {
    (1...64).contains(text.utf8.count)
      && text.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "-" || $0 == "_") }
  }

  /// Whether a number of this part is full: after the device come the package, letters and three or four digits, and
  /// the speed grade behind a dash. Vivado takes no other.
  public func isFull(_ number: String) -> Bool {
    let number = number.lowercased()
    guard number.hasPrefix(device) else { return false }
    // The package of some cards has a suffix of its own: xcu50_CIV-fsvh2104-2-e.
    let form = /(_[a-z]+)?-?[a-z]+[0-9]{3,4}(_[a-z]+)?-[0-9][a-z]*(-[a-z0-9]+)*/
    return number.dropFirst(device.count).wholeMatch(of: form) != nil
  }

  /// How slow the fabric of a part is whose size is not known: by its family, where the number tells it, else that of the
  /// reference.
  public static func slowness(of number: String) -> Double {
    let plain = plain(number)
    if plain.hasPrefix("xc7") || plain.hasPrefix("xa7") || plain.hasPrefix("xq7") { return 2.36 }
    let device =
      plain.prefix(while: { $0.isLetter }) + plain.drop(while: { $0.isLetter }).prefix(while: { $0.isNumber })
    let isPlus = plain.dropFirst(device.count).first == "p"
    return (device.hasPrefix("xcku") || device.hasPrefix("xcvu")) && !isPlus ? 1.35 : 1
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
    fullNumber = PartFamily.fullNumbers[device]
  }

  /// The parts of the table.
  fileprivate static let table: [Part] = PartFamily.all.flatMap { family in
    family.devices.split(separator: "\n").compactMap { Part($0, family) }
  }
}

/// The parts whose sizes are known: those of the table, and a user's own.
public struct PartCatalogue: Hashable, Sendable {
  /// The parts, the user's own first.
  public let parts: [Part]

  /// The parts of the table.
  public static let standard = PartCatalogue(own: [])

  /// Adds a user's parts to the table. One whose device is in the table takes its place, and stands for the same part number
  /// unless it names another.
  public init(own: [Part]) {
    let devices = Set(own.map(\.device))
    let named = own.map { part in
      var part = part
      part.fullNumber = part.fullNumber ?? PartFamily.fullNumbers[part.device]
      return part
    }
    parts = named + Part.table.filter { !devices.contains($0.device) }
  }

  /// The part a part number ("xcvu13p-flga2577-2-e") belongs to; case does not matter. Nil where its size is not known.
  public func part(of number: String) -> Part? {
    guard Part.isNumber(number) else { return nil }
    let number = number.lowercased()
    return parts.filter { part in
      // xczu3eg is not the start of xczu39dr, nor xc7z01 of xc7z010.
      number.hasPrefix(part.device) && number.dropFirst(part.device.count).first?.isNumber != true
    }.max { $0.device.count < $1.device.count }
  }

  /// What a part number chooses. Of a device whose size is known, the device alone stands for its best known part, if it
  /// has one; any other abbreviation is a problem, as scripts of the vendor's tool need the full number.
  public func choice(_ number: String) -> PartChoice {
    guard Part.isNumber(number) else {
      return PartChoice(
        number: number,
        problem: Diagnostic(
          "'\(number.prefix(64))' is no part number", hint: "write it as Vivado does: xcvu13p-flga2577-2-e"))
    }
    guard let part = part(of: number) else {
      let longer = parts.map(\.device).filter { $0.hasPrefix(number.lowercased()) }.sorted()
      if let first = longer.first {
        return PartChoice(
          number: number,
          problem: Diagnostic(
            "'\(number)' is no part number, but the beginning of \(longer.count == 1 ? first : "\(longer.count) devices, \(first) among them")",
            hint: "write it as Vivado does: xcvu13p-flga2577-2-e"))
      }
      let clock = Part.slowness(of: number)
      return PartChoice(
        number: number,
        note: "the size of part \(number) is not known: no shares of it are given; the clock is modelled as "
          + "\(clock == 1 ? "UltraScale+" : clock > 1.5 ? "7 series" : "UltraScale")")
    }
    if part.isFull(number) { return PartChoice(number: number, part: part) }
    if let full = part.fullNumber, number.lowercased() == part.device {
      return PartChoice(
        number: full, part: part,
        note: "'\(number)' is taken for \(full): it names no package and no speed grade")
    }
    return PartChoice(
      number: number, part: part,
      problem: Diagnostic(
        "'\(number)' is no full part number: package and speed grade are missing or incomplete",
        hint: "write it as Vivado does: \(part.fullNumber ?? "xcvu13p-flga2577-2-e")"))
  }
}

/// The part a design is built for: its number, and what is known of it.
public struct PartChoice: Hashable, Sendable {
  /// The full part number, as Vivado names it.
  public var number: String
  /// The part; nil where its size is not known.
  public var part: Part?
  /// What the user should know: how the number was completed, or that the size is not known.
  public var note: String?
  /// Why nothing can be built for it.
  public var problem: Diagnostic?

  /// Delay of its fabric relative to UltraScale+ speed grade 2.
  var slowness: Double { part?.slowness ?? Part.slowness(of: number) }
}
