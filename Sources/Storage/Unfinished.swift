import Foundation
import Synchronization

/// Files and folders being written under temporary names, so that an interrupted process leaves none behind.
public enum Unfinished {
  private static let paths = Mutex<Set<String>>([])
  // Written by a signal handler, which may do little else; -1 until `removeOnInterruption`.
  private static let pipeEnd = Atomic<Int32>(-1)

  private static let caught = [SIGINT, SIGTERM, SIGHUP]

  /// Notes something that is to be removed unless it is finished.
  public static func add(_ path: String) { paths.withLock { _ = $0.insert(path) } }

  /// Forgets something that is finished, or removed already.
  public static func forget(_ path: String) { paths.withLock { _ = $0.remove(path) } }

  /// Runs steps that only together leave things sound; an interruption waits for their end.
  public static func whole<Result>(_ steps: () -> Result) -> Result { paths.withLock { _ in steps() } }

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
      var number: UInt8 = 0
      while read(readEnd, &number, 1) != 1 {}
      // Held until the end, so that nothing is started or renamed meanwhile.
      paths.withLock { paths in
        for path in paths {
          // Again if something was put into a folder while it was emptied.
          for _ in 0..<10 where fileExists(path) { try? FileManager.default.removeItem(atPath: path) }
        }
        signal(Int32(number), SIG_DFL)
        kill(getpid(), Int32(number))
        while true { pause() }
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
}
