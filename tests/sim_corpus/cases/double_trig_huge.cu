// Sine and cosine of huge doubles: a function call with a table in memory.
// in: 1024
// fill: f64 mixed
// out: f64 256
// compare: ulps 3
#include "kit.cuh"

CORPUS_ROWS(double, 1, double, 2) {
  out[0] = sin(in[0]);
  out[1] = cos(in[0]);
}
