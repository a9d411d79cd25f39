/// How the products of a layer with constants are laid out in hardware (hls4ml's `Strategy`).
///
/// One value from the configuration to the design: what a configuration asks for is what is built, or it is refused by name.
public enum Strategy: String, Hashable, Sendable, CaseIterable {
  /// Everything unrolled into a pipeline; the tool shares multipliers up to the reuse factor.
  case latency
  /// An array of multipliers used `reuseFactor` times per event, weights in memories.
  case resource
  /// As `resource`, unrolled by hls4ml's own code.
  case resourceUnrolled = "resource_unrolled"
  /// Adders and shifts in place of multipliers.
  case distributedArithmetic = "distributed_arithmetic"

  /// Those that designs are built in. The others are read, as hls4ml's bits depend on them, and refused where hardware is
  /// wanted.
  public static let built: [Strategy] = [.latency, .resource, .distributedArithmetic]
}

/// How tensors move between layers (hls4ml's `IOType`).
public enum IOType: String, Hashable, Sendable, CaseIterable {
  /// Whole tensors, as arrays of registers.
  case parallel = "io_parallel"
  /// One position at a time, through FIFOs.
  case stream = "io_stream"
}
