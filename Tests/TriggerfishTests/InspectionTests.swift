import Program
import Testing
import Triggerfish

/// What `inspect --passes` says of passes.
@Suite struct InspectionTests {
  /// A pass that only changes what an instruction reads changes something.
  @Test func changedOperandsAreChanges() throws {
    let program = try Program(
      parsing: """
        format 1
        program "p"

        %0 "x" = input : [2] fixed<8,4>
        %1 "wide" = requantize fixed<10,5> %0 : [2] fixed<10,5>
        %2 "y" = requantize fixed<4,2> %1 : [2] fixed<4,2>
        inputs %0
        outputs %1 %2
        """)
    let inspections = program.passInspections
    let idle = try #require(inspections.first { $0.title.hasPrefix("idle conversions") })
    #expect(idle.state == "would drop 0 of 3 instructions, change 1")
    #expect(inspections.filter { $0.state == "changes nothing" }.count == ProgramPass.all.count - 1)
  }
}
