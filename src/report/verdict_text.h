// A verdict as text, with the evidence a person needs to believe it.
#pragma once

#include <string>

#include "record/verdict.h"
#include "report/table.h"

namespace caesar {

// Several lines; if verbose, with one for every checked call. Every text in the verdict counts as
// untrusted.
std::string VerdictText(const Verdict& verdict, const TextStyle& style);

}  // namespace caesar
