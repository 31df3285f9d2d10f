// Bad input and a bad environment, through the real program: each message says what was wrong,
// where, and what to do, and nothing that was recorded is lost.
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <csignal>
#include <filesystem>

#include "base/format.h"
#include "base/strings.h"
#include "integration/cli_machine.h"

namespace caesar {
namespace {

namespace fs = std::filesystem;

constexpr const char* kSample = "R/scale/sample_0000/";

class CliInput : public testing::Test {
 protected:
  CliInput() {
    machine_.Replies({ReplyOf("judge: measure 30 60"), ReplyOf("judge: measure 20 60")});
  }

  static Words Command() {
    return {"run", "scale", "--provider", "replay", "--out", "R", "--rounds", "2"};
  }
  Ended Run(const Words& more = {}) {
    Words words = Command();
    words.insert(words.end(), more.begin(), more.end());
    return machine_.Run(words);
  }
  static void ExpectError(const Ended& ended, int code, const Words& parts) {
    EXPECT_EQ(ended.code, code) << ended;
    EXPECT_EQ(ended.out, "") << "results go there, errors do not";
    for (const std::string& part : parts) EXPECT_HAS(ended.err, part);
  }
  // Refused before anything was made.
  void ExpectRefused(const Ended& ended, int code, const Words& parts) {
    ExpectError(ended, code, parts);
    EXPECT_FALSE(machine_.Has("R"));
  }
  // The same command now finishes.
  void ExpectGoesOn() {
    const Ended ended = Run();
    EXPECT_EQ(ended.code, 0) << ended;
    EXPECT_EQ(machine_.LastStep(), "Start RoundsUsedUp");
  }
  // Replaces a part of a file of this machine.
  void Change(const std::string& name, const std::string& from, const std::string& to) {
    const std::string before = machine_.Read(name);
    ASSERT_HAS(before, from);
    machine_.Write(name, ReplaceAll(before, from, to));
  }
  // `caesar run` with that change of problem.json.
  Ended RunWith(const std::string& from, const std::string& to) {
    const std::string before = machine_.Read("scale/problem.json");
    Change("scale/problem.json", from, to);
    Ended ended = Run();
    machine_.Write("scale/problem.json", before);
    return ended;
  }
  // Another program in the place of nvcc; --version works.
  void Nvcc(const std::string& otherwise) {
    const std::string path = machine_ / "toolkit/bin/nvcc";
    machine_.Write("toolkit/bin/nvcc",
                   "#!/bin/sh\n[ \"$1\" = --version ] && echo 'Cuda compilation tools, release "
                   "13.0, V13.0.88' && exit\n" +
                       otherwise + "\n");
    ASSERT_EQ(::chmod(path.c_str(), 0755), 0);
  }

  Machine machine_;
};

// --- the command line ---

TEST_F(CliInput, WrongWords) {
  ExpectError(machine_.Run({"rnu", "scale"}), 2,
              {"unknown command 'rnu'", "Did you mean `caesar run`?"});
  ExpectError(machine_.Run({"run"}), 2, {"PROBLEM"});
  ExpectRefused(Run({"--ruonds", "3"}), 2, {"--ruonds", "--rounds"});
  ExpectRefused(Run({"--rounds", "many"}), 2, {"--rounds: ", "many"});
  ExpectRefused(Run({"--rounds", "0"}), 2, {"--rounds: ", "1"});
  ExpectRefused(Run({"--table", "fulll"}), 2, {"--table: ", "full"});
  ExpectRefused(Run({"--provider", "openia"}), 2, {"--provider: ", "openai"});
  ExpectRefused(Run({"--device", "gpu"}), 2, {"--device: ", "cuda:N"});
  ExpectRefused(Run({"--compile-timeout", "soon"}), 2, {"--compile-timeout: ", "soon"});
  ExpectRefused(Run({"--extra-json", "[1]"}), 2, {"--extra-json: ", "not a JSON object"});
  ExpectRefused(Run({"--sample", "-1"}), 2, {"-1"});
  ExpectRefused(machine_.Run({"run", "scale", "--out", "R"}), 2, {"No model was named", "--model"});
  EXPECT_EQ(machine_.Run({}).code, 0);
  EXPECT_HAS(machine_.Run({"--version"}).out, "caesar ");
}

TEST_F(CliInput, WrongSettings) {
  machine_.Write("config.json", R"({"roundss": 3})");
  ExpectRefused(Run({"--config", "config.json"}), 2,
                {"config.json: unknown setting 'roundss'", "Did you mean rounds?"});
  machine_.Write("config.json", "{\"rounds\": ");
  ExpectRefused(Run({"--config", "config.json"}), 2, {"config.json is not JSON"});
  machine_.Write("config.json", R"({"patience": -3})");
  ExpectRefused(Run({"--config", "config.json"}), 2, {"config.json: patience: "});
  ExpectRefused(Run({"--config", "nowhere.json"}), 2,
                {"cannot read nowhere.json", "Pass --config FILE"});
  // The user's own file is found without a flag; one in the working folder is not looked at.
  machine_.Write(".config/caesar/config.json", R"({"colour": true})");
  ExpectRefused(Run(), 2, {".config/caesar/config.json: unknown setting 'colour'"});
  fs::remove_all(machine_ / ".config");
  machine_.Set("CAESAR_PATIENCE", "long");
  ExpectRefused(Run(), 2, {"CAESAR_PATIENCE: ", "long"});
}

// --- the problem ---

TEST_F(CliInput, ProblemsThatAreNotThere) {
  ExpectError(machine_.Run({"run", "sofmax", "--out", "R"}), 2,
              {"there is no problem 'sofmax'; did you mean 'softmax'?", "caesar problem list"});
  ExpectError(machine_.Run({"run", "./nowhere", "--out", "R"}), 2,
              {"there is no problem './nowhere'"});
  fs::create_directory(machine_ / "empty");
  ExpectError(machine_.Run({"run", "empty", "--out", "R"}), 2, {"empty has no problem.json"});
  for (const char* name : {"reference.cu", "statement.md"}) {
    const std::string content = machine_.Read(std::string("scale/") + name);
    fs::remove(machine_ / (std::string("scale/") + name));
    ExpectRefused(Run(), 2, {Format("scale/{} is missing", name)});
    machine_.Write(std::string("scale/") + name, content);
  }
  const std::string statement = machine_.Read("scale/statement.md");
  machine_.Write("scale/statement.md", std::string((1 << 20) + 1, 'x'));
  ExpectRefused(Run(), 2, {"scale/statement.md has 1048577 bytes"});
  machine_.Write("scale/statement.md", statement);
  fs::remove_all(machine_ / "scale/replies");
  ExpectRefused(Run(), 2, {"no recorded replies for problem scale", "replies/001.md"});
}

TEST_F(CliInput, MoreRoundsThanRecordedRepliesAreRefusedAtOnce) {
  ExpectRefused(Run({"--rounds", "3"}), 2,
                {"3 rounds are asked for, but only 2 replies are recorded", "Pass --rounds 2"});
}

TEST_F(CliInput, MalformedProblems) {
  ExpectRefused(RunWith("\"version\": 1,", "\"version\": 1"), 2, {"scale/problem.json:2"});
  ExpectRefused(RunWith("\"tags\": []", "\"tags\": [], \"colour\": 1"), 2,
                {"scale/problem.json:2", "colour"});
  ExpectRefused(RunWith("\"launcher\": \"solve\",", ""), 2, {"scale/problem.json", "launcher"});
  ExpectRefused(RunWith("\"launcher\": \"solve\"", "\"launcher\": \"so lve\""), 2,
                {"scale/problem.json:2", "launcher"});
  ExpectRefused(RunWith("\"dtype\": \"f32\", \"shape\": [\"n\"], \"fill\"",
                        "\"dtype\": \"f33\", \"shape\": [\"n\"], \"fill\""),
                2, {"scale/problem.json:4", "f33", "f32"});
  ExpectRefused(RunWith("\"bytes\": \"8*n\"", "\"bytes\": \"8*m\""), 2, {"bytes", "m"});
  ExpectRefused(RunWith("\"bytes\": \"8*n\"", "\"bytes\": \"8*(n\""), 2, {"bytes", "8*(n"});
  ExpectRefused(RunWith("\"version\": 1", "\"version\": 2"), 2, {"version", "2"});
  machine_.Write("scale/problem.json", "\xff\xfe");
  ExpectRefused(Run(), 2, {"scale/problem.json"});
}

TEST_F(CliInput, ExpressionsThatOverflowOrDivideByZero) {
  ExpectRefused(RunWith("\"bytes\": \"8*n\"", "\"bytes\": \"n*n*n*n\""), 2,
                {"scale/problem.json", "n*n*n*n", "does not fit 64 bits"});
  ExpectRefused(RunWith("\"flops\": \"n\"", "\"flops\": \"n/(n-n)\""), 2,
                {"scale/problem.json", "n/(n-n)", "zero"});
  ExpectRefused(RunWith("\"flops\": \"n\"", "\"flops\": \"n/3\""), 2, {"n/3"});
  ExpectRefused(RunWith("\"shape\": [\"n\"], \"atol\"", "\"shape\": [\"n*n*n\"], \"atol\""), 2,
                {"scale/problem.json"});
}

TEST_F(CliInput, AReferenceThatDoesNotCompile) {
  machine_.Write("scale/reference.cu", KernelOf("nvcc: error"));
  ExpectError(Run(), 2, {"problem scale: reference.cu does not compile", "expected a \";\""});
  machine_.Write("k.cu", KernelOf(""));
  ExpectError(machine_.Run({"eval", "scale", "k.cu"}), 2,
              {"problem scale: reference.cu does not compile", "expected a \";\""});
  machine_.Write("scale/reference.cu", KernelOf("nvcc: hang"));
  ExpectError(machine_.Run({"eval", "scale", "k.cu", "--compile-timeout", "200ms"}), 2,
              {"compiling reference.cu took longer than", "--compile-timeout"});
  machine_.Write("scale/reference.cu", KernelOf(""));
  machine_.Write("scale/baseline.cu", KernelOf("nvcc: error"));
  ExpectError(machine_.Run({"eval", "scale", "k.cu"}), 2, {"baseline.cu does not compile"});
}

TEST_F(CliInput, AReferenceThatCrashes) {
  machine_.JudgeScript("check error bad_input the reference of scale crashed on shape odd\n");
  ExpectError(Run(), 2, {"the reference of scale crashed on shape odd", "scripted advice"});
  EXPECT_EQ(machine_.LastStep(), "Compile Compiled");
  machine_.JudgeScript("check infra\n");
  ExpectError(Run(), 3, {"the judge could not decide: scripted: infra"});
  machine_.JudgeScript("");
  ExpectGoesOn();
}

TEST_F(CliInput, AProblemThatChangedMeanwhile) {
  machine_.JudgeScript("check error environment the cable is out\n");
  EXPECT_EQ(Run().code, 3);
  machine_.JudgeScript("");
  machine_.Write("scale/reference.cu", KernelOf("another one"));
  ExpectError(Run(), 2,
              {"problem scale (scale) was changed since R/scale/sample_0000 was begun",
               "Restore it, or start a new run directory with --out."});
  machine_.Write("scale/reference.cu", KernelOf(""));
  ExpectGoesOn();
}

// --- nvcc ---

TEST_F(CliInput, NoNvcc) {
  machine_.Set("CAESAR_NVCC", machine_ / "nowhere/nvcc");
  ExpectRefused(Run(), 3,
                {"CAESAR_NVCC is set, but is not a working nvcc", "nowhere/nvcc", "not there",
                 "Correct CAESAR_NVCC, or unset it"});
  machine_.Write("k.cu", KernelOf(""));
  ExpectError(machine_.Run({"eval", "scale", "k.cu"}), 3, {"CAESAR_NVCC is set"});
  machine_.Set("CAESAR_NVCC", "/bin/true");
  ExpectRefused(Run(), 3, {"CAESAR_NVCC is set, but is not a working nvcc", "/bin/true"});
}

TEST_F(CliInput, NvccThatIsKilledIsNotTheCandidatesFaultForever) {
  machine_.Write("k.cu", KernelOf("nvcc: killed"));
  for (int i = 0; i < 2; ++i) {  // never kept in the cache
    const Ended ended = machine_.Run({"eval", "scale", "k.cu"});
    EXPECT_EQ(ended.code, 1) << ended;
    EXPECT_HAS(ended.out, "was killed (signal 9) on this source, twice");
  }
  EXPECT_EQ(machine_.Shell("grep -r 'was killed' cache").code, 1);
}

TEST_F(CliInput, NvccThatCannotWorkHere) {
  Nvcc("kill -KILL $$");
  ExpectError(Run(), 3,
              {"cannot compile even an empty source for sm_90a",
               "Nothing recorded is lost. To resume: caesar run scale --out R"});
  EXPECT_EQ(machine_.LastStep(), "Generate Replied");
  Nvcc("echo 'nvcc fatal   : Unsupported gpu architecture' >&2; exit 1");
  ExpectError(Run(), 3, {"Unsupported gpu architecture"});
  Nvcc("for w; do [ \"$b\" = -o ] && o=$w; b=$w; s=$w; done; cat \"$s\" > \"$o\"");
  ExpectGoesOn();
}

TEST_F(CliInput, NvccThatHangsIsAnOutcomeAndTheNextRoundGoesOn) {
  machine_.Replies({ReplyOf("nvcc: hang"), ReplyOf("")});
  const Ended ended = Run({"--compile-timeout", "300ms"});
  EXPECT_EQ(ended.code, 0) << ended;
  EXPECT_EQ(machine_.Steps()[2], "Compile CompileTimedOut");
  EXPECT_HAS(ended.out, "CompileTimedOut");
}

TEST_F(CliInput, ACacheThatCannotBeWritten) {
  machine_.Write("file", "");
  machine_.Set("CAESAR_CACHE_DIR", machine_ / "file/cache");
  ExpectError(Run(), 3,
              {"cannot make folder", "/file", "CAESAR_CACHE_DIR", "Nothing recorded is lost"});
  machine_.Set("CAESAR_CACHE_DIR", machine_ / "cache");
  ExpectGoesOn();
}

// --- the device and the judge ---

TEST_F(CliInput, NoGpuWithTheRealJudge) {
  machine_.Set("CAESAR_DEVICE", "cuda");  // not the simulated one
  machine_.Unset("CAESAR_JUDGE");
  machine_.Set("CUDA_VISIBLE_DEVICES", "-1");  // also where there is one
  ExpectError(Run(), 3,
              {"the kernel of round 1 compiled, but checking it needs a device", "NVIDIA GPU",
               "Nothing recorded is lost. To resume: caesar run scale --out R"});
  EXPECT_EQ(machine_.LastStep(), "Compile Compiled");
  machine_.Write("k.cu", KernelOf(""));
  ExpectError(machine_.Run({"eval", "scale", "k.cu"}), 3, {"NVIDIA GPU"});
  EXPECT_EQ(machine_.Run({"doctor"}).code, 3);
  // A compile error needs no device.
  machine_.Write("k.cu", KernelOf("nvcc: error"));
  EXPECT_EQ(machine_.Run({"eval", "scale", "k.cu"}).code, 1);
  // Later there is one.
  machine_.Set("CAESAR_JUDGE", machine_ / "judge");
  ExpectGoesOn();
}

TEST_F(CliInput, AGpuWithoutEnoughMemory) {
  machine_.JudgeScript("check out_of_memory\n");
  ExpectError(Run(), 3,
              {"shape bench of scale needs 96.00 GiB, 79.10 GiB are free",
               "Use a GPU with more memory", "To resume: caesar run scale --out R"});
  EXPECT_EQ(machine_.LastStep(), "Compile Compiled");
  machine_.JudgeScript("");
  ExpectGoesOn();
}

TEST_F(CliInput, AJudgeThatFails) {
  for (const auto& [script, parts] : std::vector<std::pair<std::string, Words>>{
           {"check die\n", {"the judge died", "not of the candidate"}},
           {"check exit\n", {"the judge died", "Its exit code was 7."}},
           {"check nonsense\n", {"a line of the judge cannot be read"}},
           {"check alien\n", {"verdict: field version is missing", "or of caesar"}},
           {"check error environment the device was lost\n", {"the device was lost"}},
           {"measure die\n", {"the judge died"}}}) {
    SCOPED_TRACE(script);
    machine_.JudgeScript(script);
    const Ended ended = Run();
    ExpectError(ended, 3, parts);
    EXPECT_HAS(ended.err, "Nothing recorded is lost. To resume: caesar run scale --out R");
  }
  EXPECT_EQ(machine_.LastStep(), "Correct Correct");
  machine_.JudgeScript("hello die\n");
  machine_.Shell("rm -rf R");
  ExpectError(Run(), 3, {"checking it needs a device: the judge died"});
  EXPECT_EQ(machine_.LastStep(), "Compile Compiled");
  machine_.JudgeScript("check error internal an assertion failed\n");
  machine_.Shell("rm -rf R");
  ExpectError(Run(), 4, {"an assertion failed"});
  machine_.JudgeScript("");
  ExpectGoesOn();
}

TEST_F(CliInput, AJudgeThatIsNoProgram) {
  machine_.Set("CAESAR_JUDGE", machine_ / "nowhere");
  ExpectError(Run(), 3, {"nowhere"});
  machine_.Set("CAESAR_JUDGE", "/bin/false");
  ExpectError(Run(), 3, {"the judge"});
  machine_.Set("CAESAR_JUDGE", machine_ / "judge");
  ExpectGoesOn();
}

// --- the run directory ---

TEST_F(CliInput, ARunDirectoryOfAnotherConfiguration) {
  ASSERT_EQ(Run().code, 0);
  const std::string journal = machine_.Read(std::string(kSample) + "journal.jsonl");
  const Ended other =
      machine_.Run({"run", "scale", "--out", "R", "--rounds", "8", "--patience", "2"});
  ExpectError(other, 2,
              {"R/run.json holds another configuration than this command", "rounds: 8 here, 2 in",
               "patience: 2 here, 0 in",
               "Go on with the same options, or start a new run directory with --out."});
  EXPECT_EQ(machine_.Read(std::string(kSample) + "journal.jsonl"), journal);
}

TEST_F(CliInput, ARunDirectoryOfAnotherVersion) {
  ASSERT_EQ(Run().code, 0);
  const std::string run = machine_.Read("R/run.json");
  const std::size_t at = run.find("\"caesar_version\": \"") + 19;
  std::string other = run;
  other.replace(at, other.find('"', at) - at, "99.0");
  machine_.Write("R/run.json", other);
  ExpectError(Run(), 2,
              {"R was begun by caesar 99.0, but this is caesar",
               "Go on with that version, or start a new run directory with --out."});
  machine_.Write("R/run.json", ReplaceAll(run, "\"version\": 1", "\"version\": 9"));
  ExpectError(Run(), 2, {"R/run.json", "version", "9"});
  machine_.Write("R/run.json", "{");
  ExpectError(Run(), 2, {"R/run.json"});
}

TEST_F(CliInput, DamagedRecordsAreNamedAndNotOverwritten) {
  machine_.JudgeScript("check error environment the cable is out\n");
  EXPECT_EQ(Run().code, 3);
  machine_.JudgeScript("");
  const std::string path = std::string(kSample) + "journal.jsonl";
  const std::string journal = machine_.Read(path);
  machine_.Write(path, ReplaceAll(journal, "\"v\":1", "\"v\":2"));
  ExpectError(Run(), 2, {"journal.jsonl: line 1 (byte 0)"});
  machine_.Write(path, "garbage\n" + journal);
  ExpectError(Run(), 2, {"journal.jsonl: line 1 (byte 0)"});
  EXPECT_EQ(machine_.Read(path), "garbage\n" + journal);
  machine_.Write(path, journal);
  const std::string kernel = std::string(kSample) + "round_001/kernel.cu";
  const std::string before = machine_.Read(kernel);
  machine_.Write(kernel, before + "// improved by hand\n");
  ExpectError(Run(), 2, {"round_001/kernel.cu was changed since it was journalled", "Restore it"});
  machine_.Write(kernel, before);
  machine_.Write(path, journal + "{\"v\":1,\"se");  // torn: dropped, and its step repeated
  ExpectGoesOn();
}

TEST_F(CliInput, AnOutThatIsNoFolder) {
  machine_.Write("file", "");
  ExpectError(
      machine_.Run({"run", "scale", "--provider", "replay", "--rounds", "1", "--out", "file"}), 2,
      {"--out: file is not a folder"});
  ExpectError(machine_.Run({"run", "scale", "--provider", "replay", "--rounds", "1", "--out",
                            "/proc/caesar"}),
              3, {"cannot make folder /proc/caesar"});
}

// In a mount namespace of its own, where this user may have one.
class CliDisk : public CliInput {
 protected:
  void SetUp() override {
    for (const char* way : {"unshare -m", "unshare -rm"}) {
      const std::string probe =
          Format("{} sh -c 'mount -t tmpfs none {}'", way, machine_ / "empty");
      fs::create_directory(machine_ / "empty");
      if (machine_.Shell(probe).code == 0) unshare_ = way;
      if (!unshare_.empty()) return;
    }
    GTEST_SKIP() << "no tmpfs can be mounted here, not even in a user namespace";
  }
  Ended Inside(const std::string& script) {
    machine_.Write("script.sh", script);
    fs::create_directory(machine_ / "R");
    return machine_.Shell(unshare_ + " sh script.sh");
  }
  std::string unshare_;
};

TEST_F(CliDisk, Full) {
  const std::string run = "caesar " + Join(Command(), " ");
  // The disk is full at different points: with room for so many kilobytes.
  for (const int free_kb : {0, 8, 16, 28, 40, 60}) {
    SCOPED_TRACE(Format("{} KB free", free_kb));
    fs::remove_all(machine_ / "R");
    const Ended ended =
        Inside(Format("mount -t tmpfs -o size=400k none R && dd if=/dev/zero of=R/filler bs=1k "
                      "count={} 2>/dev/null\n"
                      "{}; echo code $?\n"
                      "rm R/filler; {} >/dev/null; echo code $?; caesar show R\n",
                      400 - free_kb, run, run));
    EXPECT_HAS(ended.out, "code 3\n");
    EXPECT_HAS(ended.err, "No space left on device");
    EXPECT_HAS(ended.out, "code 0\n");
    EXPECT_HAS(ended.out, "best:   round 2, 20.00 us");
  }
}

TEST_F(CliDisk, ReadOnly) {
  const Ended ended = Inside("mount -t tmpfs -o ro none R\ncaesar " + Join(Command(), " "));
  ExpectError(ended, 3, {"R/", "Read-only file system"});
}

}  // namespace
}  // namespace caesar
