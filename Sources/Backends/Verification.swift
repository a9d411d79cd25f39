import FixedPoint
import Program

/// The outcome of holding an emitted project's words against the words expected.
public struct Verification: Hashable, Sendable {
  /// One word that differs.
  public struct Difference: Hashable, Sendable, CustomStringConvertible {
    /// The event, from 0.
    public var event: Int
    /// The layer or output.
    public var name: String
    /// The position in the tensor, row major.
    public var element: Int
    /// The raw word expected; nil where none was expected.
    public var expected: Raw?
    /// The raw word the emitted project gave; nil where it gave none.
    public var found: Raw?
    /// What gave it (`Backend.executable`).
    public var executable: String

    /// `event 3, fc1[12]: expected raw word 5, the compiled C++ gives 6`.
    public var description: String {
      "event \(event), \(name)[\(element)]: expected raw word \(expected.map { "\($0)" } ?? "none"), "
        + "\(executable) gives \(found.map { "\($0)" } ?? "none")"
    }
  }

  /// How many words were compared.
  public private(set) var compared = 0
  /// How many of them differ.
  public private(set) var different = 0
  /// The first that differs: of the earliest event, in the earliest layer.
  public private(set) var first: Difference?

  private let executable: String

  /// Makes an empty comparison with the words of `executable` (`Backend.executable`).
  public init(_ executable: String) { self.executable = executable }

  /// Whether something was compared and nothing differs.
  public var passes: Bool { compared > 0 && different == 0 }

  /// Compares the words of one tensor in one event. Tensors are given in the order of the network.
  public mutating func compare(event: Int, name: String, expected: [Raw], found: [Raw]) {
    for element in 0..<max(expected.count, found.count) {
      let wanted = element < expected.count ? expected[element] : nil
      let got = element < found.count ? found[element] : nil
      compared += 1
      if wanted == got { continue }
      different += 1
      if first.map({ event < $0.event }) ?? true {
        first = Difference(
          event: event, name: name, element: element, expected: wanted, found: got, executable: executable)
      }
    }
  }
}
