import Diagnostics
import Storage

/// The columns of a file that a mapping puts together to one array.
struct MappedEvents: Sendable {
  private struct Column: Sendable {
    let branch: EventMapping.Branch
    let reader: EventReader
    /// Of an array of several columns that one.
    let number: Int?
    /// How many numbers per event it has; nil: one, without an axis.
    let width: Int?
  }

  private let columns: [Column]
  private let input: EventMapping.Input
  /// The length of each axis, events first.
  let shape: [Int]

  /// - Throws: with every branch that is not there; `badInput` for lengths that differ.
  init(_ input: EventMapping.Input, of path: String, _ file: MappedFile) throws(Failure) {
    self.input = input
    var columns: [Column] = []
    var problems: [Diagnostic] = []
    for branch in input.branches {
      do throws(Failure) {
        let (reader, number) = try file.column(branch.name)
        let rest = number == nil ? Array(reader.shape.dropFirst()) : []
        guard rest.count <= 1 || (input.branches.count == 1 && input.objects == nil) else {
          throw Failure(
            .badInput, file: path, place: branch.name,
            "has \(rest.count) axes per event, branches have one at most")
        }
        columns.append(
          Column(
            branch: branch, reader: reader, number: number, width: rest.isEmpty ? nil : rest.reduce(1, *)))
      } catch {
        problems += error.diagnostics
      }
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    guard let first = columns.first else { throw Failure(.badInput, file: path, "an input without branches") }
    for column in columns where column.reader.events != first.reader.events {
      throw Failure(
        .badInput, file: path, place: column.branch.name,
        "\(column.reader.events) events, where \(first.branch.name) has \(first.reader.events)")
    }
    self.columns = columns
    let events = first.reader.events
    if let objects = input.objects {
      if let single = columns.first(where: { $0.width == nil }) {
        throw Failure(
          .badInput, file: path, place: single.branch.name,
          "has one number per event, in an input of \(objects) objects")
      }
      let axes = input.branchesFirst ? [columns.count, objects] : [objects, columns.count]
      shape = [events] + (input.isFlat ? [axes.reduce(1, *)] : axes)
    } else if columns.count == 1, columns[0].width != nil {
      let own = Array(first.reader.shape.dropFirst())
      shape = [events] + (input.isFlat ? [own.reduce(1, *)] : own)
    } else {
      shape = [events, columns.reduce(0) { $0 + ($1.width ?? 1) }]
    }
  }

  /// Some events; see `EventReader.read`.
  func read(
    _ events: Range<Int>, allowingNonFinite: Bool, allowingMissing: Bool
  ) throws(Failure) -> EventArray {
    let width = shape.dropFirst().reduce(1, *)
    var result = [Double](repeating: input.pad, count: events.count * width)
    var start = 0
    for (place, column) in columns.enumerated() {
      let numbers = try column.reader.read(
        events, allowingNonFinite: allowingNonFinite, allowingMissing: allowingMissing
      ).reals
      let stride = column.reader.shape.dropFirst().reduce(1, *)
      let own = column.width ?? 1
      let taken = input.objects.map { min($0, own) } ?? own
      // Where the next number of a branch goes, and where the branch begins.
      let step = input.objects != nil && !input.branchesFirst ? columns.count : 1
      let from = input.objects.map { input.branchesFirst ? place * $0 : place } ?? start
      for event in 0..<events.count {
        for index in 0..<taken {
          let number = numbers[event * stride + (column.number ?? index)]
          result[event * width + from + index * step] = number * column.branch.scale + column.branch.offset
        }
      }
      start += own
    }
    return EventArray(shape: [events.count] + shape.dropFirst(), reals: result)
  }
}

/// A file whose columns a mapping names.
struct MappedFile {
  private let path: String
  private let kind: Kind

  private enum Kind {
    /// Arrays by name, below a group.
    case arrays([String], group: String)
    /// One array, whose columns may have names.
    case columns(EventReader, names: [String])
  }

  init(_ path: String, tree: String?) throws(Failure) {
    self.path = path
    let source = try ByteSource(path: path)
    let start = try source.read(0..<8)
    for (magic, name) in [("root", "a ROOT file"), ("PAR1", "a parquet file")]
    where start.starts(with: Array(magic.utf8)) {
      throw Failure(
        .badInput, file: path, "this is \(name), which the command line does not read",
        hint: "python -m triggerfish.convert MAPPING \(path) --output events.npz makes of it what it reads")
    }
    let names = try EventReader.arrayNames(in: path)
    if ZipArchive.isZip(start) || HDF5File.isHDF5(start) {
      kind = .arrays(names, group: tree.map { $0 + "/" } ?? "")
    } else {
      let reader = try EventReader(path)
      let isText = !start.starts(with: NpyHeader.magic)
      kind = .columns(
        reader,
        names: isText ? CSVFile.columnNames(Array(try source.read(0..<min(source.count, 1 << 20)))) : [])
    }
  }

  /// A column, and its number in the array it is of, where that has several.
  ///
  /// - Throws: `badInput` where there is none, with the nearest.
  func column(_ name: String) throws(Failure) -> (EventReader, Int?) {
    switch kind {
    case .arrays(let names, let group):
      guard names.contains(group + name) else {
        throw missing(name, names.filter { $0.hasPrefix(group) }.map { String($0.dropFirst(group.count)) })
      }
      return (try EventReader("\(path):\(group + name)"), nil)
    case .columns(let reader, let names):
      if let place = names.firstIndex(of: name) { return (reader, place) }
      if name == "inputs" { return (reader, nil) }
      guard reader.shape.count == 2, let number = Int(name), (0..<reader.shape[1]).contains(number) else {
        throw missing(name, names)
      }
      return (reader, number)
    }
  }

  private func missing(_ name: String, _ names: [String]) -> Failure {
    Failure(
      .badInput, file: path, "there is no branch '\(name)'",
      hint: nearest(to: name, in: names).map { "did you mean '\($0)'?" })
  }
}

extension EventReader {
  /// Opens a file for all inputs of a model, by a mapping.
  ///
  /// - Parameter inputs: name and shape of each input.
  /// - Throws: as the other `open`; `badInput` where the mapping has another number of inputs.
  public static func open(
    _ path: String, _ mapping: EventMapping, for inputs: [(name: String, shape: [Int])]
  ) throws(Failure) -> [EventReader] {
    guard mapping.inputs.count == inputs.count else {
      throw Failure(
        .badInput, file: mapping.file, "\(mapping.inputs.count) inputs, where the model has \(inputs.count)")
    }
    let file = try MappedFile(path, tree: mapping.tree)
    var readers: [EventReader] = []
    var problems: [Diagnostic] = []
    for (input, own) in zip(mapping.inputs, inputs) {
      do throws(Failure) {
        let reader = try EventReader(path, MappedEvents(input, of: path, file))
        try reader.check(shape: own.shape, of: own.name)
        readers.append(reader)
      } catch {
        problems += error.diagnostics
      }
    }
    if !problems.isEmpty { throw Failure(.badInput, problems) }
    return readers
  }

  /// Opens one column, of one number per event.
  public static func open(
    _ path: String, _ mapping: EventMapping, column: EventMapping.Branch
  ) throws(Failure) -> EventReader {
    let file = try MappedFile(path, tree: mapping.tree)
    return EventReader(path, try MappedEvents(EventMapping.Input([column]), of: path, file))
  }
}
