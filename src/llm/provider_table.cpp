#include "llm/provider_table.h"

#include <algorithm>

namespace caesar {

// Addresses and variables: the providers' own documentation and clients. Servers that people run
// themselves have their default ports.
const std::vector<ProviderInfo>& Providers() {
  static const KeyVariable openai{"OPENAI_API_KEY"};
  static const KeyVariable anthropic{"ANTHROPIC_API_KEY", "x-api-key", ""};
  static const std::vector<ProviderInfo> providers = {
      {"openai",
       &kOpenAiChat,
       "https://api.openai.com/v1",
       "OPENAI_BASE_URL",
       {openai},
       "OPENAI_CUSTOM_HEADERS"},
      {"openai-responses",
       &kOpenAiResponses,
       "https://api.openai.com/v1",
       "OPENAI_BASE_URL",
       {openai},
       "OPENAI_CUSTOM_HEADERS"},
      {"anthropic",
       &kAnthropic,
       "https://api.anthropic.com",
       "ANTHROPIC_BASE_URL",
       {anthropic, {"ANTHROPIC_AUTH_TOKEN"}},
       "ANTHROPIC_CUSTOM_HEADERS"},
      // Google's own client prefers GOOGLE_API_KEY where both are set.
      {"gemini",
       &kGemini,
       "https://generativelanguage.googleapis.com",
       "GOOGLE_GEMINI_BASE_URL",
       {{"GOOGLE_API_KEY", "x-goog-api-key", ""}, {"GEMINI_API_KEY", "x-goog-api-key", ""}}},
      {"azure",
       &kOpenAiChat,
       "",
       "AZURE_OPENAI_ENDPOINT",
       {{"AZURE_OPENAI_API_KEY", "api-key", ""}},
       "",
       "/openai/v1"},
      {"deepseek", &kOpenAiChat, "https://api.deepseek.com/v1", "", {{"DEEPSEEK_API_KEY"}}},
      {"fireworks",
       &kOpenAiChat,
       "https://api.fireworks.ai/inference/v1",
       "",
       {{"FIREWORKS_API_KEY"}, {"FIREWORKS_AI_API_KEY"}}},
      {"groq", &kOpenAiChat, "https://api.groq.com/openai/v1", "", {{"GROQ_API_KEY"}}},
      {"mistral", &kOpenAiChat, "https://api.mistral.ai/v1", "", {{"MISTRAL_API_KEY"}}},
      {"openrouter", &kOpenAiChat, "https://openrouter.ai/api/v1", "", {{"OPENROUTER_API_KEY"}}},
      {"together", &kOpenAiChat, "https://api.together.xyz/v1", "", {{"TOGETHER_API_KEY"}}},
      {"llama.cpp", &kOpenAiChat, "http://localhost:8080/v1", "", {}},
      {"ollama", &kOpenAiChat, "http://localhost:11434/v1", "", {}},
      {"sglang", &kOpenAiChat, "http://localhost:30000/v1", "", {}},
      {"vllm", &kOpenAiChat, "http://localhost:8000/v1", "", {}},
  };
  return providers;
}

const ProviderInfo* FindProvider(std::string_view name) {
  const auto& all = Providers();
  const auto found = std::find_if(all.begin(), all.end(),
                                  [&](const ProviderInfo& info) { return info.name == name; });
  return found == all.end() ? nullptr : &*found;
}

std::vector<std::string> ProviderNames() {
  std::vector<std::string> names;
  for (const ProviderInfo& info : Providers()) names.emplace_back(info.name);
  names.insert(names.end(), {"command", "replay"});
  return names;
}

}  // namespace caesar
