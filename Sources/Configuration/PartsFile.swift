import Diagnostics
import Storage

/// A part as a user describes it in a file of their own: what `--parts` reads (docs/parts.md).
public struct PartDescription: Hashable, Sendable {
  /// The file, and where in it the part stands.
  public var file: String, place: String?
  /// The device, the start of its part numbers: lower-case letters and digits.
  public var device: String
  /// What people call it; nil: as the device.
  public var name: String?
  /// The part number that the device alone stands for.
  public var number: String?
  /// DSP slices, look-up tables, flip-flops, block RAMs of 36 kbit, UltraRAMs.
  public var dsp = 0, lut = 0, ff = 0, bram36 = 0, uram = 0
  /// Dies (super logic regions).
  public var dies = 1
  /// Delay of its fabric relative to UltraScale+ speed grade 2; nil: that of its family, by the device's name.
  public var slowness: Double?

  /// Reads a file of parts: `.json` is JSON, anything else YAML.
  ///
  /// - Throws: `missingInput`; `badInput` with every unknown key, wrong value and missing amount, each with its place.
  public static func load(_ path: String) throws(Failure) -> [PartDescription] {
    let root = try SettingNode.load(path)
    var values = ValueReader()
    let parts = values.entries(root).compactMap { read($0.key, $0.node, &values) }
    if parts.isEmpty && values.problems.isEmpty {
      values.report(root, "the file names no part", hint: "docs/parts.md shows the form")
    }
    guard values.problems.isEmpty else { throw Failure(.badInput, values.problems) }
    return parts
  }

  private enum Key: String, CaseIterable {
    case name = "Name"
    case number = "Number"
    case dsp = "DSP"
    case lut = "LUT"
    case ff = "FF"
    case bram36 = "BRAM36"
    case uram = "URAM"
    case dies = "Dies"
    case slowness = "Slowness"
  }

  private static func read(
    _ device: String, _ node: SettingNode, _ values: inout ValueReader
  ) -> PartDescription? {
    guard device.wholeMatch(of: /[a-z][a-z0-9]{1,31}/) != nil else {
      values.report(
        node, "'\(shortened(device))' is no device",
        hint: "it is the start of its part numbers, in lower-case letters and digits: xcvu13p")
      return nil
    }
    guard case .map = node.value else {
      values.report(node, "expected a mapping, not \(node.kindName)", hint: "docs/parts.md shows the form")
      return nil
    }
    var part = PartDescription(file: node.file, place: node.problem("").place, device: device)
    var given: Set<Key> = []
    for (name, child) in values.entries(node) {
      guard let key = Key(rawValue: name) else {
        values.unknown(name, child, known: Key.allCases.map(\.rawValue))
        continue
      }
      if !given.insert(key).inserted { values.report(child, "\(name) is given twice") }
      func amount() -> Int { values.integer(child, in: 0...1_000_000_000) ?? 0 }
      switch key {
      case .name: part.name = values.text(child)
      case .number: part.number = values.text(child)
      case .dsp: part.dsp = amount()
      case .lut: part.lut = amount()
      case .ff: part.ff = amount()
      case .bram36: part.bram36 = amount()
      case .uram: part.uram = amount()
      case .dies: part.dies = values.integer(child, in: 1...64) ?? 1
      case .slowness:
        guard case .number(let number) = child.value, (0.1...10).contains(number) else {
          values.report(child, "the value must be a number from 0.1 to 10")
          continue
        }
        part.slowness = number
      }
    }
    let missing = [Key.dsp, .lut, .ff, .bram36].filter { !given.contains($0) }.map(\.rawValue)
    if !missing.isEmpty {
      values.report(node, "\(device) has no \(missing.joined(separator: ", "))", hint: "write 0 for none")
    }
    return part
  }
}
