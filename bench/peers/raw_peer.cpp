// Copyright 2026 The MCP Messenger authors. SPDX-License-Identifier: Apache-2.0
// The least a server can do for a fan-out: one thread, one epoll, no protocol beyond WebSocket framing. Every message
// that comes in goes to all other connections as a frame of the given size. What our server adds to this is the price
// of being durable, encrypted, audited and checked.
//
//   bench_raw_peer PORT FRAME_BYTES each|gather     each: one send per delivery; gather: one writev per loop turn
#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <string>
#include <vector>

namespace {

struct Peer {
  int descriptor;
  bool upgraded = false;
  std::string in;
  std::size_t pending = 0;  // frames not yet written
};

class Server {
 public:
  Server(std::uint16_t port, std::size_t frame_bytes, bool gather) : gather_(gather) {
    frame_ = std::string{static_cast<char>(0x81), 126, static_cast<char>(frame_bytes >> 8),
                         static_cast<char>(frame_bytes & 0xFF)};
    frame_.append(frame_bytes, 'x');
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    const int yes = 1;
    setsockopt(listener_, SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    if (bind(listener_, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
        listen(listener_, 4096) != 0) {
      std::perror("bind");
      std::exit(1);
    }
    watch(listener_, nullptr);
  }

  [[noreturn]] void run() {
    std::puts("ready");
    std::fflush(stdout);
    std::array<epoll_event, 512> events{};
    while (true) {
      const int count = epoll_wait(epoll_, events.data(), static_cast<int>(events.size()), -1);
      for (int i = 0; i < count; ++i) {
        auto* peer = static_cast<Peer*>(events[static_cast<std::size_t>(i)].data.ptr);
        peer == nullptr ? accept_all() : read(*peer);
      }
      if (gather_) flush();
    }
  }

 private:
  void watch(int descriptor, Peer* peer) const {
    epoll_event event{};
    event.events = EPOLLIN;
    event.data.ptr = peer;
    epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event);
  }

  void accept_all() {
    for (int descriptor = 0; (descriptor = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0;) {
      const int yes = 1;
      setsockopt(descriptor, IPPROTO_TCP, TCP_NODELAY, &yes, sizeof yes);
      peers_.push_back(std::make_unique<Peer>(Peer{.descriptor = descriptor, .in = {}}));
      watch(descriptor, peers_.back().get());
    }
  }

  void read(Peer& peer) {
    std::array<char, 65536> buffer;  // NOLINT(cppcoreguidelines-pro-type-member-init): filled by recv
    const auto count = recv(peer.descriptor, buffer.data(), buffer.size(), 0);
    if (count <= 0) {
      epoll_ctl(epoll_, EPOLL_CTL_DEL, peer.descriptor, nullptr);
      std::erase_if(peers_, [&](const auto& other) { return other.get() == &peer; });
      return;
    }
    peer.in.append(buffer.data(), static_cast<std::size_t>(count));
    if (!peer.upgraded) {
      const auto end = peer.in.find("\r\n\r\n");
      if (end == std::string::npos) return;
      peer.in.erase(0, end + 4);
      peer.upgraded = true;
      static constexpr std::string_view answer =
          "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n";
      send(peer.descriptor, answer.data(), answer.size(), MSG_NOSIGNAL);
    }
    std::size_t at = 0;
    while (peer.in.size() - at >= 8) {
      std::size_t length = static_cast<unsigned char>(peer.in[at + 1]) & 0x7F;
      std::size_t header = 6;
      if (length == 126) {
        length = (static_cast<std::size_t>(static_cast<unsigned char>(peer.in[at + 2])) << 8) |
                 static_cast<unsigned char>(peer.in[at + 3]);
        header = 8;
      }
      if (peer.in.size() - at < header + length) break;
      at += header + length;
      broadcast(peer);
    }
    peer.in.erase(0, at);
  }

  void broadcast(const Peer& sender) {
    for (auto& peer : peers_) {
      if (peer.get() == &sender || !peer->upgraded) continue;
      if (gather_) {
        ++peer->pending;
      } else {
        send(peer->descriptor, frame_.data(), frame_.size(), MSG_NOSIGNAL);
      }
    }
  }

  void flush() {
    std::array<iovec, 64> pieces{};
    for (auto& piece : pieces) piece = {frame_.data(), frame_.size()};
    for (auto& peer : peers_) {
      while (peer->pending > 0) {
        const auto count = std::min<std::size_t>(peer->pending, pieces.size());
        if (writev(peer->descriptor, pieces.data(), static_cast<int>(count)) < 0) break;
        peer->pending -= count;
      }
    }
  }

  int epoll_ = epoll_create1(EPOLL_CLOEXEC);
  int listener_ = -1;
  bool gather_;
  std::string frame_;
  std::vector<std::unique_ptr<Peer>> peers_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc != 4) {
    std::fputs("usage: bench_raw_peer PORT FRAME_BYTES each|gather\n", stderr);
    return 64;
  }
  Server server(static_cast<std::uint16_t>(std::atoi(argv[1])), static_cast<std::size_t>(std::atoi(argv[2])),
                std::strcmp(argv[3], "gather") == 0);
  server.run();
}
