import DataFiles
import Foundation
import Testing

/// Events used where they lie in a file, against what h5py wrote there (Fixtures/make_hdf5.py).
@Suite struct LendingTests {
  /// A dataset of the fixture, as h5py describes it.
  struct Dataset {
    let name: String
    let shape: [Int]
    /// Nil stands for a number that is not finite.
    let values: [Double?]
    /// Whether the numbers lie in the file as this machine stores them, aligned.
    let isPlain: Bool
    let offset: Int?
  }

  let folder: TemporaryFolder
  let image: [UInt8]
  let datasets: [Dataset]

  init() throws {
    folder = try TemporaryFolder()
    let fixture = try fixtures("hdf5.json")
    image = try #require(fixture["bytes"]?.bytes)
    datasets = try #require(fixture["datasets"]?.elements).map { entry in
      Dataset(
        name: try #require(entry["name"]?.string), shape: try #require(entry["shape"]?.integers),
        values: try #require(entry["values"]?.elements).map(\.number),
        isPlain: try #require(entry["isPlain"]?.bool as Bool?), offset: entry["offset"]?.integer)
    }
  }

  private func numbers(_ lent: LentEvents) -> [Double] {
    switch lent.element {
    case .float32: lent.bytes.bindMemory(to: Float.self).map(Double.init)
    case .float64: Array(lent.bytes.bindMemory(to: Double.self))
    }
  }

  /// Every layout: each run of events, lent if it can be and read always, bit for bit.
  @Test func hdf5DatasetsAreLentOrRead() throws {
    let path = try folder.file("e.h5", image)
    var lentOnes: Set<String> = []
    for dataset in datasets where !dataset.values.contains(nil) {
      let reader = try EventReader("\(path):\(dataset.name)")
      #expect(reader.shape == dataset.shape)
      let width = dataset.shape.dropFirst().reduce(1, *)
      for start in 0..<reader.events {
        for end in (start + 1)...reader.events {
          let expected = dataset.values[start * width..<end * width].map { $0?.bitPattern }
          #expect(try reader.read(start..<end).reals.map(\.bitPattern) == expected, "\(dataset.name)")
          let lent = try reader.lend(start..<end)
          #expect((lent != nil) == dataset.isPlain, "\(dataset.name)")
          guard let lent else { continue }
          lentOnes.insert(dataset.name)
          #expect(numbers(lent).map(\.bitPattern) == expected, "\(dataset.name)")
        }
      }
    }
    #expect(lentOnes == ["float32", "group/float32 again", "group/float64", "one axis", "linked"])
  }

  @Test func whatIsNotFiniteIsRefusedByName() throws {
    let reader = try EventReader("\(try folder.file("e.h5", image)):not finite")
    #expect(try reader.lend(0..<2) == nil)
    #expect(try reader.lend(0..<1).map(numbers) == [1, 2])
    #expect(
      complaint(in: folder) { _ = try reader.read(0..<2) }
        == "65 e.h5:not finite, event 1, element [0]: error: inf is not a number hardware can be given")
  }

  @Test func whatWasNeverWrittenIsRefused() throws {
    let reader = try EventReader("\(try folder.file("e.h5", image)):never written")
    #expect(try reader.lend(0..<1) == nil)
    #expect(
      complaint(in: folder) { _ = try reader.read(0..<1) }
        == "65 e.h5:never written: error: the dataset was never written")
  }

  /// A file that says its numbers are elsewhere, outside of it or half outside.
  @Test(arguments: ["group/float32 again", "group/float64"])
  func refusesPlacesOutsideTheFile(_ name: String) throws {
    let dataset = try #require(datasets.first { $0.name == name })
    let size = dataset.values.count * (name == "group/float64" ? 8 : 4)
    let places = [
      image.count - size + 1, image.count - size + 8, image.count - 8, image.count, image.count + 4096,
      1 << 40, Int.max - size + 1, Int.max,
    ]
    for place in places.map(UInt64.init) + [1 << 63, UInt64.max - 7] {
      let path = try folder.file("e.h5", try patched(dataset, [place]))
      #expect(
        complaint(in: folder) { _ = try EventReader("\(path):\(name)") }
          == "65 e.h5:\(name): error: the dataset's data are not all within the file: it is damaged",
        "\(place)")
    }
    // Just inside, they are numbers like others.
    let last = UInt64(image.count - size) / 8 * 8
    let reader = try EventReader("\(try folder.file("e.h5", try patched(dataset, [last]))):\(name)")
    let inside = try reader.readAll(allowingNonFinite: true).reals
    let bytes = Data(image[Int(last)..<Int(last) + size])
    if name == "group/float64" {
      #expect(inside.map(\.bitPattern) == words(bytes, UInt64.self))
    } else {
      #expect(inside.map { Float($0).bitPattern } == words(bytes, UInt32.self))
    }
  }

  private func words<Word: FixedWidthInteger>(_ bytes: Data, _ type: Word.Type) -> [Word] {
    bytes.withUnsafeBytes { buffer in
      stride(from: 0, to: buffer.count, by: MemoryLayout<Word>.size).map {
        Word(littleEndian: buffer.loadUnaligned(fromByteOffset: $0, as: Word.self))
      }
    }
  }

  /// A file that says its numbers take more or less room than they do.
  @Test(arguments: [0, 1, 4, 56, 64, 1 << 20, UInt64.max, 1 << 63])
  func refusesTheWrongSize(_ size: UInt64) throws {
    let dataset = try #require(datasets.first { $0.name == "group/float32 again" })
    let offset = UInt64(try #require(dataset.offset))
    let path = try folder.file("e.h5", try patched(dataset, [offset, size]))
    let message = complaint(in: folder) { _ = try EventReader("\(path):group/float32 again").readAll() }
    #expect(message.hasPrefix("65 e.h5:group/float32 again: error: "), "\(message)")
  }

  /// Numbers at the end of the file, and then the file without its end.
  @Test func refusesACutFile() throws {
    let dataset = try #require(datasets.first { $0.name == "group/float64" })
    let offset = try #require(dataset.offset)
    var moved = try patched(dataset, [UInt64(image.count)]) + image[offset..<offset + 24 * 8]
    // The superblock of version 0 has the length of the file at byte 40.
    moved.replaceSubrange(40..<48, with: bytes(UInt64(moved.count)))
    let reader = try EventReader("\(try folder.file("moved.h5", moved)):group/float64")
    #expect(try reader.lend(0..<4).map(numbers) == dataset.values)
    var cut = Array(moved.dropLast(8))
    let path = try folder.file("e.h5", cut)
    #expect(
      complaint(in: folder) { _ = try EventReader("\(path):group/float64") }
        == "65 e.h5: error: this HDF5 file is damaged or cut off\nhint: write, copy or download it again")
    cut.replaceSubrange(40..<48, with: bytes(UInt64(cut.count)))
    try Data(cut).write(to: URL(filePath: path))
    #expect(
      complaint(in: folder) { _ = try EventReader("\(path):group/float64") }
        == "65 e.h5:group/float64: error: the dataset's data are not all within the file: it is damaged")
  }

  @Test(arguments: ["a.npy", "e.h5"]) func noticesThatAFileBecameShorter(_ name: String) throws {
    let path = try folder.file(name, image)
    if name == "a.npy" {
      try writeEvents(EventArray(shape: [4, 2, 3], reals: Array(repeating: 1, count: 24)), to: path)
    }
    let reader = try EventReader(name == "a.npy" ? path : "\(path):group/float64")
    #expect(try reader.lend(0..<4) != nil)
    try #require(truncate(path, 200) == 0)
    #expect(
      complaint(in: folder) { _ = try reader.lend(0..<4) }
        == "74 \(name): error: the file became shorter while it was read")
  }

  /// The fixture with other numbers where a dataset's header names the place of its data, and behind that.
  private func patched(_ dataset: Dataset, _ words: [UInt64]) throws -> [UInt8] {
    let wanted = bytes(UInt64(try #require(dataset.offset)))
    let places = (0..<image.count - 8).filter { Array(image[$0..<$0 + 8]) == wanted }
    try #require(places.count == 1)
    let new = words.flatMap(bytes)
    var result = image
    result.replaceSubrange(places[0]..<places[0] + new.count, with: new)
    return result
  }

  /// Eight bytes, low one first, as HDF5 stores offsets.
  private func bytes(_ word: UInt64) -> [UInt8] { withUnsafeBytes(of: word.littleEndian) { Array($0) } }
}
