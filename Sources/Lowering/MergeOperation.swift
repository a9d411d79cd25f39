import Model
import Program

extension Merge {
  /// What is done with two inputs after the other, element by element; an average divides the sum afterwards.
  var elementwise: Elementwise {
    switch self {
    case .add, .average: .add
    case .subtract: .subtract
    case .multiply: .multiply
    case .maximum: .maximum
    case .minimum: .minimum
    }
  }
}
