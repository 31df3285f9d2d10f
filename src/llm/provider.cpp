#include "llm/provider.h"

#include <random>

#include "base/format.h"
#include "base/log.h"
#include "base/strings.h"
#include "llm/command_model.h"
#include "llm/http_model.h"
#include "llm/prices.h"
#include "llm/provider_table.h"
#include "llm/replay.h"

namespace caesar {
namespace {

constexpr std::uint64_t kPricesBytesMax = 4 << 20;

std::function<double()> RealRandom() {
  return [engine = std::minstd_rand(std::random_device{}())]() mutable {
    return std::uniform_real_distribution<double>(0.0, 1.0)(engine);
  };
}

Result<PriceList> LoadPrices(const std::string& path, Files& files) {
  PriceList built_in = TRY(BuiltInPrices());
  if (path.empty()) return built_in;
  Result<std::string> text = files.Read(path, kPricesBytesMax);
  if (!text.ok()) {
    return Error{ErrorCode::kUsage, "--prices: " + text.error().message,
                 "Name a price list; prompts/prices.json shows the form."};
  }
  return MergePrices(TRY(ParsePriceList(text.value(), path)), built_in);
}

// Settings that the format has no field for: better said than left out or refused by the server.
Status CheckSettings(const Codec& codec, const ModelConfig& config) {
  const std::string& effort = config.reasoning_effort;
  const bool number =
      !effort.empty() && effort.find_first_not_of("0123456789") == std::string::npos;
  if (number && (&codec == &kOpenAiChat || &codec == &kOpenAiResponses)) {
    return Error{
        ErrorCode::kUsage,
        Format("--reasoning-effort {}: OpenAI's formats take no number of tokens.", effort),
        "Name a level (minimal, low, medium, high, ...), or say it in the server's own "
        "field with --extra-json."};
  }
  return {};
}

Result<std::unique_ptr<Model>> MakeHttpModel(const ProviderInfo& provider,
                                             const ModelConfig& config, const ModelWorld& world) {
  if (config.model.empty()) {
    return Error{ErrorCode::kUsage, "No model was named.",
                 "Name one with --model, or set CAESAR_MODEL."};
  }
  Endpoint endpoint = TRY(FindEndpoint(provider, config, world.environment, world.files));
  const Codec& codec = *provider.codec;
  TRY(CheckSettings(codec, config));
  // Finds settings that cannot be said in this format before anything runs.
  TRY(codec.body(config, ModelRequest{}, codec.guess(config, endpoint.base_url)));
  for (const std::string& warning : endpoint.warnings) LogWarning("{}", warning);
  Pricing pricing = [prices = TRY(LoadPrices(config.prices, world.files)),
                     host = HostOf(endpoint.base_url), model = config.model,
                     &clock = world.clock](const TokenUsage& tokens) {
    return CostUsd(prices, host, model, UtcText(clock.Utc()).substr(0, 10), tokens);
  };
  return std::unique_ptr<Model>(std::make_unique<HttpModel>(codec, config, std::move(endpoint),
                                                            world.http, world.clock, RealRandom(),
                                                            std::move(pricing)));
}

}  // namespace

Result<std::unique_ptr<Model>> MakeModel(const ModelConfig& config, const Problem& problem,
                                         int sample, const ModelWorld& world) {
  if (config.provider == "replay") return MakeReplayModel(config, problem, sample, world.files);
  if (config.provider == "command") return MakeCommandModel(config, world);
  if (const ProviderInfo* provider = FindProvider(config.provider))
    return MakeHttpModel(*provider, config, world);
  const auto nearest = Nearest(config.provider, ProviderNames());
  return Error{ErrorCode::kUsage, Format("There is no provider '{}'.", config.provider),
               nearest ? Format("Did you mean '{}'?", *nearest)
                       : "Providers: " + Join(ProviderNames(), ", ") + "."};
}

}  // namespace caesar
