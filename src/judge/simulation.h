// What judging on the simulated GPU adds: findings in the verdict.
#pragma once

#include <string>

#include "record/sim_report.h"
#include "record/verdict.h"

namespace caesar {

// "kernel.cu:31: reads 4 bytes, 4 bytes behind the end of tensor x (block 3,0,0, thread 255,0,0)"
std::string Sentence(const SimFinding& finding);

// ": a block of 2048x1x1 threads: it may have ..." where the simulated GPU refused a launch; else
// empty.
std::string WhyRefused(const Verdict& verdict);

// Lets the first finding that ended a kernel decide the verdict; false: there is none.
bool BlameFinding(Verdict& verdict, const std::string& where);

}  // namespace caesar
