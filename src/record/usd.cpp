#include "record/usd.h"

#include "base/format.h"

namespace caesar {

std::string FormatUsd(double usd) {
  if (usd == 0) return "0 USD";
  if (usd > 0 && usd < 0.0001) return "less than 0.0001 USD";
  if (usd >= 1e9) return Format("{:.3g} USD", usd);
  return Format("{:.{}f} USD", usd, usd < 0.01 ? 4 : usd < 1 ? 3 : 2);
}

}  // namespace caesar
