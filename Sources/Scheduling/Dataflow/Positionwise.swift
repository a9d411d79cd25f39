import Program

extension Program {
  /// The program seen from one position: values and wiring without their first `axes` axes. Constants stay.
  public func dropping(axes: Int) -> Program {
    if axes == 0 { return self }
    var copy = self
    let roots = self.roots
    for index in instructions.indices where constant(ValueID(roots[index])) == nil {
      copy.instructions[index].type.shape = Array(instructions[index].type.shape.dropFirst(axes))
      guard case .rearrange(let wiring) = instructions[index].operation else { continue }
      let inner: Rearrangement
      switch wiring {
      case .reshape(let shape): inner = .reshape(Array(shape.dropFirst(axes)))
      case .transpose(let order): inner = .transpose(order.dropFirst(axes).map { $0 - axes })
      case .concatenate(let axis): inner = .concatenate(axis: axis - axes)
      case .gather(let axis, let indices): inner = .gather(axis: axis - axes, indices: indices)
      case .pad(let before, let after, let interior, let word):
        inner = .pad(
          before: Array(before.dropFirst(axes)), after: Array(after.dropFirst(axes)),
          interior: Array(interior.dropFirst(axes)), word: word)
      case .slice(let start, let count, let step):
        inner = .slice(
          start: Array(start.dropFirst(axes)), count: Array(count.dropFirst(axes)),
          step: Array(step.dropFirst(axes)))
      }
      copy.instructions[index].operation = .rearrange(inner)
    }
    return copy
  }
}
