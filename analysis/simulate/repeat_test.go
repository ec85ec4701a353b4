package simulate

import (
	"context"
	"errors"
	"strings"
	"testing"
)

func TestSameSeedSameBytes(t *testing.T) {
	sc := parse(t, cornerShop(t))
	opt := Options{Seed: 7, Sample: 0.5, Loss: 0.01, Skew: 5e6}
	first, second := record(t, sc, opt), record(t, parse(t, cornerShop(t)), opt)
	if first != second {
		t.Error("the same seed gave different spans")
	}
	opt.Seed = 8
	if record(t, sc, opt) == first {
		t.Error("another seed gave the same spans")
	}
}

func TestRenamingChangesNothingButNames(t *testing.T) {
	// The new names stand in another alphabetical order and have other lengths.
	rename := strings.NewReplacer("front", "zz", "basket", "middle-of-it", "prices", "a")
	before := record(t, parse(t, cornerShop(t)), Options{Seed: 3})
	after := record(t, parse(t, rename.Replace(cornerShop(t))), Options{Seed: 3})
	if rename.Replace(before) != after {
		t.Error("renaming the services changed more than the names")
	}
}

func TestAddedComponentLeavesOthersAlone(t *testing.T) {
	added := strings.Replace(cornerShop(t), "databases:", `  - name: idle
    operations:
      - {name: wait}
databases:`, 1)
	if record(t, parse(t, cornerShop(t)), Options{Seed: 3}) != record(t, parse(t, added), Options{Seed: 3}) {
		t.Error("a service that nobody calls changed the spans of the others")
	}
}

func TestRunStops(t *testing.T) {
	sc := parse(t, cornerShop(t))
	full := errors.New("full")
	if _, err := Run(context.Background(), sc, Options{}, func(Batch) error { return full }); !errors.Is(err, full) {
		t.Errorf("emit's error: got %v", err)
	}
	ctx, cancel := context.WithCancel(context.Background())
	_, err := Run(ctx, sc, Options{}, func(Batch) error { cancel(); return nil })
	if !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: got %v", err)
	}
}
