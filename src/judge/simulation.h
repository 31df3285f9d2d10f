// What judging on the simulated GPU adds: shapes of its own, and findings that decide verdicts.
#pragma once

#include <string>

#include "problem/problem.h"
#include "record/sim_report.h"
#include "record/verdict.h"

namespace caesar {

struct RunnerFailure;

// Whether `shape` is one to check: on the simulated GPU those of role sim, where there are any.
bool IsChecked(const Problem& problem, const ShapeSpec& shape, bool simulated);

// A runner's report; where it cannot be read, the verdict is flagged. Empty: there is none.
SimReport ReadReport(const std::string& json, Verdict& verdict);

// Adds what was found in a call. A race or a barrier that threads missed makes a kernel wrong
// whatever its results were.
void AddFindings(Verdict& verdict, const SimReport& report);

// "kernel.cu:31: reads 4 bytes, 4 bytes behind the end of tensor x (block 3,0,0, thread 255,0,0)"
std::string Sentence(const SimFinding& finding);

// The finding that makes a kernel wrong, that of barriers before a race, which may come of them;
// empty: there is none.
std::string WorstFinding(const Verdict& verdict);

// ": a block of 2048x1x1 threads: it may have ..." where the simulated GPU refused a launch; else
// empty.
std::string WhyRefused(const Verdict& verdict);

// What ended a runner's call: the finding that did, where there is one ("out_of_bounds:
// reference.cu:31: ..."), or the runner's own text.
std::string WhyFailed(const RunnerFailure& failure);

// Whether a kernel did what none may. What cannot be simulated, or takes too long, is no fault.
bool IsFault(const RunnerFailure& failure);

// Lets the first finding that ended a kernel decide the verdict; false: there is none.
bool BlameFinding(Verdict& verdict, const std::string& where);

}  // namespace caesar
