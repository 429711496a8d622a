// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
#include "cli/command_line.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <algorithm>
#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "config/spelling.hpp"

namespace mcp::cli {
namespace {

// One screen of 24 lines. Written by hand: grouped by task, which a generated list is not.
constexpr std::string_view top_help = R"(mcp-messenger - secure real-time messenger server

Usage: mcp-messenger [global flags] <command> [flags]

  setup               make the home: secrets, private database, first administrator
  serve               run the server in the foreground
  migrate, init-db    create and upgrade the tables; may be repeated at will
  user create NAME    make an account
  config check        validate the configuration, list every problem
  config show         print the settings in force; --origin says where each comes from
  version             version, commit, compiler, libraries

Global flags: --home DIR  --config FILE  --log-level error|warn|info|debug
              --json (machine output)  --quiet  --no-input (never prompt)  --help

Examples:
  mcp-messenger setup && mcp-messenger serve
  mcp-messenger --home /srv/chat serve --host 0.0.0.0 --port 8443
  mcp-messenger user create amara --role moderator --email amara@clinic.example

Secrets are never flags. Exit codes: 0 done, 64 usage, 69 database away, 75 try later,
77 not permitted, 78 configuration. Help of one command: mcp-messenger <command> --help
)";

template <class T>
void add_text(CLI::App& app, const std::string& flag, std::optional<T>& into, const std::string& description,
              const std::string& kind) {
  app.add_option(flag, into, description)->type_name(kind);
}

// The tree of commands, and what was found on the command line.
class Parser {
 public:
  Parser() : app_("secure real-time messenger server", "mcp-messenger") {
    app_.require_subcommand(1);
    app_.fallthrough();
    app_.set_help_flag();  // ours prints top_help
    app_.add_flag("-h,--help", asks_for_help_);
    add_text(app_, "--home", global_.home, "the home directory (MESSENGER_HOME)", "DIR");
    add_text(app_, "--config", global_.config_file, "a config.json elsewhere", "FILE");
    add_text(app_, "--log-level", global_.log_level, "error, warn, info or debug (LOG_LEVEL)", "LEVEL");
    app_.add_flag("--json", global_.json, "machine output");
    app_.add_flag("--quiet", global_.quiet, "nothing on standard output but what was asked for");
    app_.add_flag("--no-input", global_.no_input, "never prompt");
    add_serve();
    add_setup();
    add_migrate();
    add_user();
    add_config();
    add(app_, "version", "version, commit, compiler and library versions", Version{});
  }

  std::variant<Invocation, Notice> parse(std::vector<std::string> arguments) {
    std::ranges::reverse(arguments);  // as CLI11 takes them
    try {
      app_.parse(arguments);
    } catch (const CLI::ParseError& error) {
      if (asks_for_help_) return help();
      return refusal(error);
    }
    if (asks_for_help_) return help();
    return Invocation{.global = std::move(global_), .command = chosen_()};
  }

  std::vector<std::string> names() const { return names_of(app_, ""); }

 private:
  // A command whose struct is filled while parsing and handed out by chosen_.
  template <class T>
  T& add(CLI::App& parent, const std::string& name, const std::string& description, T command,
         CLI::App** added = nullptr) {
    auto* app = parent.add_subcommand(name, description);
    app->fallthrough();
    app->set_help_flag();
    auto held = std::make_shared<T>(std::move(command));
    app->final_callback([this, held] { chosen_ = [held] { return Command(*held); }; });
    if (added != nullptr) *added = app;
    return *held;
  }

  CLI::App& add_group(const std::string& name, const std::string& description) {
    auto* app = app_.add_subcommand(name, description);
    app->fallthrough();
    app->set_help_flag();
    app->require_subcommand(1);
    return *app;
  }

  void add_serve() {
    CLI::App* app = nullptr;
    auto& serve = add(app_, "serve", "run the server in the foreground", Serve{}, &app);
    add_text(*app, "--host", serve.host, "address to listen on (HOST)", "ADDRESS");
    add_text(*app, "--port", serve.port, "port, 0 for any free one (PORT)", "PORT");
    add_text(*app, "--threads", serve.threads, "I/O threads, 0 for one per core (THREADS)", "N");
    app->add_flag("--migrate", serve.migrate, "apply pending migrations first");
    app->footer(
        "Example: mcp-messenger serve --port 8080\n"
        "Stops on SIGTERM or Ctrl-C; SIGHUP reopens the log and reloads the certificate.");
  }

  void add_setup() {
    CLI::App* app = nullptr;
    auto& setup = add(app_, "setup", "make the home: secrets, private database, first administrator", Setup{}, &app);
    app->add_flag("--production", setup.production, "for NODE_ENV=production");
    add_text(*app, "--admin-username", setup.admin_username, "name of the first administrator", "NAME");
    add_text(*app, "--admin-email", setup.admin_email, "where the set-up token is sent", "ADDRESS");
    app->add_flag("--force", setup.force, "write config.json anew; keys are never touched");
    app->footer(
        "Example: mcp-messenger --no-input setup --production\n"
        "What is there is kept, so it may be repeated. The token of the first administrator is in <home>/setup-token.");
  }

  void add_migrate() {
    CLI::App* app = nullptr;
    auto& migrate =
        add(app_, "migrate", "create what is missing, apply pending migrations, add base rows (also: init-db)",
            Migrate{}, &app);
    app->alias("init-db");
    auto* status = app->add_flag("--status", migrate.status, "list the migrations, change nothing");
    auto* dry_run = app->add_flag("--dry-run", migrate.dry_run, "say what would be applied, change nothing");
    auto* to =
        app->add_option("--to", migrate.to, "stop at this version")->type_name("N")->check(CLI::Range(1, 1'000'000));
    status->excludes(dry_run)->excludes(to);
    app->footer("Example: mcp-messenger migrate --dry-run");
  }

  void add_user() {
    auto& user = add_group("user", "accounts");
    CLI::App* app = nullptr;
    auto& create = add(user, "create", "make an account", UserCreate{}, &app);
    app->add_option("NAME", create.name, "user name")->required();
    app->add_option("--role", create.role, "role, else the default role")->type_name("ROLE");
    add_text(*app, "--email", create.email, "e-mail address", "ADDRESS");
    add_text(*app, "--first-name", create.first_name, "first name", "NAME");
    add_text(*app, "--last-name", create.last_name, "last name", "NAME");
    app->add_flag("--password-stdin", create.password_stdin, "read the password from one line of standard input");
    app->add_flag_callback(
        "--no-force-change", [&create] { create.force_password_change = false; },
        "the password need not be changed at the first login");
    app->footer(
        "Example: mcp-messenger user create amara --role moderator --password-stdin < password-file\n"
        "Without --password-stdin the password is asked for, twice and without echo.");
  }

  void add_config() {
    auto& config = add_group("config", "the configuration");
    CLI::App* app = nullptr;
    add(config, "check", "validate the configuration, list every problem", ConfigCheck{}, &app);
    app->footer("Ends with 78 when there is a problem, and 0 otherwise.");
    auto& show = add(config, "show", "print the settings in force; secrets as set or missing", ConfigShow{}, &app);
    app->add_flag("--origin", show.origin, "with the layer and the file of each");
  }

  // The command as far as it was named.
  const CLI::App* reached() const {
    const CLI::App* app = &app_;
    for (auto found = app->get_subcommands(); !found.empty(); found = app->get_subcommands()) app = found.front();
    return app;
  }

  Notice help() const {
    const auto* app = reached();
    return {ExitCode::done, app == &app_ ? std::string(top_help) : app->help(path_of(*app->get_parent()))};
  }

  Notice refusal(const CLI::ParseError& error) const {
    const auto* app = reached();
    auto unknown = app_.remaining(true);
    std::string text;
    if (unknown.empty() && app == &app_) return {ExitCode::usage, std::string(top_help)};  // no command at all
    if (!unknown.empty()) {
      text = fmt::format("'{}' is not {}", unknown.front(),
                         unknown.front().starts_with('-') ? "a flag of this command" : "a command");
      if (const auto meant = meant_by(*app, unknown.front())) text += fmt::format("; did you mean {}?", *meant);
    } else {
      text = error.what();
    }
    return {ExitCode::usage, fmt::format("mcp-messenger: {}\nTry: {} --help\n", text, path_of(*app))};
  }

  // The command or flag that a word was probably meant to be.
  std::optional<std::string> meant_by(const CLI::App& app, std::string_view word) const {
    std::vector<std::string> known;
    if (!word.starts_with('-')) {
      for (const auto* command : app.get_subcommands({})) known.push_back(command->get_name());
      if (&app == &app_) known.emplace_back("init-db");
      return config::nearest(word, {known.begin(), known.end()});
    }
    for (const auto* level : {&app, &app_}) {
      for (const auto* option : level->get_options()) {
        const auto& names = option->get_lnames();
        known.insert(known.end(), names.begin(), names.end());
      }
    }
    word.remove_prefix(std::min(word.find_first_not_of('-'), word.size()));  // dashes are no letters that could agree
    const auto meant = config::nearest(word, {known.begin(), known.end()});
    return meant ? std::optional("--" + *meant) : std::nullopt;
  }

  static std::string path_of(const CLI::App& app) {
    return app.get_parent() == nullptr ? app.get_name() : path_of(*app.get_parent()) + " " + app.get_name();
  }

  static std::vector<std::string> names_of(const CLI::App& app, const std::string& prefix) {
    std::vector<std::string> names;
    for (const auto* command : app.get_subcommands({})) {
      const auto name = prefix + command->get_name();
      auto below = names_of(*command, name + " ");
      if (below.empty()) below.push_back(name);
      names.insert(names.end(), below.begin(), below.end());
    }
    return names;
  }

  CLI::App app_;
  GlobalFlags global_;
  bool asks_for_help_ = false;
  std::function<Command()> chosen_;
};

}  // namespace

std::variant<Invocation, Notice> parse_command_line(std::vector<std::string> arguments) {
  return Parser().parse(std::move(arguments));
}

std::vector<std::string> command_names() { return Parser().names(); }

}  // namespace mcp::cli
