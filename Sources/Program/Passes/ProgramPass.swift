/// A rewriting of programs that changes no word of any output, nor of a layer's result.
///
/// Each is a file of its own, named as the pass is. Their list is `all`.
public struct ProgramPass: Sendable {
  /// What it is called where passes are shown.
  public let name: String
  /// What it does, in a sentence without a full stop.
  public let summary: String
  /// Whether every design's program goes through it.
  ///
  /// The others would change designs that are as they are for a reason: emitted C++ and estimates are compared with
  /// what they were, and a constant that two layers share is in neither's function.
  public var isScheduled = false
  /// Rewrites a program that passes `verify()`, to one that does.
  public let run: @Sendable (Program) -> Program

  /// Every pass, in the order that leaves each the least to do; `deadCode` takes what the others left unread.
  public static let all: [ProgramPass] = [
    .unrolling, .wiringOfWiring, .idleConversions, .constantFolding, .commonSubexpressions, .lateWiring,
    .deadCode,
  ]

  /// Those that every design's program goes through, in order.
  public static var scheduled: [ProgramPass] { all.filter(\.isScheduled) }
}

extension Program {
  /// This program after passes, one after the other.
  public func after(_ passes: [ProgramPass]) -> Program { passes.reduce(self) { $1.run($0) } }
}
