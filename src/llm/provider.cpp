#include "llm/provider.h"

#include <random>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "llm/endpoint.h"
#include "llm/openai_model.h"
#include "llm/replay.h"

namespace caesar {
namespace {

std::function<double()> RealRandom() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

Result<std::unique_ptr<Model>> MakeOpenAiModel(const ModelConfig& config,
                                               const Environment& environment, Http& http,
                                               Clock& clock) {
  if (config.model.empty()) {
    return Error{ErrorCode::kUsage, "No model was named.",
                 "Name one with --model, or set CAESAR_MODEL."};
  }
  Endpoint endpoint = TRY(FindEndpoint(config, environment));
  TRY(ChatRequestBody(config, {}, ChatDialect{}));  // finds a bad extra JSON before anything runs
  if (!endpoint.warning.empty()) LogWarning("{}", endpoint.warning);
  return std::unique_ptr<Model>(
      std::make_unique<OpenAiModel>(config, std::move(endpoint), http, clock, RealRandom()));
}

}  // namespace

Result<std::unique_ptr<Model>> MakeModel(const ModelConfig& config, const Problem& problem,
                                         const Environment& environment, Http& http, Files& files,
                                         Clock& clock) {
  if (config.provider == "openai") return MakeOpenAiModel(config, environment, http, clock);
  if (config.provider == "replay") return MakeReplayModel(config, problem, files);
  const auto nearest = Nearest(config.provider, {"openai", "replay"});
  return Error{ErrorCode::kUsage, Format("There is no provider '{}'.", config.provider),
               nearest ? Format("Did you mean '{}'?", *nearest) : "Providers: openai, replay."};
}

}  // namespace caesar
