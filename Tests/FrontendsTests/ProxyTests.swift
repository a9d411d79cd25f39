import Diagnostics
import FixedPoint
import Model
import Testing

@testable import Frontends

/// Proxy models of HGQ (version 1), written by Fixtures/make_proxies.py.
@Suite struct ProxyTests {
  @Test func formatsAreReadElementByElement() throws {
    let model = try loadModel(path: fixture("proxies/proxy.h5")).model
    #expect(model.isQuantized)
    let quantizers = model.layers.compactMap { layer -> FixedQuantizer? in
      guard case .activation(.quantizer(.fixed(let quantizer))) = layer.kind else { return nil }
      return quantizer
    }
    #expect(quantizers.count == 3)
    // Bits count the sign, as do integers: fixed<5,3>, ufixed<3,4>, nothing, fixed<4,-1>.
    #expect(quantizers[0].isSigned == Elements(shape: [4], values: [true, false, false, true]))
    #expect(quantizers[0].integerBits == Elements(shape: [4], values: [2, 4, 0, -2]))
    #expect(quantizers[0].fractionBits == Elements(shape: [4], values: [2, -1, 0, 5]))
    #expect(quantizers[0].rounding == .rnd && quantizers[0].overflow == .wrap)
    #expect(quantizers[1] == FixedQuantizer(FixedFormat(9, 5, .trn, .sat)))
    #expect(quantizers[2].rounding == .rndConv && quantizers[2].overflow == .satSym)
  }

  @Test(arguments: [
    ("bad_mode", "SAT is \"CLIP\"; supported: WRAP, SAT, SAT_ZERO, SAT_SYM"),
    ("bad_shape", "formats of shape [1, 3] for an input of shape [1, 4]"),
    ("bad_bits", "\"rq\" has signs that are not 0 or 1, or words of fewer than 0 or more than 127 bits"),
    ("not_a_proxy", "layers of class HGQ>HDense are not supported (layer \"d\")"),
  ])
  func faultsAreNamed(_ name: String, _ message: String) {
    #expect {
      try loadModel(path: fixture("proxies/\(name).h5"))
    } throws: { error in
      let failure = error as? Failure
      return failure?.kind == .badInput
        && failure?.diagnostics.contains { $0.message.contains(message) } == true
    }
  }
}
