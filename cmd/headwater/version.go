package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"headwater/cmd/headwater/monitor"
)

// release is set by the linker for released binaries: -X main.release=v1.2.3.
var release string

// buildOf says what is running: the release, else the module's version, else
// the commit that it was built from.
func buildOf() monitor.Build {
	b := monitor.Build{Version: "unknown", GoVersion: runtime.Version()}
	info, ok := debug.ReadBuildInfo()
	if ok {
		b.Version = "devel"
		for _, s := range info.Settings {
			switch s.Key {
			case "vcs.revision":
				b.Revision = s.Value[:min(12, len(s.Value))]
				b.Version = "devel-" + b.Revision
			case "vcs.modified":
				if s.Value == "true" {
					b.Revision += "-modified"
				}
			}
		}
		if v := info.Main.Version; v != "" && v != "(devel)" {
			b.Version = v
		}
	}
	if release != "" {
		b.Version = release
	}
	return b
}

// buildText is the answer to --version.
func buildText() string {
	b := buildOf()
	text := "headwater " + b.Version
	if b.Revision != "" {
		text += " of commit " + b.Revision
	}
	return fmt.Sprintf("%s, %s %s/%s", text, b.GoVersion, runtime.GOOS, runtime.GOARCH)
}
