import Crypto
import FoundationEssentials
import MergeCore
import SimulationKit
import SwiftProtobuf
import SyncProtocol

// Batches with something wrong in them, all else right.

/// A batch with its parts altered, the signature left as it is.
func altered(_ batch: [UInt8], _ change: (inout WireBatch) throws -> Void) throws -> [UInt8] {
  var wire = try WireBatch(serializedBytes: batch)
  try change(&wire)
  return try wire.serializedBytes()
}

/// A batch with its header altered and signed anew by `author`.
func resigned(
  _ batch: [UInt8], by author: BatchAuthor, _ change: (inout WireBatchHeader) throws -> Void
) throws -> [UInt8] {
  try altered(batch) { wire in
    var header = try WireBatchHeader(serializedBytes: wire.header)
    try change(&header)
    wire.header = try header.serializedBytes()
    wire.signature = try author.key.signature(
      for: Array("hashiya/v1/batch-signature\0".utf8) + wire.header)
  }
}

/// A skeleton with its message altered.
func skeleton(_ change: (inout WireSkeleton) throws -> Void) throws -> [UInt8] {
  var wire = WireSkeleton()
  wire.time = 1_000
  try change(&wire)
  return try wire.serializedBytes()
}

/// A field that no version knows, appended to an encoded message.
let unknownField: [UInt8] = [0xF8, 0x3F, 0x01]
