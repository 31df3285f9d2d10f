// Moves: mov, packing and unpacking of vectors, selp, slct.
#include "sim/ops/integer_std.h"
// Behind all others:
#include "sim/isa_begin.h"
#include "sim/ops/integer_lanes.h"

namespace caesar::sim::CAESAR_SIM_ISA {
namespace {

struct B128 {
  std::uint64_t low, high;
};

template <class T>
Step Move(Warp& warp, const Op& op) {
  const T* a = warp.Lanes<T>(op.a);
  T* d = warp.Lanes<T>(op.dst);
  if (warp.active == kAllLanes) {
    std::memmove(d, a, sizeof(T) * kLanes);
  } else {
    Merge(d, a, warp.active);
  }
  return Step::kNext;
}
Step MovePredicate(Warp& warp, const Op& op) {
  MergePredicate(warp.Predicate(op.dst), warp.Predicate(op.a), warp.active);
  return Step::kNext;
}

// slots[1..count] are the parts, the least significant first.
template <class D, class Part>
Step Pack(Warp& warp, const Op& op) {
  constexpr int kParts = sizeof(D) / sizeof(Part);
  static_assert(sizeof(D) <= 8);
  const Part* parts[kParts];
  for (int k = 0; k < kParts; ++k) parts[k] = warp.Lanes<Part>(op.slots[1 + k]);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) {
    D value = 0;
    for (int k = 0; k < kParts; ++k) value |= D{parts[k][i]} << (k * kBits<Part>);
    d[i] = value;
  }
  return Step::kNext;
}
// A lane of 128 bits is 16 bytes, in which parts lie in ascending order.
template <class Part>
Step PackB128(Warp& warp, const Op& op) {
  constexpr std::size_t kParts = sizeof(B128) / sizeof(Part);
  auto* d = reinterpret_cast<std::byte*>(warp.Lanes<B128>(op.dst));
  for (std::size_t i = 0; i < kLanes; ++i) {
    if ((warp.active >> i & 1) == 0) continue;
    for (std::size_t k = 0; k < kParts; ++k) {
      std::memcpy(d + i * sizeof(B128) + k * sizeof(Part), warp.Lanes<Part>(op.slots[1 + k]) + i,
                  sizeof(Part));
    }
  }
  return Step::kNext;
}

// slots[0..count-1] are the parts, then the source.
template <class A, class Part>
Step Unpack(Warp& warp, const Op& op) {
  constexpr int kParts = sizeof(A) / sizeof(Part);
  const A* a = warp.Lanes<A>(op.slots[kParts]);
  for (int k = 0; k < kParts; ++k) {
    Out<Part> out(warp, op.slots[k]);
    Part* d = out.data;
#pragma GCC ivdep
    for (int i = 0; i < kLanes; ++i) d[i] = static_cast<Part>(a[i] >> (k * kBits<Part>));
  }
  return Step::kNext;
}
template <class Part>
Step UnpackB128(Warp& warp, const Op& op) {
  constexpr std::size_t kParts = sizeof(B128) / sizeof(Part);
  const auto* a = reinterpret_cast<const std::byte*>(warp.Lanes<B128>(op.slots[kParts]));
  for (std::size_t i = 0; i < kLanes; ++i) {
    if ((warp.active >> i & 1) == 0) continue;
    for (std::size_t k = 0; k < kParts; ++k) {
      std::memcpy(warp.Lanes<Part>(op.slots[k]) + i, a + i * sizeof(B128) + k * sizeof(Part),
                  sizeof(Part));
    }
  }
  return Step::kNext;
}

// c is a predicate.
template <class T>
Step Select(Warp& warp, const Op& op) {
  const T* a = warp.Lanes<T>(op.a);
  const T* b = warp.Lanes<T>(op.b);
  const Mask c = warp.Predicate(op.c) ^ ((op.flags & kNegatedC) != 0 ? ~Mask{0} : Mask{0});
  const auto& bits = LaneBitsFor<T>();
  Out<T> out(warp, op.dst);
  T* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = (c & bits.bit[i]) != 0 ? a[i] : b[i];
  return Step::kNext;
}

// a where c >= 0, else b. Of floats: -0 is not below 0; NaN selects b.
struct SelectSigned {
  template <class T>
  static T Do(T a, T b, std::int32_t c) {
    return c >= 0 ? a : b;
  }
};
template <bool kFlush>
struct SelectFloat {
  template <class T>
  static T Do(T a, T b, std::uint32_t c) {
    const std::uint32_t size = c & 0x7FFF'FFFF;
    const bool zero = kFlush ? size < 0x0080'0000 : size == 0;
    return zero || c <= 0x7F80'0000 ? a : b;
  }
};

template <class T>
void PutSelections(IntegerForms& forms, Type type) {
  forms.Add({"selp", type, &Select<T>, {type, type, type, Type::kPred}, 4});
}
template <class T>
void PutSlct(IntegerForms& forms, Type type, std::string_view name, std::string_view ftz) {
  forms.Add({name,
             Type::kS32,
             MapOf<SelectSigned, T, T, T, std::int32_t>(),
             {type, type, type, Type::kS32},
             4});
  forms.Add({name,
             Type::kF32,
             MapOf<SelectFloat<false>, T, T, T, std::uint32_t>(),
             {type, type, type, Type::kF32},
             4});
  forms.Add({ftz,
             Type::kF32,
             MapOf<SelectFloat<true>, T, T, T, std::uint32_t>(),
             {type, type, type, Type::kF32},
             4});
}

}  // namespace

void AddSelections(IntegerForms& forms) {
  using u16 = std::uint16_t;
  using u32 = std::uint32_t;
  using u64 = std::uint64_t;
  for (const Type type : {Type::kB16, Type::kU16, Type::kS16}) PutSelections<u16>(forms, type);
  for (const Type type : {Type::kB32, Type::kU32, Type::kS32, Type::kF32}) {
    PutSelections<u32>(forms, type);
  }
  for (const Type type : {Type::kB64, Type::kU64, Type::kS64, Type::kF64}) {
    PutSelections<u64>(forms, type);
  }
  PutSlct<u16>(forms, Type::kB16, "slct.b16", "slct.ftz.b16");
  PutSlct<u16>(forms, Type::kU16, "slct.u16", "slct.ftz.u16");
  PutSlct<u16>(forms, Type::kS16, "slct.s16", "slct.ftz.s16");
  PutSlct<u32>(forms, Type::kB32, "slct.b32", "slct.ftz.b32");
  PutSlct<u32>(forms, Type::kU32, "slct.u32", "slct.ftz.u32");
  PutSlct<u32>(forms, Type::kS32, "slct.s32", "slct.ftz.s32");
  PutSlct<u32>(forms, Type::kF32, "slct.f32", "slct.ftz.f32");
  PutSlct<u64>(forms, Type::kB64, "slct.b64", "slct.ftz.b64");
  PutSlct<u64>(forms, Type::kU64, "slct.u64", "slct.ftz.u64");
  PutSlct<u64>(forms, Type::kS64, "slct.s64", "slct.ftz.s64");
  PutSlct<u64>(forms, Type::kF64, "slct.f64", "slct.ftz.f64");
}

Handler MoveHandler(int bits) {
  switch (bits) {
    case 1:
      return &MovePredicate;
    case 16:
      return &Move<std::uint16_t>;
    case 32:
      return &Move<std::uint32_t>;
    case 64:
      return &Move<std::uint64_t>;
    case 128:
      return &Move<B128>;
    default:
      return nullptr;
  }
}
Handler PackHandler(int whole, int part) {
  if (whole == 32 && part == 16) return &Pack<std::uint32_t, std::uint16_t>;
  if (whole == 64 && part == 16) return &Pack<std::uint64_t, std::uint16_t>;
  if (whole == 64 && part == 32) return &Pack<std::uint64_t, std::uint32_t>;
  if (whole == 128 && part == 32) return &PackB128<std::uint32_t>;
  return whole == 128 && part == 64 ? &PackB128<std::uint64_t> : nullptr;
}
Handler UnpackHandler(int whole, int part) {
  if (whole == 32 && part == 16) return &Unpack<std::uint32_t, std::uint16_t>;
  if (whole == 64 && part == 16) return &Unpack<std::uint64_t, std::uint16_t>;
  if (whole == 64 && part == 32) return &Unpack<std::uint64_t, std::uint32_t>;
  if (whole == 128 && part == 32) return &UnpackB128<std::uint32_t>;
  return whole == 128 && part == 64 ? &UnpackB128<std::uint64_t> : nullptr;
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
