// The judge's kernels as plain loops over host memory: what src/cuda/kernels.cu does to a tensor,
// element by element, with the same functions of device/elementwise.h. For devices in host memory,
// and for golden values that the GPU must meet.
#pragma once

#include <cstdint>
#include <vector>

#include "device/device.h"
#include "device/elementwise.h"
#include "problem/problem.h"

namespace caesar {

// Elements [from, to) of a tensor that has order.elements.
void FillElements(void* tensor, DType dtype, const element::FillOrder& order, std::int64_t from,
                  std::int64_t to);

// Compares elements [from, elements). `poison` is the 8-byte pattern of both tensors where the type
// is a float.
ElementCompare CompareElements(const void* got, const void* want, DType dtype, std::int64_t from,
                               std::int64_t elements, double atol, double rtol,
                               std::uint64_t poison);

// Bit i: element from + i of `count` fails that comparison.
std::vector<std::uint64_t> MarkElements(const void* got, const void* want, DType dtype,
                                        std::int64_t from, std::int64_t count, double atol,
                                        double rtol, std::uint64_t poison);

// Adds elements [from, to) that hold the poison in neither tensor.
void CompareWritten(const void* got, const void* want, DType dtype, std::int64_t from,
                    std::int64_t to, double atol, double rtol, std::uint64_t poison,
                    SparseCompare* total);

// One element, widened to double.
double ReadElement(const void* tensor, DType dtype, std::int64_t index);

std::uint64_t HashBytes(const void* tensor, std::uint64_t bytes);

// The pattern's bytes, in the phase of offset `first` of a mapping that starts at a multiple of 8.
void PoisonBytes(unsigned char* mapping, std::uint64_t first, std::uint64_t last,
                 std::uint64_t pattern);
std::int64_t BytesChanged(const unsigned char* mapping, std::uint64_t first, std::uint64_t last,
                          std::uint64_t pattern);

}  // namespace caesar
