import Diagnostics
import Foundation
import Testing

@testable import Storage

/// Files of other tools, told by content. Contents are as the tools write them: signatures from their sources and specifications.
@Suite struct FileFormatTests {
  @Test(arguments: [
    ("", FileFormat.empty),
    ("version https://git-lfs.github.com/spec/v1\noid sha256:4d7a\nsize 12\n", .gitLFSPointer),
    ("\n<!DOCTYPE html>\n<html>", .webPage),
    ("\u{08}\u{07}\u{12}\u{07}pytorch\u{1a}\u{03}1.9:\u{10}", .onnx),
    ("\u{1c}\0\0\0TFL3", .tfLite), ("tree\nversion=v4\nnum_class=1\n", .lightGBM), ("binf\0\0", .xgBoost),
    ("{L\0\0\0\0\0\0\0\u{07}learner{", .xgBoost), ("CBM1\0\0", .catBoost),
    ("\u{08}\u{01}\u{12}\u{05}\n\u{03}\n\u{01}a", .savedModel),
    ("\n\u{10}\n\u{01}x\u{12}\u{0b}Placeholder\n\u{04}\n\u{01}y\u{12}", .tensorFlowGraph),
    ("class_name: Sequential\nconfig:\n", .kerasYAML), ("HLSConfig:\n  Model:\n", .hls4mlConfiguration),
    ("import keras\nmodel = keras.Sequential()\n", .pythonSource), ("<?xml version=\"1.0\"?>", .xml),
    ("\u{17}\0\0\0\0\0\0\0{\"a\": {\"dtype\": \"F32\"}}", .safetensors),
    ("ccopy_reg\n_reconstructor", .pickle),
    ("GGUF\u{03}", .gguf), ("MATLAB 5.0 MAT-file", .matlab),
  ])
  func tellsByContent(_ text: String, _ format: FileFormat) {
    #expect(FileFormat.of(start: Array(text.utf8), size: text.utf8.count) == format)
  }

  @Test(arguments: [
    ([0x80, 0x04, 0x95, 0x10] as [UInt8], FileFormat.pickle),
    ([0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59, 1, 0], .numpyArray),
    (
      [0x80, 0x02, 0x8a, 0x0a, 0x6c, 0xfc, 0x9c, 0x46, 0xf9, 0x20, 0x6a, 0xa8, 0x50, 0x19, 0x2e], .torchLegacy
    ),
    ([0x1f, 0x8b, 8], .compressed),
  ])
  func tellsBinaries(_ bytes: [UInt8], _ format: FileFormat) {
    #expect(FileFormat.of(start: bytes, size: bytes.count) == format)
  }

  @Test(arguments: [
    (["archive/data.pkl", "archive/version"], FileFormat.torchArchive),
    (["m/constants.pkl", "m/data.pkl", "m/code/a.py"], .torchScript),
    (["m/archive_format", "m/models/model.json"], .torchExport), (["x.npy", "y.npy"], .numpyArchive),
    (["m/saved_model.pb"], .savedModel), (["a.txt"], .zip), ([], .zip),
  ])
  func tellsArchives(_ entries: [String], _ format: FileFormat) { #expect(FileFormat.zip(entries) == format) }

  @Test func knowsOurOwn() {
    #expect(FileFormat.zip(["metadata.json", "config.json", "model.weights.h5"]) == nil)
    #expect(FileFormat.of(start: Array("{\"class_name\": \"Sequential\"}".utf8), size: 28) == nil)
    #expect(FileFormat.of(start: Array("1,2,3\n4,5,6\n".utf8), size: 12) == nil)
    #expect(FileFormat.of(start: [0x89, 0x48, 0x44, 0x46, 0x0d, 0x0a, 0x1a, 0x0a], size: 8) == nil)
  }

  @Test(arguments: [
    (["learner", "version"], FileFormat.xgBoost), (["modelTopology", "format"], .tensorFlowJS),
    (["nbformat", "cells", "metadata"], .notebook), (["tree_info", "feature_names"], .lightGBM),
    (["HLSConfig", "Backend"], .hls4mlConfiguration), (["n_trees", "trees", "max_depth"], .conifer),
  ])
  func tellsJSON(_ keys: [String], _ format: FileFormat) { #expect(FileFormat.of(keys: keys) == format) }

  /// Every format has its name and advice, and every bit of it is said in one line.
  @Test(arguments: FileFormat.allCases) func isNamed(_ format: FileFormat) {
    #expect(!format.name.isEmpty && !format.advice.isEmpty && !format.advice.contains("\n"))
  }
}
