import Program

/// What a FIFO or a line buffer is built from.
public struct Memory: Hashable, Sendable {
  /// The kinds, spelled as `BIND_STORAGE` does.
  public enum Kind: String, Hashable, Sendable {
    /// Shift registers in LUTs.
    case srl
    /// RAM in LUTs.
    case lutram
    /// Block RAM.
    case bram
    /// UltraRAM.
    case uram
  }

  /// Bits of a word.
  public var width: Int
  /// Words.
  public var depth: Int
  /// What it is built from.
  public var kind: Kind

  /// The kind that suits a size: shift registers to 32 words or 1,024 bits (the vendor's own limit for FIFOs),
  /// LUTs to 64 words, UltraRAM from half of one on, block RAM between.
  ///
  /// - Parameter hasURAM: whether the part has UltraRAM.
  public init(width: Int, depth: Int, hasURAM: Bool) {
    (self.width, self.depth) = (width, depth)
    if depth <= 32 || width * depth <= 1024 {
      kind = .srl
    } else if depth <= 64 {
      kind = .lutram
    } else {
      kind = hasURAM && width * depth >= 144 * 1024 ? .uram : .bram
    }
  }

  /// What it takes, one word written and one read each cycle: a LUT holds 32 bits of a shift register or of a
  /// RAM with two ports; block RAMs are 512 × 36, UltraRAMs 4,096 × 72. The rest is addresses and handshake.
  public var resources: Resources {
    switch kind {
    case .srl, .lutram: Resources(lut: width * ((depth + 31) / 32) + 10, ff: width + 10)
    case .bram: Resources(lut: 30, ff: 30, bram: CostModel.memoryBlocks(width: width, depth: depth))
    case .uram: Resources(lut: 30, ff: 30, uram: ((width + 71) / 72) * ((depth + 4095) / 4096))
    }
  }
}

extension Dataflow {
  /// The most bits of a token: what Vitis HLS takes for a stream.
  public static let widestToken = 4096

  /// Bits of a channel's tokens.
  public func bits(_ channel: Channel) -> Int { channel.words * program[channel.value].type.format.width }

  /// What a FIFO is built from; nil for ports.
  public func memory(_ channel: Channel) -> Memory? {
    if channel.isPort { return nil }
    return Memory(width: bits(channel), depth: channel.depth, hasURAM: hasURAM)
  }

  /// What a window's line buffers are built from: a memory for each row it reaches back. A window of more than
  /// two axes, or of one, has only registers.
  public func lineBuffers(_ index: Int) -> [Memory] {
    guard case .window(let window) = program.instructions[index].operation, window.kernel.count == 2 else {
      return []
    }
    let source = program[program.instructions[index].operands[0]].type
    let length = window.before[1] + source.shape[1] + window.after[1]
    let memory = Memory(width: source.shape[2] * source.format.width, depth: length, hasURAM: hasURAM)
    return Array(repeating: memory, count: (window.kernel[0] - 1) * window.dilation[0])
  }

  /// Registers of the places a window spans, which all its taps read at once.
  func windowRegisters(_ index: Int) -> Resources {
    guard case .window(let window) = program.instructions[index].operation else { return Resources() }
    let source = program[program.instructions[index].operands[0]].type
    let rank = window.kernel.count
    let spans = (0..<rank).map { (window.kernel[$0] - 1) * window.dilation[$0] + 1 }
    var places = spans.reduce(1, *)
    if rank > 2 {
      places = 1
      for axis in 0..<rank {
        places = (places - 1) * (window.before[axis] + source.shape[axis] + window.after[axis]) + spans[axis]
      }
    }
    return Resources(ff: places * source.shape[rank] * source.format.width)
  }
}
