import Diagnostics
import FixedPoint
import Program

extension Emulator {
  /// Runs more events than fit in memory: reads, runs and writes a run of events at a time.
  ///
  /// Nothing is kept between runs of events, so memory stays flat; a `reading` or `writing` that throws ends the
  /// stream and leaves the emulator as it was.
  ///
  /// - Parameters:
  ///   - events: how many there are in all.
  ///   - chunk: how many are read at a time.
  ///   - reading: the inputs of a range of events, by program input.
  ///   - writing: takes the results of that range, by result.
  public func stream(
    events: Int, chunk: Int = 1 << 16, reading: (Range<Int>) throws(Failure) -> [EventData],
    writing: (Range<Int>, [[Double]]) throws(Failure) -> Void
  ) throws(Failure) {
    var start = 0
    while start < events {
      let range = start..<min(events, start + max(1, chunk))
      let results = try values(try reading(range))
      try writing(range, results)
      start = range.upperBound
    }
  }
}
