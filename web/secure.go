package web

import (
	"net"
	"net/http"
	"net/url"
	"strings"

	"github.com/gin-gonic/gin"
)

// contentPolicy lets the page load what the binary holds and nothing else, and
// no script that stands in the page itself.
const contentPolicy = "default-src 'none'; script-src 'self'; worker-src 'self'; style-src 'self'; " +
	"img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// secured sets the headers that every answer carries.
func secured(c *gin.Context) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", contentPolicy)
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("X-Frame-Options", "DENY")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Opener-Policy", "same-origin")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
}

// unstored keeps answers of the API out of caches.
func unstored(c *gin.Context) { c.Writer.Header().Set("Cache-Control", "no-store") }

// onlyLocalHost refuses requests whose Host header names another machine: a
// foreign page whose name was rebound to 127.0.0.1 sends its own name.
func onlyLocalHost(c *gin.Context) {
	if !isLoopback(c.Request.Host) {
		problem(c, http.StatusForbidden, "This server answers only to localhost. Open it as http://localhost, or start it with another address.")
	}
}

// onlyOwnOrigin refuses requests that another site's page makes: those that
// change something anywhere, and on this machine alone all that name their
// origin.
func onlyOwnOrigin(loopback bool) gin.HandlerFunc {
	guard := http.NewCrossOriginProtection()
	return func(c *gin.Context) {
		if err := guard.Check(c.Request); err != nil {
			problem(c, http.StatusForbidden, "This request comes from another site's page.")
			return
		}
		origin := c.GetHeader("Origin")
		if !loopback || origin == "" {
			return
		}
		if u, err := url.Parse(origin); err != nil || !isLoopback(u.Host) {
			problem(c, http.StatusForbidden, "This request comes from another site's page.")
		}
	}
}

// isLoopback reports whether an address, with or without a port, names this
// machine alone.
func isLoopback(addr string) bool {
	host, _, err := net.SplitHostPort(addr)
	if err != nil {
		host = strings.Trim(addr, "[]")
	}
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}
