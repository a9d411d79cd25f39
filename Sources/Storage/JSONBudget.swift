import Diagnostics

/// The most bytes of JSON text accepted.
public let jsonSizeLimit = 1 << 26

/// The most memory that reading one JSON text may take, by the estimate of `JSONBudget`.
public let jsonMemoryLimit = 1 << 29

/// How much memory the values of a JSON text need, estimated from the text before it is parsed: an empty object of two
/// bytes takes json-c over a kilobyte.
struct JSONBudget {
  private(set) var objects = 0
  private(set) var arrays = 0
  private(set) var values = 0
  let bytes: Int

  /// Counts in a text, JSON or not, what its brackets and commas promise.
  init(_ text: [UInt8]) {
    bytes = text.count
    var isInString = false
    var isEscaped = false
    for byte in text {
      if isInString {
        if isEscaped {
          isEscaped = false
        } else if byte == UInt8(ascii: "\\") {
          isEscaped = true
        } else if byte == UInt8(ascii: "\"") {
          isInString = false
        }
        continue
      }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"): objects += 1
      case UInt8(ascii: "["): arrays += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"): values += 1
      default: break
      }
    }
  }

  /// Bytes that json-c's tree and our copy of it take together, at most: measured on texts of one kind of value each.
  var memory: Int { 4 * bytes + 1800 * objects + 600 * arrays + 200 * values }

  /// Refuses a text that needs more than `jsonMemoryLimit`.
  func check(file: String, path: String) throws(Failure) {
    guard memory <= jsonMemoryLimit else {
      throw Failure(
        .badInput, file: file, place: path.isEmpty ? nil : path,
        "JSON of \(objects) objects, \(arrays) arrays and \(values) values would take about \(memory >> 20) MiB of memory; "
          + "at most \(jsonMemoryLimit >> 20) MiB are accepted")
    }
  }
}
