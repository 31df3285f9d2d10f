// Objects with virtual functions, made on the device.
// in: 2048
// fill: f32 uniform
// out: f32 512
// compare: exact
#include "kit.cuh"

struct Shape {
  __device__ virtual float Area() const = 0;
  __device__ virtual float Scale() const { return 1.0f; }
};
struct Square : Shape {
  __device__ explicit Square(float a) : side(a) {}
  __device__ float Area() const override { return __fmul_rn(side, side); }
  float side;
};
struct Box : Square {
  __device__ Box(float a, float b) : Square(a), other(b) {}
  __device__ float Area() const override { return __fmul_rn(side, other); }
  __device__ float Scale() const override { return 0.5f; }
  float other;
};
struct Wedge : Box {
  using Box::Box;
  __device__ float Area() const override { return __fmul_rn(Box::Area(), 0.25f); }
};

__device__ __noinline__ float Measure(const Shape& shape) {
  return __fmul_rn(shape.Area(), shape.Scale());
}

__global__ void Shapes(const float* in, float* out) {
  const unsigned i = blockIdx.x * blockDim.x + threadIdx.x;
  const Square square(in[i]);
  const Box box(in[i], 3.0f);
  const Wedge wedge(in[i], static_cast<float>(i));
  const Shape* shapes[3] = {&square, &box, &wedge};
  out[i] = Measure(*shapes[i % 3]);
}

CORPUS_RUN {
  Shapes<<<4, 128, 0, stream>>>(static_cast<const float*>(in), static_cast<float*>(out));
  return static_cast<int>(cudaGetLastError());
}
