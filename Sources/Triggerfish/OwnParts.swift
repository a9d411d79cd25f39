import Configuration
import Diagnostics
import Scheduling

extension PartCatalogue {
  /// The parts of the table and those of a user's file (docs/parts.md).
  ///
  /// - Parameter file: nil: there is none.
  /// - Throws: `badInput` with everything that is wrong in the file.
  public static func reading(_ file: String?) throws(Failure) -> PartCatalogue {
    guard let file else { return .standard }
    let descriptions = try PartDescription.load(file)
    let parts = descriptions.map { Part($0) }
    let problems = zip(descriptions, parts).compactMap { description, part -> Diagnostic? in
      guard let number = part.fullNumber, !part.isFull(number) else { return nil }
      return Diagnostic(
        file: file, place: description.place,
        "'\(number.prefix(64))' is no full part number of \(part.device)",
        hint: "package and speed grade follow the device, as in xcvu13p-flga2577-2-e")
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return PartCatalogue(own: parts)
  }
}

extension Part {
  fileprivate init(_ description: PartDescription) {
    self.init(
      device: description.device, name: description.name ?? description.device.uppercased(),
      available: Resources(
        dsp: description.dsp, lut: description.lut, ff: description.ff, bram: 2 * description.bram36,
        uram: description.uram),
      dies: description.dies, slowness: description.slowness ?? Part.slowness(of: description.device),
      source: description.file, fullNumber: description.number)
  }
}
