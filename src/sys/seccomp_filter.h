// Seccomp filters as BPF programs, made from one table of refused system calls. The kernel refuses
// them with EPERM, so that a program that asks for one sees what a system that forbids it would
// say.
//
// A list of what is allowed is not possible: the CUDA driver's needs are not documented and change.
// Three rules make a list of what is refused hold: other architectures' system calls (x32, 32 bits)
// end the process, numbers that this table's newest row does not reach get ENOSYS as from an older
// kernel, and clone3, whose flags no filter can see, gets ENOSYS too, so that the C library falls
// back to clone. What needs a capability is not in the table unless it can be had in a namespace of
// one's own: the sandbox leaves no capability (sandbox.h).
#pragma once

#include <linux/filter.h>
#include <sys/types.h>

#include <vector>

namespace caesar {

// From before exec to the end of the process.
struct StartFilter {
  bool unix_sockets = false;  // may have AF_UNIX sockets; others never
};
std::vector<sock_filter> MakeFilter(const StartFilter& filter);

// On top of it, once the process `self` is about to run code that nobody trusts: no sockets, no
// programs, no processes, no signal or request to a process other than itself, no outliving of its
// supervisor, no change of a file's owner, rights or times.
struct SealFilter {
  pid_t self = 0;
};
std::vector<sock_filter> MakeFilter(const SealFilter& filter);

}  // namespace caesar
