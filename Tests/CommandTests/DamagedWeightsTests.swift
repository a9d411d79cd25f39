import Foundation
import TestSupport
import Testing

/// Seeded random damage to a weights file, which the HDF5 library does not always survive. A process each: after
/// one damaged file the library reads the next with what is left in its memory.
@Suite struct DamagedWeightsTests {
  @Test(arguments: [1, 20]) func areReadOrRefused(_ bytes: Int) throws {
    let fixtures = CommandLine.root.appendingPathComponent("Tests/FrontendsTests/Fixtures/keras2")
    let sound = try Data(contentsOf: fixtures.appendingPathComponent("sequential_weights.h5"))
    let model = fixtures.appendingPathComponent("sequential.json").path
    let scratch = try Scratch()
    var generator = SeededGenerator(seed: 5)
    var refused = 0
    for _ in 0..<25 {
      var damaged = sound
      for _ in 0..<bytes {
        damaged[Int.random(in: damaged.indices, using: &generator)] = .random(in: 0...255, using: &generator)
      }
      try damaged.write(to: URL(fileURLWithPath: scratch["w.h5"]))
      let result = try CommandLine.run("inspect", model, "--weights", scratch["w.h5"])
      #expect([0, 65].contains(result.status), "\(result.errors)")
      #expect((result.status == 65) == result.errors.contains("error: "))
      if result.status == 65 { refused += 1 }
    }
    #expect(refused > 0)
  }
}
