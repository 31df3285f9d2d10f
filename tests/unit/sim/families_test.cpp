// Instructions that PTX has and the simulated GPU has not.
#include <gtest/gtest.h>

#include <string>

#include "base/format.h"
#include "sim/module.h"

namespace caesar::sim {
namespace {

TEST(Families, RefuseWhatNeedsAnotherTarget) {
  for (const std::string text :
       {"setmaxnreg.inc.sync.aligned.u32 240;", "setmaxnreg.dec.sync.aligned.u32 40;",
        "wgmma.fence.sync.aligned;"}) {
    const auto arena = Arena::Make(1 << 20).value();
    const auto module = LoadModule(
        Format(".version 8.0\n.target sm_90a\n.address_size 64\n.visible .entry k()\n{{{} ret;}}\n",
               text),
        *arena, BestIsa());
    ASSERT_TRUE(module.ok()) << module.error().message;
    const auto kernel = Prepare(*module.value(), "k");
    ASSERT_FALSE(kernel.ok()) << text;
    const std::string& why = kernel.error().message;
    EXPECT_EQ(why.find("not simulated: " + text.substr(0, text.find_first_of(" ;"))), 0u) << why;
    EXPECT_NE(why.find("it needs sm_90a"), std::string::npos) << why;
  }
}

}  // namespace
}  // namespace caesar::sim
