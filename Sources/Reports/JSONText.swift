import Foundation

/// A value as JSON: keys sorted, two spaces, a final newline. Numbers that are not finite become the strings `inf`, `-inf`
/// and `nan`; characters a terminal could take for commands are escaped (`\u009b`), which changes no string.
public func jsonText(_ value: some Encodable) -> String {
  let encoder = JSONEncoder()
  encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
  encoder.nonConformingFloatEncodingStrategy = .convertToString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  // Strings and numbers are all that is encoded, so that encoding cannot fail.
  let text = String(decoding: (try? encoder.encode(value)) ?? Data(), as: UTF8.self) + "\n"
  let units = text.utf16.flatMap { unit -> [UInt16] in
    let isHidden = Unicode.Scalar(unit).map { scalar in
      switch scalar.properties.generalCategory {
      case .control: scalar != "\n"
      case .format, .lineSeparator, .paragraphSeparator: true
      default: false
      }
    }
    return isHidden == true ? Array(String(format: "\\u%04x", unit).utf16) : [unit]
  }
  return String(decoding: units, as: UTF16.self)
}

/// Reads what `jsonText` wrote; nil where it is something else.
func value<Value: Decodable>(_ type: Value.Type, fromJSON text: String) -> Value? {
  let decoder = JSONDecoder()
  decoder.nonConformingFloatDecodingStrategy = .convertFromString(
    positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
  return try? decoder.decode(type, from: Data(text.utf8))
}
