import Diagnostics
import Foundation
import Synchronization
import Triggerfish

/// All that commands print. Results go to standard output, everything else to standard error.
///
/// Whether results arrived is known at the end: lost output is no success (docs/exit-codes.md).
enum Console {
  /// Why standard output takes no more: an error number, or 0.
  private static let lost = Mutex<Int32>(0)

  /// Makes closed and failing descriptors an error of writing, rather than the end of the process.
  static func prepare() {
    // Else the next file opened would have the number, and be taken for the terminal. Not to be written to: that fails.
    for descriptor in STDIN_FILENO...STDERR_FILENO where fcntl(descriptor, F_GETFD) < 0 {
      _ = open("/dev/null", O_RDONLY)
    }
    // Handlers, as compilers we start would inherit that a signal is ignored.
    for number in [SIGPIPE, SIGXFSZ] { signal(number) { _ in } }
  }

  /// Prints a result on a line of its own. Control characters, which may come from a hostile file, are escaped.
  static func print(_ line: String) { document(line.visible + "\n") }

  /// Prints a text as it is: JSON, CSV, or lines with colours, of which the parts were made safe.
  static func document(_ text: String) {
    lost.withLock { lost in
      if lost == 0 { lost = write(text, to: STDOUT_FILENO) }
    }
  }

  /// Prints lines to standard error. If that fails there is nobody to tell.
  static func error(_ message: String) {
    _ = write(message.visibleLines.joined(separator: "\n") + "\n", to: STDERR_FILENO)
  }

  /// Says what is going on, on a terminal only: a pipe or a CI log stays quiet.
  static func progress(_ message: String) {
    if isatty(STDERR_FILENO) != 0 { error(message) }
  }

  /// Tells a call's user what it tells.
  static var listener: Listener { Listener(progress: progress, note: error) }

  /// What became of the results.
  ///
  /// - Throws: `inputOutput` if some were lost; without a message where the reader of a pipe wanted no more of them.
  static func finish() throws(Failure) {
    let code = lost.withLock { $0 }
    if code == EPIPE { throw Failure(.inputOutput, []) }
    if code != 0 {
      throw Failure(
        .inputOutput, file: "standard output", "writing failed: \(String(cString: strerror(code)))")
    }
  }

  /// Writes all of a text; gives an error number, or 0.
  private static func write(_ text: String, to descriptor: Int32) -> Int32 {
    var text = text
    return text.withUTF8 { bytes in
      var done = 0
      while done < bytes.count {
        let count = Foundation.write(descriptor, bytes.baseAddress.map { $0 + done }, bytes.count - done)
        if count >= 0 {
          done += count
        } else if errno == EAGAIN {
          // A terminal or pipe that somebody made non-blocking.
          var poll = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
          _ = Foundation.poll(&poll, 1, -1)
        } else if errno != EINTR {
          return errno
        }
      }
      return 0
    }
  }
}
