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
    try JSONBudget(bytes).check(file: file, path: path)
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
        prefix + JSONNode.message(status, atEnd: offset >= bytes.count))
    }
    self.init(JSONNode.copy(root), file: file, path: path)
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
    if atEnd || status == json_tokener_continue { return "the JSON text ends too early" }
    return "not JSON: \(String(cString: json_tokener_error_desc(status)))"
  }

  /// Copies a json-c value (nil is JSON's null). Recursion is bounded by the parser's depth limit.
  private static func copy(_ object: OpaquePointer?) -> JSONValue {
    guard let object else { return .null }
    switch json_object_get_type(object) {
    case json_type_boolean: return .bool(json_object_get_boolean(object) != 0)
    case json_type_int:
      // json-c saturates what does not fit 64 bits signed; such a number is a Double here.
      let unsigned = json_object_get_uint64(object)
      if unsigned > UInt64(Int64.max) { return .number(Double(unsigned)) }
      return .integer(Int(json_object_get_int64(object)))
    case json_type_double: return .number(json_object_get_double(object))
    case json_type_string: return .string(string(object))
    case json_type_array:
      return .array(
        (0..<json_object_array_length(object)).map { copy(json_object_array_get_idx(object, $0)) })
    case json_type_object:
      var result = JSONObject()
      var iterator = json_object_iter_begin(object)
      var end = json_object_iter_end(object)
      while json_object_iter_equal(&iterator, &end) == 0 {
        let key = String(cString: json_object_iter_peek_name(&iterator))
        result[key] = copy(json_object_iter_peek_value(&iterator))
        json_object_iter_next(&iterator)
      }
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
