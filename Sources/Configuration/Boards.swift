extension Configuration {
  /// The part of each board that hls4ml 1.3.0's VivadoAccelerator backend knows, by the board's name there
  /// (backends/vivado_accelerator/supported_boards.json).
  public static let boards: [String: String] = [
    "pynq-z2": "xc7z020clg400-1",
    "zcu102": "xczu9eg-ffvb1156-2-e",
    "alveo-u50": "xcu50-fsvh2104-2-e",
    "alveo-u250": "xcu250-figd2104-2L-e",
    "alveo-u200": "xcu200-fsgd2104-2-e",
    "alveo-u280": "xcu280-fsvh2892-2L-e",
  ]
}
