#include "llm/redact.h"

#include <gtest/gtest.h>

namespace caesar {
namespace {

TEST(Redact, EveryOccurrenceOfEverySecret) {
  EXPECT_EQ(HideSecrets("sk-1 and sk-1, not sk-2; sk-3", {"sk-1", "", "sk-3"}),
            "[key] and [key], not sk-2; [key]");
  EXPECT_EQ(HideSecrets("sk-sk-1", {"sk-1"}), "sk-[key]");
  EXPECT_EQ(HideSecrets("aaaa", {"aa"}), "[key][key]");
  EXPECT_EQ(HideSecrets("", {"sk-1"}), "");
  EXPECT_EQ(HideSecrets("sk-", {"sk-1"}), "sk-");
  EXPECT_EQ(HideSecrets("text", {}), "text");
}

TEST(Redact, EscapedAsJsonAndUrlsDo) {
  const std::vector<std::string> key = {"ab/c+d=\"\\e"};
  for (const char* said :
       {R"(ab/c+d="\e)", R"(ab\/c+d=\"\\e)", R"(ab\u002Fc\u002bd\u003d\u0022\u005ce)",
        R"(ab\\\/c+d=\\\"\\\\e)", "ab%2Fc%2Bd%3D%22%5Ce", R"(ab\\u002fc+d\\u003d\"\\e)",
        R"(\u0061b/c%2bd="\e)"}) {
    EXPECT_EQ(HideSecrets(std::string("<") + said + ">", key), "<[key]>") << said;
  }
}

TEST(Redact, WhatIsNotTheSecretStays) {
  for (const char* said : {R"(ab\u002)", R"(ab\u00)", R"(ab\u)", R"(ab\)", "ab%2", "ab%", "ab%2X",
                           R"(ab\u00zzc)", R"(ab\nc)", R"(ab\\\\\\\\\\\\\\\\\\\\\\\\\\\\)"}) {
    EXPECT_EQ(HideSecrets(said, {"ab/c"}), said);
  }
}

TEST(Redact, ZerosAndInvalidUtf8) {
  const std::string text = std::string("\0\xFFsk-1\0", 7);
  EXPECT_EQ(HideSecrets(text, {"sk-1"}), std::string("\0\xFF[key]\0", 8));
}

TEST(Redact, PercentDecoded) {
  EXPECT_EQ(PercentDecoded("a%2Fb%40%"), "a/b@%");
  EXPECT_EQ(PercentDecoded("%zz%4"), "%zz%4");
}

}  // namespace
}  // namespace caesar
