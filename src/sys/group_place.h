// Where this process may make groups (command_group.h): the folder of its own cgroup. Internal to
// src/sys.
//
// Groups with limits need a parent that has no processes of its own. If we are alone in our group,
// as in a scope or a container that was started for us, we move into a group "caesar.main" below
// it.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "sys/fd.h"

namespace caesar {

inline constexpr std::string_view kGroupPrefix = "caesar-";

struct GroupPlace {
  UniqueFd folder;      // closed: there is none
  std::string why_not;  // then
  bool tasks = false;   // can be limited
  bool memory = false;
  std::string no_limits;  // why not both
};

// Found by the first call, which also removes groups that nobody uses any more. The first call
// should come before this process has children.
const GroupPlace& OwnGroupPlace();

// The folder of the cgroup that /proc/self/cgroup names, by what /proc/self/mountinfo says. Error
// (kEnvironment): there is none, or it is not mounted where we see it.
Result<std::string> OwnGroupFolder(std::string_view mountinfo, std::string_view own);

// Ends and removes the groups in `folder` whose users are dead.
void RemoveStaleGroups(int folder);

}  // namespace caesar
