import Diagnostics
import Model
import Storage

/// QSimpleRNN and QGRU: the sequence behind the cell's input quantizer, then a cell whose activations are quantizers.
///
/// QSimpleRNN quantizes its sums before the activation and QGRU behind it; states are quantized where a step reads them.
/// A last state that is returned is as the last step leaves it, before the state's quantizer.
func parseHGQRecurrent(_ call: inout LayerCall) throws(Failure) -> [Tensor] {
  call.builder.model.isQuantized = true
  let features = try call.sequenceInput()
  let options = try RecurrentOptions(call)
  let cell = try call.recurrentCell()
  let units = try call.config.positive("units")
  if let node = call.config["enable_oq"], node.bool == true {
    throw Failure(node.diagnostic("\(call.layer.className) with an output quantizer is not supported"))
  }
  try call.setRecurrentOutput(options, results: [units], states: [units])
  let variables = call.variables.part("cell", named: "\(call.layer.className.lowercased())_cell")
  func quantizer(_ slot: String, _ shape: [Int], isData: Bool) throws(Failure) -> Quantizer? {
    try HGQQuantizerConfig(try call.config.required("\(slot)_conf")).quantizer(
      variables.quantizer(slot), over: shape, hasBatch: isData)
  }
  func behind(_ slot: String, _ shape: [Int], _ activation: Activation, first: Bool) throws(Failure)
    -> Activation
  {
    guard let quantizer = try quantizer(slot, shape, isData: true) else { return activation }
    if activation == .linear { return .quantizer(quantizer) }
    return .sequence(first ? [.quantizer(quantizer), activation] : [activation, .quantizer(quantizer)])
  }
  let isSimple = cell == .simple
  let activation = try behind("paq", [units], try call.activation(lastAxis: 0), first: isSimple)
  let gate =
    isSimple
    ? .linear : try behind("praq", [2 * units], try call.gateActivation(), first: false)
  var pass = RecurrentPass(
    cell, kernel: Weights(shape: [0, 0], values: []), recurrentKernel: Weights(shape: [0, 0], values: []),
    bias: nil, activation: activation, gateActivation: gate)
  try call.read(into: &pass, units: units, features: features) { (wanted) throws(Failure) in
    var found: [Weights] = []
    for (position, variable) in wanted.enumerated() {
      found.append(try variables.read(variable.names[0], position, shape: variable.shape))
    }
    return found
  }
  pass.quantizers[.kernel] = try quantizer("kq", pass.kernel.shape, isData: false)
  pass.quantizers[.recurrentKernel] = try quantizer("rkq", pass.recurrentKernel.shape, isData: false)
  if let bias = pass.bias { pass.quantizers[.bias] = try quantizer("bq", bias.shape, isData: false) }
  if call.config["sq_conf"] != nil { pass.quantizers[.state] = try quantizer("sq", [units], isData: true) }
  if !isSimple { pass.quantizers[.reset] = try quantizer("rhq", [units], isData: true) }
  pass.isReversed = options.isReversed
  pass.keepsReversedOrder = options.isReversed
  var inputs = call.inputs
  if try call.config.boolean("enable_iq", default: true) {
    inputs[0] = try call.quantized(
      inputs[0], "iq", try call.config.required("iq_conf"), variables.quantizer("iq"))
  }
  let recurrent = Recurrent(
    passes: [pass], returnsSequences: options.returnsSequences, returnsStates: options.returnsStates)
  return call.builder.insert(
    .recurrent(recurrent), of: call, reading: inputs, shapes: [call.output?.shape ?? []] + call.furtherOutputs
  )
}

extension LayerCall {
  fileprivate func gateActivation() throws(Failure) -> Activation {
    guard let node = config["recurrent_activation"] else { return .linear }
    return try KerasActivation(node, inQKeras: false, generation: builder.generation, softmaxAxis: 0).function
  }
}
