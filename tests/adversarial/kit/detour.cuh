// Writes a jump over the beginning of a function of this process.
#include <sys/mman.h>
#include <unistd.h>
#include <cstdint>
#include <cstring>
static bool detour(void* from, void* to) {
  if (from == nullptr) return false;
  const auto page = reinterpret_cast<uintptr_t>(from) & ~uintptr_t{4095};
  if (mprotect(reinterpret_cast<void*>(page), 8192, PROT_READ | PROT_WRITE | PROT_EXEC) != 0) return false;
  unsigned char jump[12] = {0x48, 0xB8, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xE0};  // mov rax, to; jmp rax
  memcpy(jump + 2, &to, sizeof to);
  memcpy(from, jump, sizeof jump);
  return true;
}
