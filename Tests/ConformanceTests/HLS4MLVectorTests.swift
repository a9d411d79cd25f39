import Diagnostics
import GoldenSupport
import Lowering
import Testing

#if canImport(Glibc)
  import Glibc
#endif

/// Whole models under the hls4ml policy against hls4ml's own C simulation, on every bit.
///
/// The reference interpreter is slow without optimization: debug builds compare the first events of every set
/// only (`TRIGGERFISH_GOLDEN_EVENTS` sets how many), `swift test -c release` all of them.
@Suite("hls4ml's vectors")
struct HLS4MLVectorTests {
  /// Cases whose layers no issue has asked for yet. They must fail with an error, not with wrong bits.
  static let notYet: Set<String> = [
    "s_gru", "s_gru_auto", "s_lstm", "s_lstm_seq", "s_lstm_stream__stream",
  ]
  static let supported = GoldenCase.names.filter { !notYet.contains($0) }

  static let limit: Int = {
    if let text = getenv("TRIGGERFISH_GOLDEN_EVENTS"), let limit = Int(String(cString: text)) { return limit }
    #if DEBUG
      return 2
    #else
      return .max
    #endif
  }()

  @Test(
    "The shared vectors are there",
    .enabled(if: GoldenCase.hasShared, "no ../shared/golden: only this repository's own vectors are compared")
  )
  func sharedVectors() { #expect(Self.supported.count > 100) }

  @Test("Names, classes and types are those hls4ml resolved", arguments: supported)
  func types(name: String) throws {
    let golden = try GoldenCase(name)
    let lowered = try lowerAsHLS4ML(try golden.model(), try golden.configuration())
    #expect(try golden.compareTypes(lowered.layers) == [])
  }

  @Test("Every bit of every output and layer is equal", arguments: supported)
  func bits(name: String) throws {
    let golden = try GoldenCase(name)
    let lowered = try lowerAsHLS4ML(try golden.model(), try golden.configuration())
    let report = try golden.compare(lowered.program, limit: Self.limit)
    #expect(report.differences == [])
    #expect(report.words > 0)
  }

  @Test("What is not supported is refused", arguments: GoldenCase.names.filter(notYet.contains))
  func refused(name: String) throws {
    let golden = try GoldenCase(name)
    do {
      _ = try lowerAsHLS4ML(try golden.model(), try golden.configuration())
      Issue.record("it is supported now: take it off the list")
    } catch {
      #expect(error.kind == .badInput)
    }
  }
}
