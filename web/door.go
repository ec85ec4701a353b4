package web

import (
	"crypto/rand"
	"crypto/sha256"
	"embed"
	"html/template"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"

	"github.com/gin-gonic/gin"
)

//go:embed login
var loginFiles embed.FS

var loginPage = template.Must(template.ParseFS(loginFiles, "login/login.html"))

const (
	cookieName   = "headwater_session"
	sessionTime  = 12 * time.Hour
	mostSessions = 1024
	// A wrong token is answered so late, and only so many at a time: guessing is
	// slow however many try.
	wrongDelay   = 300 * time.Millisecond
	wrongAtOnce  = 8
	longestToken = 4096
)

// loginPolicy is contentPolicy for the login page, which has a form and no
// script.
const loginPolicy = "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"

// door lets in who brings a token: with every request as a bearer token, or once
// at the login page for a session. Sessions are kept in memory and end with the
// process, and at once when their token is no longer good.
type door struct {
	authorized func(string) bool
	secure     bool
	wrong      chan struct{}

	mu       sync.Mutex
	sessions map[[sha256.Size]byte]session // by the hash of the cookie's value
}

type session struct {
	token   string
	expires time.Time
}

func newDoor(authorized func(string) bool, secure bool) *door {
	return &door{
		authorized: authorized, secure: secure,
		wrong: make(chan struct{}, wrongAtOnce), sessions: map[[sha256.Size]byte]session{},
	}
}

// guard stops requests without a token. What the page is built of holds no
// secret and is let through.
func (d *door) guard(c *gin.Context) {
	if p := c.Request.URL.Path; strings.HasPrefix(p, "/assets/") || p == "/mark.svg" || d.open(c) {
		return
	}
	if strings.HasPrefix(c.Request.URL.Path, "/api/") {
		c.Header("WWW-Authenticate", `Bearer realm="headwater"`)
		problem(c, http.StatusUnauthorized, "A token is needed: as a bearer token, or log in at /login.")
		return
	}
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, "/login?next="+url.QueryEscape(c.Request.URL.RequestURI()))
	c.Abort()
}

// open reports whether a request brings a good token or has a session.
func (d *door) open(c *gin.Context) bool {
	if scheme, token, ok := strings.Cut(c.GetHeader("Authorization"), " "); ok && strings.EqualFold(scheme, "Bearer") {
		return d.authorized(strings.TrimSpace(token))
	}
	value, err := c.Cookie(cookieName)
	if err != nil || value == "" {
		return false
	}
	key := sha256.Sum256([]byte(value))
	d.mu.Lock()
	s, ok := d.sessions[key]
	if ok && time.Now().After(s.expires) {
		delete(d.sessions, key)
		ok = false
	}
	d.mu.Unlock()
	return ok && d.authorized(s.token)
}

func (d *door) form(c *gin.Context) { d.show(c, http.StatusOK, c.Query("next"), "") }

func (d *door) show(c *gin.Context, status int, next, trouble string) {
	h := c.Writer.Header()
	h.Set("Content-Security-Policy", loginPolicy)
	h.Set("Referrer-Policy", "same-origin") // without a referrer the form would come from nowhere
	h.Set("Content-Type", "text/html; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	c.Status(status)
	// A reader that has gone is no trouble of ours.
	_ = loginPage.Execute(c.Writer, struct{ Next, Trouble string }{within(next), trouble})
}

// enter opens a session for a good token.
func (d *door) enter(c *gin.Context) {
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, 4*longestToken)
	token, next := strings.TrimSpace(c.PostForm("token")), c.PostForm("next")
	if token == "" || len(token) > longestToken || !d.authorized(token) {
		d.refuse(c, next)
		return
	}
	value := rand.Text() + rand.Text()
	d.keep(value, token)
	http.SetCookie(c.Writer, d.cookie(value, int(sessionTime/time.Second)))
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, within(next))
}

func (d *door) refuse(c *gin.Context, next string) {
	select {
	case d.wrong <- struct{}{}:
		defer func() { <-d.wrong }()
	default:
		problem(c, http.StatusTooManyRequests, "Too many wrong tokens at a time. Try again in a moment.")
		return
	}
	late := time.NewTimer(wrongDelay)
	defer late.Stop()
	select {
	case <-late.C:
	case <-c.Request.Context().Done():
		return
	}
	d.show(c, http.StatusUnauthorized, next, "This token is not known.")
}

func (d *door) keep(value, token string) {
	now := time.Now()
	d.mu.Lock()
	defer d.mu.Unlock()
	for len(d.sessions) >= mostSessions {
		var oldest [sha256.Size]byte
		first := time.Time{}
		for key, s := range d.sessions {
			if first.IsZero() || s.expires.Before(first) {
				oldest, first = key, s.expires
			}
		}
		delete(d.sessions, oldest)
	}
	d.sessions[sha256.Sum256([]byte(value))] = session{token, now.Add(sessionTime)}
}

// leave ends the session.
func (d *door) leave(c *gin.Context) {
	if value, err := c.Cookie(cookieName); err == nil {
		d.mu.Lock()
		delete(d.sessions, sha256.Sum256([]byte(value)))
		d.mu.Unlock()
	}
	http.SetCookie(c.Writer, d.cookie("", -1))
	c.Header("Cache-Control", "no-store")
	c.Redirect(http.StatusSeeOther, "/login")
}

func (d *door) cookie(value string, age int) *http.Cookie {
	return &http.Cookie{
		Name: cookieName, Value: value, Path: "/", MaxAge: age,
		HttpOnly: true, Secure: d.secure, SameSite: http.SameSiteStrictMode,
	}
}

// within gives a path of the page: where a login should lead, whatever a link
// says.
func within(next string) string {
	u, err := url.Parse(next)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(next, "/") ||
		strings.HasPrefix(next, "//") || strings.ContainsAny(next, "\\\r\n\t") || strings.HasPrefix(next, "/login") {
		return "/"
	}
	return next
}
