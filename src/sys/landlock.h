// Landlock's system calls and constants as far as Linux 6.15 (ABI 7) has them, so that a binary
// built with older headers uses all that the kernel it runs on offers. Facts from
// Documentation/userspace-api/landlock.rst.
#pragma once

#include <sys/syscall.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>

namespace caesar::landlock {

inline constexpr long kCreateRuleset = 444;
inline constexpr long kAddRule = 445;
inline constexpr long kRestrictSelf = 446;

// Rights on files.
inline constexpr std::uint64_t kExecute = 1ULL << 0;
inline constexpr std::uint64_t kWriteFile = 1ULL << 1;
inline constexpr std::uint64_t kReadFile = 1ULL << 2;
inline constexpr std::uint64_t kReadDir = 1ULL << 3;
inline constexpr std::uint64_t kRemoveDir = 1ULL << 4;
inline constexpr std::uint64_t kRemoveFile = 1ULL << 5;
inline constexpr std::uint64_t kMakeDir = 1ULL << 7;
inline constexpr std::uint64_t kMakeReg = 1ULL << 8;
inline constexpr std::uint64_t kMakeSym = 1ULL << 12;
inline constexpr std::uint64_t kRefer = 1ULL << 13;     // ABI 2
inline constexpr std::uint64_t kTruncate = 1ULL << 14;  // ABI 3
inline constexpr std::uint64_t kIoctlDev = 1ULL << 15;  // ABI 5
// The rights that a rule on a file, which is no folder, may name.
inline constexpr std::uint64_t kOfFiles = kExecute | kWriteFile | kReadFile | kTruncate | kIoctlDev;

// All that an ABI handles, and so refuses where no rule allows it.
constexpr std::uint64_t HandledFiles(int abi) {
  std::uint64_t all = (1ULL << 13) - 1;
  if (abi >= 2) all |= kRefer;
  if (abi >= 3) all |= kTruncate;
  if (abi >= 5) all |= kIoctlDev;
  return all;
}
constexpr std::uint64_t HandledNet(int abi) { return abi >= 4 ? 3 : 0; }  // bind and connect of TCP
constexpr std::uint64_t Scoped(int abi) { return abi >= 6 ? 3 : 0; }  // abstract sockets, signals

struct RulesetAttributes {
  std::uint64_t handled_access_fs;
  std::uint64_t handled_access_net;
  std::uint64_t scoped;
};
// The kernel refuses a structure that is longer than its own, unless the rest is zero; an older one
// knows less of it.
constexpr std::size_t RulesetBytes(int abi) { return abi >= 6 ? 24 : abi >= 4 ? 16 : 8; }

struct __attribute__((packed)) PathBeneath {
  std::uint64_t allowed_access;
  std::int32_t parent_fd;
};
inline constexpr int kRulePathBeneath = 1;

// The ABI's number, at least 1; -1 with errno: ENOSYS (no Landlock), EOPNOTSUPP (not enabled at
// boot), or what a container's own filter says.
inline int Version() { return static_cast<int>(::syscall(kCreateRuleset, nullptr, 0, 1U)); }

inline int CreateRuleset(const RulesetAttributes& attributes, int abi) {
  return static_cast<int>(::syscall(kCreateRuleset, &attributes, RulesetBytes(abi), 0U));
}
inline bool Allow(int ruleset, int path, std::uint64_t rights) {
  const PathBeneath rule{rights, path};
  return ::syscall(kAddRule, ruleset, kRulePathBeneath, &rule, 0U) == 0;
}
inline bool RestrictSelf(int ruleset) { return ::syscall(kRestrictSelf, ruleset, 0U) == 0; }

}  // namespace caesar::landlock
