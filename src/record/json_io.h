// One description of a record's fields serves reading and writing, so that the two cannot drift
// apart:
//
//   void Describe(JsonIo& io, Ratio& ratio) { io.Field("value", ratio.value); io.Range("ci",
//   ratio.ci_low, ratio.ci_high); }
//
// Reading is strict and never throws: the first problem is kept with the path of its field
// ("timing.cold.median_us"), and everything after it is skipped. NaN and infinity, which JSON
// lacks, are null with the reason beside it: "error_max": null, "error_max_reason": "nan" (or
// "inf", "-inf"). Private to src/record.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "base/strings.h"

namespace caesar {

enum class UnknownFields { kIgnore, kRefuse };

class JsonIo {
 public:
  JsonIo();  // writes
  // Reads `text`; `what` names it in messages. At most 64 levels of nesting and 1024 members in an
  // object.
  JsonIo(std::string_view text, std::string what, UnknownFields unknown);
  ~JsonIo();
  JsonIo(const JsonIo&) = delete;
  JsonIo& operator=(const JsonIo&) = delete;

  bool reading() const;
  bool failed() const;
  Status status() const;                  // kBadInput, naming the field
  void Fail(const std::string& message);  // about the value that is open
  void FailField(std::string_view name, const std::string& message);
  std::string Text(int indent) const;  // in the order of the descriptions; indent -1: one line
  std::string SortedText(int indent) const;

  // The members of the object that is open. Absent: an error.
  void Field(std::string_view name, bool& value);
  void Field(std::string_view name, int& value);
  void Field(std::string_view name, std::int64_t& value);
  void Field(std::string_view name, std::uint64_t& value);
  void Field(std::string_view name, double& value);
  void Field(std::string_view name, std::string& value);
  void Range(std::string_view name, double& low, double& high);   // [low, high]
  void RawObject(std::string_view name, std::string& json);       // an object, kept as its text
  void Version(std::string_view name, int& version, int newest);  // a newer one is refused
  // Reading: the member is absent. Files of older versions lack what was added since.
  bool Lacks(std::string_view name);
  // Written for readers, ignored when read.
  void Derived(std::string_view name, std::optional<double> value);

  template <class T>
  void Field(std::string_view name, T& value) {
    if (!Open(name)) return;
    Value(value);
    Close();
  }
  // One that was added later: a file that lacks it leaves the default.
  template <class T>
  void Later(std::string_view name, T& value) {
    if (!Lacks(name)) Field(name, value);
  }
  // Null where there is none. Absent counts as null, unless unknown fields are refused too.
  template <class T>
  void Field(std::string_view name, std::optional<T>& value) {
    if (reading()) {
      value.reset();
      if (IsNull(name)) return;
      Field(name, value.emplace());
    } else if (value) {
      Field(name, *value);
    } else {
      Null(name);
    }
  }
  // A value whose T{} (0, "") stands for none: null then. Reading takes both.
  template <class T>
  void FieldOrNull(std::string_view name, T& value) {
    std::optional<T> there;
    if (!reading() && value != T{}) there = value;
    Field(name, there);
    if (reading()) value = there.value_or(T{});
  }
  // An enum that is written by its Name().
  template <class E>
  void Choice(std::string_view name, E& value, std::initializer_list<E> all) {
    std::string text(reading() ? std::string_view() : Name(value));
    Field(name, text);
    if (!reading() || failed()) return;
    std::vector<std::string> names;
    for (E each : all) {
      if (Name(each) == text) {
        value = each;
        return;
      }
      names.emplace_back(Name(each));
    }
    FailField(name, "is '" + Shorten(text, 80) + "', but must be one of " + Join(names, ", "));
  }

  void BeginObject();  // of the root, by the functions below
  void EndObject();

 private:
  // Goes into a member or item; false after a failure.
  bool Open(std::string_view name);
  bool OpenItem(std::size_t index);
  void Close();
  bool IsNull(std::string_view name);
  void Null(std::string_view name);
  std::size_t BeginArray();               // reading: its length
  std::vector<std::string> Keys() const;  // of the object that is open
  void Value(std::int64_t& value);
  void Value(std::string& value);

  template <class T>
  void Value(T& value) {
    BeginObject();
    if (!failed()) Describe(*this, value);
    EndObject();
  }
  template <class T>
  void Value(std::vector<T>& values) {
    const std::size_t length = BeginArray();
    if (reading()) values.clear();
    const std::size_t count = reading() ? length : values.size();
    for (std::size_t i = 0; i < count && !failed(); ++i) {
      if (reading()) values.emplace_back();
      if (!OpenItem(i)) return;
      Value(values[i]);
      Close();
    }
  }
  template <class T>
  void Value(std::map<std::string, T>& entries) {
    BeginObject();
    if (reading()) {
      entries.clear();
      for (const std::string& key : Keys()) Field(key, entries[key]);
    } else {
      for (auto& [key, value] : entries) Field(key, value);
    }
    EndObject();
  }
  template <class T>
  void Value(std::vector<std::pair<std::string, T>>& entries) {
    BeginObject();
    if (reading()) {
      entries.clear();
      for (const std::string& key : Keys()) Field(key, entries.emplace_back(key, T{}).second);
    } else {
      for (auto& [key, value] : entries) Field(key, value);
    }
    EndObject();
  }

  struct Impl;
  std::unique_ptr<Impl> impl_;
};

// Whether `text` is a JSON value at all, within the limits above.
bool IsJson(std::string_view text);

enum class KeyOrder { kAsDescribed, kSorted };

template <class T>
std::string WriteJson(const T& value, int indent, KeyOrder order = KeyOrder::kAsDescribed) {
  JsonIo io;
  T copy = value;  // a description takes the record by reference, since it may also fill it
  io.BeginObject();
  Describe(io, copy);
  io.EndObject();
  return order == KeyOrder::kSorted ? io.SortedText(indent) : io.Text(indent);
}

template <class T>
Result<T> ReadJson(std::string_view text, std::string what,
                   UnknownFields unknown = UnknownFields::kIgnore) {
  JsonIo io(text, std::move(what), unknown);
  T value;
  io.BeginObject();
  if (!io.failed()) Describe(io, value);
  io.EndObject();
  TRY(io.status());
  return value;
}

}  // namespace caesar
