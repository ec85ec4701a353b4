package simulate

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strings"

	"github.com/goccy/go-yaml"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"
)

//go:embed scenarios
var shipped embed.FS

// Names lists the shipped scenarios in alphabetical order.
func Names() []string {
	files, err := fs.Glob(shipped, "scenarios/*.yaml")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// Describe gives the one sentence that says what a shipped scenario is.
func Describe(name string) (string, error) {
	sc, err := Load(name)
	if err != nil {
		return "", err
	}
	return sc.Description, nil
}

// Load reads a shipped scenario.
func Load(name string) (*Scenario, error) {
	data, err := shipped.ReadFile("scenarios/" + name + ".yaml")
	if err != nil {
		return nil, fmt.Errorf("no scenario is called %q; there are: %s", name, strings.Join(Names(), ", "))
	}
	return Parse(data, name+".yaml")
}

// Parse reads a scenario. The file's name stands in errors, which name line and
// field, and without its ending is the scenario's name.
func Parse(data []byte, file string) (*Scenario, error) {
	sc := &Scenario{Name: strings.TrimSuffix(path.Base(file), path.Ext(file))}
	if err := decode(data, file, sc); err != nil {
		return nil, err
	}
	if sc.SystemName != "" {
		if err := sc.loadSystem(); err != nil {
			return nil, located(data, file, "$.system", err)
		}
	}
	if g := sc.Parts.Generate; g != nil {
		if where, err := g.validate(&sc.Parts); err != nil {
			return nil, located(data, file, where, err)
		}
		g.fill(&sc.Parts)
	}
	sc.setDefaults()
	if where, err := sc.validate(); err != nil {
		return nil, located(data, file, where, err)
	}
	return sc, nil
}

// systems lists the shipped systems by name.
func systems() []string {
	files, err := fs.Glob(shipped, "scenarios/systems/*.yaml")
	if err != nil {
		panic(err) // the pattern is wrong
	}
	for i, f := range files {
		files[i] = strings.TrimSuffix(path.Base(f), ".yaml")
	}
	return files
}

// loadSystem takes the components from a shipped system.
func (sc *Scenario) loadSystem() error {
	if sc.Parts.Services != nil || sc.Parts.Generate != nil {
		return errors.New("a scenario has services of its own or names a system, not both")
	}
	file := "scenarios/systems/" + sc.SystemName + ".yaml"
	data, err := shipped.ReadFile(file)
	if err != nil {
		return fmt.Errorf("no system is called %q; there are: %s", sc.SystemName, strings.Join(systems(), ", "))
	}
	return decode(data, path.Base(file), &sc.Parts)
}

// decode reads YAML strictly: a field that is not known is an error.
func decode(data []byte, file string, into any) (err error) {
	defer func() {
		if r := recover(); r != nil { // the decoder panics on some broken tags
			err = fmt.Errorf("%s: not readable as YAML: %v", file, r)
		}
	}()
	if err := bounded(data, file); err != nil {
		return err
	}
	err = yaml.UnmarshalWithOptions(data, into, yaml.Strict())
	if err == nil {
		return nil
	}
	var at yaml.Error
	if !errors.As(err, &at) || at.GetToken() == nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	message := at.GetMessage()
	var wrong *yaml.TypeError
	if errors.As(err, &wrong) {
		message = fmt.Sprintf("%q is not what belongs here (%s)", wrong.Token.Value, wrong.DstType.Kind())
	}
	if key := keyOf(at.GetToken()); key != "" {
		message = key + ": " + message
	}
	return fmt.Errorf("%s:%d: %s", file, at.GetToken().Position.Line, message)
}

// keyOf is the field whose value a token begins; empty where it is no value.
func keyOf(t *token.Token) string {
	if colon := t.Prev; colon != nil && colon.Type == token.MappingValueType && colon.Prev != nil {
		return colon.Prev.Value
	}
	return ""
}

// located puts the file and line of a field in front of an error. A field of a
// shipped system is not in the file: then the field alone is named.
func located(data []byte, file, where string, err error) error {
	field := strings.TrimPrefix(where, "$.")
	if line := lineOf(data, where); line > 0 {
		return fmt.Errorf("%s:%d: %s: %w", file, line, field, err)
	}
	return fmt.Errorf("%s: %s: %w", file, field, err)
}

// lineOf finds the line of a field, or of the nearest field around it; 0 where
// there is none.
func lineOf(data []byte, where string) int {
	tree, err := parser.ParseBytes(data, 0)
	if err != nil {
		return 0
	}
	for where != "$" && where != "" {
		if p, err := yaml.PathString(where); err == nil {
			if node, err := p.FilterFile(tree); err == nil && node != nil && node.GetToken() != nil {
				return node.GetToken().Position.Line
			}
		}
		where = where[:max(0, strings.LastIndexAny(where, ".["))]
	}
	return 0
}
