// malloc, new and free in a kernel: a linked list per thread.
// in: 512
// fill: u32 bits
// out: u32 128
// compare: exact
#include "kit.cuh"

struct Link {
  uint32_t value;
  Link* next;
};

__global__ void List(const uint32_t* in, uint32_t* out) {
  const unsigned i = threadIdx.x;
  Link* head = nullptr;
  for (unsigned k = 0; k < 5; ++k) head = new Link{in[(i + k) % 128] * (k + 1), head};
  auto* numbers = static_cast<uint32_t*>(malloc(64));
  for (unsigned k = 0; k < 16; ++k) numbers[k] = k * i;
  uint32_t sum = numbers[in[i] % 16];
  free(numbers);
  while (head != nullptr) {
    sum = sum * 3 + head->value;
    Link* next = head->next;
    delete head;
    head = next;
  }
  out[i] = sum;
}

CORPUS_RUN {
  List<<<1, 128, 0, stream>>>(static_cast<const uint32_t*>(in), static_cast<uint32_t*>(out));
  return static_cast<int>(cudaGetLastError());
}
