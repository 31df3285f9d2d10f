// A verdict as text, with the evidence a person needs to believe it.
#pragma once

#include <string>

#include "record/verdict.h"

namespace caesar {

// Several lines. Every text in the verdict counts as untrusted.
std::string VerdictText(const Verdict& verdict, bool color);

}  // namespace caesar
