import Diagnostics
import Foundation
@testable import Storage
import Testing

@Suite struct HDF5Tests {
  /// Every number type and layout h5py writes, against the numbers h5py reads.
  @Test func readsWhatH5pyWrote() throws {
    let file = try HDF5File(path: fixture("data.h5"))
    let expected = try JSONNode(contentsOf: fixture("data.json"))
    let members = try #require(expected.members)
    #expect(members.count == 12)
    for (name, node) in members {
      let (shape, values) = try file.read("plain/\(name)")
      #expect(shape == node["shape"]?.elements?.compactMap(\.integer), "\(name)")
      #expect(values == node["values"]?.elements?.compactMap(\.number), "\(name)")
    }
    #expect(try file.read("plain/not finite").values == [.infinity, -.infinity])
    #expect(try file.read("plain/int64", as: Int64.self).values == [-(1 << 53), 1 << 53, 3])
    #expect(try file.read("link").values == file.read("plain/float64").values)
  }

  @Test func readsRows() throws {
    let file = try HDF5File(path: fixture("data.h5"))
    let whole = try file.read("plain/compressed", as: Float.self)
    let part = try file.read("plain/compressed", as: Float.self, rows: 15..<37)
    #expect(part.shape == [22, 40])
    #expect(part.values == Array(whole.values[(15 * 40)..<(37 * 40)]))
    #expect(try file.read("plain/compressed", rows: 5..<5).values == [])
  }

  @Test func describesDatasets() throws {
    let file = try HDF5File(path: fixture("data.h5"))
    #expect(try file.info("plain/float16") == HDF5DatasetInfo(shape: [3, 2], element: .float(bits: 16)))
    #expect(
      try file.info("plain/uint16")
        == HDF5DatasetInfo(shape: [1, 2], element: .integer(bits: 16, isSigned: false)))
    #expect(try file.info("plain/bool").element == .boolean)
    #expect(try file.info("plain/scalar").shape == [])
    #expect(try file.info("text").element == .other)
  }

  @Test func walksGroups() throws {
    let file = try HDF5File(path: fixture("data.h5"))
    #expect(try file.children(of: "claims") == ["chunked", "compressed", "contiguous", "written in part"])
    #expect(try file.children().contains("plain"))
    #expect(file.exists("plain/float32") == true)
    #expect(file.exists("/") == true)
    #expect(file.exists("plain/float32/x") == false)
    #expect(file.exists("nowhere/float32") == false)
    #expect(file.exists("dangling") == false)
    #expect(file.exists("outside") == false)
    #expect(file.isGroup("plain") && !file.isDataset("plain"))
    #expect(file.isDataset("plain/float32") && !file.isGroup("plain/float32"))
  }

  @Test func readsAttributes() throws {
    let file = try HDF5File(path: fixture("data.h5"))
    #expect(try file.string("variable") == "naïve ✓")
    #expect(try file.string("long") == String(repeating: "x", count: 100_000))
    #expect(try file.string("fixed") == "fixed")
    #expect(try file.string("owner", of: "plain") == "plain")
    #expect(try file.strings("many") == ["a", "bcd", ""])
    #expect(try file.strings("many variable") == ["uno", "due"])
    #expect(try file.strings("none") == [])
    #expect(try file.strings("nothing") == nil)
  }

  @Test func readsImages() throws {
    let image = try readFile(fixture("data.h5"))
    let file = try HDF5File(image: image, name: "archive.keras")
    #expect(try file.read("plain/scalar").values == [2.5])
  }

  @Test(arguments: [
    ("plain", "error: this is not a dataset"),
    ("nowhere", "error: there is no such group or dataset"),
    ("text", "error: the dataset does not hold numbers"),
    ("outside", "error: there is no such group or dataset"),
    ("external", "error: the dataset keeps its data in another file"),
    ("virtual", "error: the dataset keeps its data in another file"),
    (
      "claims/contiguous",
      "error: the dataset of shape [100000, 100000] is too large: at most 268435456 elements are accepted"
    ),
    (
      "claims/chunked",
      "error: the dataset of shape [10000000000] is too large: at most 268435456 elements are accepted"
    ),
    (
      "claims/compressed",
      "error: the dataset's shape [4611686018427387904, 4611686018427387904] is too large"
    ),
  ])
  func refused(_ dataset: String, _ message: String) {
    let expected = "65 data.h5:\(dataset): \(message)"
    #expect(complaint { _ = try HDF5File(path: fixture("data.h5")).read(dataset) } == expected)
  }

  @Test func claimsAreComparedWithTheFile() {
    #expect(
      complaint { _ = try HDF5File(path: fixture("data.h5")).read("claims/written in part", limit: .max) }
        == "65 data.h5:claims/written in part: error: the dataset claims 10000000 elements (shape [10000000]),"
        + " but the file holds 40 bytes of it")
    #expect(
      complaint { _ = try HDF5File(path: fixture("data.h5")).read("claims/chunked", limit: .max) }
        == "65 data.h5:claims/chunked: error: the dataset was never written")
  }

  @Test func badFiles() throws {
    #expect(
      complaint { _ = try HDF5File(path: fixture("nowhere.h5")) }
        == "66 nowhere.h5: error: there is no such file")
    #expect(
      complaint { _ = try HDF5File(path: fixture("data.json")) }
        == "65 data.json: error: this is no HDF5 file")
    let image = try readFile(fixture("data.h5"))
    #expect(
      complaint { _ = try HDF5File(image: Array(image.prefix(3000)), name: "x.h5") }
        == "65 x.h5: error: this HDF5 file is damaged or cut off\nhint: write, copy or download it again")
    #expect(
      complaint { _ = try HDF5File(path: fixture("data.h5")).string("number") }
        == "65 data.h5:/: error: the attribute number does not hold strings")
  }

  /// The lock: many tasks reading at once.
  @Test func readsFromManyTasks() async throws {
    let path = fixture("data.h5")
    let expected = try HDF5File(path: path).read("plain/compressed").values
    try await withThrowingTaskGroup(of: Bool.self) { group in
      for _ in 0..<16 {
        group.addTask { try HDF5File(path: path).read("plain/compressed").values == expected }
      }
      for try await same in group { #expect(same) }
    }
  }

  /// Files cut short anywhere: HDF5 compares the length with its own record of it.
  @Test func truncatedFiles() throws {
    let image = try readFile(fixture("data.h5"))
    for length in stride(from: 0, to: image.count, by: 1999) {
      #expect(
        complaint { _ = try HDF5File(image: Array(image.prefix(length)), name: "x.h5") }
          == (length < 8
            ? "65 x.h5: error: this is no HDF5 file"
            : "65 x.h5: error: this HDF5 file is damaged or cut off\nhint: write, copy or download it again"))
    }
  }
}
