package main

import (
	"fmt"
	"io"
	"strings"

	"github.com/alecthomas/kong"
)

type completionCmd struct {
	Shell string `arg:"" enum:"bash,zsh,fish" help:"bash, zsh or fish."`
}

// Help implements kong.HelpProvider.
func (completionCmd) Help() string {
	return `Examples:
  source <(headwater completion bash)                 in ~/.bashrc
  source <(headwater completion zsh)                  in ~/.zshrc, after compinit
  headwater completion fish > ~/.config/fish/completions/headwater.fish`
}

func (c *completionCmd) Run(t *terminal, app *kong.Application) error {
	if c.Shell == "fish" {
		return fishCompletion(t.out, app)
	}
	return bashCompletion(t.out, app, c.Shell == "zsh")
}

// bashCompletion writes a script that offers commands, their flags, the values
// of flags that have a list of them, and files.
func bashCompletion(w io.Writer, app *kong.Application, zsh bool) error {
	var b strings.Builder
	if zsh {
		b.WriteString("autoload -U +X bashcompinit && bashcompinit\n")
	}
	var commands []string
	for _, n := range app.Children {
		commands = append(commands, n.Name)
	}
	fmt.Fprintf(&b, `_headwater() {
  local cur="${COMP_WORDS[COMP_CWORD]}" prev="${COMP_WORDS[COMP_CWORD-1]}" words=""
  if [ "$COMP_CWORD" -eq 1 ]; then
    COMPREPLY=($(compgen -W "%s" -- "$cur"))
    return
  fi
  case "${COMP_WORDS[1]} $prev" in
`, strings.Join(commands, " "))
	for _, n := range app.Children {
		for _, f := range n.Flags {
			if f.Enum != "" {
				fmt.Fprintf(&b, "    %q) COMPREPLY=($(compgen -W %q -- \"$cur\")); return ;;\n", n.Name+" --"+f.Name, strings.ReplaceAll(f.Enum, ",", " "))
			}
		}
	}
	b.WriteString("  esac\n  case \"${COMP_WORDS[1]}\" in\n")
	for _, n := range app.Children {
		fmt.Fprintf(&b, "    %s) words=\"%s\" ;;\n", n.Name, strings.Join(flagsOf(app, n), " "))
	}
	b.WriteString(`  esac
  case "$cur" in
    -*) COMPREPLY=($(compgen -W "$words" -- "$cur")) ;;
    *) COMPREPLY=($(compgen -f -- "$cur")) ;;
  esac
}
complete -o filenames -o bashdefault -F _headwater headwater
`)
	_, err := io.WriteString(w, b.String())
	return err
}

func flagsOf(app *kong.Application, n *kong.Node) (flags []string) {
	for _, f := range append(n.Flags, app.Flags...) {
		flags = append(flags, "--"+f.Name)
	}
	return flags
}

func fishCompletion(w io.Writer, app *kong.Application) error {
	var b strings.Builder
	quote := func(s string) string { return "'" + strings.ReplaceAll(s, "'", "\\'") + "'" }
	for _, n := range app.Children {
		fmt.Fprintf(&b, "complete -c headwater -n __fish_use_subcommand -f -a %s -d %s\n", n.Name, quote(n.Help))
		for _, f := range n.Flags {
			fmt.Fprintf(&b, "complete -c headwater -n '__fish_seen_subcommand_from %s' -l %s -d %s", n.Name, f.Name, quote(firstSentence(f.Help)))
			if f.Enum != "" {
				fmt.Fprintf(&b, " -x -a %s", quote(strings.ReplaceAll(f.Enum, ",", " ")))
			} else if !f.IsBool() {
				b.WriteString(" -r")
			}
			b.WriteByte('\n')
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func firstSentence(s string) string {
	first, _, _ := strings.Cut(s, ". ")
	return first
}
