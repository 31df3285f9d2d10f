// Makes operations of a function's instructions.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "sim/module.h"

namespace caesar::sim {

// Fills in a function that LoadedModule::Declare has named: everything but first_op. On an error
// (kBadInput, "not simulated: ...") it is left as it was. The module's mutex is held. `registers`:
// the slot of each register as Names numbers them, kNoSlot for those that the body does not name.
Status DecodeFunction(LoadedModule& module, Function& function,
                      std::vector<Slot>* registers = nullptr);

// What a profiler would count an instruction as, where its family did not say.
OpClass ClassOf(const ptx::Instruction& instruction);

// "kernel.cu:40", or "cuda_fp16.hpp:812, inlined at kernel.cu:40"; empty: unknown.
std::string PlaceOf(const ptx::Module& module, int location);

}  // namespace caesar::sim
