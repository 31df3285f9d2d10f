#include "device/host_elements.h"

#include <cmath>
#include <cstring>
#include <type_traits>

namespace caesar {
namespace {

// Calls visit(tag, widen) with a value of the type that stores an element, and with what makes a
// double of it.
template <class Visit>
auto WithType(DType dtype, Visit visit) {
  const auto plain = [](auto value) { return static_cast<double>(value); };
  switch (dtype) {
    case DType::kF32:
      return visit(float{}, plain);
    case DType::kF64:
      return visit(double{}, plain);
    case DType::kF16:
      return visit(element::U16{}, [](element::U16 value) {
        return static_cast<double>(element::FloatOfHalf(value));
      });
    case DType::kBf16:
      return visit(element::U16{}, [](element::U16 value) {
        return static_cast<double>(element::FloatOfBf16(value));
      });
    case DType::kI8:
      return visit(std::int8_t{}, plain);
    case DType::kI16:
      return visit(std::int16_t{}, plain);
    case DType::kI32:
      return visit(std::int32_t{}, plain);
    case DType::kI64:
      return visit(std::int64_t{}, plain);
    case DType::kU8:
    case DType::kBool:
      return visit(std::uint8_t{}, plain);
    case DType::kU16:
      return visit(std::uint16_t{}, plain);
    case DType::kU32:
      return visit(std::uint32_t{}, plain);
    case DType::kU64:
      return visit(std::uint64_t{}, plain);
  }
  return visit(float{}, plain);
}

template <class Stored>
Stored Generate(DType dtype, const element::FillOrder& order, std::int64_t index,
                const element::Random4& random, const element::NormalBin* bins) {
  if (dtype == DType::kF16)
    return static_cast<Stored>(element::HalfOf(element::FloatValue(order, index, random, bins)));
  if (dtype == DType::kBf16)
    return static_cast<Stored>(element::Bf16Of(element::FloatValue(order, index, random, bins)));
  if (dtype == DType::kF32)
    return static_cast<Stored>(element::FloatValue(order, index, random, bins));
  if (dtype == DType::kF64)
    return static_cast<Stored>(element::WideValue(order, index, random, bins));
  return static_cast<Stored>(element::IntegerValue(order, index, random));
}

template <class T>
T Load(const void* tensor, std::int64_t index) {
  T value;
  std::memcpy(
      &value,
      static_cast<const unsigned char*>(tensor) + static_cast<std::size_t>(index) * sizeof(T),
      sizeof value);
  return value;
}

template <class T>
std::uint64_t BitsOf(T value) {
  std::uint64_t bits = 0;
  std::memcpy(&bits, &value, sizeof value);
  return bits;
}

// The bits of a pattern that an element holds.
template <class T>
constexpr std::uint64_t MaskOf() {
  return sizeof(T) == 8 ? ~0ULL : (1ULL << (8 * sizeof(T) % 64)) - 1;
}

struct Worst {
  double error = 0;
  double bound = 1;
};

// One element's part in the comparison: Look() of kernels.cu.
void Look(ElementCompare& total, Worst& worst, double got, double want, bool got_poison,
          bool unwritten, std::int64_t index, double atol, double rtol) {
  element::Difference difference = element::Compare(got, want, atol, rtol);
  if (!(difference.bound > 1e-30)) difference.bound = 1e-30;
  if (unwritten) difference.passes = false;
  if (!difference.passes) {
    ++total.mismatches;
    if (got_poison) ++total.unwritten;
    if (total.first_bad < 0) total.first_bad = index;
  }
  if (!std::isnan(worst.error) &&
      (total.worst_index < 0 || std::isnan(difference.error) ||
       difference.error * worst.bound > worst.error * difference.bound)) {
    total.worst_index = index;
    worst = {difference.error, difference.bound};
  }
  if (!std::isnan(total.abs_error_max) && !(difference.error <= total.abs_error_max))
    total.abs_error_max = difference.error;
}

unsigned char PatternByte(std::uint64_t pattern, std::uint64_t offset) {
  return static_cast<unsigned char>(pattern >> (8 * (offset % 8)));
}

}  // namespace

void FillElements(void* tensor, DType dtype, const element::FillOrder& order, std::int64_t from,
                  std::int64_t to) {
  const element::NormalBin* bins = element::NormalBins();
  WithType(dtype, [&](auto tag, auto) {
    using Stored = decltype(tag);
    for (std::int64_t i = from; i < to; ++i) {
      const element::Random4 random = element::RandomOf(order, i / 4);
      const Stored value = Generate<Stored>(dtype, order, i, random, bins);
      std::memcpy(static_cast<unsigned char*>(tensor) + static_cast<std::size_t>(i) * sizeof value,
                  &value, sizeof value);
    }
  });
}

ElementCompare CompareElements(const void* got, const void* want, DType dtype, std::int64_t from,
                               std::int64_t elements, double atol, double rtol,
                               std::uint64_t poison) {
  return WithType(dtype, [&](auto tag, auto widen) {
    using Stored = decltype(tag);
    const std::uint64_t poisoned = poison & MaskOf<Stored>();
    ElementCompare total;
    Worst worst;
    for (std::int64_t i = from; i < elements; ++i) {
      const auto got_value = Load<Stored>(got, i);
      const auto want_value = Load<Stored>(want, i);
      const bool got_poison = BitsOf(got_value) == poisoned;
      // Where nobody wrote, nothing can be right, also not where a NaN is due. Integers have no
      // pattern that nobody could compute.
      const bool unwritten = IsFloat(dtype) && (got_poison || BitsOf(want_value) == poisoned);
      Look(total, worst, widen(got_value), widen(want_value), got_poison, unwritten, i, atol, rtol);
    }
    total.error_max = worst.error / worst.bound;
    return total;
  });
}

std::vector<std::uint64_t> MarkElements(const void* got, const void* want, DType dtype,
                                        std::int64_t from, std::int64_t count, double atol,
                                        double rtol, std::uint64_t poison) {
  std::vector<std::uint64_t> marks(static_cast<std::size_t>((count + 63) / 64));
  for (std::int64_t i = 0; i < count; ++i) {
    const std::int64_t at = from + i;
    if (CompareElements(got, want, dtype, at, at + 1, atol, rtol, poison).mismatches > 0)
      marks[static_cast<std::size_t>(i / 64)] |= std::uint64_t{1} << (i % 64);
  }
  return marks;
}

void CompareWritten(const void* got, const void* want, DType dtype, std::int64_t from,
                    std::int64_t to, double atol, double rtol, std::uint64_t poison,
                    SparseCompare* total) {
  WithType(dtype, [&](auto tag, auto widen) {
    using Stored = decltype(tag);
    const std::uint64_t unwritten = poison & MaskOf<Stored>();
    for (std::int64_t i = from; i < to; ++i) {
      const auto got_value = Load<Stored>(got, i);
      const auto want_value = Load<Stored>(want, i);
      if (BitsOf(got_value) == unwritten || BitsOf(want_value) == unwritten) continue;
      ++total->compared;
      if (element::Compare(widen(got_value), widen(want_value), atol, rtol).passes) continue;
      ++total->mismatches;
    }
  });
}

double ReadElement(const void* tensor, DType dtype, std::int64_t index) {
  return WithType(dtype,
                  [&](auto tag, auto widen) { return widen(Load<decltype(tag)>(tensor, index)); });
}

std::uint64_t HashBytes(const void* tensor, std::uint64_t bytes) {
  std::uint64_t sum = 0;
  const auto* begin = static_cast<const unsigned char*>(tensor);
  for (std::uint64_t word = 0; word < bytes / 8; ++word) {
    sum += element::HashTerm(word, Load<std::uint64_t>(begin, static_cast<std::int64_t>(word)));
  }
  for (std::uint64_t i = bytes / 8 * 8; i < bytes; ++i) sum += element::HashTerm(~i, begin[i]);
  return sum;
}

void PoisonBytes(unsigned char* mapping, std::uint64_t first, std::uint64_t last,
                 std::uint64_t pattern) {
  for (std::uint64_t i = first; i < last; ++i) mapping[i] = PatternByte(pattern, i);
}

std::int64_t BytesChanged(const unsigned char* mapping, std::uint64_t first, std::uint64_t last,
                          std::uint64_t pattern) {
  std::int64_t changed = 0;
  for (std::uint64_t i = first; i < last; ++i) changed += mapping[i] != PatternByte(pattern, i);
  return changed;
}

}  // namespace caesar
