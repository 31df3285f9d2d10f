#include "sys/curl_library.h"

#include <dlfcn.h>

#include "base/format.h"

namespace caesar {
namespace {

// The same library built with either TLS library; Debian and its kin have both.
constexpr const char* kNames[] = {"libcurl.so.4", "libcurl-gnutls.so.4"};

constexpr unsigned kOldestVersion = 0x075700;  // 7.87.0 has every option that we set

template <class Function>
void Find(void* library, const char* name, Function& function, std::string& error) {
  function = reinterpret_cast<Function>(::dlsym(library, name));
  if (function == nullptr) error = Format("libcurl is too old: it has no {}", name);
}

CurlLibrary Load() {
  CurlLibrary curl;
  void* library = nullptr;
  for (const char* name : kNames) {
    library = ::dlopen(name, RTLD_NOW | RTLD_LOCAL);
    if (library != nullptr) break;
  }
  if (library == nullptr) {
    curl.error = Format("libcurl is not installed ({})", ::dlerror());
    return curl;
  }
  Find(library, "curl_global_init", curl.global_init, curl.error);
  Find(library, "curl_version_info", curl.version_info, curl.error);
  Find(library, "curl_easy_init", curl.easy_init, curl.error);
  Find(library, "curl_easy_cleanup", curl.easy_cleanup, curl.error);
  Find(library, "curl_easy_setopt", curl.easy_setopt, curl.error);
  Find(library, "curl_easy_getinfo", curl.easy_getinfo, curl.error);
  Find(library, "curl_easy_strerror", curl.easy_strerror, curl.error);
  Find(library, "curl_slist_append", curl.slist_append, curl.error);
  Find(library, "curl_slist_free_all", curl.slist_free_all, curl.error);
  Find(library, "curl_multi_init", curl.multi_init, curl.error);
  Find(library, "curl_multi_cleanup", curl.multi_cleanup, curl.error);
  Find(library, "curl_multi_add_handle", curl.multi_add_handle, curl.error);
  Find(library, "curl_multi_remove_handle", curl.multi_remove_handle, curl.error);
  Find(library, "curl_multi_perform", curl.multi_perform, curl.error);
  Find(library, "curl_multi_poll", curl.multi_poll, curl.error);
  Find(library, "curl_multi_info_read", curl.multi_info_read, curl.error);
  Find(library, "curl_multi_strerror", curl.multi_strerror, curl.error);
  if (!curl.error.empty()) return curl;
  if (const auto* version = curl.version_info(CURLVERSION_NOW);
      version->version_num < kOldestVersion) {
    curl.error = Format("libcurl {} is too old: 7.87 or later is needed", version->version);
    return curl;
  }
  if (const CURLcode code = curl.global_init(CURL_GLOBAL_DEFAULT); code != CURLE_OK) {
    curl.error = curl.easy_strerror(code);
  }
  return curl;
}

}  // namespace

const CurlLibrary& Curl() {
  static const CurlLibrary curl = Load();
  return curl;
}

}  // namespace caesar
