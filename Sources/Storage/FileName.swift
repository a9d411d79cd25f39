extension String {
  /// The name as a file's or folder's, where it may come from a model and mean harm: one step of a path, never `.` or `..`,
  /// never hidden, of at most 200 bytes.
  ///
  /// ASCII letters, digits, `_`, `-` and `.` stay; anything else becomes `_`, and so does a leading dot or dash; the empty
  /// name is `_`.
  ///
  /// - Parameter others: further characters that stay.
  public func fileName(allowing others: String = "") -> String {
    let plain = "_-." + others
    var safe = String(
      prefix(200).map { $0.isASCII && ($0.isLetter || $0.isNumber || plain.contains($0)) ? $0 : "_" })
    if safe.isEmpty || safe.hasPrefix(".") || safe.hasPrefix("-") { safe = "_" + safe.dropFirst() }
    return safe
  }
}
