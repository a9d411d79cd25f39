import Diagnostics
import Foundation
import Testing

@testable import Storage

@Suite struct JSONTests {
  func parse(_ text: String) throws -> JSONNode { try JSONNode(parsing: Array(text.utf8), file: "x.json") }

  @Test func values() throws {
    let node = try parse(
      #"{"a": [1, -2.5, "b\u00e9\u0000c", true, null, NaN, Infinity, -Infinity], "e": {}, "t": 1e3}"#)
    let list = try #require(node["a"]?.elements)
    #expect(list.map(\.integer) == [1, nil, nil, nil, nil, nil, nil, nil])
    #expect(list[1].number == -2.5)
    #expect(list[2].string == "bé\0c")
    #expect(list[3].bool == true)
    #expect(list[4].isNull)
    #expect(list[5].number?.isNaN == true)
    #expect(list[6].number == .infinity)
    #expect(list[7].number == -.infinity)
    #expect(node["e"]?.members?.isEmpty == true)
    #expect(node["t"]?.integer == 1000)
    #expect(node["missing"] == nil)
    #expect(node[0] == nil)
  }

  @Test func pathsNameThePlace() throws {
    let node = try parse(#"{"config": {"layers": [{}, {"odd key": {"x": 1}}]}}"#)
    let place = try #require(node["config"]?["layers"]?[1]?["odd key"]?["x"])
    #expect(place.path == #"config.layers[1]["odd key"].x"#)
    #expect(place.diagnostic("bad").description == #"x.json:config.layers[1]["odd key"].x: error: bad"#)
  }

  @Test func integersBeyond64BitsAreNumbers() throws {
    #expect(try parse("9223372036854775807").integer == Int.max)
    #expect(try parse("-9223372036854775808").integer == Int.min)
    #expect(try parse("9223372036854775808").number == 0x1p63)
    let node = try parse(
      #"["12345678901234567890123", 1000000000000000000000000000000, -100000000000000000000, 1.00000000000000000000001, 1e0000000000000000000001, 1e-0000000000000000000001]"#
    )
    #expect(node[0]?.string == "12345678901234567890123")
    #expect((1..<6).map { node[$0]?.number } == [1e30, -1e20, 1, 10, 0.1])
  }

  /// Two members of one key are refused: which of them the owner meant cannot be known.
  @Test(arguments: [
    (#"{"a": 1, "b": {"a": 2, "c": ["a", {"a": 3}]}}"#, "no failure"),
    (
      #"{"a": 1, "b": 2, "a": 3}"#,
      "65 x.json:line 1, byte 17: error: the key \"a\" stands twice in one object\nhint: only one of them can count: remove the other"
    ),
    (
      "[{\"a\\\"\": {\"x\": 1,\n\"y:\": 2, \"x\": 3}}]",
      "65 x.json:line 2, byte 27: error: the key \"x\" stands twice in one object\nhint: only one of them can count: remove the other"
    ),
  ])
  func repeatedKeys(_ text: String, _ expected: String) {
    #expect(complaint { _ = try parse(text) } == expected)
  }

  /// A byte-order mark of UTF-8 changes nothing; other encodings are named.
  @Test func encodings() throws {
    let text = #"{"a": "é"}"#
    #expect(try parse("\u{feff}" + text)["a"]?.string == "é")
    for encoding in [String.Encoding.utf16, .utf16LittleEndian, .utf16BigEndian, .utf32] {
      let bytes = Array(try #require(text.data(using: encoding)))
      let said = complaint { _ = try JSONNode(parsing: bytes, file: "x.json") }
      #expect(said.hasPrefix("65 x.json: error: this is text in UTF-"), "\(said)")
      #expect(said.contains("\nhint: iconv -f UTF-"))
    }
  }

  /// Python's json module wrote the number, the Swift compiler reads it again: both round correctly.
  @Test func decimalsAreRoundedCorrectly() throws {
    #expect(try parse("-0.7819084623568421").number == -0.7819084623568421)
    #expect(try parse("1.0067243576049805").number == 1.0067243576049805)
    #expect(try parse("5e-324").number == .leastNonzeroMagnitude)
  }

  @Test(arguments: [
    (
      #"{"a": [1, 2"#,
      "65 x.json:line 1, byte 11: error: the JSON text ends too early\nhint: it has 11 bytes and may be cut off: write, copy or download it again"
    ),
    (
      "",
      "65 x.json:line 1, byte 0: error: the JSON text ends too early\nhint: it has 0 bytes and may be cut off: write, copy or download it again"
    ),
    (
      "{\n  \"a\": tru",
      "65 x.json:line 2, byte 12: error: the JSON text ends too early\nhint: it has 12 bytes and may be cut off: write, copy or download it again"
    ),
    (
      "{\n\"a\": 1,}",
      "65 x.json:line 2, byte 9: error: not JSON: unexpected character"
    ),
    (
      "{'a': 'b'}",
      "65 x.json:line 1, byte 6: error: not JSON: unexpected character\nhint: Python prints such text; its json.dumps writes JSON, with double quotes, true and false"
    ),
    (
      "{\"a\": 1} // one",
      "65 x.json:line 1, byte 9: error: not JSON: unexpected character\nhint: JSON has no comments: take them out"
    ),
    ("[1] x", "65 x.json:line 1, byte 4: error: not JSON: unexpected character"),
  ])
  func malformed(_ text: String, _ expected: String) {
    #expect(complaint { _ = try parse(text) } == expected)
  }

  @Test func notUTF8() {
    #expect(
      complaint { _ = try JSONNode(parsing: [0x22, 0xff, 0x22], file: "x.json") }
        == "65 x.json:line 1, byte 1: error: not JSON: invalid utf-8 string")
  }

  @Test func nestingIsLimited() throws {
    let deepest = jsonDepthLimit - 1
    let fine = String(repeating: "[", count: deepest) + String(repeating: "]", count: deepest)
    #expect(try parse(fine).elements?.count == 1)
    #expect(
      complaint { _ = try parse(String(repeating: "[", count: 100_000)) }
        == "65 x.json:line 1, byte 512: error: JSON nested deeper than 512 levels")
  }

  @Test func missingFileAndFolder() {
    #expect(
      complaint { _ = try JSONNode(contentsOf: fixture("nowhere.json")) }
        == "66 nowhere.json: error: there is no such file")
    #expect(
      complaint { _ = try JSONNode(contentsOf: fixture("")) }
        == "65 Fixtures: error: this is a folder, not a file")
  }

  /// The numbers of an XGBoost model of 500 full trees of depth 8, ten for each of 511 nodes, are within the budget; a hundred times as many
  /// are refused before they are parsed.
  @Test func budgetOfTrees() {
    func budget(trees: Int) -> JSONBudget {
      let numbers = "[" + Array(repeating: "-0.12345678", count: 511).joined(separator: ", ") + "]"
      let tree = "{" + (0..<10).map { "\"key\($0)\": \(numbers)" }.joined(separator: ",") + "}"
      return JSONBudget(Array(("[" + Array(repeating: tree, count: trees).joined(separator: ",") + "]").utf8))
    }
    let ten = budget(trees: 10)
    #expect(ten.numbers == 10 * 10 * 511 && ten.arrays == 101 && ten.objects == 10)
    #expect(50 * ten.memory < jsonMemoryLimit)
    #expect(5000 * ten.memory > jsonMemoryLimit)
  }
}
