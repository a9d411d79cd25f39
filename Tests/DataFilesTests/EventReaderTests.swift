import DataFiles
import Foundation
import Testing

@Suite struct EventReaderTests {
  let folder: TemporaryFolder

  init() throws { folder = try TemporaryFolder() }

  func archive(_ name: String, as file: String) throws -> String {
    try folder.file(file, #require(try fixtures()["archives"]?[name]?.bytes))
  }

  @Test(arguments: [("stored", "e.npz"), ("compressed", "e.npz"), ("h5", "e.h5")])
  func readsArchives(_ name: String, _ file: String) throws {
    let path = try archive(name, as: file)
    let expected = try fixtures()
    let isHDF5 = name == "h5"
    let x = try EventReader("\(path):x")
    #expect(x.shape == [4, 3])
    #expect(try x.readAll().reals == expected["x"]?.elements?.compactMap(\.number))
    let y = try EventReader(isHDF5 ? "\(path):/test/y" : "\(path):y")
    let words = try #require(expected["y"]?.integers).map(Int64.init)
    #expect(try y.readAll() == EventArray(shape: [4, 2], words: words))
    #expect(try y.read(1..<3) == EventArray(shape: [2, 2], words: Array(words[2..<6])))
    #expect(try EventReader(path, preferring: "x").member == "x")
  }

  @Test func takesTheOnlyArray() throws {
    let reader = try EventReader(archive("one.h5", as: "one.h5"))
    #expect(reader.member == "only/z")
    #expect(reader.shape == [4, 3])
  }

  @Test func refusesAmbiguousAndWrongNames() throws {
    let path = try archive("stored", as: "e.npz")
    #expect(
      complaint(in: folder) { _ = try EventReader(path) }
        == "65 e.npz: error: the file has 2 arrays: 'x', 'y'\nhint: name one after a colon: e.npz:x")
    #expect(
      complaint(in: folder) { _ = try EventReader("\(path):z") }
        == "65 e.npz: error: the file has no array 'z'\nhint: did you mean 'x'?")
    #expect(
      complaint(in: folder) { _ = try EventReader("\(path):labels") }
        == "65 e.npz: error: the file has no array 'labels'\nhint: it has 'x', 'y'")
    let h5 = try archive("h5", as: "e.h5")
    #expect(
      complaint(in: folder) { _ = try EventReader("\(h5):note") }
        == "65 e.h5:note: error: the dataset does not hold numbers")
    let broken = try folder.file("b.npz", Array("no archive".utf8))
    #expect(
      complaint(in: folder) { _ = try EventReader(broken) }
        == "65 b.npz: error: not the archive its name says, or a damaged one")
  }

  @Test func opensInputsByNameAndOrder() throws {
    let path = try archive("stored", as: "e.npz")
    let named = try EventReader.open([path], for: [("y", [2]), ("x", [3])])
    #expect(named.map(\.member) == ["y", "x"])
    let ordered = try EventReader.open([path], for: [("input_1", [3]), ("input_2", [2])])
    #expect(ordered.map(\.member) == ["x", "y"])
    let separate = try EventReader.open(
      ["\(path):x", "\(path):y"], for: [("input_1", [3, 1]), ("input_2", [2])])
    #expect(separate.map(\.shape) == [[4, 3], [4, 2]])
  }

  @Test func refusesInputsThatDoNotFit() throws {
    try writeEvents(
      EventArray(shape: [4, 3], reals: Array(repeating: 0, count: 12)), to: "\(folder.path)/a.npy")
    try writeEvents(
      EventArray(shape: [5, 2], reals: Array(repeating: 0, count: 10)), to: "\(folder.path)/b.npy")
    let a = "\(folder.path)/a.npy"
    let b = "\(folder.path)/b.npy"
    #expect(
      complaint(in: folder) { _ = try EventReader.open([a], for: [("p", [3]), ("q", [2])]) }
        == """
        64 error: 1 input files for 2 model inputs
        hint: the model's inputs, in order: p [3], q [2]
        """)
    #expect(
      complaint(in: folder) { _ = try EventReader.open([a, b], for: [("p", [4]), ("q", [2, 2])]) }
        == """
        65 a.npy: error: the array's shape [4, 3] does not fit the input 'p', which takes [events, 4]
        b.npy: error: the array's shape [5, 2] does not fit the input 'q', which takes [events, 2, 2]
        """)
    #expect(
      complaint(in: folder) { _ = try EventReader.open([a, b], for: [("p", [3]), ("q", [2])]) }
        == "65 b.npy: error: 5 events, where a.npy has 4")
    #expect(
      complaint(in: folder) { try EventReader(a).check(shape: [4, 3], of: "p") }
        == """
        65 a.npy: error: the array's shape [4, 3] does not fit the input 'p', which takes [events, 4, 3]
        hint: the first axis counts the events: one event has the shape [1, 4, 3]
        """)
  }

  @Test(arguments: [
    ([4], []), ([4], [1]), ([4, 6], [6]), ([4, 6], [2, 3]), ([4, 2, 3], [2, 3]), ([4, 1], []),
  ])
  func acceptsShapes(_ shape: [Int], _ input: [Int]) throws {
    let path = "\(folder.path)/a.npy"
    try writeEvents(EventArray(shape: shape, reals: Array(repeating: 0, count: shape.reduce(1, *))), to: path)
    try EventReader(path).check(shape: input, of: "x")
  }

  @Test(arguments: [([4, 6], [3, 2, 2]), ([4, 3, 2], [2, 3]), ([24], [6]), ([4, 2, 3], [3])])
  func refusesShapes(_ shape: [Int], _ input: [Int]) throws {
    let path = "\(folder.path)/a.npy"
    try writeEvents(EventArray(shape: shape, reals: Array(repeating: 0, count: shape.reduce(1, *))), to: path)
    #expect(
      complaint(in: folder) { try EventReader(path).check(shape: input, of: "x") }.hasPrefix(
        "65 a.npy: error"))
  }

  @Test func refusesNumbersThatAreNotFinite() throws {
    var values = (0..<24).map(Double.init)
    for index in [3, 8, 13, 14, 15, 16, 17] { values[index] = index == 8 ? -.infinity : .nan }
    let path = "\(folder.path)/a.npy"
    try writeEvents(EventArray(shape: [4, 2, 3], reals: values), to: path)
    #expect(
      complaint(in: folder) { _ = try EventReader(path).read(1..<3) }
        == """
        65 a.npy:event 1, element [0, 2]: error: -inf is not a number hardware can be given
        a.npy:event 2, element [0, 1]: error: NaN is not a number hardware can be given
        a.npy:event 2, element [0, 2]: error: NaN is not a number hardware can be given
        a.npy:event 2, element [1, 0]: error: NaN is not a number hardware can be given
        a.npy:event 2, element [1, 1]: error: NaN is not a number hardware can be given
        a.npy: error: 1 more in these events
        """)
    #expect(try EventReader(path).read(0..<4, allowingNonFinite: true).count == 24)
    #expect(try EventReader(path).read(3..<4).reals == Array(values[18...]))
  }

  @Test func readsFromSeveralThreads() async throws {
    let path = "\(folder.path)/a.npy"
    try writeEvents(EventArray(shape: [1000, 2], reals: (0..<2000).map(Double.init)), to: path)
    let reader = try EventReader(path)
    let sums = try await withThrowingTaskGroup(of: Double.self) { group in
      for start in stride(from: 0, to: 1000, by: 50) {
        group.addTask { try reader.read(start..<(start + 50)).reals.reduce(0, +) }
      }
      return try await group.reduce(0, +)
    }
    #expect(sums == 1999 * 1000)
  }

  // MARK: Text

  @Test(arguments: [
    ("1,2\n3,4\n", [2, 2], [1, 2, 3, 4]),
    ("pt,eta\n1.5,-2e-3\n\n# note\n 3 , 4 \r\n", [2, 2], [1.5, -0.002, 3, 4]),
    ("1 2\t 3\n4  5 6", [2, 3], [1, 2, 3, 4, 5, 6]),
    ("1;2\n3;4\n", [2, 2], [1, 2, 3, 4]),
    ("\u{feff}\"a\",\"b\"\n\"1\",\"0x1p3\"\n", [1, 2], [1, 8]),
    ("5\n6\n7\n", [3, 1], [5, 6, 7]),
  ])
  func readsText(_ text: String, _ shape: [Int], _ values: [Double]) throws {
    let array = try EventReader(folder.file("a.csv", Array(text.utf8))).readAll()
    #expect(array == EventArray(shape: shape, reals: values))
  }

  @Test(arguments: [
    (
      "",
      """
      65 a.csv: error: this is an empty file, not events
      hint: events are .npy, .npz, HDF5 or CSV files
      """
    ),
    (
      "a,b\n",
      "65 a.csv: error: the file holds no events\nhint: its only line has no number in it and was taken for the names of columns"
    ),
    ("1,x\n2,3\n", "65 a.csv:line 1: error: 'x' in column 2 is not a number"),
    (
      "1,2\n3\n4,5,6\n7,\n",
      """
      65 a.csv:line 2: error: 1 numbers, where the lines before have 2
      a.csv:line 3: error: 3 numbers, where the lines before have 2
      a.csv:line 4: error: '' in column 2 is not a number
      """
    ),
    (
      "1\n" + String(repeating: "x\n", count: 12),
      (2...11).map { "a.csv:line \($0): error: 'x' in column 1 is not a number\n" }.joined()
        .replacing("a.csv:line 2:", with: "65 a.csv:line 2:") + "a.csv: error: 2 more problems of this kind"
    ),
    ("1,nan\n", "65 a.csv:event 0, element [1]: error: NaN is not a number hardware can be given"),
  ])
  func refusesText(_ text: String, _ message: String) throws {
    let path = try folder.file("a.csv", Array(text.utf8))
    #expect(complaint(in: folder) { _ = try EventReader(path).readAll() } == message)
  }

  @Test func writesText() throws {
    let array = EventArray(shape: [2, 1, 2], reals: [0.1, -1, 1e-7, 12345678.9])
    try writeEvents(array, to: "\(folder.path)/a.csv")
    #expect(
      try String(contentsOfFile: "\(folder.path)/a.csv", encoding: .utf8) == "0.1,-1.0\n1e-07,12345678.9\n")
    #expect(try EventReader("\(folder.path)/a.csv").readAll().reals == array.reals)
    try writeEvents(EventArray(shape: [2, 1], words: [-1, 1 << 62]), to: "\(folder.path)/w.csv")
    #expect(
      try String(contentsOfFile: "\(folder.path)/w.csv", encoding: .utf8) == "-1\n4611686018427387904\n")
  }
}
