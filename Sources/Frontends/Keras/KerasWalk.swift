import Diagnostics
import Model
import Storage

/// One call of a layer of a graph, by number.
private struct Call: Hashable {
  var layer: Int
  var number: Int
}

/// Finds the calls that references mean.
private struct CallIndex {
  private var layers: [String: Int] = [:]
  /// How often each layer is called; an input counts as called once.
  private var counts: [Int] = []
  /// The number Keras gives a layer's first call, where other layers read it and where outputs do. Making a
  /// nested model counts as a call of it in Keras 2, and in Keras 3 where outputs are named.
  private var firstNumbers: [(inside: Int, atOutput: Int)] = []
  /// See `KerasGraph.isIncomplete`.
  private let isIncomplete: Bool

  init(_ graph: KerasGraph, generation: Int) {
    isIncomplete = graph.isIncomplete
    var highest: [String: Int] = [:]
    for reference in graph.layers.flatMap({ $0.calls.joined() }) + graph.outputs {
      highest[reference.layer] = max(highest[reference.layer, default: 0], reference.call)
    }
    for (number, layer) in graph.layers.enumerated() {
      layers[layer.name] = number
      let count = layer.className == "InputLayer" ? 1 : layer.calls.count
      counts.append(count)
      if !layer.isModel {
        firstNumbers.append((0, 0))
      } else if generation >= 3 {
        firstNumbers.append((0, layer.className == "Sequential" ? 0 : 1))
      } else {
        // Not so for a Sequential that was made without an input; every call is read by something.
        let first = highest[layer.name] == count ? 1 : 0
        firstNumbers.append((first, first))
      }
    }
  }

  func layer(_ name: String) -> Int? { layers[name] }

  /// The call a reference means; a problem when there is none, without a word where that follows from another one.
  func call(_ reference: TensorReference, isOutput: Bool = false) throws(Failure) -> Call {
    guard let layer = layers[reference.layer] else {
      if isIncomplete { throw Failure(.badInput, []) }
      throw Failure(
        reference.place.diagnostic(
          "there is no layer named \"\(reference.layer)\"",
          hint: nearest(to: reference.layer, in: layers.keys).map { "did you mean \"\($0)\"?" }))
    }
    // That it reads nothing has been said.
    if counts[layer] == 0 { throw Failure(.badInput, []) }
    let first = isOutput ? firstNumbers[layer].atOutput : firstNumbers[layer].inside
    let (number, overflow) = reference.call.subtractingReportingOverflow(first)
    guard !overflow, (0..<counts[layer]).contains(number) else {
      let count = counts[layer] == 1 ? "1 call" : "\(counts[layer]) calls"
      throw Failure(
        reference.place.diagnostic(
          "layer \"\(reference.layer)\" has no call number \(reference.call): it has \(count)"))
    }
    return Call(layer: layer, number: number)
  }
}

extension KerasBuilder {
  /// Runs a model's graph on its inputs. Gives its outputs, nil for ones that depend on a problem.
  ///
  /// - Parameters:
  ///   - graph: the model.
  ///   - scope: where its weights are.
  ///   - inputs: what its input layers stand for.
  ///   - path: the names of the models it is nested in, itself last.
  func run(_ graph: KerasGraph, scope: WeightScope, inputs: [Tensor?], path: [String]) throws(Failure)
    -> [Tensor?]
  {
    let scopes = try weights.scopes(
      of: graph.layers.filter { !graph.isSequential || $0.className != "InputLayer" }.map {
        ($0.name, $0.isModel && $0.className == "Model" ? "Functional" : $0.className)
      }, in: scope)
    if graph.isSequential, graph.isIncomplete {
      // What the layers behind the one that could not be read are given is not known.
      isGraphDamaged = true
      return [nil]
    }
    if graph.isSequential { return try runChain(graph, scopes, inputs: inputs, path: path) }

    let index = CallIndex(graph, generation: generation)
    guard graph.inputs.count == inputs.count else {
      let message =
        "model \"\(graph.name)\" has \(graph.inputs.count) inputs, but is called with \(inputs.count)"
      let place = graph.inputs.first?.place ?? graph.layers.first?.node
      problems.add(place?.diagnostic(message) ?? Diagnostic(message))
      return graph.outputs.map { _ in nil }
    }
    var results: [Call: [Tensor?]] = [:]
    for (reference, tensor) in zip(graph.inputs, inputs) {
      if let layer = index.layer(reference.layer) { results[Call(layer: layer, number: 0)] = [tensor] }
    }
    let before = problems.found.count
    let calls = sortedCalls(graph, index, known: Set(results.keys))
    if graph.isIncomplete || problems.found.count > before { isGraphDamaged = true }
    for call in calls {
      let layer = graph.layers[call.layer]
      let arguments = layer.calls[call.number].map { reference -> Tensor? in
        guard let source = try? index.call(reference), let values = results[source] else { return nil }
        return result(reference, values)
      }
      let tensors = arguments.compactMap { $0 }
      if tensors.count == arguments.count {
        results[call] = try self.call(
          layer, scope: scopes[call.layer], inputs: tensors, path: path, number: call.number)
      }
    }
    return graph.outputs.map { reference -> Tensor? in
      do throws(Failure) {
        guard let values = results[try index.call(reference, isOutput: true)] else { return nil }
        return result(reference, values)
      } catch {
        problems.add(error)
        return nil
      }
    }
  }

  /// The one of a call's results that a reference means; nil, with a problem, when there is none.
  private func result(_ reference: TensorReference, _ values: [Tensor?]) -> Tensor? {
    guard values.indices.contains(reference.result) else {
      // Of a call with a problem it is not known what it gives.
      if values.contains(where: { ($0?.value.layer ?? -1) < 0 }) { return nil }
      problems.add(
        reference.place.diagnostic(
          "layer \"\(reference.layer)\" has no result number \(reference.result): it has \(values.count)"))
      return nil
    }
    return values[reference.result]
  }

  /// Runs a Sequential model.
  private func runChain(_ graph: KerasGraph, _ scopes: [WeightScope], inputs: [Tensor?], path: [String])
    throws(Failure)
    -> [Tensor?]
  {
    guard inputs.count == 1 else {
      problems.add(
        (graph.layers.first?.node).map {
          $0.diagnostic("a Sequential model has one input, not \(inputs.count)")
        }
          ?? Diagnostic("a Sequential model has one input"))
      return [nil]
    }
    var current = inputs
    let layers = graph.layers.filter { $0.className != "InputLayer" }
    for (layer, scope) in zip(layers, scopes) {
      let tensors = current.compactMap { $0 }
      guard tensors.count == current.count else { return [nil] }
      current = try call(layer, scope: scope, inputs: tensors, path: path)
    }
    return current
  }

  /// All calls of a graph's layers, each after those it reads, otherwise in the order of the file. Problems
  /// (names of no layer, cycles) are added.
  private func sortedCalls(_ graph: KerasGraph, _ index: CallIndex, known: Set<Call>) -> [Call] {
    var sorted: [Call] = []
    var done = known
    var open: Set<Call> = []
    // Inputs that the model names wrongly are no faults of the layers that it does not name.
    let isNamed = graph.inputs.allSatisfy { reference in
      index.layer(reference.layer).map { graph.layers[$0].className == "InputLayer" } ?? false
    }
    for (number, layer) in graph.layers.enumerated() {
      if layer.calls.isEmpty, isNamed || layer.className != "InputLayer",
        !known.contains(Call(layer: number, number: 0))
      {
        problems.add(
          layer.node.diagnostic("layer \"\(layer.name)\" reads nothing and is not an input of the model"))
      }
      for call in layer.calls.indices {
        // Depth first without recursion: a chain can be long.
        var stack = [Call(layer: number, number: call)]
        while let top = stack.last {
          // An input layer that is no input of the model has no calls to sort; it was reported.
          if done.contains(top) || top.number >= graph.layers[top.layer].calls.count {
            stack.removeLast()
            continue
          }
          if open.insert(top).inserted == false {
            // Back here: everything it reads is done.
            open.remove(top)
            done.insert(top)
            sorted.append(top)
            stack.removeLast()
            continue
          }
          for reference in graph.layers[top.layer].calls[top.number].reversed() {
            let source: Call
            do {
              source = try index.call(reference)
            } catch {
              problems.add(error)
              continue
            }
            if open.contains(source) {
              problems.add(
                reference.place.diagnostic(
                  "layer \"\(graph.layers[top.layer].name)\" reads \"\(reference.layer)\", which depends on it: "
                    + "the graph has a cycle"))
            } else if !done.contains(source) {
              stack.append(source)
            }
          }
        }
      }
    }
    return sorted
  }
}
