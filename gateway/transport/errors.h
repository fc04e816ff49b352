// Errors of the transport, 13xx. None of them travels on the wire: what a peer is told has its name in gateway/protocol/errors.h.
#pragma once

#include "crypto/base/error.h"

namespace steiger::transport {

// The event loop or libwebsockets could not start; on Debian usually the package libwebsockets-evlib-ev is missing.
inline constexpr Error kLoopUnavailable{1301, "loop_unavailable", ErrorFamily::environment};
inline constexpr Error kPortTaken{1302, "port_taken", ErrorFamily::environment};
// The address is not one of this machine, not an address at all, or its port needs more rights.
inline constexpr Error kCannotListen{1303, "cannot_listen", ErrorFamily::environment};
inline constexpr Error kNotConnected{1304, "not_connected", ErrorFamily::environment, true};
inline constexpr Error kConnectFailed{1305, "connect_failed", ErrorFamily::environment, true};
inline constexpr Error kConnectionLost{1306, "connection_lost", ErrorFamily::environment, true};
inline constexpr Error kBadUrl{1307, "bad_url", ErrorFamily::caller};
// The peer does not read what is sent to it: its queue reached the bound and the connection was given up.
inline constexpr Error kQueueFull{1308, "queue_full", ErrorFamily::peer, true};
// What arrived is no binary frame, or longer than agreed.
inline constexpr Error kNotBinary{1309, "not_binary", ErrorFamily::peer};
inline constexpr Error kFrameTooLong{1310, "frame_too_long", ErrorFamily::peer};
inline constexpr Error kSocketFailed{1311, "socket_failed", ErrorFamily::environment};
// The host name means nothing here now: no such name, no name server, or no answer in time.
inline constexpr Error kLookupFailed{1313, "lookup_failed", ErrorFamily::environment, true};
// wss://: the server's certificate was refused. It is not of the host that was asked for; nobody we trust vouches for it (also: it is
// damaged or withdrawn); its time is over or has not begun, or our clock is wrong.
inline constexpr Error kCertificateName{1314, "server_certificate_name", ErrorFamily::peer, true};
inline constexpr Error kCertificateUntrusted{1315, "server_certificate_untrusted", ErrorFamily::peer, true};
inline constexpr Error kCertificateTime{1316, "server_certificate_time", ErrorFamily::peer, true};
// The file of certificate authorities cannot be read, or holds none.
inline constexpr Error kCertificateFile{1317, "certificate_file", ErrorFamily::environment};
// A server's connections are at their bound.
inline constexpr Error kServerFull{1312, "server_full", ErrorFamily::environment, true};

}  // namespace steiger::transport
