// What the executors of floating-point operations need from outside; included before
// sim/isa_begin.h, so that none of it is compiled for one instruction set alone (see sim/isa.h).
#pragma once

#include <immintrin.h>

#include <array>
#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "sim/machine.h"
