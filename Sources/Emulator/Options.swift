import CKernels
import Dispatch
import Foundation

/// The vector instructions the kernels use.
public enum InstructionSet: String, CaseIterable, Sendable {
  /// What every machine of this architecture has: SSE2 on x86-64, NEON on arm64.
  case baseline
  /// 256-bit integer vectors (x86-64).
  case avx2
  /// AVX2 and integer dot products of 256 bits: AVX-VNNI (x86-64).
  case avxvnni
  /// 512-bit vectors without dot products: AVX-512 F, BW, DQ and VL (x86-64).
  case avx512bw
  /// 512-bit vectors and their integer dot products: AVX-512 F, BW, DQ, VL and VNNI (x86-64).
  case avx512
  /// AVX-512 and AMX: products of matrices of bytes (x86-64).
  case amx
  /// NEON and dot products of signed bytes: DotProd (arm64).
  case dotprod
  /// NEON and dot products of unsigned and signed bytes: I8MM (arm64).
  case i8mm

  /// Those this machine has, weakest first. Found out once: asking the processor and the system takes microseconds, and
  /// planning asks for every buffer.
  public static let available: [InstructionSet] = allCases.filter { $0.kernels != nil }

  /// The strongest this machine has.
  public static let best: InstructionSet = available.last ?? .baseline

  /// What a machine multiplies.
  public enum Product: String, CaseIterable, Sendable {
    /// Vectors of bytes, and of 16-bit words.
    case bytes, int16
    /// Matrices of bytes.
    case tiles
  }

  /// Runs products that nothing holds up, to measure what a core can do at most.
  ///
  /// - Returns: how many multiplications were made; 0 where there are no such products.
  public func measurePeak(_ product: Product, rounds: Int) -> Int {
    let kind =
      switch product {
      case .bytes: TF_DOT_BYTES
      case .int16: TF_DOT_INT16
      case .tiles: TF_DOT_TILES
      }
    return kernels.map { $0.pointee.peak(Int32(kind), rounds) } ?? 0
  }

  var kernels: UnsafePointer<tf_kernels>? {
    switch self {
    case .baseline: tf_kernels_for(Int32(TF_BASELINE))
    case .avx2: tf_kernels_for(Int32(TF_AVX2))
    case .avxvnni: tf_kernels_for(Int32(TF_AVX_VNNI))
    case .avx512bw: tf_kernels_for(Int32(TF_AVX512_BW))
    case .avx512: tf_kernels_for(Int32(TF_AVX512))
    case .amx: tf_kernels_for(Int32(TF_AMX))
    case .dotprod: tf_kernels_for(Int32(TF_DOTPROD))
    case .i8mm: tf_kernels_for(Int32(TF_I8MM))
    }
  }
}

/// How an emulator runs. The answers never depend on it.
public struct EmulatorOptions: Sendable {
  /// Which plan is made.
  public enum Path: String, CaseIterable, Sendable {
    /// One step per instruction, every conversion in its place, storage by format alone.
    case general
    /// Range analysis, fused steps, dot product instructions.
    case fast
  }

  /// The plan.
  public var path: Path
  /// The vector instructions; nil takes the best there are.
  public var instructionSet: InstructionSet?
  /// How many threads share the events.
  public var threads: Int
  /// Whether conversions that overflow are counted. Takes the general path.
  public var countsOverflows: Bool

  /// Whether values of 8 bits are stored in bytes. Without an instruction for their products the fast path
  /// would only take them apart again.
  var usesBytes: Bool { path == .general || (instructionSet ?? .best) != .baseline }

  /// Whether the products of two neighbouring bytes are added in int16.
  var addsBytesInPairs: Bool { [.avx2, .avx512bw].contains(instructionSet ?? .best) }

  /// Whether inputs' words may be taken apart into bytes: where four products of bytes are added at once, as it gains nothing
  /// where sums of two have to fit int16.
  var splitsInputs: Bool { takesInputsApart && usesBytes && !addsBytesInPairs }

  /// What else `splitsInputs` depends on: false where something reads an input that cannot be taken apart.
  var takesInputsApart = true

  /// Whether there are products of matrices.
  var usesTiles: Bool { (instructionSet ?? .best) == .amx }

  /// Makes options.
  public init(
    path: Path = .fast, instructionSet: InstructionSet? = nil,
    threads: Int = ProcessInfo.processInfo.activeProcessorCount, countsOverflows: Bool = false
  ) {
    self.path = countsOverflows ? .general : path
    self.instructionSet = instructionSet
    self.threads = max(1, threads)
    self.countsOverflows = countsOverflows
  }
}
