// Loads and stores of two and four values, of all widths, and with every hint for the caches.
// in: 16384
// fill: u32 bits
// out: u32 1024
// compare: exact
#include "kit.cuh"

__global__ void Loads(const uint32_t* in, uint32_t* out) {
  const unsigned i = threadIdx.x;
  const auto* quads = reinterpret_cast<const int4*>(in);
  const auto* pairs = reinterpret_cast<const uint2*>(in);
  const int4 a = __ldg(quads + i);
  const int4 b = __ldcs(quads + i + 128);
  const uint2 c = __ldcg(pairs + i);
  const double2 d = reinterpret_cast<const double2*>(in)[i + 256];
  const uchar4 e = __ldca(reinterpret_cast<const uchar4*>(in) + i);
  const ushort4 f = __ldcv(reinterpret_cast<const ushort4*>(in) + i);
  const char2 g = __ldlu(reinterpret_cast<const char2*>(in) + i);
  const float4 h = reinterpret_cast<const float4*>(in)[i + 300];
  const longlong2 k = __ldg(reinterpret_cast<const longlong2*>(in) + i);
  auto* rows = reinterpret_cast<uint4*>(out) + 4 * i;
  rows[0] = make_uint4(static_cast<uint32_t>(a.x ^ a.w), static_cast<uint32_t>(b.y + b.z),
                       c.x - c.y, static_cast<uint32_t>(e.x + e.w * 256 + f.y * 512));
  __stcs(rows + 1,
         make_uint4(static_cast<uint32_t>(__double_as_longlong(d.y) >> 13), __float_as_uint(h.z),
                    static_cast<uint32_t>(g.x * 1000 + g.y), static_cast<uint32_t>(k.y >> 20)));
  auto* halves = reinterpret_cast<uint2*>(rows + 2);
  __stcg(halves, make_uint2(f.x, f.w));
  __stwt(halves + 1, make_uint2(e.y, e.z));
  auto* shorts = reinterpret_cast<ushort2*>(rows + 3);
  shorts[0] = make_ushort2(f.z, static_cast<unsigned short>(g.x));
  __stwb(shorts + 1, make_ushort2(1, 2));
  auto* bytes = reinterpret_cast<uchar4*>(rows + 3);
  bytes[2] = e;
  reinterpret_cast<signed char*>(bytes)[12] = static_cast<signed char>(a.y);
  reinterpret_cast<unsigned char*>(bytes)[13] = 7;
  reinterpret_cast<short*>(bytes)[7] = static_cast<short>(b.x);
}

CORPUS_RUN {
  Loads<<<1, 64, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
