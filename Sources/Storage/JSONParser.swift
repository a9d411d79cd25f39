import CJSONC
import Diagnostics

/// The deepest nesting of arrays and objects accepted in JSON.
public let jsonDepthLimit = 512

extension JSONNode {
  /// Reads and parses a JSON file.
  ///
  /// - Throws: as `readFile`, and `badInput` with line and byte offset if the text is not strict JSON (NaN
  ///   and Infinity are accepted, as Python writes them), nests deeper than `jsonDepthLimit`, or would take
  ///   more memory than `jsonMemoryLimit`.
  public init(contentsOf path: String) throws(Failure) {
    try self.init(parsing: try readFile(path, limit: jsonSizeLimit), file: path)
  }

  /// Parses JSON text in UTF-8.
  ///
  /// - Parameters:
  ///   - bytes: the text.
  ///   - file: where it came from, for messages.
  ///   - path: the place in that file, if the text is itself a part of it (an HDF5 attribute).
  /// - Throws: `badInput`, as `init(contentsOf:)`.
  public init(parsing bytes: [UInt8], file: String, path: String = "") throws(Failure) {
    let prefix = path.isEmpty ? "" : "\(path): "
    if let start = JSONNode.otherEncoding(bytes) {
      throw Failure(
        .badInput, file: file, "\(prefix)this is text in \(start), not in UTF-8",
        hint: "iconv -f \(start) -t UTF-8 writes it in UTF-8")
    }
    // A byte-order mark, as some editors write, says nothing in UTF-8.
    var bytes = bytes
    if bytes.starts(with: [0xef, 0xbb, 0xbf]) { bytes.removeFirst(3) }
    let budget = JSONBudget(bytes)
    try budget.check(file: file, path: path)
    if budget.hasLongNumbers { bytes = JSONNode.withLongNumbersAsReals(bytes) }
    guard bytes.count < Int(Int32.max) else {
      throw Failure(.badInput, file: file, "\(prefix)JSON text of \(bytes.count) bytes is too large")
    }
    guard let tokener = json_tokener_new_ex(Int32(jsonDepthLimit)) else {
      throw Failure(.inputOutput, file: file, "out of memory")
    }
    defer { json_tokener_free(tokener) }
    json_tokener_set_flags(tokener, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8)

    // The terminating zero tells json-c that a number at the very end is complete.
    let root = (bytes + [0]).withUnsafeBufferPointer { buffer in
      buffer.withMemoryRebound(to: CChar.self) { text in
        json_tokener_parse_ex(tokener, text.baseAddress, Int32(text.count))
      }
    }
    defer { json_object_put(root) }
    let status = json_tokener_get_error(tokener)
    guard status == json_tokener_success else {
      let offset = min(Int(json_tokener_get_parse_end(tokener)), bytes.count)
      throw Failure(
        .badInput, file: file, place: JSONNode.place(of: offset, in: bytes),
        prefix + JSONNode.message(status, atEnd: offset >= bytes.count),
        hint: JSONNode.endsEarly(status, atEnd: offset >= bytes.count)
          ? "it has \(bytes.count) bytes and may be cut off: write, copy or download it again"
          : JSONNode.advice(at: offset, in: bytes))
    }
    var members = 0
    let value = JSONNode.copy(root, &members)
    // json-c keeps the last of two members with one key.
    if members != budget.members, let twice = JSONNode.firstRepeatedKey(bytes) {
      throw Failure(
        .badInput, file: file, place: JSONNode.place(of: twice.offset, in: bytes),
        "\(prefix)the key \"\(twice.key)\" stands twice in one object",
        hint: "only one of them can count: remove the other")
    }
    self.init(value, file: file, path: path)
  }

  /// "line 3, byte 47": lines from 1, bytes from 0.
  private static func place(of offset: Int, in bytes: [UInt8]) -> String {
    let newline = UInt8(ascii: "\n")
    return "line \(1 + bytes[..<offset].count { $0 == newline }), byte \(offset)"
  }

  private static func message(_ status: json_tokener_error, atEnd: Bool) -> String {
    if status == json_tokener_error_depth {
      return "JSON nested deeper than \(jsonDepthLimit) levels"
    }
    if endsEarly(status, atEnd: atEnd) { return "the JSON text ends too early" }
    return "not JSON: \(String(cString: json_tokener_error_desc(status)))"
  }

  /// What to do about text that looks like JSON, where it first is none.
  private static func advice(at offset: Int, in bytes: [UInt8]) -> String? {
    guard bytes.indices.contains(offset) else { return nil }
    return switch bytes[offset] {
    case UInt8(ascii: "'"), UInt8(ascii: "T"), UInt8(ascii: "F"):
      "Python prints such text; its json.dumps writes JSON, with double quotes, true and false"
    case UInt8(ascii: "/"), UInt8(ascii: "#"): "JSON has no comments: take them out"
    default: nil
    }
  }

  private static func endsEarly(_ status: json_tokener_error, atEnd: Bool) -> Bool {
    status != json_tokener_error_depth && (atEnd || status == json_tokener_continue)
  }

  /// Copies a json-c value (nil is JSON's null), counting members of objects. Recursion is bounded by the parser's depth
  /// limit.
  private static func copy(_ object: OpaquePointer?, _ members: inout Int) -> JSONValue {
    guard let object else { return .null }
    switch json_object_get_type(object) {
    case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
    case json_type_int:
      // What does not fit 64 bits signed is a Double here; see `withLongNumbersAsReals`.
      let unsigned = json_object_get_uint64(object)
      if unsigned > UInt64(Int64.max) { return .number(Double(unsigned)) }
      return .integer(Int(json_object_get_int64(object)))
    case json_type_double: return .number(json_object_get_double(object))
    case json_type_string: return .string(string(object))
    case json_type_array:
      return .array(
        (0..<json_object_array_length(object)).map { copy(json_object_array_get_idx(object, $0), &members) })
    case json_type_object:
      var result = JSONObject()
      var iterator = json_object_iter_begin(object)
      var end = json_object_iter_end(object)
      while json_object_iter_equal(&iterator, &end) == 0 {
        let key = String(cString: json_object_iter_peek_name(&iterator))
        result[key] = copy(json_object_iter_peek_value(&iterator), &members)
        json_object_iter_next(&iterator)
      }
      members += result.keys.count
      return .object(result)
    default: return .null
    }
  }

  private static func string(_ object: OpaquePointer) -> String {
    let length = Int(json_object_get_string_len(object))
    guard let bytes = json_object_get_string(object) else { return "" }
    return bytes.withMemoryRebound(to: UInt8.self, capacity: length) {
      String(decoding: UnsafeBufferPointer(start: $0, count: length), as: UTF8.self)
    }
  }
}
