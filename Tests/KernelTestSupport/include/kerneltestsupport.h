#pragma once

/// Calls every kernel of an instruction set in every way it can be asked to work, on words that are the same on
/// every machine; reports one call of every so many (1: all).
///
/// Returns a line for each call: its name, and a hash of all it left behind. NULL where this machine does not have
/// the instruction set. The caller frees it.
char *tf_kernel_report(int instruction_set, int every);
