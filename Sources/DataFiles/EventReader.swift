import Diagnostics
import Storage

/// Events in a file, read in parts so that files larger than memory can be worked through.
///
/// Formats: .npy (any version, order and byte order; float16/32/64, integers, booleans), an array of an .npz archive,
/// a dataset of an HDF5 file, and text (see `CSVFile`). The format is told from the contents, not the name. Text and
/// archives are held in memory whole. Floats and doubles that lie in an .npy or HDF5 file as this machine stores them
/// can be lent where they lie. Several threads may read at once.
public final class EventReader: Sendable {
  /// The file and the array in it, as messages name them.
  public let file: String
  /// The name of the array in an archive or HDF5 file; nil where a file is one array.
  public let member: String?
  /// The length of each axis, events first.
  public let shape: [Int]
  private let source: Source
  private let lendable: LendableEvents?

  private enum Source: Sendable {
    case npy(NpyArray)
    case text(EventArray)
    case mapped(MappedEvents)
    case hdf5(HDF5Box, dataset: String)
  }

  /// The number of events.
  public var events: Int { shape[0] }

  /// Opens a file's array.
  ///
  /// - Parameters:
  ///   - reference: a path, followed by a colon and the name of an array where the file holds several:
  ///     `events.npz:x`, `events.h5:test/features`.
  ///   - name: the array to take if the file holds several and `reference` names none.
  /// - Throws: `missingInput`; `badInput` if the file is damaged, or holds several arrays and no name selects one.
  public convenience init(_ reference: String, preferring name: String? = nil) throws(Failure) {
    try self.init(DataReference(reference), preferring: name)
  }

  convenience init(_ reference: DataReference, preferring name: String? = nil) throws(Failure) {
    let path = reference.path
    let source = try ByteSource(path: path)
    let start = try source.read(0..<8)
    if ZipArchive.isZip(start) {
      let archive = try ZipArchive(path: path)
      let names = archive.arrayNames
      let member = try reference.select(from: names, preferring: name)
      let bytes = try archive.read("\(member).npy", limit: 1 << 34)
      let array = try NpyArray(.memory(bytes), file: path, place: member)
      try self.init(path, member, .npy(array), nil)
    } else if HDF5File.isHDF5(start) {
      let box = HDF5Box(try HDF5File(path: path))
      let member = try reference.select(from: box.file.datasetNames(), preferring: name)
      let lendable = try box.file.lendable(member, in: source)
      try self.init(path, member, .hdf5(box, dataset: member), lendable)
    } else {
      if let member = reference.member {
        throw Failure(.badInput, file: path, "the file is no archive, so there is no '\(member)' in it")
      }
      if !start.starts(with: NpyHeader.magic), let format = FileFormat.of(path) {
        let advice =
          format == .gitLFSPointer || format == .compressed || format == .webPage ? format.advice : nil
        throw Failure(
          .badInput, file: path, "this is \(format.name), not events",
          hint: advice ?? "events are .npy, .npz, HDF5 or CSV files")
      }
      if start.starts(with: NpyHeader.magic) || path.lowercased().hasSuffix(".npy") {
        let array = try NpyArray(source, file: path)
        try self.init(path, nil, .npy(array), array.lendable)
      } else if [".npz", ".h5", ".hdf5"].contains(where: path.lowercased().hasSuffix) {
        throw Failure(.badInput, file: path, "not the archive its name says, or a damaged one")
      } else {
        let bytes = try source.read(0..<source.count)
        try self.init(path, nil, .text(CSVFile.parse(Array(bytes), file: path)), nil)
      }
    }
  }

  /// The array that a mapping puts together.
  init(_ file: String, _ columns: MappedEvents) {
    (self.file, member, shape, source, lendable) = (file, nil, columns.shape, .mapped(columns), nil)
  }

  private init(
    _ file: String, _ member: String?, _ source: Source, _ lendable: LendableEvents?
  ) throws(Failure) {
    self.file = file
    self.member = member
    self.source = source
    self.lendable = lendable
    switch source {
    case .npy(let array): shape = array.shape
    case .text(let array): shape = array.shape
    case .mapped(let columns): shape = columns.shape
    case .hdf5(let box, let dataset):
      let info = try box.file.info(dataset)
      if info.element == .other {
        throw Failure(.badInput, file: file, place: dataset, "the dataset does not hold numbers")
      }
      if info.shape.isEmpty {
        throw Failure(
          .badInput, file: file, place: dataset, "the dataset is a single number, without an axis for events")
      }
      shape = info.shape
    }
  }

  /// Reads some events.
  ///
  /// - Parameters:
  ///   - events: which; within `0..<self.events`.
  ///   - allowingNonFinite: whether NaN and infinities are taken. Hardware has neither: a fixed-point word made of one is
  ///     whatever a C++ cast makes of it, so they are refused unless asked for.
  ///   - allowingMissing: whether NaN is taken, but no infinity.
  /// - Throws: `badInput` for numbers that are not finite, with the places of the first ones; `inputOutput`.
  public func read(
    _ events: Range<Int>, allowingNonFinite: Bool = false, allowingMissing: Bool = false
  ) throws(Failure) -> EventArray {
    guard events.lowerBound >= 0, events.upperBound <= self.events else {
      throw Failure(.bug, file: file, "events \(events) asked for, of \(self.events)")
    }
    let array: EventArray
    switch source {
    case .npy(let npy): array = try npy.read(events)
    case .text(let text): array = text.slice(events)
    case .mapped(let columns):
      array = try columns.read(
        events, allowingNonFinite: allowingNonFinite, allowingMissing: allowingMissing)
    case .hdf5(let box, let dataset): array = try box.file.events(dataset, events)
    }
    if !allowingNonFinite {
      try checkFinite(array, firstEvent: events.lowerBound, allowingMissing: allowingMissing)
    }
    return array
  }

  /// Lends some events without copying them; nil where they have to be decoded, or are not all finite: then `read`
  /// reads them, or says what is wrong with them.
  ///
  /// - Throws: `inputOutput`.
  public func lend(_ events: Range<Int>) throws(Failure) -> LentEvents? {
    guard let lent = try lendable?.lend(events), lent.isFinite else { return nil }
    return lent
  }

  /// Reads all events; see `read`.
  public func readAll(
    allowingNonFinite: Bool = false, allowingMissing: Bool = false
  ) throws(Failure) -> EventArray {
    try read(0..<events, allowingNonFinite: allowingNonFinite, allowingMissing: allowingMissing)
  }

  /// Checks that each event has the shape of a model's input, or is the same numbers flat.
  ///
  /// - Throws: `badInput` with both shapes.
  public func check(shape expected: [Int], of input: String) throws(Failure) {
    let own = Array(shape.dropFirst())
    if own == expected || own == [expected.reduce(1, *)] || (own.isEmpty && expected.reduce(1, *) == 1) {
      return
    }
    let wanted = expected.map { ", \($0)" }.joined()
    throw Failure(
      .badInput, file: file, place: member,
      "the array's shape \(shape) does not fit the input '\(input)', which takes [events\(wanted)]",
      hint: shape == expected
        ? "the first axis counts the events: one event has the shape \([1] + expected)" : nil)
  }

  private func checkFinite(
    _ array: EventArray, firstEvent: Int, allowingMissing: Bool
  ) throws(Failure) {
    func isWrong(_ number: Double) -> Bool { !number.isFinite && !(allowingMissing && number.isNaN) }
    guard case .reals(let reals) = array.values, let first = reals.firstIndex(where: isWrong) else { return }
    var left = 0
    var problems: [Diagnostic] = []
    for index in first..<reals.count where isWrong(reals[index]) {
      guard problems.count < 5 else {
        left += 1
        continue
      }
      let place = [
        member, "event \(firstEvent + index / max(1, reals.count / array.events))", element(index, of: array),
      ]
      problems.append(
        Diagnostic(
          file: file, place: place.compactMap { $0 }.joined(separator: ", "),
          "\(reals[index].isNaN ? "NaN" : "\(reals[index])") is not a number hardware can be given"))
    }
    if left > 0 { problems.append(Diagnostic(file: file, place: member, "\(left) more in these events")) }
    throw Failure(.badInput, problems)
  }

  /// "element [2, 3]": the place of a number within its event.
  private func element(_ index: Int, of array: EventArray) -> String? {
    guard array.shape.count > 1 else { return nil }
    var rest = index
    var place: [Int] = []
    for length in array.shape.dropFirst().reversed() {
      place.insert(rest % length, at: 0)
      rest /= length
    }
    return "element \(place)"
  }
}

/// A file handle that several threads share: HDF5's functions take a lock of their own.
final class HDF5Box: Sendable {
  let file: HDF5File

  init(_ file: consuming HDF5File) { self.file = file }
}

extension HDF5File {
  /// The paths of the datasets, groups within groups to a reasonable depth.
  fileprivate func datasetNames(in group: String = "", depth: Int = 0) throws(Failure) -> [String] {
    var names: [String] = []
    for child in try children(of: group.isEmpty ? "/" : group) {
      let path = group.isEmpty ? child : "\(group)/\(child)"
      if isDataset(path) {
        names.append(path)
      } else if isGroup(path), depth < 8, names.count < 10000 {
        names += try datasetNames(in: path, depth: depth + 1)
      }
    }
    return names
  }

  /// The events of a dataset as they lie in the file; nil where the HDF5 library has to read them.
  fileprivate func lendable(_ dataset: String, in source: ByteSource) throws(Failure) -> LendableEvents? {
    guard let start = try nativeOffset(dataset) else { return nil }
    let info = try info(dataset)
    guard let events = info.shape.first, case .float(let bits) = info.element,
      let width = elementCount(info.shape.dropFirst() + [bits / 8])
    else { return nil }
    return LendableEvents(
      source, start: start, width: width, events: events, bits == 32 ? .float32 : .float64)
  }

  /// Reads some rows of a dataset.
  fileprivate func events(_ dataset: String, _ rows: Range<Int>) throws(Failure) -> EventArray {
    switch try info(dataset).element {
    case .float, .other:
      let (shape, values) = try read(dataset, as: Double.self, rows: rows, limit: .max)
      return EventArray(shape: shape, reals: values)
    case .integer(let bits, let isSigned):
      let (shape, values) = try read(dataset, as: Int64.self, rows: rows, limit: .max)
      // Larger integers arrive clamped.
      if !isSigned, bits > 63, values.contains(.max) {
        throw Failure(
          .badInput, file: path, place: dataset, "the dataset holds integers of 2^63 - 1 and above")
      }
      return EventArray(shape: shape, words: values)
    case .boolean:
      let (shape, values) = try read(dataset, as: Int64.self, rows: rows, limit: .max)
      return EventArray(shape: shape, words: values)
    }
  }
}

extension ZipArchive {
  /// The names of the arrays of an .npz archive in its order, as numpy shows them.
  fileprivate var arrayNames: [String] {
    entryNames.filter { $0.hasSuffix(".npy") }.map { String($0.dropLast(4)) }
  }
}

extension EventArray {
  func slice(_ events: Range<Int>) -> EventArray {
    let width = count / max(1, self.events)
    let part = (events.lowerBound * width)..<(events.upperBound * width)
    let shape = [events.count] + shape.dropFirst()
    switch values {
    case .reals(let reals): return EventArray(shape: shape, reals: Array(reals[part]))
    case .words(let words): return EventArray(shape: shape, words: Array(words[part]))
    }
  }
}

extension EventReader {
  /// The arrays of an archive in its order, or of an HDF5 file by name; empty for other files.
  static func arrayNames(in path: String) throws(Failure) -> [String] {
    let start = try ByteSource(path: path).read(0..<8)
    if ZipArchive.isZip(start) { return try ZipArchive(path: path).arrayNames }
    if HDF5File.isHDF5(start) { return try HDF5File(path: path).datasetNames() }
    return []
  }
}
