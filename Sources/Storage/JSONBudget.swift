import Diagnostics

/// The most bytes of JSON text accepted.
public let jsonSizeLimit = 1 << 26

/// The most memory that reading one JSON text may take, by the estimate of `JSONBudget`: enough for half a million nodes of trees,
/// of which XGBoost writes ten numbers each.
public let jsonMemoryLimit = 1 << 30

/// How much memory the values of a JSON text need, estimated from the text before it is parsed: an empty object of two
/// bytes takes json-c over a kilobyte.
struct JSONBudget {
  private(set) var objects = 0
  private(set) var arrays = 0
  private(set) var values = 0
  /// Elements of arrays that are numbers; those behind a comma are among the values too.
  private(set) var numbers = 0
  private var followers = 0
  let bytes: Int
  /// Members of objects: there is a colon in each, and nowhere else outside strings.
  private(set) var members = 0
  /// Whether a whole number has more digits than 64 bits hold.
  private(set) var hasLongNumbers = false

  /// Counts in a text, JSON or not, what its brackets and commas promise.
  init(_ text: [UInt8]) {
    bytes = text.count
    var isInString = false
    var isEscaped = false
    // What stands in front of an element, besides white space.
    var before: UInt8 = 0
    var digits = 0
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
      if (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
        digits += 1
        if digits == JSONNode.longNumber { hasLongNumbers = true }
      } else {
        digits = 0
      }
      if byte == UInt8(ascii: ":") { members += 1 }
      switch byte {
      case UInt8(ascii: "\""): isInString = true
      case UInt8(ascii: "{"): objects += 1
      case UInt8(ascii: "["): arrays += 1
      case UInt8(ascii: ","), UInt8(ascii: ":"): values += 1
      case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"):
        // In objects a key follows a comma: this is in an array.
        if before == UInt8(ascii: ",") { followers += 1 }
        if before == UInt8(ascii: ",") || before == UInt8(ascii: "[") { numbers += 1 }
      case UInt8(ascii: " "), UInt8(ascii: "\n"), UInt8(ascii: "\r"), UInt8(ascii: "\t"): continue
      default: break
      }
      before = byte
    }
  }

  /// Bytes that json-c's tree and our copy of it take together, at most: measured on texts of one kind of value each.
  var memory: Int {
    4 * bytes + 1800 * objects + 600 * arrays + 200 * (values - followers) + 160 * numbers
  }

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
