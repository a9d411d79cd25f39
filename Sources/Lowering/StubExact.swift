import Diagnostics
import Model
import Program
public struct ExactOptions { public var wordLength = 16; public var calibration: [[Double]]?; public init() {} }
public func lowerExactly(_ model: Model, _ options: ExactOptions) throws(Failure) -> Lowered { throw Failure(.bug, "stub") }
