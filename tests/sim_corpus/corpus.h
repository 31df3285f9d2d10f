// The corpus of small kernels that run on a real GPU and on the simulated one: what a case's head
// says, and the input that it is fed. Shared by the recorder and by the test, so that both see the
// same bytes; it needs nothing but C++17.
//
// A case is one file cases/NAME.cu, with `corpus_run` (kit.cuh) and these lines in its head:
//   // in: BYTES
//   // fill: TYPE KIND       see FillInput
//   // out: TYPE COUNT
//   // compare: exact | ulps N | relative X [absolute Y]
//   // finds: KIND...         what the simulator reports of it; no such line: nothing
// A NaN equals every NaN: PTX leaves its bits free.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace corpus {

enum class Type { kU8, kU32, kI32, kU64, kF16, kBf16, kF32, kF64 };

struct Case {
  std::string name;
  std::size_t in_bytes = 0;
  Type fill_type = Type::kU32;
  std::string fill_kind;
  Type out_type = Type::kU32;
  std::size_t out_count = 0;
  int ulps = -1;  // -1: no limit by ulps
  double relative = 0.0;
  double absolute = 0.0;  // both zero and ulps -1: exact
  std::vector<std::string> finds;
  std::uint64_t digest = 0;  // of the code, comments and blanks aside: what was recorded
};

std::size_t BytesOf(Type type);
std::size_t OutBytes(const Case& c);

// Throws std::runtime_error that names the file and the line if the head is not of the form above.
Case ReadCase(const std::string& path);

// Kinds: `bits` (random), `edges`, `mixed` (edges, bits and common values); for floats also
// `uniform` in [-1, 1), `normal`, `integers` from -8 to 8 (their sums are exact), `tiny` (about the
// denormals), `floatlike` (doubles about the range of float), `halflike` (floats about that of
// half).
std::vector<unsigned char> FillInput(const Case& c);

// "" if `got` is what `c` allows for `want`; else the first difference and how many there are.
std::string Difference(const Case& c, const std::vector<unsigned char>& want,
                       const std::vector<unsigned char>& got);

}  // namespace corpus
