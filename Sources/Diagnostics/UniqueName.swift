extension Set<String> {
  /// Inserts a name that is not yet there, and gives it: `name` itself, or the first free one of `name_2`, `name_3`, ….
  public mutating func insertUnique(_ name: String, separator: String = "_") -> String {
    var unique = name
    var number = 2
    while !insert(unique).inserted {
      unique = "\(name)\(separator)\(number)"
      number += 1
    }
    return unique
  }
}
