import Diagnostics
import Foundation
import Storage
import TestSupport
import Testing

@Suite struct ZipTests {
  @Test func readsWhatPythonWrote() throws {
    let archive = try ZipArchive(path: fixture("data.zip"))
    #expect(archive.entryNames == ["stored", "deflated", "empty", "folder/../../name"])
    #expect(try archive.read("stored") == Array("stored text".utf8))
    #expect(try archive.read("deflated") == Array(String(repeating: "abc", count: 1000).utf8))
    #expect(try archive.read("empty") == [])
    #expect(archive.contains("empty") && !archive.contains("full"))
  }

  @Test func writesReproducibly() throws {
    let entries: [(name: String, bytes: [UInt8])] = [("a.npy", [1, 2, 3]), ("b.npy", []), ("é", [9])]
    let bytes = try withFile([]) { path in
      try writeArchive(entries, to: path)
      let archive = try ZipArchive(path: path)
      #expect(archive.entryNames == ["a.npy", "b.npy", "é"])
      #expect(try archive.read("a.npy") == [1, 2, 3])
      #expect(try archive.read("b.npy") == [])
      return try readFile(path)
    }
    let again = try withFile([]) { path in
      try writeArchive(entries, to: path)
      return try readFile(path)
    }
    #expect(ZipArchive.isZip(bytes))
    #expect(bytes == again)
    // Nor do the files' own modes show.
    let modes = try [0o600, 0o755].map { mode in
      try withFile([1, 2, 3]) { file in
        try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file)
        return try withFile([]) { path in
          try ZipArchive.write([("a.npy", file)], to: path)
          return try readFile(path)
        }
      }
    }
    #expect(modes[0] == modes[1])
  }

  @Test func refusals() throws {
    let archive = try ZipArchive(path: fixture("data.zip"))
    #expect(
      complaint { _ = try archive.read("nothing") }
        == "65 data.zip:nothing: error: the archive has no such entry")
    #expect(
      complaint { _ = try archive.read("deflated", limit: 100) }
        == "65 data.zip:deflated: error: the entry unpacks to 3000 bytes; at most 100 are accepted here")
    #expect(
      complaint { _ = try ZipArchive(path: fixture("none.zip")) }
        == "66 none.zip: error: there is no such file")
    #expect(
      complaint { _ = try ZipArchive(path: fixture("data.json")) }
        == "65 data.json: error: this is no zip archive")
    #expect(
      complaint { try ZipArchive.write([("a", "/nowhere/a")], to: fixture("new.npz")) }
        == "73 new.npz: error: the archive cannot be written: Read error: No such file or directory")
    #expect(!fileExists(fixture("new.npz")))
    #expect(
      complaint { try writeArchive([("a", [1])], to: "/nowhere/x.npz") }
        == "73 x.npz: error: the archive cannot be written: Failure to create temporary file: No such file or directory"
    )
  }

  @Test func damageIsNoticed() throws {
    var bytes = try readFile(fixture("data.zip"))
    // The first data byte of "stored", after the 30-byte header and the name.
    bytes[36] ^= 1
    let text = try withFile(bytes) { path in
      complaint { _ = try ZipArchive(path: path).read("stored") }
    }
    #expect(text.hasSuffix(":stored: error: the entry is damaged: CRC error"))
  }
}
