// Loops over a warp's lanes for executors of integer operations and conversions. Include behind
// sim/isa_begin.h.
//
// A destination slot may be a source slot, but slots never overlap in part, so that lane i of a
// result depends on lane i of the sources alone: the loops say `ivdep`.
#pragma once

#ifndef CAESAR_SIM_ISA
#error "include sim/isa_begin.h first"
#endif

namespace caesar::sim::CAESAR_SIM_ISA {

// Bit i in element i, in the width of a lane, so that a mask turns into lanes without shifts by
// lane, which SSE2 does not have.
template <class U>
struct LaneBits {
  U bit[kLanes];
};
template <class U>
constexpr LaneBits<U> MakeLaneBits() {
  LaneBits<U> bits{};
  for (int i = 0; i < kLanes; ++i) bits.bit[i] = U{1} << i;
  return bits;
}
inline constexpr LaneBits<std::uint32_t> kLaneBits32 = MakeLaneBits<std::uint32_t>();
inline constexpr LaneBits<std::uint64_t> kLaneBits64 = MakeLaneBits<std::uint64_t>();

// The bit of lane i, in a type of at least the width of T.
template <class T>
constexpr const auto& LaneBitsFor() {
  if constexpr (sizeof(T) == 8) {
    return kLaneBits64;
  } else {
    return kLaneBits32;
  }
}

// Writes `result` to the active lanes.
template <class D>
inline void Merge(D* dst, const D* result, Mask active) {
  const auto& bits = LaneBitsFor<D>();
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) {
    // Both are read in all lanes: a blend, no masked loads.
    const D replaced = dst[i], replacing = result[i];
    dst[i] = (active & bits.bit[i]) != 0 ? replacing : replaced;
  }
}

// Sets the active bits of a predicate.
inline void MergePredicate(Mask& predicate, Mask result, Mask active) {
  predicate = (predicate & ~active) | (result & active);
}

// Where a handler writes all 32 lanes of its result: the destination itself if all are active.
template <class D>
class Out {
 public:
  Out(Warp& warp, Slot slot)
      : dst_(warp.Lanes<D>(slot)), active_(warp.active), data(active_ == kAllLanes ? dst_ : all_) {}
  ~Out() {
    if (data != dst_) Merge(dst_, all_, active_);
  }
  Out(const Out&) = delete;
  Out& operator=(const Out&) = delete;

 private:
  alignas(64) D all_[kLanes];
  D* dst_;
  Mask active_;

 public:
  D* const data;
};

// dst = F::Do(a, b, c), lane by lane; D and A... are the types of the lanes.
template <class F, class D, class A>
Step Map1(Warp& warp, const Op& op) {
  const A* a = warp.Lanes<A>(op.a);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = F::Do(a[i]);
  return Step::kNext;
}
template <class F, class D, class A, class B>
Step Map2(Warp& warp, const Op& op) {
  const A* a = warp.Lanes<A>(op.a);
  const B* b = warp.Lanes<B>(op.b);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = F::Do(a[i], b[i]);
  return Step::kNext;
}
template <class F, class D, class A, class B, class C>
Step Map3(Warp& warp, const Op& op) {
  const A* a = warp.Lanes<A>(op.a);
  const B* b = warp.Lanes<B>(op.b);
  const C* c = warp.Lanes<C>(op.c);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = F::Do(a[i], b[i], c[i]);
  return Step::kNext;
}
// Four sources; the last is slots[4].
template <class F, class D, class A, class B, class C, class E>
Step Map4(Warp& warp, const Op& op) {
  const A* a = warp.Lanes<A>(op.a);
  const B* b = warp.Lanes<B>(op.b);
  const C* c = warp.Lanes<C>(op.c);
  const E* e = warp.Lanes<E>(op.slots[4]);
  Out<D> out(warp, op.dst);
  D* d = out.data;
#pragma GCC ivdep
  for (int i = 0; i < kLanes; ++i) d[i] = F::Do(a[i], b[i], c[i], e[i]);
  return Step::kNext;
}
template <class F, class D, class... S>
constexpr Handler MapOf() {
  if constexpr (sizeof...(S) == 1) {
    return &Map1<F, D, S...>;
  } else if constexpr (sizeof...(S) == 2) {
    return &Map2<F, D, S...>;
  } else if constexpr (sizeof...(S) == 3) {
    return &Map3<F, D, S...>;
  } else {
    return &Map4<F, D, S...>;
  }
}

// --- Arithmetic without undefined behaviour

template <class T>
using Unsigned = std::make_unsigned_t<T>;
// At least 32 bits wide and unsigned: small types would be promoted to int, which overflows.
template <class T>
using Modular = std::conditional_t<sizeof(T) == 8, std::uint64_t, std::uint32_t>;
template <class T>
inline constexpr int kBits = static_cast<int>(sizeof(T)) * 8;
template <class T>
inline constexpr bool kSignedLane = std::is_signed_v<T>;

__extension__ using Int128 = __int128;
__extension__ using Uint128 = unsigned __int128;
template <class T>
struct DoubleWidth;
template <>
struct DoubleWidth<std::uint16_t> {
  using Type = std::uint32_t;
};
template <>
struct DoubleWidth<std::int16_t> {
  using Type = std::int32_t;
};
template <>
struct DoubleWidth<std::uint32_t> {
  using Type = std::uint64_t;
};
template <>
struct DoubleWidth<std::int32_t> {
  using Type = std::int64_t;
};
template <>
struct DoubleWidth<std::uint64_t> {
  using Type = Uint128;
};
template <>
struct DoubleWidth<std::int64_t> {
  using Type = Int128;
};
template <class T>
using Wide = typename DoubleWidth<T>::Type;

template <class T>
inline T Sum(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) + static_cast<Modular<T>>(b));
}
template <class T>
inline T Difference(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) - static_cast<Modular<T>>(b));
}
template <class T>
inline T LowProduct(T a, T b) {
  return static_cast<T>(static_cast<Modular<T>>(a) * static_cast<Modular<T>>(b));
}
template <class T>
inline T HighProduct(T a, T b) {
  return static_cast<T>((static_cast<Wide<T>>(a) * static_cast<Wide<T>>(b)) >> kBits<T>);
}
inline std::int32_t SaturateS32(std::int64_t value) {
  constexpr std::int64_t kLow = std::numeric_limits<std::int32_t>::min();
  constexpr std::int64_t kHigh = std::numeric_limits<std::int32_t>::max();
  return static_cast<std::int32_t>(value < kLow ? kLow : value > kHigh ? kHigh : value);
}

// --- Rows of the table of forms

template <class T>
constexpr Type IntegerType() {
  if constexpr (std::is_same_v<T, std::uint16_t>) return Type::kU16;
  if constexpr (std::is_same_v<T, std::int16_t>) return Type::kS16;
  if constexpr (std::is_same_v<T, std::uint32_t>) return Type::kU32;
  if constexpr (std::is_same_v<T, std::int32_t>) return Type::kS32;
  if constexpr (std::is_same_v<T, std::uint64_t>) return Type::kU64;
  if constexpr (std::is_same_v<T, std::int64_t>) return Type::kS64;
}
template <class T>
constexpr Type BitsType() {
  return sizeof(T) == 2 ? Type::kB16 : sizeof(T) == 4 ? Type::kB32 : Type::kB64;
}
// An operand in the row's own width has the row's type; others are integers.
template <class T>
constexpr Type OperandType(Type row) {
  return static_cast<int>(sizeof(T)) * 8 == BitsOf(row) ? row : IntegerType<T>();
}

template <class F, class D, class... S>
void Put(IntegerForms& forms, std::string_view name, Type type) {
  forms.Add({name,
             type,
             MapOf<F, D, S...>(),
             {OperandType<D>(type), OperandType<S>(type)...},
             1 + static_cast<int>(sizeof...(S))});
}
// All operands of one type, for each of these types.
template <class F, class... T>
void PutUnary(IntegerForms& forms, std::string_view name) {
  (Put<F, T, T>(forms, name, IntegerType<T>()), ...);
}
template <class F, class... T>
void PutBinary(IntegerForms& forms, std::string_view name) {
  (Put<F, T, T, T>(forms, name, IntegerType<T>()), ...);
}
template <class F, class... T>
void PutTernary(IntegerForms& forms, std::string_view name) {
  (Put<F, T, T, T, T>(forms, name, IntegerType<T>()), ...);
}
// The types that most of the arithmetic has.
template <class F>
void PutBinaryAll(IntegerForms& forms, std::string_view name) {
  PutBinary<F, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t,
            std::int64_t>(forms, name);
}
template <class F>
void PutTernaryAll(IntegerForms& forms, std::string_view name) {
  PutTernary<F, std::uint16_t, std::int16_t, std::uint32_t, std::int32_t, std::uint64_t,
             std::int64_t>(forms, name);
}

}  // namespace caesar::sim::CAESAR_SIM_ISA
