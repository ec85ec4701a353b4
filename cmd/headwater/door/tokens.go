package door

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"crypto/subtle"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"strings"
)

// minToken is the shortest token that is taken, in bytes: what is shorter can be
// guessed.
const minToken = 16

// Tokens are the bearer tokens of a file, one a line; empty lines and lines that
// begin with # are passed over. Any of them is good: to change one, add the new
// one, give it to all senders, and take the old one away.
type Tokens struct {
	hashes *watched[[][sha256.Size]byte]
}

// LoadTokens reads a file of tokens. It fails when there is none in it, or one
// that is too short.
func LoadTokens(file string, log *slog.Logger) (*Tokens, error) {
	hashes, err := watch(log, "tokens", []string{file}, func() ([][sha256.Size]byte, error) { return readTokens(file) })
	if err != nil {
		return nil, err
	}
	return &Tokens{hashes}, nil
}

// Good reports whether a token is one of the file's. It takes the same time for
// any token of one length.
func (t *Tokens) Good(token string) bool {
	hash := sha256.Sum256([]byte(token))
	found := 0
	for _, h := range t.hashes.get() {
		found |= subtle.ConstantTimeCompare(h[:], hash[:])
	}
	return found == 1
}

func readTokens(file string) ([][sha256.Size]byte, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, fmt.Errorf("read tokens: %w", err)
	}
	var hashes [][sha256.Size]byte
	lines := bufio.NewScanner(bytes.NewReader(data))
	for n := 1; lines.Scan(); n++ {
		token := strings.TrimSpace(lines.Text())
		switch {
		case token == "" || strings.HasPrefix(token, "#"):
		case len(token) < minToken:
			return nil, fmt.Errorf("token file %q, line %d: a token has at least %d characters; openssl rand -hex 32 makes a good one", file, n, minToken)
		case strings.ContainsAny(token, " \t"):
			return nil, fmt.Errorf("token file %q, line %d: a token has no spaces", file, n)
		default:
			hashes = append(hashes, sha256.Sum256([]byte(token)))
		}
	}
	if err := lines.Err(); err != nil {
		if errors.Is(err, bufio.ErrTooLong) {
			return nil, fmt.Errorf("token file %q: a line is too long", file)
		}
		return nil, fmt.Errorf("token file %q: %w", file, err)
	}
	if len(hashes) == 0 {
		return nil, fmt.Errorf("token file %q has no token in it", file)
	}
	return hashes, nil
}
