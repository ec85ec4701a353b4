package door

import (
	"fmt"
	"net"
)

// Place is an address that is listened on.
type Place struct {
	What    string // such as "the page"
	Address string // host:port
	Risk    string // what anyone who reaches it could do, such as "read the page"
}

// Warnings says in plain words what stands open to other machines.
func Warnings(places []Place, encrypted, locked bool) []string {
	var out []string
	for _, p := range places {
		if local(p.Address) {
			continue
		}
		if !encrypted {
			out = append(out, fmt.Sprintf("%s listens on %s without TLS: what goes there, tokens too, can be read on the way (--tls-cert and --tls-key)", p.What, p.Address))
		}
		if !locked {
			out = append(out, fmt.Sprintf("%s listens on %s and asks for no token: anyone who reaches it can %s (--token-file)", p.What, p.Address, p.Risk))
		}
	}
	return out
}

// local reports whether an address can be reached from this machine alone.
func local(address string) bool {
	host, _, err := net.SplitHostPort(address)
	if err != nil {
		return false
	}
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}
