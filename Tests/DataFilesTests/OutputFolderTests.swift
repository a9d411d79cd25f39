import Diagnostics
import Foundation
import Storage
import Testing

@testable import DataFiles

@Suite struct OutputFolderTests {
  let folder: TemporaryFolder
  let out: String

  init() throws {
    folder = try TemporaryFolder()
    out = "\(folder.path)/out"
  }

  func text(_ name: String) throws -> String {
    try String(contentsOfFile: "\(folder.path)/\(name)", encoding: .utf8)
  }

  private func write(_ files: [String: String], force: Bool = false) throws {
    try OutputFolder.write(files.map { ($0.key, Array($0.value.utf8)) }, to: out, force: force)
  }

  @Test func writesAFolder() throws {
    let out = "\(folder.path)/deep/er/out/"
    try OutputFolder.write([("a.txt", Array("1".utf8)), ("firmware/weights/w2.h", Array("2".utf8))], to: out)
    #expect(
      try folder.contents == [
        "deep", "deep/er", "deep/er/out", "deep/er/out/.triggerfish", "deep/er/out/a.txt",
        "deep/er/out/firmware",
        "deep/er/out/firmware/weights", "deep/er/out/firmware/weights/w2.h",
      ])
    // The sums are those of the FNV-1a reference: of "1" and of "2".
    #expect(
      try text("deep/er/out/.triggerfish").hasSuffix(
        "\naf63ac4c86019afc a.txt\naf63af4c8601a015 firmware/weights/w2.h\n"))
    try OutputFolder.write([("b.txt", Array("3".utf8))], to: out)
    #expect(
      try folder.contents == [
        "deep", "deep/er", "deep/er/out", "deep/er/out/.triggerfish", "deep/er/out/b.txt",
      ])
  }

  // MARK: What is the user's

  /// Not even `force` removes what Triggerfish did not write.
  @Test(arguments: [false, true]) func replacesNobodysFolder(_ force: Bool) throws {
    try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: false)
    try write(["a.txt": "empty folders are replaced"])
    for marker in [nil, "", "Triggerfish made this folder.\n", "0123456789abcdef nothing/of/this\n"] {
      try FileManager.default.removeItem(atPath: out)
      _ = try FileManager.default.createDirectory(atPath: "\(out)/b", withIntermediateDirectories: true)
      _ = try folder.file("out/thesis.tex", [])
      if let marker { _ = try folder.file("out/.triggerfish", Array(marker.utf8)) }
      let before = try folder.contents
      let message = complaint(in: folder) { try write(["b.txt": ""], force: force) }
      if marker?.hasPrefix("0") == true {
        #expect(
          message == """
            73 out: error: the folder holds files that Triggerfish did not write: b/, thesis.tex
            hint: move them elsewhere, or choose another folder
            """)
      } else {
        let listed = marker == nil ? "b, thesis.tex" : ".triggerfish, b, thesis.tex"
        #expect(
          message == """
            73 out: error: the folder is not empty, and Triggerfish did not write it: it holds \(listed)
            hint: choose another folder, or remove this one
            """)
      }
      #expect(try folder.contents == before)
    }
  }

  @Test(arguments: [false, true]) func namesWhatWasAdded(_ force: Bool) throws {
    try write(["a.txt": "1", "w/b.h": "2"])
    for name in ["w/mine.h", ".hidden", "new/deep/notes.txt"] {
      try FileManager.default.createDirectory(atPath: "\(out)/new/deep", withIntermediateDirectories: true)
      _ = try folder.file("out/\(name)", [])
    }
    try FileManager.default.createSymbolicLink(atPath: "\(out)/link", withDestinationPath: "/")
    let before = try folder.contents
    #expect(
      complaint(in: folder) { try write(["a.txt": "3"], force: force) } == """
        73 out: error: the folder holds files that Triggerfish did not write: .hidden, link, new/, w/mine.h
        hint: move them elsewhere, or choose another folder
        """)
    #expect(try folder.contents == before)
    #expect(try text("out/a.txt") == "1")
  }

  @Test func doesNotListAllOfMany() throws {
    try write(["a.txt": "1"])
    for index in 10..<60 { _ = try folder.file("out/x\(index)", []) }
    #expect(
      complaint(in: folder) { try write(["a.txt": "3"]) }.contains(
        "did not write: x10, x11, x12, x13, x14, x15, x16, x17, x18, x19, …\n"))
  }

  /// Edits of files that Triggerfish wrote are kept, unless `force` is given; missing ones are no loss.
  @Test func namesWhatWasChanged() throws {
    let old = ["a.txt": "1", "w/b.h": "2", "w/c.h": "3", "d.txt": "4"]
    try write(old)
    _ = try folder.file("out/w/b.h", Array("mine".utf8))
    try FileManager.default.removeItem(atPath: "\(out)/a.txt")
    try FileManager.default.removeItem(atPath: "\(out)/d.txt")
    try FileManager.default.createSymbolicLink(atPath: "\(out)/d.txt", withDestinationPath: "w/c.h")
    #expect(
      complaint(in: folder) { try write(old) } == """
        73 out: error: files were changed since Triggerfish wrote them: d.txt, w/b.h
        hint: choose another folder, or replace them with --force
        """)
    #expect(try text("out/w/b.h") == "mine")
    try write(old, force: true)
    #expect(try text("out/w/b.h") == "2" && text("out/a.txt") == "1" && text("out/w/c.h") == "3")
    try write(old)
  }

  @Test func refusesPlacesForFolders() throws {
    let file = try folder.file("a.txt", [])
    #expect(
      complaint(in: folder) { try OutputFolder.write([], to: file, force: true) }
        == "73 a.txt: error: there is a file of this name\nhint: choose another folder")
    #expect(
      complaint(in: folder) { try OutputFolder.write([], to: "\(file)/x/y") }.hasPrefix(
        "73 a.txt/x/y: error: cannot be created: "))
    func refused(_ path: String, _ name: String, inputs: [String] = []) -> Bool {
      complaint(in: folder) { try OutputFolder.write([], to: path, inputs: inputs, force: true) }
        == "73 \(path): error: \(name) is, or is inside, this folder\nhint: choose another folder"
    }
    for path in ["/", ".", FileManager.default.currentDirectoryPath] {
      #expect(refused(path, "the working folder"))
    }
    // By passwd, whatever $HOME is.
    let home = try #require(getpwuid(getuid()).map { String(cString: $0.pointee.pw_dir) })
    #expect(refused(home, "the home folder") || refused(home, "the working folder"))
    // Not even the empty folder of an input, and not by a link.
    try FileManager.default.createDirectory(
      atPath: "\(folder.path)/in/deep", withIntermediateDirectories: true)
    let input = try folder.file("in/deep/m.json", [])
    try FileManager.default.createSymbolicLink(
      atPath: "\(folder.path)/link.json", withDestinationPath: "in/deep/m.json")
    for name in [input, "\(folder.path)/link.json"] {
      for place in ["in", "in/deep"] {
        #expect(
          complaint(in: folder) {
            try OutputFolder.write(
              [], to: "\(folder.path)/\(place)", inputs: ["/nowhere", name], force: true)
          }
            == """
            73 \(place): error: the input \(name.replacing("\(folder.path)/", with: "")) is, or is inside, this folder
            hint: choose another folder
            """)
      }
    }
    // The folders of the program itself.
    let program = URL(filePath: try FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe"))
    let place = program.deletingLastPathComponent().path(percentEncoded: false)
    #expect(
      complaint(in: folder) { try OutputFolder.write([], to: place, force: true) }.contains(
        " is, or is inside, this folder"))
    #expect(try folder.contents == ["a.txt", "in", "in/deep", "in/deep/m.json", "link.json"])
  }

  /// A name that leads out of the folder is our bug, and is stopped; nothing stays, not even the folders above.
  @Test(arguments: ["../x", "/etc/x", "a/../../x", "", "a//b", "."])
  func stopsPathsThatLeave(_ name: String) throws {
    let message = complaint(in: folder) {
      try OutputFolder.write([("fine", []), (name, [])], to: "\(folder.path)/new/out")
    }
    #expect(message == "70 new/out: error: '\(name)' is no path within the folder")
    #expect(try folder.contents == [])
  }

  // MARK: The swap

  /// Where the file system cannot exchange folders, and where it fails to.
  @Test(arguments: [EINVAL, ENOSYS, ENOTSUP]) func movesTheOldAwayWithoutExchange(_ code: Int32) throws {
    try write(["a.txt": "1"])
    var calls = 0
    try OutputFolder.write([("a.txt", Array("2".utf8))], to: out) { _, _ in
      calls += 1
      errno = code
      return -1
    }
    #expect(calls == 1)
    #expect(try text("out/a.txt") == "2")
    #expect(try folder.contents == ["out", "out/.triggerfish", "out/a.txt"])
  }

  @Test func leavesTheOldWhereTheExchangeFails() throws {
    try write(["a.txt": "1"])
    let message = complaint(in: folder) {
      try OutputFolder.write([("a.txt", Array("2".utf8))], to: out) { _, _ in
        errno = EIO
        return -1
      }
    }
    #expect(message == "73 out: error: cannot be created: Input/output error")
    #expect(try text("out/a.txt") == "1")
    #expect(try folder.contents == ["out", "out/.triggerfish", "out/a.txt"])
  }

  /// What is added while the new folder is written is not lost, with or without an exchange.
  @Test(arguments: [false, true]) func looksAgainAtWhatItReplaces(_ canExchange: Bool) throws {
    try write(["a.txt": "1"])
    var isFirst = true
    let message = complaint(in: folder) {
      try OutputFolder.write([("a.txt", Array("2".utf8))], to: out) { one, other in
        if isFirst { _ = FileManager.default.createFile(atPath: "\(out)/late.txt", contents: Data()) }
        isFirst = false
        guard canExchange else {
          errno = EINVAL
          return -1
        }
        let third = "\(folder.path)/third"
        return rename(one, third) == 0 && rename(other, one) == 0 && rename(third, other) == 0 ? 0 : -1
      }
    }
    #expect(
      message.hasPrefix("73 out: error: the folder holds files that Triggerfish did not write: late.txt\n"))
    #expect(try text("out/a.txt") == "1")
    #expect(try folder.contents == ["out", "out/.triggerfish", "out/a.txt", "out/late.txt"])
  }

  @Test func putsBackWhatWasMovedAway() throws {
    let long = String(repeating: "ü", count: 100)
    let path = "\(folder.path)/\(long)"
    #expect(!OutputFolder.putBack(path))
    // As a process that was killed leaves it: caught in the act.
    try OutputFolder.write([("a.txt", Array("1".utf8))], to: path)
    var away: String?
    try OutputFolder.write([("a.txt", Array("2".utf8))], to: path) { new, old in
      away = "\(new)-old"
      _ = try? FileManager.default.copyItem(atPath: old, toPath: "\(folder.path)/copy")
      errno = EINVAL
      return -1
    }
    let moved = try #require(away)
    #expect((moved as NSString).lastPathComponent.utf8.count <= 255)
    try FileManager.default.moveItem(atPath: "\(folder.path)/copy", toPath: moved)
    // Not while the new one is there.
    #expect(!OutputFolder.putBack(path))
    try FileManager.default.removeItem(atPath: path)
    #expect(!OutputFolder.putBack("\(path)x"))
    #expect(OutputFolder.putBack(path))
    #expect(try text("\(long)/a.txt") == "1")
    #expect(try FileManager.default.contentsOfDirectory(atPath: folder.path) == [long])
  }
}
