import Diagnostics

/// Who is told what a call is doing, and what its user should know, while it runs.
public struct Listener {
  /// Called with what is being done, where that takes a while.
  public var progress: (String) -> Void
  /// Called with every note, in the order they come up.
  public var note: (String) -> Void

  /// Tells nobody unless told otherwise.
  public init(progress: @escaping (String) -> Void = { _ in }, note: @escaping (String) -> Void = { _ in }) {
    self.progress = progress
    self.note = note
  }
}
