import Foundation
import Synchronization

/// What is being written and not in its place yet, so that an interrupted process leaves nothing behind.
public enum Unfinished {
  private struct State {
    /// Files and folders, with all that is in them.
    var paths: Set<String> = []
    /// Folders made on the way to an output, which others may use by now: removed only where they are empty.
    var parents: Set<String> = []
    /// Outputs are in their places: the command ends as one that was not interrupted.
    var isCommitted = false
  }

  private static let state = Mutex(State())
  // Written by a signal handler, which may do little else; -1 until `removeOnInterruption`.
  private static let pipeEnd = Atomic<Int32>(-1)

  private static let caught = [SIGINT, SIGTERM, SIGHUP]

  /// Notes something that is to be removed unless it is finished.
  static func add(_ path: String) { state.withLock { _ = $0.paths.insert(path) } }

  /// Forgets something that is finished, or removed already.
  static func forget(_ path: String) { state.withLock { _ = $0.paths.remove(path) } }

  /// Notes a folder made for something that is to be put into it.
  public static func add(parent: String) { state.withLock { _ = $0.parents.insert(parent) } }

  /// Puts outputs in their places. An interruption waits for the end of these steps; if they succeed it comes too late:
  /// who was interrupted finds the old outputs, and who finds the new ones was not interrupted.
  ///
  /// - Parameter steps: give 0, or an error number with everything as it was before.
  /// - Returns: what the steps gave.
  public static func commit(_ steps: () -> Int32) -> Int32 {
    state.withLock { state in
      let code = steps()
      if code == 0 { state.isCommitted = true }
      return code
    }
  }

  /// Makes the process, when it is interrupted or terminated, first remove what is unfinished. It then ends by
  /// the signal, as its parent expects.
  public static func removeOnInterruption() {
    var ends: [Int32] = [-1, -1]
    guard pipe(&ends) == 0 else { return }
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    pipeEnd.store(ends[1], ordering: .relaxed)
    let readEnd = ends[0]
    // A parent's worker thread may have started us with these blocked.
    var numbers = sigset_t()
    sigemptyset(&numbers)
    for number in caught { sigaddset(&numbers, number) }
    pthread_sigmask(SIG_UNBLOCK, &numbers, nil)
    Thread.detachNewThread {
      while true {
        var number: UInt8 = 0
        while read(readEnd, &number, 1) != 1 {}
        // Held until the end, so that nothing is started or renamed meanwhile.
        state.withLock { state in
          if state.isCommitted { return }
          removeAll(state)
          signal(Int32(number), SIG_DFL)
          kill(getpid(), Int32(number))
          while true { pause() }
        }
      }
    }
    // A handler rather than ignoring the signals: compilers we start must not inherit that.
    for number in caught {
      signal(number) { number in
        var byte = UInt8(truncatingIfNeeded: number)
        _ = write(Unfinished.pipeEnd.load(ordering: .relaxed), &byte, 1)
      }
    }
  }

  private static func removeAll(_ state: State) {
    for path in state.paths {
      // Again if something was put into a folder while it was emptied.
      for _ in 0..<10 where fileExists(path) { try? FileManager.default.removeItem(atPath: path) }
    }
    for parent in state.parents.sorted(by: { $0.utf8.count > $1.utf8.count }) { rmdir(parent) }
  }
}
