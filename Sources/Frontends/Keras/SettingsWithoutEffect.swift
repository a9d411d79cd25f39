import Diagnostics
import Storage

/// Settings of layers that nothing asked for, which are told of: `unitz`, or `strides` in a Dense.
///
/// What was asked for is known of the layers themselves, so that no list of every class's settings has to be kept; only
/// those that change nothing at inference are listed here.
struct SettingsWithoutEffect {
  private var layers: [KerasLayerNode] = []

  /// Adds a layer whose settings are read, or will be.
  mutating func add(_ layer: KerasLayerNode) { layers.append(layer) }

  /// The settings, each once per class, where it stands first.
  func notes() -> [Diagnostic] {
    var seen: Set<[String]> = []
    var notes: [Diagnostic] = []
    // A layer that another call, or another direction, reads again may be asked for more then.
    for layer in layers {
      let (config, title) = (layer.config, layer.kerasClass.title)
      if case .nothing? = layerParser(layer.kerasClass) { continue }
      for (key, node) in config.node.members ?? [] {
        guard !node.isNull, !config.asked.keys.contains(key), !isTrainingSetting(key),
          !isExpected(key, of: layer.kerasClass), seen.insert([title, key]).inserted
        else { continue }
        notes.append(
          node.diagnostic(
            "\(key) is no setting of \(title) that is read: it has no effect",
            hint: nearest(to: key, in: config.asked.keys).map { "did you mean \($0)?" }))
      }
    }
    return notes
  }
}

/// Whether a setting changes nothing at inference, whatever the layer: how it was trained, or what it is called.
func isTrainingSetting(_ key: String) -> Bool {
  trainingSettings.contains(key)
    || ["_initializer", "_regularizer", "_constraint"].contains { key.hasSuffix($0) }
}

/// Whether layers of a class have a setting that need not be asked for.
private func isExpected(_ key: String, of layer: KerasClass) -> Bool {
  if packageSettings[layer.package]?.contains(key) ?? false { return true }
  if layer.package == .qkeras, key.hasSuffix("_range") { return true }
  return classSettings[layer.name]?.contains(key) ?? false
}

private let trainingSettings: Set = [
  "name", "trainable", "dtype", "autocast", "seed", "batch_input_shape", "batch_shape", "build_config",
  "build_input_shape",
  // Of normalizations.
  "momentum", "renorm", "renorm_momentum", "renorm_clipping", "synchronized", "fused", "virtual_batch_size",
  // Of recurrent layers and attention, and how they are computed.
  "dropout", "recurrent_dropout", "implementation", "unroll", "unit_forget_bias", "use_cudnn",
  "flash_attention",
  // Of adapters, whose product is in the kernel that is saved.
  "lora_rank", "lora_alpha",
]

/// Settings of a package's layers: how their bits are trained and counted, and those that count only where another says so.
private let packageSettings: [KerasPackage: Set<String>] = [
  .hgqProxy: ["overrides", "fusible"],
  .hgq: [
    "allow_heterogeneous_input", "allow_heterogeneous_table", "softmax_allow_heterogeneous_table", "beta0",
    "ebops_factor", "enable_ebops", "parallelization_factor", "bn_center", "bn_epsilon", "bn_momentum",
    "bn_scale",
    "d_hl", "table_idxs", "iq_conf", "iq_confs", "oq_conf", "toq_conf", "exp_iq_conf", "softmax_iq_conf",
    "softmax_exp_iq_conf",
  ],
  .pquant: [
    "weight_quantizer", "bias_quantizer", "input_quantizer", "output_quantizer", "in_quant_bits",
    "out_quant_bits",
    "weight_quant_bits", "bias_quant_bits", "attn_quant_bits", "exp_out_quant_bits", "inv_in_quant_bits",
    "inv_out_quant_bits", "enable_ebops", "enable_pruning", "parallelization_factor",
  ],
  .pruning: ["block_pooling_type", "block_size", "pruning_schedule"],
]

/// Settings of single classes, whatever the package: what weights and data say too, and what their trainer writes but does
/// not read itself.
private let classSettings: [String: Set<String>] = [
  "InputLayer": ["sparse", "ragged", "optional"],
  "Embedding": ["input_length", "sparse"],
  "BinaryDense": ["kernel_lr_multiplier"],
  "TernaryDense": ["kernel_lr_multiplier"],
  "GarNetStack": ["n_sublayers"],
  // The nearest element, the only interpolation that is read, needs none of them.
  "Resizing": ["antialias", "fill_mode", "fill_value", "data_format"],
  "TopK": ["sorted"],
  "QConv2DBatchnorm": ["folding_mode", "ema_freeze_delay"],
  "QDenseBatchnorm": ["folding_mode", "ema_freeze_delay"],
  "QDepthwiseConv2DBatchnorm": ["folding_mode", "ema_freeze_delay", "groups"],
  "MultiHeadAttention": ["value_dim", "output_shape", "query_shape", "key_shape", "value_shape"],
  "QMultiHeadAttention": ["value_dim", "output_shape", "num_heads"],
  "QLinformerAttention": ["value_dim", "output_shape", "num_heads", "lin_kv_proj_dim"],
  "PQMultiheadAttention": ["approximate_softmax", "kdim", "vdim"],
  "QDenseT": ["use_bias"],
  "QEinsumDenseT": ["output_shape", "bias_axes"],
  "QConvT1D": ["use_bias"],
  "QConvT2D": ["use_bias"],
  "Quantizer": ["dynamic_data", "f", "i", "k", "granularity", "hgq_gamma", "is_data", "place"],
  // Keras 2 writes it of every convolution; these have no groups.
  "DepthwiseConv1D": ["groups"], "DepthwiseConv2D": ["groups"], "QDepthwiseConv2D": ["groups"],
  "SeparableConv1D": ["groups"], "SeparableConv2D": ["groups"],
  "QSeparableConv1D": ["groups"], "QSeparableConv2D": ["groups"],
  "Conv1DTranspose": ["groups"], "Conv2DTranspose": ["groups"], "QConv2DTranspose": ["groups"],
]
