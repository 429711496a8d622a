// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "config/layers.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <system_error>
#include <utility>

#include "config/config_file_json.hpp"
#include "config/dotenv.hpp"
#include "config/private_file.hpp"
#include "config/spelling.hpp"
#include "config/value_text.hpp"
#include "core/check.hpp"

namespace mcp::config {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t config_bytes_max = 256 * 1024;
constexpr std::size_t secret_bytes_max = 64 * 1024;  // a PEM file or a URL; no key is larger

std::string host_name() {
  std::array<char, 256> buffer{};
  return gethostname(buffer.data(), buffer.size() - 1) == 0 && buffer[0] != '\0' ? buffer.data() : "localhost";
}

fs::path absolute_in(const fs::path& directory, const fs::path& path) {
  return fs::absolute(directory / path).lexically_normal();
}

fs::path tidy(const LoadOptions& options, const fs::path& home) {
  auto path = absolute_in(options.working_directory, home);
  return path.has_filename() ? path : path.parent_path();  // without a slash at the end
}

struct HomeChoice {
  fs::path path;  // absolute
  Layer layer = Layer::fallback;
  std::string source;
};

// The home comes before the rest, because most of the rest is found there. A .env of the working directory may name it.
HomeChoice choose_home(const LoadOptions& options, const Environment& environment) {
  const auto* variable = environment.find("MESSENGER_HOME");
  if (const auto flag = options.flags.find("MESSENGER_HOME"); flag != options.flags.end() && !flag->second.empty()) {
    return {tidy(options, flag->second), Layer::command_line, {}};
  }
  if (variable != nullptr && !variable->empty()) {
    return {tidy(options, fs::path(variable->reveal())), Layer::environment, {}};
  }
  HomeChoice fallback{tidy(options, find_variable("MESSENGER_HOME")->fallback), Layer::fallback, {}};
  std::error_code ignored;
  if (fs::exists(fallback.path / ".env", ignored)) return fallback;
  const auto dotenv = absolute_in(options.working_directory, ".env");
  const auto content = read_file(dotenv, config_bytes_max);
  if (!content) return fallback;  // reported, if it is there, when it is read for its values
  const auto parsed = parse_dotenv(content->reveal());
  const auto named = parsed.values.find("MESSENGER_HOME");
  if (named == parsed.values.end() || named->second.empty()) return fallback;
  return {tidy(options, fs::path(named->second.reveal())), Layer::dotenv, dotenv};
}

class Join {
 public:
  Join(const LoadOptions& options, const Environment& environment, Findings& findings)
      : options_(options), environment_(environment), findings_(findings) {}

  Joined run() {
    read_dotenv();
    read_config_file();
    Joined joined;
    for (const auto& variable : variables()) joined.values.set(variable.name, effective(variable));
    // Defaults that are another variable's value come last, when that is known.
    for (const auto& variable : variables()) fill_in(joined.values, variable);
    joined.home = home_.path;
    joined.has_token_secret = given_outside_file("TOKEN_SECRET").has_value();
    return joined;
  }

 private:
  struct Found {
    Secret value;
    Layer layer;
    std::string source;
  };

  void read_dotenv() {
    home_ = choose_home(options_, environment_);
    std::error_code ignored;
    const auto of_home = home_.path / ".env";
    const auto of_directory = absolute_in(options_.working_directory, ".env");
    const bool is_in_directory = of_directory != of_home && fs::exists(of_directory, ignored);
    std::error_code cannot_look;
    const bool is_in_home = fs::exists(of_home, cannot_look);
    if (cannot_look) findings_.refuse(".env", explain(FileState::unreadable), Layer::dotenv, of_home);
    if (is_in_home && is_in_directory) {
      findings_.warn(".env", "is not read, because the home has one of its own", Layer::dotenv, of_directory);
    }
    if (!is_in_home && !is_in_directory) return;
    dotenv_file_ = is_in_home ? of_home : of_directory;
    const auto content = read_file(dotenv_file_, config_bytes_max);
    if (!content) {
      findings_.refuse(".env", explain(content.error()), Layer::dotenv, dotenv_file_);
      return;
    }
    auto parsed = parse_dotenv(content->reveal());
    for (const auto& mistake : parsed.mistakes) {
      findings_.refuse(".env", fmt::format("line {} {}", mistake.line, mistake.message), Layer::dotenv, dotenv_file_);
    }
    dotenv_ = std::move(parsed.values);
    warn_about_misspelt_names();
    const bool is_named_nearer = home_.layer == Layer::command_line || home_.layer == Layer::environment;
    if (is_in_home && !is_named_nearer) refuse_another_home();
    if (!is_open_to_others(dotenv_file_)) return;
    const auto mode = given_outside_file("NODE_ENV");
    if (mode && mode->value.reveal() == "production") {
      findings_.refuse(".env", explain(FileState::readable_by_others), Layer::dotenv, dotenv_file_);
    } else {
      findings_.warn(".env", explain(FileState::readable_by_others), Layer::dotenv, dotenv_file_);
    }
  }

  // A .env that lies in a home cannot name another.
  void refuse_another_home() {
    const auto named = dotenv_.find("MESSENGER_HOME");
    if (named == dotenv_.end() || named->second.empty()) return;
    if (tidy(options_, fs::path(named->second.reveal())) == home_.path) return;
    findings_.refuse("MESSENGER_HOME", "names another directory than the one this .env lies in", Layer::dotenv,
                     dotenv_file_);
  }

  void warn_about_misspelt_names() {
    std::vector<std::string_view> names;
    for (const auto& variable : variables()) names.push_back(variable.name);
    for (const auto& [name, value] : dotenv_) {
      const auto base = std::string_view(name).ends_with("_FILE") ? name.substr(0, name.size() - 5) : name;
      if (find_variable(name) != nullptr || find_variable(base) != nullptr || name == "TOKEN_SECRET") continue;
      const auto meant = nearest(name, names);
      const std::size_t slips_max = name.size() < 10 ? 1 : 2;  // PGHOST is not HOST
      if (meant && edit_distance(name, *meant) <= slips_max) {
        findings_.warn(name, fmt::format("is not read; did you mean {}?", *meant), Layer::dotenv, dotenv_file_);
      }
    }
  }

  void read_config_file() {
    config_file_ = options_.config_file ? absolute_in(options_.working_directory, *options_.config_file)
                                        : home_.path / "config.json";
    std::error_code ignored;
    if (!options_.config_file && !fs::exists(config_file_, ignored)) {
      config_file_.clear();
      return;
    }
    const auto content = read_file(config_file_, config_bytes_max);
    if (!content) {
      findings_.refuse(options_.config_file ? "--config" : "config.json", explain(content.error()), Layer::file,
                       config_file_);
      return;
    }
    auto parsed = parse_config_file(content->reveal());
    for (auto& mistake : parsed.mistakes) {
      findings_.refuse(mistake.key.empty() ? "config.json" : mistake.key, std::move(mistake.message), Layer::file,
                       config_file_);
    }
    from_config_file_ = std::move(parsed.values);
  }

  std::optional<Found> given_outside_file(std::string_view name) const {
    if (const auto flag = options_.flags.find(std::string(name)); flag != options_.flags.end()) {
      return Found{Secret(std::string(flag->second)), Layer::command_line, {}};
    }
    if (const auto* value = environment_.find(name)) return Found{value->duplicate(), Layer::environment, {}};
    if (const auto value = dotenv_.find(name); value != dotenv_.end()) {
      return Found{value->second.duplicate(), Layer::dotenv, dotenv_file_};
    }
    return std::nullopt;
  }

  std::optional<Found> given(const Variable& variable) const {
    auto found = given_outside_file(variable.name);
    // "PORT=" means not set, as compose files write it; where empty is a value it stands.
    if (found && found->value.empty() && !variable.may_be_empty()) found.reset();
    if (found) return found;
    if (const auto value = from_config_file_.find(variable.name); value != from_config_file_.end()) {
      return Found{Secret(std::string(value->second)), Layer::file, config_file_};
    }
    return std::nullopt;
  }

  Effective effective(const Variable& variable) {
    if (variable.is_secret()) return effective_secret(variable);
    Effective result;
    const auto found = given(variable);
    if (!found) return result;
    if (auto wrong = check_value(variable, found->value.reveal())) {
      findings_.refuse(variable.name, std::move(*wrong), found->layer, found->source);
      return result;
    }
    return {.text = std::string(found->value.reveal()), .secret = {}, .layer = found->layer, .source = found->source};
  }

  Effective effective_secret(const Variable& variable) {
    auto found = given(variable);
    const auto file_name = std::string(variable.name) + "_FILE";
    auto file = given_outside_file(file_name);
    if (file && file->value.empty()) file.reset();
    if (found && file) {
      findings_.refuse(variable.name, fmt::format("is set, and {} too: only one may be", file_name), found->layer,
                       found->source);
      return {};
    }
    if (file) found = read_secret_file(variable, file_name, *file);
    if (!found) return {};
    if (auto wrong = check_value(variable, found->value.reveal())) {
      findings_.refuse(variable.name, std::move(*wrong), found->layer, found->source);
      return {};
    }
    return {.text = {}, .secret = std::move(found->value), .layer = found->layer, .source = std::move(found->source)};
  }

  std::optional<Found> read_secret_file(const Variable& variable, const std::string& file_name, const Found& file) {
    const auto path = absolute_in(options_.working_directory, fs::path(file.value.reveal()));
    const auto refuse = [&](FileState state) {
      findings_.refuse(file_name, fmt::format("the file {}", explain(state)), file.layer, path);
      return std::nullopt;
    };
    if (const auto checked = check_private(path); !checked) return refuse(checked.error());
    const auto content = read_file(path, secret_bytes_max);
    if (!content) return refuse(content.error());
    auto text = content->reveal();
    if (text.ends_with('\n')) text.remove_suffix(1);
    if (text.ends_with('\r')) text.remove_suffix(1);
    if (text.empty()) {
      findings_.refuse(variable.name, fmt::format("the file of {} is empty", file_name), file.layer, path);
      return std::nullopt;
    }
    return Found{Secret(std::string(text)), file.layer, path};
  }

  void fill_in(Values& values, const Variable& variable) const {
    if (variable.name == "MESSENGER_HOME") {
      values.set(variable.name, {.text = home_.path, .secret = {}, .layer = home_.layer, .source = home_.source});
      return;
    }
    if (variable.is_secret() || values.of(variable.name).layer != Layer::fallback) return;
    Effective value;
    value.text = variable.fallback;
    const bool is_production = values.of("NODE_ENV").text == "production";
    if (value.text == "{host}") value.text = is_production ? "0.0.0.0" : "127.0.0.1";
    if (value.text == "{twoFactor}") value.text = is_production ? "required" : "optional";
    if (value.text == "{hostname}") value.text = host_name();
    if (value.text == "{DB_USER}" || value.text == "{ALLOWED_NETWORK_RANGE}") {
      value.text = values.of(value.text.substr(1, value.text.size() - 2)).text;
    }
    if (value.text.starts_with("{home}")) value.text.replace(0, 6, home_.path.string());
    values.set(variable.name, std::move(value));
  }

  const LoadOptions& options_;
  const Environment& environment_;
  Findings& findings_;
  HomeChoice home_;
  fs::path dotenv_file_;
  fs::path config_file_;
  std::map<std::string, Secret, std::less<>> dotenv_;
  std::map<std::string, std::string, std::less<>> from_config_file_;
};

}  // namespace

const Effective& Values::of(std::string_view name) const {
  const auto found = values_.find(name);
  CHECK(found != values_.end());
  return found->second;
}

std::int64_t Values::integer(std::string_view name) const { return parse_integer(text(name)).value_or(0); }

std::chrono::seconds Values::duration(std::string_view name) const {
  return parse_duration(text(name)).value_or(std::chrono::seconds{0});
}

NetworkRanges Values::networks(std::string_view name) const {
  return NetworkRanges::parse(text(name)).value_or(NetworkRanges{});
}

std::vector<std::string> Values::list(std::string_view name) const { return split_list(text(name)); }

fs::path home_directory(const LoadOptions& options, const Environment& environment) {
  return choose_home(options, environment).path;
}

Joined join_layers(const LoadOptions& options, const Environment& environment, Findings& findings) {
  return Join(options, environment, findings).run();
}

}  // namespace mcp::config
