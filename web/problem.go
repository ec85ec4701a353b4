package web

import (
	"encoding/json"
	"net/http"

	"github.com/gin-gonic/gin"
)

// Problem is an error answer, as RFC 9457 has it.
type Problem struct {
	Type     string `json:"type"`     // always "about:blank": title says what the status says
	Title    string `json:"title"`    // the status in words
	Status   int    `json:"status"`   // the HTTP status
	Detail   string `json:"detail"`   // what went wrong here, for a person
	Instance string `json:"instance"` // the path that was asked for
}

// problem answers with an error and ends the chain of handlers.
func problem(c *gin.Context, status int, detail string) {
	body, err := json.Marshal(Problem{
		Type: "about:blank", Title: http.StatusText(status), Status: status,
		Detail: detail, Instance: c.Request.URL.Path,
	})
	if err != nil {
		panic(err) // strings and a number
	}
	c.Writer.Header().Set("Cache-Control", "no-store")
	c.Abort()
	c.Data(status, "application/problem+json", body)
}
