// rm -r for folders that untrusted programs have filled.
#pragma once

#include <string>

#include "base/result.h"

namespace caesar {

// Removes `path` and what is in it. Links are removed, never followed, also when a folder is
// swapped for a link while we work. Folders that deny us access are opened up first. No error if
// nothing is there.
Status RemoveTreeAt(const std::string& path);

}  // namespace caesar
