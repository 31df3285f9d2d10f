// What the executors of integer operations and conversions need from outside; included before
// sim/isa_begin.h, so that none of it is compiled for one instruction set alone (see sim/isa.h).
#pragma once

#include <immintrin.h>

#include <bit>
#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string_view>
#include <type_traits>

#include "sim/machine.h"
#include "sim/ops/integer_forms.h"
