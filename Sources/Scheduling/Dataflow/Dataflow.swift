import FixedPoint
import Program

/// A program as a static network of processes joined by FIFOs: how `io_stream` is built.
///
/// A tensor travels as tokens: inputs by their last axis, other values by what their process makes at a time. Every
/// process reads and writes a number of tokens that depends on shapes only, never on data, so the network is
/// a Kahn network whose run can be foretold cycle by cycle (`simulate`), and FIFO depths follow from it.
public struct Dataflow: Sendable {
  /// A FIFO: the tokens of one tensor from one process to one other.
  public struct Channel: Hashable, Sendable {
    /// The instruction whose words it carries (the one that makes them, for reshaped values).
    public var value: ValueID
    /// Which copy of the value it is: values read in several places pass through a fork.
    public var copy: Int
    /// Tokens per event.
    public var tokens: Int
    /// Words per token.
    public var words: Int
    /// Tokens it must hold.
    public var depth: Int
    /// Whether it is a port of the design.
    public var isPort: Bool
  }

  /// A process: it reads some channels, computes, and writes others.
  public struct Process: Hashable, Sendable {
    /// What it does with its tokens.
    public var kind: Kind
    /// The layer it belongs to, as an index into `Program.layers`; nil for forks and loose wiring.
    public var layer: Int?
    /// The instructions it computes, in order.
    public var instructions: [Int]
    /// The channels it reads, as indices into `channels`.
    public var reads: [Int]
    /// The channels it writes.
    public var writes: [Int]
    /// Cycles from one firing to the next.
    public var interval: Int
    /// Cycles from a firing to its results.
    public var latency: Int
    /// Whether a firing is a loop of its own over reused multipliers, so that firings do not overlap.
    public var hasOwnLoop = false
  }

  /// How a process deals with its tokens.
  public enum Kind: Hashable, Sendable {
    /// Copies every token to all its writers.
    case fork
    /// Fires once per position of the first `axes` axes, on that position's words alone. With no axes it
    /// fires once, on whole tensors.
    case positions(axes: Int)
    /// Slides the window of instruction `index` over its operand, with line buffers; fires once per
    /// position of the padded operand and computes where a window is complete.
    case window(index: Int)
    /// Adds up the products of instruction `index`, an affine over all words of a tensor, token by token.
    case accumulate(index: Int)
    /// Reduces each channel over all tokens: instruction `index` is the reduction.
    case fold(index: Int)
    /// Moves whole tokens (`Wire`): padding, cropping, joining, repeating or reordering of leading axes.
    case wire(index: Int)
    /// Takes wide tokens apart, or puts narrow ones together.
    case repack
    /// Goes through the steps of instruction `index`, a scan: takes the tokens of its first states, then those of an element
    /// of its sequences at each step, and gives the result of each, or of the last.
    case scan(index: Int)
  }

  /// The program, with the operations as the processes compute them.
  public let program: Program
  /// In an order in which every process comes after those it reads from.
  public internal(set) var processes: [Process]
  /// The FIFOs and ports.
  public internal(set) var channels: [Channel]
  /// The channels of the inputs, in the program's order.
  public internal(set) var inputs: [Int]
  /// The channels of the outputs, in the program's order.
  public internal(set) var outputs: [Int]

  /// The instruction that makes the words of a value: reshapes are other names for their operand.
  public let root: [Int]

  /// Whether large memories may be UltraRAMs.
  let hasURAM: Bool
}
