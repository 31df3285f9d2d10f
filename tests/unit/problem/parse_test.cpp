#include <gtest/gtest.h>

#include <functional>

#include "unit/problem/example.h"

namespace caesar {
namespace {

using test::ErrorOf;
using test::kExample;
using test::With;

TEST(ParseProblem, ReadsEveryField) {
  const auto parsed = ParseProblem(kExample, "problem.json");
  ASSERT_TRUE(parsed.ok()) << parsed.error().message;
  const Problem& problem = parsed.value();
  EXPECT_EQ(problem.name, "example");
  EXPECT_EQ(problem.summary, "Everything at once");
  EXPECT_EQ(problem.tags, (std::vector<std::string>{"reduction", "f32"}));
  EXPECT_EQ(problem.launcher, "solve");
  EXPECT_EQ(problem.dims, (std::vector<std::string>{"rows", "cols"}));
  ASSERT_EQ(problem.inputs.size(), 2u);
  EXPECT_EQ(problem.inputs[0].fill.kind, Fill::Kind::kNormal);
  EXPECT_EQ(problem.inputs[1].dtype, DType::kI64);
  ASSERT_EQ(problem.outputs.size(), 2u);
  EXPECT_EQ(problem.outputs[0].atol, 1e-6);
  EXPECT_EQ(problem.outputs[0].rtol, 1e-5);
  EXPECT_EQ(ShapeOf(problem.outputs[0], problem.Bench().dims).value(),
            (std::vector<std::int64_t>{16384, 8192}));
  EXPECT_EQ(problem.outputs[1].atol, 0) << "integers are compared exactly";
  ASSERT_EQ(problem.scalars.size(), 3u);
  EXPECT_EQ(std::get<double>(problem.scalars[0].value), 1e-5);
  EXPECT_EQ(std::get<std::int64_t>(problem.scalars[1].value), -3);
  EXPECT_EQ(std::get<std::int64_t>(problem.scalars[2].value), 1);
  ASSERT_EQ(problem.shapes.size(), 2u);
  EXPECT_TRUE(problem.shapes[1].check && problem.shapes[1].sim && !problem.shapes[1].bench);
  EXPECT_EQ(problem.Bench().name, "bench");
  EXPECT_EQ(problem.flops.Evaluate(problem.Bench().dims).value(), 5 * 16384 * 4096);
  EXPECT_TRUE(problem.tf32_allowed);
  EXPECT_EQ(problem.libraries, std::vector<std::string>{"cub"});
  EXPECT_EQ(problem.baseline_libraries, std::vector<std::string>{"cublas"});
  EXPECT_EQ(problem.json, kExample);
}

TEST(ParseProblem, OptionalFieldsMayBeAbsent) {
  const std::string json =
      R"({"version":1,"name":"n","summary":"s","launcher":"f","dims":[],"inputs":[],
    "outputs":[{"name":"y","dtype":"i8","shape":[4]}],
    "shapes":[{"name":"only","roles":["bench","check"]}],"flops":0,"bytes":4})";
  const auto problem = ParseProblem(json, "problem.json");
  ASSERT_TRUE(problem.ok()) << problem.error().message;
  EXPECT_FALSE(problem.value().tf32_allowed);
}

struct Case {
  const char* from;
  const char* to;
  const char* want;
};

TEST(ParseProblem, ErrorsNameFileLineAndField) {
  const Case cases[] = {
      // The head.
      {"\"version\": 1", "\"version\": 2",
       "problem.json:2: version: is 2, but this caesar reads version 1"},
      {"\"version\": 1", "\"version\": 1.0",
       "problem.json:2: version: must be a 64-bit integer, not 1"},
      {"\"version\": 1,", "", "problem.json:1: the field 'version' is missing"},
      {"\"example\"", "\"Example\"",
       "problem.json:3: name: 'Example' must be made of a-z, 0-9 and _"},
      {"\"example\"", "\"../up\"", "problem.json:3: name: '../up' must be made of a-z, 0-9 and _"},
      {"\"example\"", "\"\"", "problem.json:3: name: '' must be made of a-z, 0-9 and _"},
      {"\"example\"", "7", "problem.json:3: name: must be a string, not a number"},
      {"Everything at once", " ", "problem.json:4: summary: is empty"},
      {"Everything at once", "\\u001b[31mred",
       "problem.json:4: summary: holds a control character"},
      {"\"summary\"", "\"sumary\"",
       "problem.json:4: sumary: unknown field (did you mean 'summary'?)"},
      {"\"reduction\"", "\"Reduction!\"",
       "problem.json:5: tags[0]: 'Reduction!' must be made of a-z, 0-9, _ and -"},
      {"\"solve\"", "\"main\"",
       "problem.json:6: launcher: 'main' is reserved; choose another name"},
      {"\"solve\"", "\"caesar_entry\"",
       "problem.json:6: launcher: 'caesar_entry' is reserved; choose another name"},
      {"\"solve\"", "\"cudaMalloc\"",
       "problem.json:6: launcher: 'cudaMalloc' is reserved; choose another name"},
      {"\"solve\"", "\"_Solve\"",
       "problem.json:6: launcher: '_Solve' is reserved; choose another name"},
      {"\"solve\"", "\"a__b\"",
       "problem.json:6: launcher: 'a__b' is reserved; choose another name"},
      {"\"solve\"", "\"2solve\"", "problem.json:6: launcher: '2solve' is not a C identifier"},
      {"\"solve\"", "\"f(){}\"", "problem.json:6: launcher: 'f(){}' is not a C identifier"},
      {"\"dims\": [\"rows\"", "\"dims\": [\"rows\", \"rows\"",
       "problem.json:7: dims[1]: the name 'rows' is taken"},
      {"\"cols\"],", "\"cols\", \"max\"],",
       "problem.json:7: dims[2]: 'max' is reserved; choose another name"},
      // Tensors.
      {"\"f32\", \"shape\"", "\"f31\", \"shape\"",
       "problem.json:9: inputs[0].dtype: unknown dtype 'f31' (did you mean 'f32'?)"},
      {"\"name\": \"index\"", "\"name\": \"float\"",
       "problem.json:10: inputs[1].name: 'float' is reserved; choose another name"},
      {"\"name\": \"index\"", "\"name\": \"stream\"",
       "problem.json:10: inputs[1].name: 'stream' is reserved; choose another name"},
      {"\"name\": \"index\"", "\"name\": \"x\"",
       "problem.json:10: inputs[1]: the name 'x' is taken"},
      {"\"name\": \"index\"", "\"name\": \"cols\"",
       "problem.json:10: inputs[1]: the name 'cols' is taken"},
      {"\"name\": \"y\"", "\"name\": \"solve\"",
       "problem.json:13: outputs[0]: the name 'solve' is taken"},
      {"\"fill\": { \"normal\": [0, 1] } }", "\"fil\": { \"normal\": [0, 1] } }",
       "problem.json:9: inputs[0].fil: unknown field (did you mean 'fill'?)"},
      {", \"fill\": { \"normal\": [0, 1] } }", " }",
       "problem.json:9: inputs[0]: the field 'fill' is missing"},
      {"\"2*cols\"", "\"2*colz\"",
       "problem.json:13: outputs[0].shape[1]: expression \"2*colz\": unknown dim 'colz' (did you "
       "mean 'cols'?)"},
      {"\"2*cols\"", "\"2*\"",
       "problem.json:13: outputs[0].shape[1]: expression \"2*\", column 3: ends where a number, a "
       "dim or '(' is due"},
      {"\"2*cols\"", "2.5",
       "problem.json:13: outputs[0].shape[1]: must be an integer or an expression over dims in "
       "quotes"},
      {"\"2*cols\"", "\"cols/2\"",
       "problem.json:13: outputs[0].shape: at shape 'odd': expression \"cols/2\", column 5: 1021 "
       "is not a multiple of 2"},
      {"\"2*cols\"", "\"cols-1021\"",
       "problem.json:13: outputs[0].shape: at shape 'odd': extent \"cols-1021\" of 'y' is 0, but "
       "must be at least 1"},
      {"\"2*cols\"", "\"cols*4611686018427387904\"",
       "problem.json:13: outputs[0].shape: at shape 'bench': expression "
       "\"cols*4611686018427387904\", column 5: the value does not fit 64 bits"},
      {"\"2*cols\"", "4611686018427387904",
       "problem.json:13: outputs[0].shape: at shape 'bench': the number of elements of 'y' does "
       "not fit 64 bits"},
      {"\"2*cols\"", "33554432",
       "problem.json:13: outputs[0]: at shape 'bench': all tensors together reach 2^40 bytes (1 "
       "TiB)"},
      {"\"shape\": []", "\"shape\": [1,1,1,1,1,1,1,1,1]",
       "problem.json:14: outputs[1].shape: has 9 items; at most 8 are allowed"},
      {"\"atol\": 1e-6, ", "", "problem.json:13: outputs[0]: the field 'atol' is missing"},
      {"1e-6", "-1e-6", "problem.json:13: outputs[0].atol: -1e-06 is negative"},
      {"1e-6", "null", "problem.json:13: outputs[0].atol: must be a number, not null"},
      {"\"rtol\": 1e-5", "\"rtol\": 1",
       "problem.json:13: outputs[0].rtol: 1 would let an output of zeros pass; it must be below 1"},
      {"\"atol\": 1e-6, \"rtol\": 1e-5", "\"atol\": 0, \"rtol\": 0",
       "problem.json:13: outputs[0]: atol and rtol are both 0; a float output needs a tolerance, "
       "however small"},
      {"\"u32\", \"shape\": []", "\"bool\", \"shape\": [], \"atol\": 1",
       "problem.json:14: outputs[1].atol: must be 0: a bool is compared exactly"},
      {"\"dtype\": \"i64\", \"shape\": [\"rows\"]", "\"dtype\": \"i8\", \"shape\": [\"rows\"]",
       "problem.json:10: inputs[1].fill: a permutation of 16384 elements does not fit i8, which "
       "holds exactly only integers up to 127"},
      {"{ \"permutation\": [] }", "{ \"ramp\": [0, 9000000000000000] }",
       "problem.json:10: inputs[1].fill: the ramp ends at 1.47447e+20, which is out of the range "
       "of i64"},
      // Scalars.
      {"\"value\": -3", "\"value\": 3000000000",
       "problem.json:18: scalars[1].value: 3000000000 is out of the range of i32"},
      {"\"value\": -3", "\"value\": 0.5",
       "problem.json:18: scalars[1].value: must be a 64-bit integer, not 0.5"},
      {"\"value\": 1e-5", "\"value\": 1e39",
       "problem.json:17: scalars[0].value: 1e+39 is out of the range of f32"},
      {"\"value\": true", "\"value\": 2",
       "problem.json:19: scalars[2].value: 2 is out of the range of bool"},
      // Shapes.
      {"\"rows\": 37,", "", "problem.json:23: shapes[1]: the field 'rows' is missing"},
      {"\"rows\": 37", "\"rows\": 0",
       "problem.json:23: shapes[1].rows: is 0, but must be at least 1"},
      {"\"rows\": 37", "\"rows\": 37, \"depth\": 1",
       "problem.json:23: shapes[1].depth: unknown field (there are: name, roles, rows, cols)"},
      {"\"rows\": 37", "\"rows\": 99999999999999999999",
       "problem.json:23: shapes[1].rows: must be a 64-bit integer, not 1e+20"},
      {"\"name\": \"odd\"", "\"name\": \"bench\"",
       "problem.json:23: shapes[1]: the shape name 'bench' is taken"},
      {"\"sim\"", "\"simm\"",
       "problem.json:23: shapes[1].roles[1]: unknown role 'simm' (did you mean 'sim'?)"},
      {"\"sim\"", "\"check\"", "problem.json:23: shapes[1].roles[1]: role 'check' is given twice"},
      {"[\"check\", \"sim\"]", "[]",
       "problem.json:23: shapes[1].roles: is empty; a shape without a role is never used"},
      {"[\"check\", \"sim\"]", "[\"sim\"]",
       "problem.json:21: shapes: no shape has the role check; at least one must"},
      {"[\"check\", \"sim\"]", "[\"check\", \"bench\"]",
       "problem.json:21: shapes: 2 shapes have the role bench; exactly one must"},
      {"[\"bench\"]", "[\"sim\"]",
       "problem.json:21: shapes: 0 shapes have the role bench; exactly one must"},
      // Costs, policy.
      {"\"5*rows*cols\"", "\"5/(rows-37)\"",
       "problem.json:25: flops: at shape 'bench': expression \"5/(rows-37)\", column 2: 5 is not a "
       "multiple of 16347"},
      {"\"5*rows*cols\"", "\"0-rows\"",
       "problem.json:25: flops: at shape 'bench': is -16384, but must be at least 0"},
      {"\"8*rows*cols\"", "0",
       "problem.json:26: bytes: at shape 'bench': is 0, but must be at least 1"},
      {"\"tf32\": true", "\"tf32\": 1",
       "problem.json:27: policy.tf32: must be true or false, not a number"},
      {"\"cublas\"", "\"cublass\"",
       "problem.json:28: baseline_libraries[0]: unknown library 'cublass' (did you mean "
       "'cublas'?)"},
      {"\"cub\"", "\"-lfoo\"",
       "problem.json:27: policy.libraries[0]: unknown library '-lfoo' (there are: cublas, "
       "cublaslt, "
       "cub, thrust)"},
  };
  for (const Case& each : cases) EXPECT_EQ(ErrorOf(With(each.from, each.to)), each.want);
}

TEST(ParseProblem, OneShapeAtMostIsCountedOnTheSimulatedGpu) {
  const auto with = [](const std::string& first, const std::string& second) {
    std::string json = With("[\"bench\"]", first);
    return json.replace(json.find("[\"check\", \"sim\"]"), 16, second);
  };
  const auto one = ParseProblem(with("[\"bench\"]", "[\"check\", \"sim_bench\"]"), "p");
  ASSERT_TRUE(one.ok()) << one.error().message;
  EXPECT_TRUE(one.value().shapes[1].sim_bench && !one.value().shapes[1].sim);
  EXPECT_EQ(ErrorOf(with("[\"bench\", \"sim_bench\"]", "[\"check\", \"sim_bench\"]")),
            "problem.json:21: shapes: 2 shapes have the role sim_bench; at most one may");
}

std::string WithCheckFills(const std::string& fills) {
  return With("\"flops\"", "\"check_fills\": " + fills + ",\n  \"flops\"");
}

TEST(ParseProblem, CheckFillsStandInForPlainRandomFloats) {
  const auto problem = ParseProblem(
      WithCheckFills(R"([{"normal": [200, 1]}, {"row_scale": [-3, 2]}])"), "problem.json");
  ASSERT_TRUE(problem.ok()) << problem.error().message;
  ASSERT_EQ(problem.value().check_fills.size(), 2U);
  EXPECT_EQ(Describe(problem.value().check_fills[0]), "normal(200, 1)");
  EXPECT_EQ(Describe(problem.value().check_fills[1]), "row_scale(-3, 2)");
  EXPECT_TRUE(TakesOtherFills(problem.value().inputs[0]));
  EXPECT_FALSE(TakesOtherFills(problem.value().inputs[1])) << "a permutation means something";
  EXPECT_TRUE(ParseProblem(kExample, "problem.json").value().check_fills.empty());
}

TEST(ParseProblem, CheckFillsThatMakeNoSenseAreRefused) {
  const std::string place = "problem.json:25: check_fills";
  EXPECT_EQ(ErrorOf(WithCheckFills(R"({"normal": [0, 1]})")),
            place + ": must be an array, not an object");
  EXPECT_EQ(ErrorOf(WithCheckFills(R"([{"normel": [0, 1]}])")),
            place + "[0].normel: unknown field (did you mean 'normal'?)");
  EXPECT_EQ(ErrorOf(WithCheckFills(R"([{"permutation": []}])")),
            place + "[0]: a permutation is for indices; what takes other fills are plain floats");
  EXPECT_EQ(ErrorOf(WithCheckFills(R"([{"ramp": [0, 1]}, {"ramp": [0.0, 1.0]}])")),
            place + "[1]: ramp(0, 1) is there twice");
  EXPECT_EQ(ErrorOf(WithCheckFills("[{\"ramp\": [4e38, 0]}]")),
            place + "[0].ramp: 4e+38 is out of the range of f32");
  const std::string ramp = ErrorOf(WithCheckFills("[{\"ramp\": [0, 1e35]}]"));
  EXPECT_EQ(ramp.rfind(place + "[0]: the ramp ends at 3.7", 0), 0U) << ramp;
  // At the bench shape, where it is not tried, it would leave the range.
  EXPECT_TRUE(ParseProblem(WithCheckFills("[{\"ramp\": [0, 1e33]}]"), "problem.json").ok());
  std::string many;
  for (int i = 0; i < 9; ++i)
    many += (i ? "," : "") + ("{\"constant\": " + std::to_string(i) + "}");
  EXPECT_EQ(ErrorOf(WithCheckFills("[" + many + "]")),
            place + ": has 9 items; at most 8 are allowed");
  // A type's range is that of every input that takes it.
  const std::string half = ReplaceAll(WithCheckFills(R"([{"mixed_scale": [0, 5]}])"),
                                      "\"f32\", \"shape\"", "\"f16\", \"shape\"");
  EXPECT_EQ(ErrorOf(half),
            place + "[0].mixed_scale: normal values times 10^5 are out of the range of f16");
  const std::string none = ReplaceAll(WithCheckFills(R"([{"normal": [200, 1]}])"),
                                      "{ \"normal\": [0, 1] }", "{ \"ramp\": [0, 1] }");
  EXPECT_EQ(
      ErrorOf(none),
      place + "[0]: no input takes it: none is of a float type with a normal or uniform fill");
}

TEST(ParseProblem, RefusesWhatIsNoObject) {
  EXPECT_EQ(ErrorOf("[]"), "problem.json:1: must be an object, not an array");
  EXPECT_EQ(ErrorOf("3"), "problem.json:1: must be an object, not a number");
}

TEST(ParseProblem, CountsAreLimited) {
  const auto repeated = [](int count, const std::function<std::string(int)>& item) {
    std::string text;
    for (int i = 0; i < count; ++i) text += (i ? "," : "") + item(i);
    return text;
  };
  const auto dims = repeated(17, [](int i) { return "\"d" + std::to_string(i) + "\""; });
  EXPECT_EQ(ErrorOf(With("\"rows\", \"cols\"]", dims + "]")),
            "problem.json:7: dims: has 17 items; at most 16 are allowed");
  const auto shapes = repeated(33, [](int i) {
    return "{\"name\":\"s" + std::to_string(i) + "\",\"roles\":[\"check\"],\"rows\":1,\"cols\":1}";
  });
  EXPECT_NE(ErrorOf(With("\"shapes\": [", "\"shapes\": [" + shapes + ","))
                .find("shapes: has 35 items; at most 32 are allowed"),
            std::string::npos);
  EXPECT_EQ(ErrorOf(std::string((1u << 20) + 1, ' ')),
            "problem.json has 1048577 bytes; at most 1048576 are allowed");
  EXPECT_EQ(ErrorOf(With("example", std::string(65, 'a'))),
            "problem.json:3: name: has 65 bytes; at most 64 are allowed");
}

TEST(ParseProblem, AnOutputAndAShapeAreNeeded) {
  const std::string text = kExample;
  const auto begin = text.find("\"outputs\": [") + 12;
  const auto end = text.find("],\n  \"scalars\"");
  EXPECT_EQ(ErrorOf(text.substr(0, begin) + text.substr(end)),
            "problem.json:12: outputs: is empty; a problem has at least one output");
  const auto shapes_begin = text.find("\"shapes\": [") + 11;
  const auto shapes_end = text.find("],\n  \"flops\"");
  EXPECT_EQ(ErrorOf(text.substr(0, shapes_begin) + text.substr(shapes_end)),
            "problem.json:21: shapes: is empty; a problem has at least one shape");
}

TEST(ParseProblem, EveryFieldThatIsNotOptionalIsMissed) {
  for (const std::string name : {"version", "name", "summary", "launcher", "dims", "inputs",
                                 "outputs", "shapes", "flops", "bytes"}) {
    const std::string error = ErrorOf(With("\"" + name + "\":", "\"tags2\":"));
    EXPECT_NE(error.find("unknown field"), std::string::npos) << error;
  }
}

TEST(ParseProblem, NoTruncationIsAcceptedOrCrashes) {
  const std::string text = kExample;
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_FALSE(ParseProblem(text.substr(0, length), "problem.json").ok()) << length;
  }
}

TEST(ParseProblem, NoChangedByteCrashes) {
  const std::string text = kExample;
  int refused = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    for (const char c : {'\0', '"', '{', ']', '9', '-', ',', '\xff'}) {
      std::string changed = text;
      changed[i] = c;
      refused += !ParseProblem(changed, "problem.json").ok();
    }
  }
  EXPECT_GT(refused, static_cast<int>(text.size()) * 4);
}

}  // namespace
}  // namespace caesar
