package main

import "testing"

func TestSizes(t *testing.T) {
	for text, want := range map[string]byteSize{
		"0": 0, "1000": 1000, "1.5GB": 1_500_000_000, "512MiB": 512 << 20, "2 TiB": 2 << 40, "7B": 7,
		"": -1, "GB": -1, "-1": -1, "NaN": -1, "many": -1, "1e30": -1,
	} {
		var got byteSize
		err := got.UnmarshalText([]byte(text))
		if (err != nil) != (want < 0) || err == nil && got != want {
			t.Errorf("%q is read as %d, %v; want %d", text, got, err, want)
		}
	}
}
