import DataFiles
import Foundation
import Testing

@Suite struct NpyTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  /// Every type, byte order, axis order and version numpy writes.
  @Test func readsWhatNumpyWrote() throws {
    let cases = try #require(try fixtures()["cases"]?.elements)
    #expect(cases.count == 38)
    for entry in cases {
      let name = try Comment(rawValue: #require(entry["name"]?.string))
      let path = try folder.file("a.npy", #require(entry["bytes"]?.bytes))
      let reader = try EventReader(path)
      #expect(reader.shape == entry["shape"]?.integers, name)
      let array = try reader.readAll()
      if entry["kind"]?.string == "reals" {
        let expected = entry["values"]?.elements?.compactMap(\.number)
        #expect(array.reals.map(\.bitPattern) == expected?.map(\.bitPattern), name)
        #expect(array == EventArray(shape: array.shape, reals: array.reals), name)
      } else {
        let expected = try #require(entry["values"]?.integers)
        #expect(array == EventArray(shape: array.shape, words: expected.map(Int64.init)), name)
      }
      try readsInParts(reader, array, name)
    }
  }

  private func readsInParts(_ reader: EventReader, _ whole: EventArray, _ name: Comment) throws {
    let width = whole.count / max(1, whole.events)
    for start in 0...whole.events {
      for end in start...whole.events {
        let part = try reader.read(start..<end)
        #expect(part.shape == [end - start] + whole.shape.dropFirst(), name)
        #expect(part.reals == Array(whole.reals[(start * width)..<(end * width)]), name)
      }
    }
  }

  @Test func writesWhatNumpyWrites() throws {
    let cases = try #require(try fixtures()["written"]?.elements)
    #expect(cases.count == 5)
    for entry in cases {
      let shape = try #require(entry["shape"]?.integers)
      let numbers = try #require(entry["values"]?.elements)
      let array =
        entry["kind"]?.string == "reals"
        ? EventArray(shape: shape, reals: numbers.compactMap(\.number))
        : EventArray(shape: shape, words: numbers.compactMap(\.integer).map(Int64.init))
      let path = "\(folder.path)/out.npy"
      try writeEvents(array, to: path)
      #expect(try Array(Data(contentsOf: URL(filePath: path))) == entry["bytes"]?.bytes)
      #expect(try EventReader(path).readAll() == array)
    }
  }

  @Test func writesPartByPart() throws {
    let whole = EventArray(shape: [5, 2], reals: (0..<10).map(Double.init))
    try writeEvents(whole, to: "\(folder.path)/whole.npy")
    let reader = try EventReader("\(folder.path)/whole.npy")
    let writer = try EventWriter("\(folder.path)/parts.npy", shape: [5, 2], words: false)
    for part in [0..<2, 2..<2, 2..<5] { try writer.append(reader.read(part)) }
    try writer.finish()
    #expect(try folder.contents == ["parts.npy", "whole.npy"])
    #expect(
      try Data(contentsOf: URL(filePath: "\(folder.path)/parts.npy"))
        == Data(contentsOf: URL(filePath: "\(folder.path)/whole.npy")))
  }

  @Test func refusesArraysThatAreNoEvents() throws {
    let refused = try #require(try fixtures()["refused"])
    let expected = [
      "text": """
      65 a.npy: error: the array's type '<U1' is not a number
      hint: save it as float32, float64 or an integer type
      """,
      "records": "65 a.npy: error: the array holds records, not numbers",
      "complex": """
      65 a.npy: error: the array's type '<c16' is not a number
      hint: save it as float32, float64 or an integer type
      """,
      "scalar": "65 a.npy: error: the array is a single number, without an axis for events",
      "large": "65 a.npy: error: the array holds integers above 2^63",
    ]
    for (name, message) in expected {
      let path = try folder.file("a.npy", #require(refused[name]?.bytes))
      #expect(complaint(in: folder) { _ = try EventReader(path).readAll() } == message, "\(name)")
    }
  }

  /// Broken files, each pinned to exit code and message.
  @Test(arguments: [
    (
      "",
      """
      65 a.npy: error: this is an empty file, not events
      hint: events are .npy, .npz, HDF5 or CSV files
      """
    ),
    ("NUMPY", "65 a.npy: error: not an .npy file"),
    ("\u{93}NUMPY\u{1}\u{0}", "65 a.npy: error: the file ends in its header"),
    (
      "\u{93}NUMPY\u{9}\u{0}\u{0}\u{0}\u{0}\u{0}",
      "65 a.npy: error: version 9.0 of the .npy format is not known"
    ),
    ("\u{93}NUMPY\u{1}\u{0}\u{76}\u{0}{'descr': '<f8', ", "65 a.npy: error: the file ends in its header"),
    ("\u{93}NUMPY\u{2}\u{0}\u{ff}\u{ff}\u{ff}\u{ff}", "65 a.npy: error: the header claims 4294967295 bytes"),
    ("{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2)", "65 a.npy: error: the header is damaged"),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2, -2), }", "65 a.npy: error: the header is damaged"
    ),
    ("{'descr': '<f8', 'fortran_order': 0, 'shape': (2, 2), }", "65 a.npy: error: the header is damaged"),
    ("{'descr': '<f8', 'shape': (2, 2), }", "65 a.npy: error: the header is damaged"),
    ("__import__('os')", "65 a.npy: error: the header is damaged"),
    (
      "{'descr': '<f8', 'fortran_order': False, 'shape': (2, 2), }",
      "65 a.npy: error: the header promises 32 bytes (shape [2, 2], <f8), and 0 follow"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (1000000000, 16), }",
      "65 a.npy: error: the header promises 64000000000 bytes (shape [1000000000, 16], <f4), and 0 follow"
    ),
    (
      "{'descr': '<f4', 'fortran_order': False, 'shape': (9000000000000000000, 9000000000000000000), }",
      "65 a.npy: error: the array's shape [9000000000000000000, 9000000000000000000] is too large"
    ),
    (
      "{'descr': '<f16', 'fortran_order': False, 'shape': (2, 2), }",
      "65 a.npy: error: the array's type '<f16' is not a number\nhint: save it as float32, float64 or an integer type"
    ),
  ])
  func refuses(_ text: String, _ message: String) throws {
    var bytes = text.unicodeScalars.map { UInt8($0.value) }
    if text.hasPrefix("{") || text.hasPrefix("_") {
      bytes = [0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(bytes.count), 0] + bytes
    }
    let path = try folder.file("a.npy", bytes)
    #expect(complaint(in: folder) { _ = try EventReader(path) } == message)
  }

  @Test func refusesTrailingBytes() throws {
    let entry = try #require(try fixtures()["written"]?[0])
    let path = try folder.file("a.npy", #require(entry["bytes"]?.bytes) + [0])
    #expect(
      complaint(in: folder) { _ = try EventReader(path) }
        == "65 a.npy: error: the header promises 32 bytes (shape [2, 2], <f8), and 33 follow")
  }

  @Test func refusesMissingFilesAndFolders() throws {
    #expect(
      complaint(in: folder) { _ = try EventReader("\(folder.path)/none.npy") }
        == "66 none.npy: error: there is no such file")
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/d.npy", withIntermediateDirectories: false)
    #expect(
      complaint(in: folder) { _ = try EventReader("\(folder.path)/d.npy") }
        == "65 d.npy: error: this is a folder, not a file")
  }
}
