package web

import (
	"bytes"
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"fmt"
	"io/fs"
	"net/http"
	"path"
	"strings"
	"time"

	"github.com/gin-gonic/gin"
)

//go:embed all:dist
var dist embed.FS

// contentTypes are set by hand: the system's own table differs from machine to
// machine, and nosniff makes a wrong type fatal.
var contentTypes = map[string]string{
	".html": "text/html; charset=utf-8",
	".js":   "text/javascript; charset=utf-8",
	".css":  "text/css; charset=utf-8",
	".svg":  "image/svg+xml",
	".md":   "text/plain; charset=utf-8",
}

// page is the built page, held in memory.
type page struct{ files map[string]file }

type file struct {
	body        []byte
	contentType string
	etag        string
}

func loadPage() (*page, error) {
	p := &page{files: map[string]file{}}
	err := fs.WalkDir(dist, "dist", func(name string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		contentType, ok := contentTypes[path.Ext(name)]
		if !ok {
			return fmt.Errorf("%s: no content type known for it", name)
		}
		body, err := dist.ReadFile(name)
		if err != nil {
			return err
		}
		p.add(strings.TrimPrefix(name, "dist"), body, contentType)
		return nil
	})
	if err != nil {
		return nil, fmt.Errorf("web: embedded page: %w", err)
	}
	css, err := loginFiles.ReadFile("login/login.css")
	if err != nil {
		return nil, fmt.Errorf("web: login page: %w", err)
	}
	p.add("/assets/login.css", css, contentTypes[".css"])
	if _, ok := p.files["/index.html"]; !ok {
		return nil, fmt.Errorf("web: embedded page: no index.html")
	}
	return p, nil
}

func (p *page) add(name string, body []byte, contentType string) {
	sum := sha256.Sum256(body)
	p.files[name] = file{body, contentType, `"` + hex.EncodeToString(sum[:8]) + `"`}
}

// serve answers with a file of the page. A path that is no file is a view of
// the page, which finds out by itself what to show.
func (p *page) serve(c *gin.Context) {
	name := c.Request.URL.Path
	if c.Request.Method != http.MethodGet && c.Request.Method != http.MethodHead {
		problem(c, http.StatusMethodNotAllowed, "Only GET is answered here.")
		return
	}
	hashed := strings.HasPrefix(name, "/assets/")
	f, ok := p.files[name]
	if !ok && (hashed || strings.HasPrefix(name, "/api/")) {
		problem(c, http.StatusNotFound, "There is nothing at this path.")
		return
	}
	if !ok {
		f = p.files["/index.html"]
	}
	h := c.Writer.Header()
	h.Set("Content-Type", f.contentType)
	h.Set("ETag", f.etag)
	if hashed && name != "/assets/login.css" { // the name changes with the content
		h.Set("Cache-Control", "public, max-age=31536000, immutable")
	} else {
		h.Set("Cache-Control", "no-cache")
	}
	c.Status(http.StatusOK) // NoRoute has set 404
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, bytes.NewReader(f.body))
}
