import Diagnostics
import Foundation
import Storage

/// Decodes tensors: raw bytes, typed fields, and data in files beside the model.
struct ONNXTensorReader {
  /// The model's file, as the user named it.
  private let file: String
  private let limits: WorkLimits
  private let sizeLimit: Int
  /// How many elements have been read.
  private var total = 0
  /// Files beside the model, already read.
  private var external: [String: [UInt8]] = [:]

  init(file: String, limits: WorkLimits, sizeLimit: Int) {
    self.file = file
    self.limits = limits
    self.sizeLimit = sizeLimit
  }

  /// The tensor with its numbers as float64, exactly.
  mutating func read(_ tensor: Onnx_TensorProto, _ place: ONNXPlace) throws(Failure) -> ONNXTensor {
    func problem(_ message: String, hint: String? = nil) -> Failure {
      Failure(place.diagnostic("tensor \"\(tensor.name)\" \(message)", hint: hint))
    }
    guard let type = ONNXType(rawValue: Int(tensor.dataType)) else {
      throw problem("has elements of type \(tensor.dataType), which are not supported")
    }
    guard tensor.dims.count <= ONNXImporter.rankLimit else { throw problem("has \(tensor.dims.count) axes") }
    guard tensor.dims.allSatisfy({ $0 >= 0 }) else { throw problem("has an axis of negative length") }
    let shape = tensor.dims.map { Int(clamping: $0) }
    let count = Saturating.product(shape)
    total = Saturating.sum([total, count])
    if let excess = limits.excess(.constants, total) {
      throw Failure(
        place.diagnostic(
          "the tensors up to \"\(tensor.name)\" have \(excess)", hint: WorkLimits.hint(.constants)))
    }
    guard !tensor.hasSegment else { throw problem("is split in segments, which is not supported") }
    if type == .text { return ONNXTensor(type, shape, []) }
    let values: [Double]
    if tensor.dataLocation == .external {
      values = try decode(try externalBytes(tensor, place, count, type)[...], type, count, problem)
    } else if tensor.hasRawData, !tensor.rawData.isEmpty {
      values = try decode(tensor.rawData, type, count, problem)
    } else {
      values = typed(tensor, type, count)
    }
    guard values.count == count else {
      throw problem("holds \(values.count) numbers, but its shape \(shape) has \(count)")
    }
    return ONNXTensor(type, shape, values)
  }

  // MARK: Numbers

  /// Little-endian bytes.
  private func decode(
    _ bytes: some RandomAccessCollection<UInt8>, _ type: ONNXType, _ count: Int,
    _ problem: (String, String?) -> Failure
  ) throws(Failure) -> [Double] {
    let needed = Self.bytes(type, count)
    guard bytes.count == needed else {
      throw problem("has \(bytes.count) bytes of data where its shape needs \(needed)", nil)
    }
    return Array(bytes).withUnsafeBytes { Self.numbers($0, type, count) }
  }

  /// How many bytes so many elements take.
  static func bytes(_ type: ONNXType, _ count: Int) -> Int {
    switch type {
    case .uint4, .int4: (count + 1) / 2
    case .uint8, .int8, .bool, .text: count
    case .uint16, .int16, .float16, .bfloat16: 2 * count
    case .float32, .int32, .uint32: 4 * count
    case .float64, .int64, .uint64: 8 * count
    }
  }

  /// Little-endian bytes, as many as `bytes` says, as numbers.
  static func numbers(_ data: UnsafeRawBufferPointer, _ type: ONNXType, _ count: Int) -> [Double] {
    func all<T: FixedWidthInteger>(_: T.Type) -> [Double] {
      (0..<count).map {
        Double(T(littleEndian: data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)))
      }
    }
    func bits<T: FixedWidthInteger>(_: T.Type, _ number: (T) -> Double) -> [Double] {
      (0..<count).map {
        number(T(littleEndian: data.loadUnaligned(fromByteOffset: $0 * MemoryLayout<T>.size, as: T.self)))
      }
    }
    switch type {
    case .float32: return bits(UInt32.self) { Double(Float(bitPattern: $0)) }
    case .float64: return bits(UInt64.self) { Double(bitPattern: $0) }
    case .float16: return bits(UInt16.self, half)
    case .bfloat16: return bits(UInt16.self) { Double(Float(bitPattern: UInt32($0) << 16)) }
    case .uint8, .text: return all(UInt8.self)
    case .bool: return bits(UInt8.self) { $0 == 0 ? 0 : 1 }
    case .int8: return all(Int8.self)
    case .uint16: return all(UInt16.self)
    case .int16: return all(Int16.self)
    case .int32: return all(Int32.self)
    case .uint32: return all(UInt32.self)
    case .int64: return all(Int64.self)
    case .uint64: return all(UInt64.self)
    case .uint4: return (0..<count).map { Double(data[$0 / 2] >> UInt8($0 % 2 * 4) & 15) }
    case .int4: return (0..<count).map { nibble(data[$0 / 2] >> UInt8($0 % 2 * 4) & 15) }
    }
  }

  /// IEEE 754 binary16 by its bits: Float16 is not on every platform.
  private static func half(_ bits: UInt16) -> Double {
    let (exponent, fraction) = (Int(bits >> 10 & 31), Double(bits & 1023))
    let magnitude: Double
    switch exponent {
    case 0: magnitude = fraction * 0x1p-24
    case 31: magnitude = fraction == 0 ? .infinity : .nan
    default: magnitude = (1024 + fraction) * Double(sign: .plus, exponent: exponent - 25, significand: 1)
    }
    return bits >> 15 == 0 ? magnitude : -magnitude
  }

  private static func nibble(_ bits: UInt8) -> Double { Double(bits) - (bits >= 8 ? 16 : 0) }

  /// The typed fields; as many numbers as there are.
  private func typed(_ tensor: Onnx_TensorProto, _ type: ONNXType, _ count: Int) -> [Double] {
    switch type {
    case .float32: return tensor.floatData.map { Double($0) }
    case .float64: return tensor.doubleData
    case .int64: return tensor.int64Data.map { Double($0) }
    case .uint32, .uint64: return tensor.uint64Data.map { Double($0) }
    case .float16: return tensor.int32Data.map { Self.half(UInt16(truncatingIfNeeded: $0)) }
    case .bfloat16:
      return tensor.int32Data.map { Double(Float(bitPattern: UInt32(truncatingIfNeeded: $0) << 16)) }
    case .bool: return tensor.int32Data.map { $0 == 0 ? 0 : 1 }
    case .int8, .int16, .int32, .uint8, .uint16: return tensor.int32Data.map { Double($0) }
    case .uint4, .int4:
      // Two to a byte, one byte to an element of the field.
      let numbers = tensor.int32Data.flatMap { word -> [Double] in
        let byte = UInt8(truncatingIfNeeded: word)
        return [byte & 15, byte >> 4].map { type == .int4 ? Self.nibble($0) : Double($0) }
      }
      return numbers.count == count + 1 ? Array(numbers.prefix(count)) : numbers
    case .text: return []
    }
  }

  // MARK: External data

  private mutating func externalBytes(
    _ tensor: Onnx_TensorProto, _ place: ONNXPlace, _ count: Int, _ type: ONNXType
  ) throws(Failure) -> [UInt8] {
    func problem(_ message: String) -> Failure {
      Failure(place.diagnostic("tensor \"\(tensor.name)\": \(message)"))
    }
    var entries: [String: String] = [:]
    for entry in tensor.externalData { entries[entry.key] = entry.value }
    guard let location = entries["location"] else {
      throw problem("its data is in another file that is not named")
    }
    let bytes = try externalFile(location, problem)
    func number(_ key: String, default fallback: Int) throws(Failure) -> Int {
      guard let text = entries[key] else { return fallback }
      guard let value = Int(text), value >= 0 else { throw problem("the \(key) of its data is \(text)") }
      return value
    }
    let offset = try number("offset", default: 0)
    let length = try number("length", default: Self.bytes(type, count))
    guard offset <= bytes.count, length <= bytes.count - offset else {
      throw problem(
        "its \(length) bytes at \(offset) are beyond the end of \(location) (\(bytes.count) bytes)")
    }
    return Array(bytes[offset..<offset + length])
  }

  /// A file of data: in the model's folder or below it, whatever links say.
  private mutating func externalFile(_ location: String, _ problem: (String) -> Failure) throws(Failure)
    -> [UInt8]
  {
    if let known = external[location] { return known }
    let steps = location.split(separator: "/", omittingEmptySubsequences: false)
    guard !location.isEmpty, !location.contains("\0"), !location.contains("\\"),
      !steps.contains(where: { $0.isEmpty || $0 == ".." })
    else {
      throw problem(
        "its data is in \(location), which is no path inside the model's folder; only such files are read")
    }
    let folder = file.contains("/") ? String(file[...(file.lastIndex(of: "/") ?? file.startIndex)]) : "./"
    let path = folder + location
    guard fileExists(path) else {
      throw Failure(
        .missingInput, problem("its data is in \(location), which is not beside the model").diagnostics)
    }
    guard let home = realpath(folder, nil), let target = realpath(path, nil) else {
      throw problem("its data file \(location) cannot be resolved")
    }
    defer {
      free(home)
      free(target)
    }
    let inside = String(cString: home) == "/" ? "/" : String(cString: home) + "/"
    guard String(cString: target).hasPrefix(inside) else {
      throw problem(
        "its data is in \(location), a link out of the model's folder; only files inside are read")
    }
    let bytes = try readFile(path, limit: sizeLimit)
    external[location] = bytes
    return bytes
  }
}
