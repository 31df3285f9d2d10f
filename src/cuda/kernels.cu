// The judge's kernels, compiled with NVRTC for the device at hand, once for each element class:
// CAESAR_CLASS_F32, _F64, _F16, _BF16, _INT with CAESAR_INT_BYTES 1, 2, 4, 8 and CAESAR_INT_SIGNED.
// All tensors start at a multiple of 256 bytes. Every kernel strides over the grid, so any grid is
// right.
#include "elementwise.h"

namespace {

using namespace caesar::element;

__device__ I64 ThreadIndex() { return static_cast<I64>(blockIdx.x) * blockDim.x + threadIdx.x; }
__device__ I64 ThreadCount() { return static_cast<I64>(gridDim.x) * blockDim.x; }

#if defined(CAESAR_CLASS_F32)
using Stored = float;
__device__ Stored Store(float v) { return v; }
__device__ double Widen(Stored v) { return v; }
#elif defined(CAESAR_CLASS_F64)
using Stored = double;
__device__ double Widen(Stored v) { return v; }
#elif defined(CAESAR_CLASS_F16)
using Stored = U16;
__device__ Stored Store(float v) { return HalfOf(v); }
__device__ double Widen(Stored v) { return FloatOfHalf(v); }
#elif defined(CAESAR_CLASS_BF16)
using Stored = U16;
__device__ Stored Store(float v) { return Bf16Of(v); }
__device__ double Widen(Stored v) { return FloatOfBf16(v); }
#elif defined(CAESAR_CLASS_INT)
#if CAESAR_INT_BYTES == 1
using Stored = unsigned char;
using Signed = signed char;
#elif CAESAR_INT_BYTES == 2
using Stored = unsigned short;
using Signed = short;
#elif CAESAR_INT_BYTES == 4
using Stored = unsigned int;
using Signed = int;
#else
using Stored = U64;
using Signed = I64;
#endif
__device__ double Widen(Stored v) {
  return CAESAR_INT_SIGNED ? static_cast<double>(static_cast<Signed>(v)) : static_cast<double>(v);
}
#endif

}  // namespace

// What one block found. Field order and sizes are those of cuda/judge_kernels.h.
struct ComparePartial {
  I64 mismatches;
  I64 unwritten;
  I64 first_bad;    // smallest index of a mismatch, or -1
  I64 worst_index;  // of the largest error/bound, or -1
  double worst_error;
  double worst_bound;
  double abs_error;  // largest |got - want|; NaN if any is
};

#ifdef CAESAR_CLASS
// `draw` makes element i of the random words of its block.
template <class Draw>
__device__ void FillWith(Stored* out, const FillOrder& order, Draw draw) {
  constexpr int kGroup = 4;  // one Philox block
  const I64 groups = order.elements / kGroup;
  for (I64 group = ThreadIndex(); group < groups; group += ThreadCount()) {
    const Random4 random = RandomOf(order, group);
    struct alignas(sizeof(Stored) * kGroup <= 16 ? sizeof(Stored) * kGroup : 16) Pack {
      Stored value[kGroup];
    } pack;
#pragma unroll
    for (int i = 0; i < kGroup; ++i) pack.value[i] = draw(group * kGroup + i, random);
    reinterpret_cast<Pack*>(out)[group] = pack;
  }
  for (I64 i = groups * kGroup + ThreadIndex(); i < order.elements; i += ThreadCount())
    out[i] = draw(i, RandomOf(order, i / kGroup));
}

#if defined(CAESAR_CLASS_INT)
extern "C" __global__ void caesar_fill(void* tensor, FillOrder order) {
  FillWith(static_cast<Stored*>(tensor), order, [&](I64 i, const Random4& random) {
    return static_cast<Stored>(IntegerValue(order, i, random));
  });
}
#else
__device__ void MakeBins(NormalBin* bins) {
  for (U32 i = threadIdx.x; i < kNormalBins; i += blockDim.x) bins[i] = NormalBinAt(i);
  __syncthreads();
}

extern "C" __global__ void caesar_fill(void* tensor, FillOrder order) {
  auto* out = static_cast<Stored*>(tensor);
  __shared__ NormalBin bins[kNormalBins];
  if (DrawsNormal(order.kind)) MakeBins(bins);
#if defined(CAESAR_CLASS_F64)
  FillWith(out, order,
           [&](I64 i, const Random4& random) { return WideValue(order, i, random, bins); });
#else
  FillWith(out, order, [&](I64 i, const Random4& random) {
    return Store(FloatValue(order, i, random, bins));
  });
#endif
}

#if !defined(CAESAR_CLASS_F64)
// What nearly all tensors hold has a kernel of its own: 32 registers instead of 72 to 80, so that a
// multiprocessor holds eight blocks instead of three.
extern "C" __global__ void caesar_fill_normal(void* tensor, FillOrder order) {
  __shared__ NormalBin bins[kNormalBins];
  MakeBins(bins);
  const auto mean = static_cast<float>(order.a);
  const auto deviation = static_cast<float>(order.b);
  FillWith(static_cast<Stored*>(tensor), order, [&](I64 i, const Random4& random) {
    return Store(NormalFloat(mean, deviation, random.word[i & 3], bins));
  });
}
#endif
#endif

__device__ void Merge(ComparePartial& into, const ComparePartial& from) {
  into.mismatches += from.mismatches;
  into.unwritten += from.unwritten;
  if (from.first_bad >= 0 && (into.first_bad < 0 || from.first_bad < into.first_bad))
    into.first_bad = from.first_bad;
  if (from.worst_index >= 0 &&
      (into.worst_index < 0 || from.worst_error != from.worst_error ||
       from.worst_error * into.worst_bound > into.worst_error * from.worst_bound)) {
    if (!(into.worst_error != into.worst_error)) {
      into.worst_index = from.worst_index;
      into.worst_error = from.worst_error;
      into.worst_bound = from.worst_bound;
    }
  }
  if (!(into.abs_error != into.abs_error) && !(from.abs_error <= into.abs_error))
    into.abs_error = from.abs_error;
}

__device__ U64 BitsOfStored(Stored value) {
  U64 bits = 0;
  memcpy(&bits, &value, sizeof value);
  return bits;
}

__device__ void Look(ComparePartial& mine, Stored got, Stored want, I64 index, double atol,
                     double rtol, U64 poison) {
  Difference d = Compare(Widen(got), Widen(want), atol, rtol);
  if (!(d.bound > 1e-30)) d.bound = 1e-30;  // so that ratios exist
#ifndef CAESAR_CLASS_INT
  // Where nobody wrote, nothing can be right, also not where a NaN is due.
  if (BitsOfStored(want) == poison || BitsOfStored(got) == poison) d.passes = false;
#endif
  if (!d.passes) {
    ++mine.mismatches;
    if (BitsOfStored(got) == poison) ++mine.unwritten;
    if (mine.first_bad < 0 || index < mine.first_bad) mine.first_bad = index;
  }
  if (!(mine.worst_error != mine.worst_error) &&
      (mine.worst_index < 0 || d.error != d.error ||
       d.error * mine.worst_bound > mine.worst_error * d.bound)) {
    mine.worst_index = index;
    mine.worst_error = d.error;
    mine.worst_bound = d.bound;
  }
  if (!(mine.abs_error != mine.abs_error) && !(d.error <= mine.abs_error)) mine.abs_error = d.error;
}

// Compares elements [from, elements) of two tensors; partials[blockIdx.x] receives what this block
// found.
extern "C" __global__ void caesar_compare(const void* got_tensor, const void* want_tensor, I64 from,
                                          I64 elements, double atol, double rtol, U64 poison_word,
                                          ComparePartial* partials) {
  constexpr int kGroup = 16 / sizeof(Stored);
  struct alignas(16) Pack {
    Stored value[kGroup];
  };
  struct Pair {
    Pack got, want;
  };
  const auto* got = static_cast<const Stored*>(got_tensor);
  const auto* want = static_cast<const Stored*>(want_tensor);
  const U64 poison =
      sizeof(Stored) == 8 ? poison_word : poison_word & ((1ULL << (8 * sizeof(Stored) % 64)) - 1);

  ComparePartial mine = {0, 0, -1, -1, 0, 1, 0};
  const I64 first_group = (from + kGroup - 1) / kGroup;
  const I64 groups = elements / kGroup;
  const auto load = [&](I64 group) {
    return Pair{reinterpret_cast<const Pack*>(got)[group],
                reinterpret_cast<const Pack*>(want)[group]};
  };
  const auto look = [&](const Pair& pair, I64 group) {
#pragma unroll
    for (int i = 0; i < kGroup; ++i)
      Look(mine, pair.got.value[i], pair.want.value[i], group * kGroup + i, atol, rtol, poison);
  };
  I64 group = first_group + ThreadIndex();
  for (; group + ThreadCount() < groups; group += 2 * ThreadCount()) {
    const Pair one = load(group);  // both are on their way before either is looked at
    const Pair other = load(group + ThreadCount());
    look(one, group);
    look(other, group + ThreadCount());
  }
  if (group < groups) look(load(group), group);
  // What lies before the first whole group and behind the last one.
  const I64 head_end = first_group * kGroup < elements ? first_group * kGroup : elements;
  for (I64 i = from + ThreadIndex(); i < head_end; i += ThreadCount())
    Look(mine, got[i], want[i], i, atol, rtol, poison);
  const I64 tail = groups > first_group ? groups * kGroup : head_end;
  for (I64 i = tail + ThreadIndex(); i < elements; i += ThreadCount())
    Look(mine, got[i], want[i], i, atol, rtol, poison);

  __shared__ ComparePartial shared[256];  // launched with 256 threads
  shared[threadIdx.x] = mine;
  __syncthreads();
  for (int width = blockDim.x / 2; width > 0; width /= 2) {
    if (threadIdx.x < width) Merge(shared[threadIdx.x], shared[threadIdx.x + width]);
    __syncthreads();
  }
  if (threadIdx.x == 0) partials[blockIdx.x] = shared[0];
}

// Bit i of the words: element from + i fails the same comparison. `from` is a multiple of 32; the
// last word's bits behind `count` are 0.
extern "C" __global__ void caesar_mark(const void* got_tensor, const void* want_tensor, I64 from,
                                       I64 count, double atol, double rtol, U64 poison_word,
                                       U32* words) {
  const auto* got = static_cast<const Stored*>(got_tensor);
  const auto* want = static_cast<const Stored*>(want_tensor);
  const U64 poison =
      sizeof(Stored) == 8 ? poison_word : poison_word & ((1ULL << (8 * sizeof(Stored) % 64)) - 1);
  // Whole warps: the grid's size is a multiple of 32.
  for (I64 i = ThreadIndex(); i < (count + 31) / 32 * 32; i += ThreadCount()) {
    ComparePartial one = {0, 0, -1, -1, 0, 1, 0};
    if (i < count) Look(one, got[from + i], want[from + i], from + i, atol, rtol, poison);
    const U32 word = __ballot_sync(0xFFFFFFFFU, one.mismatches > 0);
    if (threadIdx.x % 32 == 0) words[i / 32] = word;
  }
}
#else

// Fills [begin, end) with the 8-byte `pattern`, aligned to addresses that are multiples of 8.
extern "C" __global__ void caesar_poison(unsigned char* begin, I64 bytes, U64 pattern) {
  const I64 quads = bytes / 16;
  auto* out = reinterpret_cast<ulonglong2*>(begin);
  for (I64 i = ThreadIndex(); i < quads; i += ThreadCount())
    out[i] = make_ulonglong2(pattern, pattern);
  for (I64 i = quads * 16 + ThreadIndex(); i < bytes; i += ThreadCount()) {
    begin[i] = static_cast<unsigned char>(pattern >> (8 * (i & 7)));
  }
}

// Adds to *changed the bytes of [begin, begin + bytes) that differ from the pattern. `phase`:
// begin's address modulo 8.
extern "C" __global__ void caesar_count_changed(const unsigned char* begin, I64 bytes, U64 pattern,
                                                int phase, U64* changed) {
  U64 mine = 0;
  for (I64 i = ThreadIndex(); i < bytes; i += ThreadCount()) {
    if (begin[i] != static_cast<unsigned char>(pattern >> (8 * ((i + phase) & 7)))) ++mine;
  }
  if (mine != 0) atomicAdd(changed, mine);
}

// Adds the hash of a tensor to *sum.
extern "C" __global__ void caesar_hash(const unsigned char* begin, I64 bytes, U64* sum) {
  U64 mine = 0;
  const I64 words = bytes / 8;
  for (I64 i = ThreadIndex(); i < words; i += ThreadCount()) {
    mine += HashTerm(static_cast<U64>(i), reinterpret_cast<const U64*>(begin)[i]);
  }
  for (I64 i = words * 8 + ThreadIndex(); i < bytes; i += ThreadCount()) {
    mine += HashTerm(~static_cast<U64>(i), begin[i]);
  }
  for (int lane = 16; lane > 0; lane /= 2) mine += __shfl_down_sync(0xFFFFFFFFU, mine, lane);
  if (threadIdx.x % 32 == 0) atomicAdd(sum, mine);
}

// Reads everything, so that it lies in L2.
extern "C" __global__ void caesar_touch(const unsigned char* begin, I64 bytes, U64* sink) {
  U64 mine = 0;
  const I64 words = bytes / 8;
  for (I64 i = ThreadIndex(); i < words; i += ThreadCount())
    mine ^= reinterpret_cast<const U64*>(begin)[i];
  if (mine == 0x0123456789ABCDEFULL) *sink = mine;
}

// Reads everything as fast as memory gives it.
extern "C" __global__ void caesar_read(const ulonglong2* begin, I64 bytes, U64* sink) {
  U64 mine = 0;
  const I64 quads = bytes / 16;
  const I64 stride = ThreadCount();
  I64 i = ThreadIndex();
  for (; i + 3 * stride < quads; i += 4 * stride) {
    const ulonglong2 a = begin[i], b = begin[i + stride];
    const ulonglong2 c = begin[i + 2 * stride], d = begin[i + 3 * stride];
    mine ^= a.x ^ a.y ^ b.x ^ b.y ^ c.x ^ c.y ^ d.x ^ d.y;
  }
  for (; i < quads; i += stride) mine ^= begin[i].x;
  if (mine == 0x0123456789ABCDEFULL) *sink = mine;
}

// `rounds` times 64 fused multiply-adds a thread, in eight chains that do not wait for each other.
extern "C" __global__ void caesar_fma(int rounds, float factor, float* sink) {
  float chains[8];
  for (int i = 0; i < 8; ++i) chains[i] = static_cast<float>(threadIdx.x + i);
  for (int round = 0; round < rounds; ++round) {
#pragma unroll
    for (int i = 0; i < 64; ++i) chains[i % 8] = __fmaf_rn(chains[i % 8], factor, 1.0F);
  }
  float sum = 0;
  for (int i = 0; i < 8; ++i) sum += chains[i];
  if (sum == 12345.0F) *sink = sum;
}

// Keeps the device until *released is `ticket`, at most `nanoseconds`: while a context's kernel runs,
// those of other contexts wait. Whoever takes turns with it all the same leaves a gap between two
// looks at the clock, the longest of which it writes down; ~0 if its time was over. All three words
// lie in host memory: a look takes some microseconds.
extern "C" __global__ void caesar_hold(volatile U32* begun, volatile U32* released,
                                       volatile U64* longest_ns, U32 ticket, U64 nanoseconds) {
  U64 begin, now;
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
  U64 last = begin;
  U64 longest = 0;
  const long long cycles = clock64();
  *begun = ticket;
  __threadfence_system();
  for (bool over = false; !over;) {
    over = *released == ticket;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    if (now - last > longest) longest = now - last;
    last = now;
    if (!over && (now - begin > nanoseconds || clock64() - cycles > 4000000000LL)) {
      over = true;
      longest = ~0ULL;
    }
  }
  *longest_ns = longest;
  __threadfence_system();
}

// Occupies a stream for about `nanoseconds`, at most a hundred million cycles, so that what is
// launched behind it runs without gaps. One thread: it leaves the other multiprocessors idle and
// ends by itself whatever the host does.
extern "C" __global__ void caesar_delay(U64 nanoseconds) {
  U64 begin, now;
  const long long cycles = clock64();
  asm volatile("mov.u64 %0, %globaltimer;" : "=l"(begin));
  do {
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
  } while (now - begin < nanoseconds && clock64() - cycles < 100000000LL);
}
#endif
