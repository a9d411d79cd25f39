import Diagnostics
import Storage

/// A file, and perhaps an array in it: `events.npy`, `events.npz:x`, `events.h5:test/features`.
struct DataReference {
  let path: String
  let member: String?

  /// Takes a reference apart. A colon may belong to the file's name: what exists decides.
  init(_ text: String) {
    if !fileExists(text) {
      var end = text.startIndex
      while let colon = text[end...].firstIndex(of: ":") {
        end = text.index(after: colon)
        if colon > text.startIndex, end < text.endIndex, fileExists(String(text[..<colon])) {
          path = String(text[..<colon])
          member = String(text[end...])
          return
        }
      }
    }
    path = text
    member = nil
  }

  /// The array meant, of those there are.
  ///
  /// - Parameter name: taken if the reference names none and there is such an array.
  func select(from names: [String], preferring name: String?) throws(Failure) -> String {
    let list = names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "")
    if let member {
      let wanted = member.hasPrefix("/") ? String(member.dropFirst()) : member
      if names.contains(wanted) { return wanted }
      throw Failure(
        .badInput, file: path, "the file has no array '\(member)'",
        hint: nearest(to: member, in: names).map { "did you mean '\($0)'?" }
          ?? (names.isEmpty ? "it has none at all" : "it has \(list)"))
    }
    if let name, names.contains(name) { return name }
    guard let only = names.first else { throw Failure(.badInput, file: path, "the file has no arrays") }
    guard names.count == 1 else {
      throw Failure(
        .badInput, file: path, "the file has \(names.count) arrays: \(list)",
        hint: "name one after a colon: \(path):\(only)")
    }
    return only
  }
}

extension EventReader {
  /// Opens the events for all inputs of a model.
  ///
  /// - Parameters:
  ///   - references: one per input, in the model's order; or a single archive or HDF5 file for all of several inputs, whose arrays
  ///     have the inputs' names or, in an archive with exactly as many arrays as there are inputs, their order.
  ///   - inputs: name and shape of each input.
  /// - Throws: as `init` and `check`, with every problem; `badInput` if the numbers of events differ; `usage` if the
  ///   number of references does not fit.
  public static func open(
    _ references: [String], for inputs: [(name: String, shape: [Int])]
  ) throws(Failure) -> [EventReader] {
    var members = references.map { (reference: DataReference($0), name: String?.none) }
    if let reference = members.first?.reference, references.count == 1, inputs.count > 1,
      reference.member == nil
    {
      let names = try arrayNames(in: reference.path)
      let areNamed = inputs.allSatisfy { names.contains($0.name) }
      if areNamed || names.count == inputs.count {
        members = inputs.indices.map { (reference, areNamed ? inputs[$0].name : names[$0]) }
      }
    }
    guard members.count == inputs.count else {
      let names = inputs.map { "\($0.name) \($0.shape)" }.joined(separator: ", ")
      throw Failure(
        .usage, "\(references.count) input files for \(inputs.count) model inputs",
        hint: "the model's inputs, in order: \(names)")
    }
    var readers: [EventReader] = []
    var problems: [Diagnostic] = []
    var kind = Failure.Kind.badInput
    for (member, input) in zip(members, inputs) {
      do throws(Failure) {
        let reader = try EventReader(member.reference, preferring: member.name ?? input.name)
        try reader.check(shape: input.shape, of: input.name)
        readers.append(reader)
      } catch {
        kind = error.kind
        problems += error.diagnostics
      }
    }
    guard problems.isEmpty else { throw Failure(kind, problems) }
    if let first = readers.first, let other = readers.first(where: { $0.events != first.events }) {
      throw Failure(
        .badInput, file: other.file, place: other.member,
        "\(other.events) events, where \(first.member ?? first.file) has \(first.events)")
    }
    return readers
  }
}
